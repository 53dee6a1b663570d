import { sql, type Kysely } from 'kysely'

/**
 * Backends of credentials that people configure, what may be asked of them, and where the credential of each lease was
 * asked for. What is removed keeps its row, for leases that name it, and loses what it was reached with.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table secret_backend (id uuid primary key, name text not null, kind text not null, settings bytea,
      next_settings bytea, rotating_until timestamptz, shown text not null, identity text not null,
      checked_at timestamptz, last_error text,
      created_at timestamptz not null, removed_at timestamptz,
      check ((settings is null) = (removed_at is not null)),
      check (next_settings is null or settings is not null));
    create unique index secret_backend_name on secret_backend (name) where removed_at is null;
    create index secret_backend_order on secret_backend (created_at desc, id desc) where removed_at is null;
    create table secret_role (id uuid primary key, name text not null,
      workspace_id text not null references workspace, backend_id uuid not null references secret_backend,
      ttl_seconds_max integer not null check (ttl_seconds_max > 0), leases_max integer check (leases_max > 0),
      leases_each_max integer check (leases_each_max > 0), form jsonb not null, created_at timestamptz not null,
      removed_at timestamptz);
    create unique index secret_role_name on secret_role (name) where removed_at is null;
    create index secret_role_order on secret_role (workspace_id, created_at desc, id desc) where removed_at is null;
    create index secret_role_backend on secret_role (backend_id) where removed_at is null;
    create table secret_credential (lease_id uuid primary key references lease,
      backend_id uuid not null references secret_backend, role_id uuid not null references secret_role,
      living boolean not null);
    create index secret_credential_backend on secret_credential (backend_id) where living;
    create index secret_credential_role on secret_credential (role_id) where living;
  `)
    .execute(db)
}
