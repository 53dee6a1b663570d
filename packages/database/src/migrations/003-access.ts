import { sql, type Kysely } from 'kysely'

/** Leases and what hangs on them: SSH hosts, keys, certificates, our own SSH authorities. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table lease (
      id uuid primary key, backend text not null, role text not null, workspace_id text not null references workspace,
      purpose text not null, principal_type text not null, principal_id text not null, principal_name text not null,
      session_id uuid,
      state text not null check (state in ('pending', 'active', 'revoked', 'expired', 'irrevocable')),
      issued_at timestamptz not null, expires_at timestamptz not null, due_at timestamptz,
      revoke_requested_at timestamptz, ended_at timestamptz, reason text,
      attempts integer not null default 0, last_error text);
    create index lease_due on lease (backend, due_at) where due_at is not null;
    create index lease_list on lease (workspace_id, issued_at desc, id desc);
    create index lease_principal on lease (principal_id, issued_at desc);

    create table ssh_host (
      id uuid primary key, name text not null unique, workspace_id text not null references workspace,
      address text not null, port integer not null, user_name text not null,
      access text not null check (access in ('ca', 'managementKey')),
      principals text[] not null check (cardinality(principals) > 0),
      source_addresses text[] not null check (cardinality(source_addresses) > 0), host_key text not null,
      authorized_keys_path text,
      checked_at timestamptz, reachable boolean, last_error text, created_at timestamptz not null default now());
    create table ssh_key (
      id uuid primary key, lease_id uuid not null unique references lease, host_id uuid not null references ssh_host,
      workspace_id text not null references workspace, user_name text not null, public_key text not null,
      fingerprint text not null,
      source_addresses text[] not null, state text not null
      check (state in ('generated', 'deployed', 'removing', 'revoked', 'expired')),
      created_at timestamptz not null default now(), expires_at timestamptz not null, deployed_at timestamptz,
      wanted boolean not null default false, maybe_present boolean not null default false);
    create index ssh_key_host on ssh_key (host_id) where wanted or maybe_present;
    create index ssh_key_list on ssh_key (workspace_id, created_at desc, id desc);
    create table ssh_certificate (
      id uuid primary key, lease_id uuid not null unique references lease, host_id uuid not null references ssh_host,
      workspace_id text not null references workspace, serial numeric(20) not null unique, key_id text not null,
      ssh_principals text[] not null check (cardinality(ssh_principals) > 0),
      source_addresses text[] not null, public_key text not null, fingerprint text not null, certificate text not null,
      valid_after timestamptz not null, valid_before timestamptz not null,
      state text not null check (state in ('active', 'revoked', 'expired')), revoked_at timestamptz);
    create index ssh_certificate_list on ssh_certificate (workspace_id, valid_after desc, id desc);
    create table ssh_authority (id uuid primary key,
      purpose text not null unique check (purpose in ('ca', 'management')), public_key text not null,
      private_key bytea not null, created_at timestamptz not null default now());
    create table ssh_host_lock (host_id uuid primary key references ssh_host on delete cascade, holder text not null,
      expires_at timestamptz not null);
    create table ssh_krl (id integer primary key check (id = 1), version bigint not null,
      changed_at timestamptz not null);
    insert into ssh_krl (id, version, changed_at) values (1, 1, now());
  `)
    .execute(db)
}
