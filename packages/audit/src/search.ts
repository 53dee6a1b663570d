import { auditSortKeys, decodePosition, invalidField, sortedPageOf, type Output } from '@gatehouse/contract'
import type { Handler, Principal } from '@gatehouse/enforcement'
import { asToldToCaller } from './as-told.ts'
import { presentEntry } from './present-entry.ts'
import { filtersOf, type FilterDeps } from './search-filters.ts'
import { searchEntries, type FoundEntry, type SearchPlace, type SearchSort } from './search.queries.ts'
import { seesEverything, sightOf } from './sight.ts'
import { toldRefusal } from './to-caller.queries.ts'

/** Finds entries, newest first unless another order is asked for. */
export const searchAudit =
  (deps: FilterDeps): Handler<'audit.search'> =>
  async (permit) => {
    const { first, after, sort = 'newest', ...filters } = permit.input
    const rows = await searchEntries(deps, {
      sight: sightOf(permit),
      filters: await filtersOf(deps, filters),
      sort,
      after: placeOf(after, sort),
      limit: first + 1,
    })
    const items = rows.map((row) => presentedTo(permit.principal, row))
    return sortedPageOf(items, first, { sort, keys: auditSortKeys })
  }

/** Where a page goes on: its key is a time, and behind it what the order is by. */
function placeOf(after: string | undefined, sort: SearchSort): SearchPlace | null {
  const position = decodePosition(after, sort)
  if (position === null) return null
  const [time = '', ...rest] = position.key.split(' ')
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) throw invalidField('after', 'a cursor from an earlier page of the same list')
  return { at, id: position.id, key: rest.join(' ') }
}

/** Whoever reads the whole audit log reads all of an entry; everybody else, of their own, what they were told. */
export function presentedTo(reader: Principal, row: FoundEntry): Output<'audit.get'> {
  const entry = presentEntry(row)
  return isOwnOnly(reader, entry) ? asToldToCaller(entry, row) : entry
}

/** Whether an entry is shown to somebody because it is their own. */
const isOwnOnly = (reader: Principal, { principal }: Output<'audit.get'>): boolean =>
  !seesEverything(reader) && principal.id === reader.id

/** Whether there is something in an entry that its reader is not told. */
export function isToldInPart(reader: Principal, row: FoundEntry): boolean {
  const entry = presentEntry(row)
  return isOwnOnly(reader, entry) && entry.refusal === toldRefusal
}
