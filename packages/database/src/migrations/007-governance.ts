import { sql, type Kysely } from 'kysely'

/** What is set for all, and what each person is told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table setting (id integer primary key check (id = 1), value text not null, updated_at timestamptz not null,
      updated_by uuid);
    create table notification (id uuid primary key, user_id uuid not null references users on delete cascade,
      kind text not null, text text not null, created_at timestamptz not null, read_at timestamptz,
      mail_claimed_at timestamptz, mailed_at timestamptz);
    create index notification_of_user on notification (user_id, created_at desc, id desc);
    create index notification_unmailed on notification (created_at) where mailed_at is null;
  `)
    .execute(db)
}
