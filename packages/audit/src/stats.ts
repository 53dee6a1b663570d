import { categoryOf, severityOf, severityOrder, type Output } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { readerOf, type Reader, type ReaderDeps } from './reader.ts'
import { refuseNaming } from './refuse-naming.ts'
import { filtersOf, type FilterDeps } from './search-filters.ts'
import { findEntry } from './search.queries.ts'
import { timeOf } from './present-entry.ts'
import { presentedTo } from './search.ts'
import { seesOwnAlone, sightFor } from './sight.ts'
import { countedMax, countEntries, findsMore, type CountedGroup } from './stats.queries.ts'

type Stats = Output<'audit.stats'>
type Count = Stats['actions'][number]

/** Values of one kind that are listed, the most frequent first: what a person can take in. */
const listedMax = 25
/** Actors whose names are looked up. */
const actorsMax = 10
/** The sets that `countEntries` groups by, as it numbers them. */
const sets = { kind: 1, action: 2, decision: 3, workspace: 4, actor: 5, day: 6, all: 7 } as const

/** Counts the entries that a search would find, by all that they are looked for by. */
export const auditStats =
  (deps: FilterDeps & ReaderDeps): Handler<'audit.stats'> =>
  async (permit) => {
    const reader = readerOf(deps, permit)
    if (!seesOwnAlone(permit)) refuseNaming(reader, permit.input)
    const [sight, filters] = await Promise.all([sightFor(deps, permit, reader), filtersOf(deps, permit.input)])
    const search = { sight, filters }
    const groups = await countEntries(deps, search)
    const of = (set: keyof typeof sets): CountedGroup[] => groups.filter((group) => group.set === sets[set])
    const [all] = of('all')
    const counted = all?.count ?? 0
    return {
      counted,
      complete: counted < countedMax || all === undefined || !(await findsMore(deps, search, all.since)),
      since: counted === 0 || all === undefined ? null : timeOf(all.since),
      kinds: listed(of('kind'), ({ kind }) => kind),
      actions: listed(of('action'), ({ action }) => action),
      categories: listed(of('action'), ({ action }) => (action === null ? null : categoryOf(action))),
      severities: listed(of('action'), severityOfGroup).toSorted((a, b) => rankOf(b) - rankOf(a)),
      outcomes: listed(of('action'), ({ outcome }) => outcome),
      decisions: listed(of('decision'), ({ effect }) => effect),
      workspaces: listed(of('workspace'), ({ workspace }) => workspace),
      actors: await actorsOf(deps, reader, of('actor')),
      days: listed(of('day'), ({ day }) => day, 366).toSorted((a, b) => a.value.localeCompare(b.value)),
    }
  }

const severityOfGroup = ({ action, outcome }: CountedGroup): string | null =>
  action === null || outcome === null ? null : severityOf(action, outcome)

const rankOf = ({ value }: Count): number => severityOrder.findIndex((severity) => severity === value)

/** Sums groups by a value of theirs; those without one are none of its kind. */
function listed(
  groups: readonly CountedGroup[],
  valueOf: (group: CountedGroup) => string | null,
  max = listedMax,
): Count[] {
  const counts = new Map<string, number>()
  for (const group of groups) {
    const value = valueOf(group)
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + group.count)
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || a.value.localeCompare(b.value))
    .slice(0, max)
}

/** The busiest, each under the name that stands in the newest of their entries. */
function actorsOf(deps: FilterDeps, reader: Reader, groups: readonly CountedGroup[]): Promise<Stats['actors']> {
  const busiest = groups.toSorted((a, b) => b.count - a.count).slice(0, actorsMax)
  return Promise.all(
    busiest.map(async ({ count, newest }) => {
      const entry = await findEntry(deps, newest)
      const shown = entry === null ? null : presentedTo(reader, entry).principal
      return { id: shown?.id ?? '', name: shown?.name ?? null, count }
    }),
  )
}
