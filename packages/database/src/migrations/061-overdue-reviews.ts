import { sql, type Kysely } from 'kysely'

/**
 * When people were last told that nobody has reviewed a session. In its row, so that whoever looks, workflow or sweep,
 * tells it once a day.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table emergency_session add column overdue_told_at timestamptz`.execute(db)
}
