import { sql, type Kysely } from 'kysely'

/**
 * A key may be wrapped by several backends: any of them opens it, or so many of them together do. `quorum` says how
 * many of them it takes, and never changes; null: any one. A wrap then holds a share of the material, by its number.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table kms_key add column quorum integer check (quorum >= 2);
    alter table kms_version_wrap add column share integer check (share between 1 and 255);
    create unique index kms_version_wrap_share on kms_version_wrap (key_id, version, share) where share is not null;
  `)
    .execute(db)
}
