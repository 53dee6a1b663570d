import { findHidden, isUuid } from '@gatehouse/kit'
import { z } from 'zod'
import { invalidField } from './refusal.ts'

/** A page of a list as it leaves: items newest first and where to go on, null at the end. */
export const page = <T extends z.ZodType>(item: T, id: string) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() }).meta({ id })

/** Where a list goes on: strictly after this item in (time, id) order, newest first. */
export interface Cursor {
  readonly at: Date
  readonly id: string
}

/** Encodes an opaque cursor. */
export const encodeCursor = ({ at, id }: Cursor): string =>
  btoa(JSON.stringify([at.toISOString(), id]))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

const CursorTuple = z.tuple([z.iso.datetime(), z.string().min(1).max(64)])

/** Decodes a cursor that we gave out; anything else is refused as `invalid-input` on `after`. */
export function decodeCursor(text: string): Cursor {
  const cursor = readCursor(text)
  if (cursor === null) throw invalidField('after', 'a cursor from an earlier page')
  return cursor
}

/** The same for a list whose ids are UUIDs: anything else in its place is no cursor of that list. */
export function decodeUuidCursor(text: string): Cursor {
  const cursor = decodeCursor(text)
  if (!isUuid(cursor.id)) throw invalidField('after', 'a cursor from an earlier page')
  return cursor
}

/** True for what has the form of a cursor. */
export const isCursor = (text: string): boolean => readCursor(text) !== null

function readCursor(text: string): Cursor | null {
  try {
    const [at, id] = CursorTuple.parse(JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/'))))
    return findHidden(id) === null ? { at: new Date(at), id } : null
  } catch {
    return null
  }
}

/** Cuts one row too many into a page: queries ask for `first + 1`. */
export function pageOf<T>(
  rows: readonly T[],
  first: number,
  cursor: (item: T) => readonly [Date, string],
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, first)
  const last = items.at(-1)
  if (rows.length <= first || last === undefined) return { items, nextCursor: null }
  const [at, id] = cursor(last)
  return { items, nextCursor: encodeCursor({ at, id }) }
}
