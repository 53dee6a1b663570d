import { sql, type Kysely } from 'kysely'

/** Backup codes, and the sessions that one of them opened. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table session add column recovery_until timestamptz;
    create table backup_code_set (id uuid primary key, user_id uuid not null references users on delete cascade,
      salt bytea not null, created_at timestamptz not null, confirmed_at timestamptz);
    create unique index backup_code_set_one_confirmed on backup_code_set (user_id) where confirmed_at is not null;
    create unique index backup_code_set_one_pending on backup_code_set (user_id) where confirmed_at is null;
    create table backup_code (set_id uuid not null references backup_code_set on delete cascade, hash bytea not null,
      used_at timestamptz, primary key (set_id, hash));
  `)
    .execute(db)
}
