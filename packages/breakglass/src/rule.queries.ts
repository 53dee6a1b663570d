import type { Schema, Store, Transaction } from '@gatehouse/database'
import type { Selectable } from 'kysely'

type RuleRow = Selectable<Schema['break_glass_rule']>

/** What Admins have set; null: nothing yet, and the shipped rule holds. */
export async function selectRule(db: Store): Promise<RuleRow | null> {
  return (await db.selectFrom('break_glass_rule').selectAll().where('id', '=', 1).executeTakeFirst()) ?? null
}

export async function upsertRule(tx: Transaction, row: Omit<RuleRow, 'id'>): Promise<void> {
  await tx
    .insertInto('break_glass_rule')
    .values({ id: 1, ...row })
    .onConflict((on) => on.column('id').doUpdateSet(row))
    .execute()
}
