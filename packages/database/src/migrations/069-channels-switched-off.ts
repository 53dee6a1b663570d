import { sql, type Kysely } from 'kysely'

/** Since when nothing is sent to a channel, by whoever switched it off; null: it is on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table alert_channel add column disabled_at timestamptz`.execute(db)
}
