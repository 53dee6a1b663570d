import { sql, type Kysely } from 'kysely'

/** Sinks that have to take the audit log, or nothing is changed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table audit_sink add column required boolean not null default false`.execute(db)
}
