import { sql, type Kysely } from 'kysely'

/**
 * The data key may be wrapped under more than one key encryption key: any of them opens it. `kek_uri` says where that
 * key is, for who reads a refusal; of what was wrapped before it is not known.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table data_key drop constraint data_key_pkey, add primary key (id, kek_fingerprint),
      add column kek_uri text`.execute(db)
}
