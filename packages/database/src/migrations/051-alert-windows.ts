import { sql, type Kysely } from 'kysely'

/** What is counted over all nodes until it is an alert: one row for each thing that is counted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table alert_window (name text primary key, window_start timestamptz not null, count integer not null);
  `)
    .execute(db)
}
