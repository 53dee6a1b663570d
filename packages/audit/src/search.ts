import { auditSortKeys, decodePosition, invalidField, sortedPageOf, type Output } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { asToldToCaller } from './as-told.ts'
import { hidePeople } from './hide-people.ts'
import { presentEntry } from './present-entry.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { readerOf, type Reader, type ReaderDeps } from './reader.ts'
import { refuseNaming } from './refuse-naming.ts'
import { filtersOf, type FilterDeps } from './search-filters.ts'
import { searchEntries, withheldFrom, type FoundEntry, type SearchPlace, type SearchSort } from './search.queries.ts'
import { seesEverything, seesOwnAlone, sightFor } from './sight.ts'
import { toldRefusal } from './to-caller.queries.ts'

/** Finds entries, newest first unless another order is asked for. */
export const searchAudit =
  (deps: FilterDeps & ReaderDeps): Handler<'audit.search'> =>
  async (permit) => {
    const { first, after, sort = 'newest', ...filters } = permit.input
    const reader = readerOf(deps, permit)
    if (!seesOwnAlone(permit)) refuseNaming(reader, { ...filters, sort })
    const [sight, read] = await Promise.all([sightFor(deps, permit, reader), filtersOf(deps, filters)])
    const rows = await searchEntries(deps, {
      sight,
      filters: read,
      sort,
      after: placeOf(after, sort),
      limit: first + 1,
    })
    const items = rows.map((row) => presentedTo(reader, row))
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

/**
 * Whoever reads the whole audit log reads all of an entry; everybody else, of their own, what they were told, and of
 * others', who does not see people, pseudonyms.
 */
export function presentedTo(reader: Reader, row: FoundEntry): Output<'audit.get'> {
  const entry = presentEntry(row)
  const { name } = entry.principal
  const pseudonyms = pseudonymsIn(reader, entry)
  if (pseudonyms !== null) return hidePeople(presentEntry(withheldFrom(row)), { pseudonyms, name })
  return isOwnOnly(reader, entry) ? asToldToCaller(entry, row) : entry
}

/** Whether an entry is shown to somebody because it is their own. */
const isOwnOnly = ({ principal }: Reader, entry: Output<'audit.get'>): boolean =>
  !seesEverything(principal) && entry.principal.id === principal.id

/** What stands for people in an entry for its reader; null: they are shown. Who called it oneself, one knows. */
const pseudonymsIn = ({ principal, pseudonyms }: Reader, entry: Output<'audit.get'>): Pseudonyms | null =>
  entry.principal.id === principal.id ? null : pseudonyms

/** Whether there is something in an entry that its reader is not told. */
export function isToldInPart(reader: Reader, row: FoundEntry): boolean {
  const entry = presentEntry(row)
  return pseudonymsIn(reader, entry) !== null || (isOwnOnly(reader, entry) && entry.refusal === toldRefusal)
}
