import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

export interface SettingRow {
  readonly value: string
  readonly updated_at: Date
  readonly updated_by: string | null
}

/** What administrators have set; null: nothing yet. */
export async function selectSetting(db: Store): Promise<SettingRow | null> {
  return (
    (await db
      .selectFrom('setting')
      .select(['value', 'updated_at', 'updated_by'])
      .where('id', '=', 1)
      .executeTakeFirst()) ?? null
  )
}

/** The same, held until the transaction ends: of two changes at once the later one builds on the earlier. */
export async function holdSetting(tx: Transaction): Promise<SettingRow | null> {
  // a row that is not there yet cannot be held: of two first changes at once one would be lost
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-settings'))`.execute(tx)
  return selectSetting(tx)
}

export async function upsertSetting(tx: Transaction, row: SettingRow): Promise<void> {
  const { value, updated_at, updated_by } = row
  await tx
    .insertInto('setting')
    .values({ id: 1, value, updated_at, updated_by })
    .onConflict((on) => on.column('id').doUpdateSet({ value, updated_at, updated_by }))
    .execute()
}
