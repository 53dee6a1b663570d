import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** An intent without an outcome, with what is still known of its personal values. */
export interface OverdueIntent {
  readonly id: string
  readonly entry: string
  readonly deadline: Date
  readonly personal: readonly { readonly field: string; readonly value: string }[]
}

/** Takes intents past their deadline; whoever takes one closes it in the same transaction. */
export async function claimOverdueIntents(tx: Transaction, now: Date, limit: number): Promise<OverdueIntent[]> {
  const { rows } = await sql<OverdueIntent>`
    with claimed as (
      delete from audit_intent where entry_id in (
        select entry_id from audit_intent where deadline < ${now}
        order by deadline limit ${limit} for update skip locked)
      returning entry_id, deadline)
    select entry_id as id, entry, deadline,
      coalesce((select json_agg(json_build_object('field', field, 'value', value)) from audit_personal
        where audit_personal.entry_id = claimed.entry_id), '[]'::json) as personal
    from claimed join audit_entry on audit_entry.id = claimed.entry_id`.execute(tx)
  return rows
}
