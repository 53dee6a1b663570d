import { sql, type Kysely } from 'kysely'

/**
 * One-time passwords for SSH. A host says from where it asks about them; a password is kept by its hash, and its lease
 * names it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table ssh_host add column otp_addresses text[] not null default '{}';
    create table ssh_otp (lease_id uuid primary key references lease, host_id uuid not null references ssh_host,
      workspace_id text not null references workspace, user_name text not null, address text not null,
      source_addresses text[] not null, hash bytea not null unique,
      state text not null check (state in ('active', 'used', 'misused', 'revoked', 'expired')),
      expires_at timestamptz not null, ended_at timestamptz,
      check ((state = 'active') = (ended_at is null)));
    create index ssh_otp_living on ssh_otp (host_id) where state = 'active';
  `)
    .execute(db)
}
