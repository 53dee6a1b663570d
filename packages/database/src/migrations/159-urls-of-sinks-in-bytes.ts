import { sql, type Kysely } from 'kysely'

/**
 * `kms status` finds what the data key has sealed by how columns of bytes begin; within a text it found no URL of a
 * sink, and whoever looks there before they let go of a key is to be told all of it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table audit_sink add column url bytea;
    update audit_sink set url = decode(target::json ->> 'sealed', 'base64'),
        target = json_build_object('host', target::json ->> 'host')::text
      where kind in ('http', 'hec', 'webhook') and target::json ->> 'sealed' is not null;
  `)
    .execute(db)
}
