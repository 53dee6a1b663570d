import { sql, type Kysely } from 'kysely'

/**
 * Keys, their versions, under which backends' keys each version's material is wrapped, and the census: a row for each
 * ciphertext that was given out, by the id that stands in it. The material itself stands nowhere. `seals` is counted in
 * blocks that a process takes before it seals, so it is never less than what was sealed.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table kms_key (id uuid primary key, workspace_id text not null references workspace, name text not null,
      backend text not null, state text not null check (state in ('enabled', 'decrypt-only', 'disabled',
        'pending-deletion', 'destroyed')),
      state_since timestamptz not null, current_version integer not null check (current_version >= 1),
      minimum_version integer not null check (minimum_version between 1 and current_version),
      rotation_days integer check (rotation_days >= 1), rotate_at timestamptz,
      deletion_guard boolean not null, delete_at timestamptz, created_at timestamptz not null,
      check ((state = 'pending-deletion') = (delete_at is not null)),
      check ((rotation_days is null) = (rotate_at is null)));
    create unique index kms_key_name on kms_key (name);
    create index kms_key_order on kms_key (created_at desc, id desc);
    create index kms_key_delete on kms_key (delete_at) where delete_at is not null;
    create index kms_key_rotate on kms_key (rotate_at) where rotate_at is not null;
    create table kms_key_version (key_id uuid not null references kms_key, version integer not null,
      state text not null check (state in ('live', 'revoked', 'destroyed')),
      seals bigint not null default 0, created_at timestamptz not null, revoked_at timestamptz,
      primary key (key_id, version));
    create table kms_version_wrap (key_id uuid not null, version integer not null, backend text not null,
      kek_fingerprint text not null, wrapped text not null, created_at timestamptz not null,
      primary key (key_id, version, backend),
      foreign key (key_id, version) references kms_key_version);
    create table kms_wrap (id uuid primary key, key_id uuid not null, version integer not null,
      mark bytea not null check (length(mark) = 32), location text, sealed_at timestamptz not null,
      moved_at timestamptz,
      foreign key (key_id, version) references kms_key_version);
    create index kms_wrap_of on kms_wrap (key_id, version, sealed_at desc, id desc);
    create index kms_wrap_order on kms_wrap (key_id, sealed_at desc, id desc);
  `)
    .execute(db)
}
