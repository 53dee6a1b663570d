import { findHidden, isUuid } from '@gatehouse/kit'
import { z } from 'zod'
import { CursorTime, encodeCursor, pageOf, readCursor, readTuple, encodeTuple } from './page.ts'
import { personal } from './personal.ts'
import { invalidField } from './refusal.ts'
import { lineOf } from './text.ts'

/** By what an item stands in its list: a text, or a time as RFC 3339. One per order that the list has. */
export type SortKeys<T, S extends string> = { readonly [K in S]: (item: T) => string }

/** Orders whose keys are times; all others are texts, compared without case. */
const timeSorts: ReadonlySet<string> = new Set(['newest', 'oldest', 'expiry'])

/** Part of a name, without case: often of a person's. */
export const SearchedText = personal(lineOf(128))

/** Fields of a list that can be searched and sorted; without `sort` the newest come first. */
export const searchInput = <const S extends string>(id: string, sorts: readonly [S, ...S[]]) => ({
  search: SearchedText.optional(),
  sort: z.enum(sorts).meta({ id }).optional(),
})

/** Where a sorted list goes on: strictly after this item in the order of its sort. */
export interface Position {
  readonly sort: string
  readonly key: string
  readonly id: string
}

/** An opaque cursor that carries its order: in another one it would go on in the middle of nowhere. */
export function encodePosition({ sort, key, id }: Position): string {
  return sort === 'newest' ? encodeCursor({ at: new Date(key), id }) : encodeTuple([sort, key, id])
}

/** Longer than any name that is sorted by. */
const keyCharactersMax = 1024
const Tuple = z.tuple([z.string().max(32), z.string().max(keyCharactersMax), z.uuid()])

/** Reads a cursor of a list in this order. Anything else is refused as `invalid-input` on `after`. */
export function decodePosition(after: string | undefined, sort: string): Position | null {
  if (after === undefined) return null
  const position = sort === 'newest' ? newestPosition(after) : sortedPosition(after)
  if (position === null || position.sort !== sort)
    throw invalidField('after', 'a cursor from an earlier page of the same list in the same order')
  return position
}

function newestPosition(after: string): Position | null {
  const cursor = readCursor(after)
  return cursor === null || !isUuid(cursor.id) ? null : { sort: 'newest', key: cursor.at.toISOString(), id: cursor.id }
}

function sortedPosition(after: string): Position | null {
  const tuple = Tuple.safeParse(readTuple(after))
  if (!tuple.success) return null
  const [sort, key, id] = tuple.data
  if (timeSorts.has(sort) ? !CursorTime.safeParse(key).success : findHidden(key) !== null) return null
  return { sort, key, id }
}

/** True for what has the form of a sorted list's cursor. */
export const isPosition = (text: string): boolean => sortedPosition(text) !== null

/** Cuts one row too many into a page of a sorted list. */
export function sortedPageOf<T extends { readonly id: string }>(
  rows: readonly T[],
  first: number,
  { sort, keys }: { readonly sort: string; readonly keys: Readonly<Record<string, (item: T) => string>> },
): { items: T[]; nextCursor: string | null } {
  const { items, nextCursor } = pageOf(rows, first, (item) => [new Date(0), item.id])
  const [last, key] = [items.at(-1), keys[sort]]
  if (nextCursor === null || last === undefined || key === undefined) return { items, nextCursor: null }
  return { items, nextCursor: encodePosition({ sort, key: key(last), id: last.id }) }
}
