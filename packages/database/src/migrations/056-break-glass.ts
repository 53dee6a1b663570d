import { sql, type Kysely } from 'kysely'

/**
 * Requests for emergency access with all their versions, votes kept whole, and emergency sessions: one of a request,
 * and one alive of a person, by the indexes themselves.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table break_glass_request (id uuid primary key, requester_id uuid not null,
      requester_name text not null,
      version integer not null, hash bytea not null, document text not null,
      workspace_id text not null references workspace, incident text not null,
      severity text not null check (severity in ('critical', 'high', 'medium', 'low')), justification text not null,
      actions text[] not null, duration_seconds integer not null,
      state text not null check (state in ('pending', 'approved', 'active', 'denied', 'cancelled', 'lapsed', 'ended')),
      passed_ms bigint not null, open_ms bigint not null, seen_at timestamptz not null, boot_id text not null,
      steady_ms bigint not null, drill boolean not null default false, address text not null, user_agent text not null,
      session_id text not null, created_at timestamptz not null, closed_reason text);
    create index break_glass_request_order on break_glass_request (created_at desc, id desc);
    create index break_glass_request_open on break_glass_request (state) where state in ('pending', 'approved');
    create index break_glass_request_requester on break_glass_request (requester_id, created_at);

    create table break_glass_version (request_id uuid not null references break_glass_request, version integer not null,
      hash bytea not null, document text not null, made_at timestamptz not null, primary key (request_id, version));

    create table break_glass_vote (id uuid primary key, request_id uuid not null references break_glass_request,
      version integer not null, hash bytea not null, voter_id uuid not null, voter_name text not null,
      says text not null check (says in ('approve', 'deny')), team_id uuid, reason text,
      method text not null check (method in ('webauthn', 'totp')), statement text not null, evidence text,
      address text not null, session_id text not null, at timestamptz not null,
      place bigint generated always as identity,
      check ((says = 'deny') = (team_id is not null)));
    create unique index break_glass_vote_once on break_glass_vote (request_id, hash, voter_id, says);

    create table emergency_session (id uuid primary key, request_id uuid not null unique references break_glass_request,
      user_id uuid not null, workspace_id text not null, actions text[] not null,
      duration_seconds integer not null check (duration_seconds between 1 and 14400), approver_ids uuid[] not null,
      quorum text not null, token_id uuid not null unique, key_thumbprint text, passed_ms bigint not null,
      idle_ms bigint not null, seen_at timestamptz not null, boot_id text not null, steady_ms bigint not null,
      warned integer not null default 0, activated_at timestamptz not null, expires_at timestamptz not null,
      ended_by text check (ended_by in ('expired', 'inactive', 'revoked', 'requester-disabled', 'approver-disabled')),
      ended_at timestamptz, ender_id uuid, end_reason text, reviewed_at timestamptz, reviewer_id uuid, review text,
      check ((ended_by is null) = (ended_at is null)), check (cardinality(approver_ids) >= 2));
    create unique index emergency_session_alive on emergency_session (user_id) where ended_by is null;
    create index emergency_session_order on emergency_session (activated_at desc, id desc);

    create table break_glass_rule (id integer primary key check (id = 1), rule text not null,
      totp_admitted boolean not null, updated_at timestamptz not null, updated_by uuid);
  `)
    .execute(db)
}
