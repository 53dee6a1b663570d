import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { keptParts, type KeptPart } from './subject-keys.queries.ts'

/** An intent without an outcome, with what is still kept of its personal values. */
export interface ClaimedIntent {
  readonly id: string
  readonly entry: string
  readonly deadline: Date
  readonly parts: readonly KeptPart[]
}

/** Takes intents past their deadline; whoever takes one closes it in the same transaction. */
export async function claimOverdueIntents(tx: Transaction, now: Date, limit: number): Promise<ClaimedIntent[]> {
  const { rows } = await sql<ClaimedIntent>`
    with claimed as (
      delete from audit_intent where entry_id in (
        select entry_id from audit_intent where deadline < ${now}
        order by deadline limit ${limit} for update skip locked)
      returning entry_id, deadline)
    select entry_id as id, entry, deadline,
      ${keptParts('claimed.entry_id')} as parts
    from claimed join audit_entry on audit_entry.id = claimed.entry_id`.execute(tx)
  return rows
}
