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
export const encodeCursor = ({ at, id }: Cursor): string => encodeTuple([at.toISOString(), id])

/** What a cursor says, as base64url of its JSON. */
export const encodeTuple = (tuple: readonly string[]): string =>
  btoa(String.fromCodePoint(...new TextEncoder().encode(JSON.stringify(tuple))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** The same back; undefined for what is none. */
export function readTuple(text: string): unknown {
  try {
    const bytes = Uint8Array.from(
      atob(text.replaceAll('-', '+').replaceAll('_', '/')),
      (byte) => byte.codePointAt(0) ?? 0,
    )
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** A time in a cursor. There is a year 0 in ISO 8601 and none in PostgreSQL, and no row of ours is that old. */
export const CursorTime = z.iso.datetime().refine((text) => !text.startsWith('0000'))

const CursorTuple = z.tuple([CursorTime, z.string().min(1).max(64)])

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

/** Reads a cursor of a list that has one order; null for anything else. */
export function readCursor(text: string): Cursor | null {
  const tuple = CursorTuple.safeParse(readTuple(text))
  if (!tuple.success) return null
  const [at, id] = tuple.data
  return findHidden(id) === null ? { at: new Date(at), id } : null
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
