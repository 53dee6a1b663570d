import { sql, type Kysely } from 'kysely'

/**
 * Revocation lists are signed by a key of their own, and hosts say which one they have. The version before the newest
 * tells whether a host that has heard of us before the newest was made had the list of that time.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table ssh_authority drop constraint ssh_authority_purpose_check;
    alter table ssh_authority add constraint ssh_authority_purpose_check
      check (purpose in ('ca', 'management', 'list'));
    alter table ssh_krl add column previous_version bigint not null default 0;
    alter table ssh_host add column list_version bigint, add column list_fresh_at timestamptz,
      add column heard_at timestamptz, add column reported_at timestamptz, add column trusted_cas text[];
  `)
    .execute(db)
}
