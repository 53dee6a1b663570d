import { sql, type Kysely } from 'kysely'
import { lockingParts } from './151-values-wait-with-their-entry.ts'

/** Twice the look-up of an address as it is made: an index of `audit_personal` holds it. */
const addressBytesMax = 32

/**
 * Where a lone entry is written, past a function: starting one, with its statement in it, took as long as writing the
 * row. What `audit_place` could not hand on as it is does not come in: a part of another name, or one without what was
 * sealed. Whether its key still is there, `audit_place` looks as it gives the part its place.
 */
export const intake = (which = ''): string => `
  create or replace view audit_intake as
    select entry_id, entry, asked, caller_part, caller_key, caller_sealed, caller_ip, input_key, input_sealed
    from audit_pending
    where (caller_key is null or caller_part in ('caller', 'caller-in-session') and caller_sealed is not null)
      and (caller_ip is null or octet_length(caller_ip) <= ${addressBytesMax})
      and (input_key is null or input_sealed is not null)${which}
    with local check option`

/** ADR 129. What waits by a key that is gone is handed on by nobody, whoever erases somebody included. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const tables = 'public.audit_pending, public.audit_subject_key, public.audit_personal'
  for (const statement of [intake(), lockingParts(tables, isOfAKey)]) await sql.raw(statement).execute(db)
}

const isOfAKey = `
      where (select true from public.audit_subject_key where audit_subject_key.id = waiting.key_id)`
