import { sql, type Kysely } from 'kysely'

/** Keys under which a host, or one of its names before it, was known: certificates for them may still be alive. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table ssh_host add column former_keys text[] not null default '{}'`).execute(db)
}
