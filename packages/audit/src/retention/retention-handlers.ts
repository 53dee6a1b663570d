import { invalidField, type Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { Clock, Handler, HandlersOf } from '@gatehouse/enforcement'
import type { Change } from '../change.ts'
import { dropEndedHolds, lockRetention, selectHolds } from './hold.queries.ts'
import { presentHold } from './hold-handlers.ts'
import { rangesOf } from './ranges.ts'
import {
  findRetention,
  prunedBeforeOf,
  removeEntries,
  selectOldest,
  selectOver,
  upsertRetention,
  type RetentionRow,
  type TimePlace,
} from './retention.queries.ts'

/** The least that anybody may set; what holds where nobody has. */
export interface RetentionFloor {
  readonly days: number
  readonly breakGlassDays: number
}

export interface RetentionDeps {
  readonly db: Store
  readonly clock: Clock
  readonly change: Change
  readonly retentionFloor: RetentionFloor
  readonly emergencies: EmergencyRemoval
}

/** Removes the rows of emergency access whose entries went before, in their transaction, and answers how many. */
export interface EmergencyRemoval {
  removeOver(tx: Transaction): Promise<number>
}

type RetentionName = 'audit.retentionGet' | 'audit.retentionSet' | 'audit.prune'

/** How long entries stay, and their removal. */
export const retentionHandlers = (deps: RetentionDeps): Pick<HandlersOf<'audit'>, RetentionName> => ({
  'audit.retentionGet': () => present(deps),
  'audit.retentionSet': set(deps),
  'audit.prune': prune(deps),
})

/** Settings that ask for more win over what was set when they asked for less. */
const inForce = (floor: RetentionFloor, row: RetentionRow | null): RetentionFloor =>
  row === null || row.updated_by === null
    ? floor
    : { days: Math.max(floor.days, row.days), breakGlassDays: Math.max(floor.breakGlassDays, row.break_glass_days) }

async function present({ db, retentionFloor: floor }: RetentionDeps): Promise<Output<'audit.retentionGet'>> {
  const [row, holds] = [await findRetention(db), await selectHolds(db)]
  const prunedBefore = prunedBeforeOf(row)
  return {
    ...inForce(floor, row),
    floorDays: floor.days,
    floorBreakGlassDays: floor.breakGlassDays,
    updatedAt: row?.updated_at ?? null,
    updatedBy: row?.updated_by ?? null,
    prunedBefore,
    holds: holds.map((hold) => presentHold(hold, prunedBefore)),
  }
}

const set =
  (deps: RetentionDeps): Handler<'audit.retentionSet'> =>
  async (permit) => {
    const { retentionFloor: floor } = deps
    const given = permit.input
    if (given.days === undefined && given.breakGlassDays === undefined)
      throw invalidField('days', 'a number of days here, or as `breakGlassDays`')
    if (given.days !== undefined && given.days < floor.days)
      throw invalidField('days', `at least ${floor.days}, as the settings say`)
    if (given.breakGlassDays !== undefined && given.breakGlassDays < floor.breakGlassDays)
      throw invalidField('breakGlassDays', `at least ${floor.breakGlassDays}: emergency access is kept for seven years`)
    await deps.change(
      permit,
      async (tx) => {
        await lockRetention(tx) // who sets one of the two keeps what somebody else is just setting the other to
        const was = inForce(floor, await findRetention(tx))
        const next = { days: given.days ?? was.days, breakGlassDays: given.breakGlassDays ?? was.breakGlassDays }
        await upsertRetention(tx, {
          days: next.days,
          break_glass_days: next.breakGlassDays,
          updated_at: deps.clock.now(),
          updated_by: permit.principal.id,
        })
        return { was, next }
      },
      ({ was, next }) => ({ detail: { was: { ...was }, next: { ...next } } }),
    )
    return present(deps)
  }

/** Entries looked at in one statement and removed in one transaction; their places fit into the entry about it. */
export const entriesAtOnce = 2000
/** A run ends before Temporal gives it up; what is left goes with the next, an hour later. */
const runSecondsMax = 120

const beginning: TimePlace = { at: '', id: '00000000-0000-0000-0000-000000000000' }

/**
 * Removes entries whose time is over, the oldest first, some at a time. Their leaves stay, and the tree is the same;
 * the entry about it names their places, and by it `audit.verify` tells what was removed by the rules from what is
 * missing. What holds or always stays is only looked at.
 */
const prune =
  (deps: RetentionDeps): Handler<'audit.prune'> =>
  async (permit) => {
    const stopAt = deps.clock.now().getTime() + runSecondsMax * 1000
    let [removed, runs, after]: [number, number, TimePlace] = [0, 0, beginning]
    for (;;) {
      const next = await nextOver(deps, after, stopAt)
      if (next.ids.length === 0 && runs > 0) return { removed, complete: next.isLast }
      const places = await deps.change(permit, (tx) => removeNow(deps, tx, next.ids), noteOf)
      removed += places.places.length
      runs += 1
      after = next.end
      if (next.isLast || deps.clock.now().getTime() >= stopAt) return { removed, complete: next.isLast }
    }
  }

interface Over {
  readonly ids: readonly string[]
  /** Where to go on. */
  readonly end: TimePlace
  /** Whether nothing that is old enough lies behind it. */
  readonly isLast: boolean
}

/** The next entries that may go; those that are held are passed over without a transaction for each step. */
async function nextOver({ db, clock, retentionFloor }: RetentionDeps, from: TimePlace, stopAt: number): Promise<Over> {
  const kept = inForce(retentionFloor, await findRetention(db))
  const before = new Date(clock.now().getTime() - kept.days * 86_400_000)
  let end = from
  for (;;) {
    const old = await selectOldest(db, { after: end, before, limit: entriesAtOnce })
    const isLast = old.length < entriesAtOnce
    end = old.at(-1) ?? end
    const ids =
      old.length === 0
        ? []
        : await selectOver(
            db,
            old.map(({ id }) => id),
            kept,
          )
    if (ids.length > 0 || isLast || clock.now().getTime() >= stopAt) return { ids, end, isLast }
  }
}

interface RemovedNow {
  readonly places: readonly number[]
  readonly emergencies: number
  readonly kept: RetentionRow
}

async function removeNow(
  { retentionFloor, emergencies }: RetentionDeps,
  tx: Transaction,
  ids: readonly string[],
): Promise<RemovedNow> {
  await lockRetention(tx)
  const row = await findRetention(tx)
  const { days, breakGlassDays } = inForce(retentionFloor, row)
  const { updated_at, updated_by } = row ?? { updated_at: null, updated_by: null }
  await upsertRetention(tx, { days, break_glass_days: breakGlassDays, updated_at, updated_by })
  await dropEndedHolds(tx)
  const places = await removeEntries(tx, ids)
  const requests = await emergencies.removeOver(tx)
  const kept = await findRetention(tx)
  if (kept === null) throw new TypeError('the row that was just written is there')
  return { places, emergencies: requests, kept }
}

const noteOf = ({ places, emergencies, kept }: RemovedNow) => ({
  detail: {
    removed: places.length,
    emergencies,
    places: rangesOf(places),
    before: kept.pruned_before,
    days: kept.days,
    breakGlassDays: kept.break_glass_days,
  },
})
