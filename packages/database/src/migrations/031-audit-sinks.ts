import { sql, type Kysely } from 'kysely'

/** Where the audit log goes by itself: how far each place has come, and what it would not take. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table audit_sink (id uuid primary key, name text not null unique, kind text not null, format text not null,
      target text not null, authority text, secret bytea, redacted boolean not null,
      state text not null check (state in ('active', 'paused')), cursor bigint not null, due_at timestamptz not null,
      claim uuid, claimed_until timestamptz, failures integer not null default 0, failing_since timestamptz,
      last_error text, delivered_at timestamptz, created_at timestamptz not null);
    create table audit_sink_dead_letter (sink_id uuid not null references audit_sink on delete cascade,
      seq bigint not null, entry_id uuid not null, error text not null, at timestamptz not null, due boolean not null,
      primary key (sink_id, seq));
  `)
    .execute(db)
}
