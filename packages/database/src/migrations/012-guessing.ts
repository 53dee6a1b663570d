import { sql, type Kysely } from 'kysely'

/** Delays that grow, devices whose owner an attacker cannot shut out, and failures counted for the alert. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table guess_throttle add column full_windows integer not null default 0;
    create table known_device (hash bytea primary key check (octet_length(hash) = 32),
      user_id uuid not null references users on delete cascade, session_id uuid not null,
      issued_at timestamptz not null, expires_at timestamptz not null);
    create index known_device_of_user on known_device (user_id, issued_at desc);
    create index known_device_of_session on known_device (session_id);
    create table auth_failure (key text primary key, window_start timestamptz not null, failures integer not null);
  `)
    .execute(db)
}
