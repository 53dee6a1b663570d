import { sql, type Kysely } from 'kysely'

/**
 * A CA of people's certificates goes from `next` (hosts come to trust it) over `current` (it signs) and `previous`
 * (hosts still trust it) to `retired`. The version of the set that hosts are to trust is one of the revocation list's.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table ssh_authority drop constraint ssh_authority_purpose_key;
    alter table ssh_authority add column stage text not null default 'current'
      check (stage in ('next', 'current', 'previous', 'retired')),
      add column staged_at timestamptz not null default now();
    create unique index ssh_authority_stage on ssh_authority (purpose, stage) where stage <> 'retired';
    alter table ssh_krl add column cas_version bigint not null default 0;
  `)
    .execute(db)
}
