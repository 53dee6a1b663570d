import { sql, type Kysely } from 'kysely'

/**
 * Signing keys end as `removed`, without their private part: an imported one must not come back. When tokens were
 * revoked, and how many were forgotten.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table signing_key drop constraint signing_key_status_check;
    alter table signing_key add constraint signing_key_status_check
      check (status in ('next', 'current', 'previous', 'removed'));
    alter table signing_key add constraint signing_key_removed_is_empty
      check (status <> 'removed' or length(private_key) = 0);
    create unique index signing_key_one_next on signing_key (status) where status = 'next';
    alter table revoked_token add column revoked_at timestamptz not null default now();
    create table revocation_cleaning (id integer primary key check (id = 1), cleaned bigint not null,
      cleaned_at timestamptz);
    insert into revocation_cleaning (id, cleaned, cleaned_at) values (1, 0, null);
  `)
    .execute(db)
}
