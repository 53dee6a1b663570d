import { sql, type Kysely } from 'kysely'
import type { Otherwise } from './150-entries-placed-in-order.ts'
import { keepingMany, lockingParts, placingWithValues } from './151-values-wait-with-their-entry.ts'

/** Two columns of this length are what a row of an index can hold, with an id. */
const columnBytesMax = 1300
/** As many characters as are surely not longer. */
const columnCharactersMax = 300

/** Reads an entry by what may fail, and else has it say when that was. */
export const readable = (reads: string): string => `
  create or replace function audit_readable(entry text) returns jsonb language plpgsql volatile as $body$
  begin
    return ${reads};
  exception when data_exception or program_limit_exceeded then
    return jsonb_build_object('at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
  end $body$`

/** What cannot be read, or is too long for what it is searched by, has its place all the same. */
export const unread: Otherwise = {
  when: 'data_exception or program_limit_exceeded',
  kept: (value) =>
    `case when octet_length(${value}) > ${columnBytesMax} then left(${value}, ${columnCharactersMax})
      else ${value} end`,
}

/**
 * The queue before all else, wherever more is locked: a transaction keeps several entries, and holds the queue when one
 * of them brings a key. Whoever erases somebody waited for that one with the keys in hand, and failed of it.
 */
const keepsQueueFirst = keepingMany(`
      lock table public.audit_pending in row exclusive mode;`)
const locksQueueFirst = lockingParts('public.audit_pending, public.audit_subject_key, public.audit_personal')

/**
 * Whoever has the runtime login could put something into the queue that has no place behind it, for good: a text that
 * is deeper than the database reads JSON, a name longer than a search index holds. They get their place as a text does
 * that is no JSON, and `audit verify` finds what they are not searched by.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [readable('entry::jsonb'), placingWithValues(unread), keepsQueueFirst, locksQueueFirst])
    await sql.raw(statement).execute(db)
}
