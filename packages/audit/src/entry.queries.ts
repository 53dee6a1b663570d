import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'
import type { MadeEntry } from './entry.ts'

/** What one statement writes to the record. */
export interface Writing {
  readonly entries: readonly MadeEntry[]
  /** Intents that wait for an outcome from now on, and until when. */
  readonly opened?: readonly { readonly id: string; readonly deadline: Date }[]
  /** Intents that have their outcome now. */
  readonly closed?: readonly string[]
}

/**
 * Stores entries with their personal values, queues them for the tree, opens and closes intents: one statement, one round trip.
 * Entries that are there already are skipped with all that hangs on them, so that a batch whose answer was lost can be sent again.
 */
export async function insertEntries(db: Store, { entries, opened = [], closed = [] }: Writing): Promise<void> {
  const personal = entries.flatMap(({ id, personal: values }) => values.map((value) => ({ id, ...value })))
  await sql`
    with entry as (
      insert into audit_entry (id, entry) select * from unnest(${entries.map(({ id }) => id)}::uuid[], ${entries.map(({ entry }) => entry)}::text[])
      on conflict (id) do nothing returning id),
    pending as (insert into audit_pending (entry_id) select id from entry),
    personal as (
      insert into audit_personal (entry_id, field, value, salt)
      select given.* from unnest(${personal.map(({ id }) => id)}::uuid[], ${personal.map(({ field }) => field)}::text[], ${personal.map(({ value }) => value)}::text[], ${personal.map(({ salt }) => Buffer.from(salt))}::bytea[]) as given (entry_id, field, value, salt)
      join entry on entry.id = given.entry_id),
    opened as (
      insert into audit_intent (entry_id, deadline)
      select given.* from unnest(${opened.map(({ id }) => id)}::uuid[], ${opened.map(({ deadline }) => deadline)}::timestamptz[]) as given (entry_id, deadline) join entry on entry.id = given.entry_id)
    delete from audit_intent where entry_id = any(${[...closed]}::uuid[])`.execute(db)
}
