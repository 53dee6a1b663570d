import { sql, type Kysely } from 'kysely'

/** Accounts of programs, and the tokens that programs and scripts call with. Tokens go with their owner. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table service_account (
      id uuid primary key, name text not null unique, description text not null,
      status text not null check (status in ('active', 'disabled')), created_at timestamptz not null);
    create index service_account_created on service_account (created_at desc, id desc);
    create table service_account_team (
      account_id uuid not null references service_account on delete cascade,
      team_id uuid not null references team on delete cascade, primary key (account_id, team_id));
    create index service_account_team_of_team on service_account_team (team_id);
    create table api_token (
      id uuid primary key, name text not null, user_id uuid references users on delete cascade,
      account_id uuid references service_account on delete cascade, hash bytea not null unique, hint text not null,
      purpose text not null,
      scopes text[] not null check (cardinality(scopes) > 0), source_addresses text[] not null, key_thumbprint text,
      created_by uuid references users on delete set null, created_at timestamptz not null,
      expires_at timestamptz not null,
      last_used_at timestamptz, last_used_address text, revoked_at timestamptz, revoke_reason text,
      reminded_at timestamptz,
      check ((user_id is null) <> (account_id is null)), check (octet_length(hash) = 32));
    create index api_token_of_user on api_token (user_id, created_at desc, id desc) where user_id is not null;
    create index api_token_of_account on api_token (account_id, created_at desc, id desc) where account_id is not null;
    create index api_token_ends on api_token (expires_at) where revoked_at is null;
  `)
    .execute(db)
}
