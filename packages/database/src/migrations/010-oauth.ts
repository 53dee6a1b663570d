import { sql, type Kysely } from 'kysely'

/** Log-ins of devices, sessions that are bound to a key, and the proofs that were seen lately. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table device_grant (
      id uuid primary key, device_code_hash bytea not null unique, user_code text not null unique,
      client text not null, address text not null, user_agent text not null, requested_at timestamptz not null,
      expires_at timestamptz not null,
      state text not null check (state in ('waiting', 'approved', 'denied', 'used')),
      user_id uuid references users on delete cascade, claimed_by uuid references session on delete cascade,
      decided_at timestamptz,
      polled_at timestamptz, interval_seconds integer not null, session_id uuid references session on delete set null,
      constraint device_grant_decided_by_someone check (state in ('waiting', 'used') or claimed_by is not null));
    create index device_grant_expires on device_grant (expires_at);
    alter table session add column key_thumbprint text;
    create table dpop_proof (hash bytea primary key, request_id text not null, expires_at timestamptz not null);
    create index dpop_proof_expires on dpop_proof (expires_at);
  `)
    .execute(db)
}
