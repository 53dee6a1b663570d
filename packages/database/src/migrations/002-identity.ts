import { sql, type Kysely } from 'kysely'

/** People, teams, workspaces, sessions, authenticators, signing keys. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create type role_name as enum ('Admin', 'Developer', 'Operator', 'Viewer', 'Auditor');
    create table users (
      id uuid primary key, username text not null unique, display_name text not null, email text,
      status text not null default 'active' check (status in ('active', 'disabled')),
      password_hash text not null, must_change_password boolean not null, password_changed_at timestamptz not null,
      cut_off timestamptz, last_login_at timestamptz, created_at timestamptz not null default now());
    create index users_created on users (created_at desc, id desc);
    create table user_role (user_id uuid not null references users on delete cascade, role role_name not null,
      primary key (user_id, role));
    create table team (id uuid primary key, name text not null unique, description text not null,
      created_at timestamptz not null default now());
    create table team_member (team_id uuid not null references team on delete cascade,
      user_id uuid not null references users on delete cascade, primary key (team_id, user_id));
    create index team_member_user on team_member (user_id);
    create table workspace (id text primary key, name text not null unique,
      tier text not null check (tier in ('development', 'staging', 'production')),
      time_zone text not null default 'UTC', created_at timestamptz not null default now(), archived_at timestamptz);
    create table workspace_team (workspace_id text not null references workspace on delete cascade,
      team_id uuid not null references team on delete cascade, primary key (workspace_id, team_id));

    create table session (
      id uuid primary key, user_id uuid not null references users on delete cascade,
      assurance text not null check (assurance in ('pw', 'mfa')), methods text[] not null,
      auth_time timestamptz not null, proved_at timestamptz, address text not null, user_agent text not null,
      created_at timestamptz not null default now(), last_used_at timestamptz not null,
      expires_at timestamptz not null, revoked_at timestamptz, revoke_reason text);
    create index session_of_user on session (user_id, created_at desc);
    create table refresh_token (
      id uuid primary key, session_id uuid not null references session on delete cascade, seq integer not null,
      hash bytea not null unique, issued_at timestamptz not null, expires_at timestamptz not null, used_at timestamptz,
      unique (session_id, seq));
    create table revoked_token (jti uuid primary key, expires_at timestamptz not null, reason text not null);
    create table mfa_challenge (id text primary key, user_id uuid not null references users on delete cascade,
      created_at timestamptz not null, expires_at timestamptz not null, used_at timestamptz, address text not null,
      user_agent text not null);
    create table authenticator (
      id uuid primary key, user_id uuid not null references users on delete cascade,
      kind text not null check (kind in ('totp', 'webauthn')), name text not null, secret bytea, algorithm text,
      digits integer, period_seconds integer,
      last_step bigint, created_at timestamptz not null default now(), confirmed_at timestamptz,
      last_used_at timestamptz);
    create index authenticator_user on authenticator (user_id, created_at desc);
    create table signing_key (kid text primary key,
      status text not null check (status in ('next', 'current', 'previous')), public_jwk text not null,
      private_key bytea not null, created_at timestamptz not null default now(), activated_at timestamptz,
      retired_at timestamptz);
    create unique index signing_key_one_current on signing_key (status) where status = 'current';
    create table seed_secret (user_id uuid primary key references users on delete cascade,
      kind text not null check (kind in ('one-time', 'seed')), password bytea not null, totp_secret bytea);
  `)
    .execute(db)
}
