import { sql, type Kysely } from 'kysely'

/**
 * Since when nothing in the census needs a version of a key before its current one, as far as somebody has looked. Only
 * keys that still open such a version are looked at.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table kms_key add column settled_since timestamptz`.execute(db)
  await sql`create index kms_key_leaving on kms_key (id) where minimum_version < current_version`.execute(db)
}
