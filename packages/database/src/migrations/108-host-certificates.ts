import { sql, type Kysely } from 'kysely'

/** The certificate that each host shows to clients, of a CA of its own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table ssh_authority drop constraint ssh_authority_purpose_check;
    alter table ssh_authority add constraint ssh_authority_purpose_check
      check (purpose in ('ca', 'management', 'list', 'hostCa'));
    alter table ssh_host add column certificate text, add column certified_names text[],
      add column certified_seconds integer, add column certified_from timestamptz,
      add column certified_until timestamptz;
  `)
    .execute(db)
}
