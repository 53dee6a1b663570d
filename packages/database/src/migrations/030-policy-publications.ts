import { sql, type Kysely } from 'kysely'

/**
 * Policy sets that came into force, with their files, so that every node can take what was published and go back to
 * what was. The pin names the one that every node decides by; without it each node follows its directory.
 * `files_version`: what lay in the directory of the node that set it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table policy_change (id uuid primary key, position bigint generated always as identity,
      at timestamptz not null, kind text not null check (kind in ('files', 'published', 'rolledBack')),
      version text not null, schema_version text not null, policies integer not null, files text not null,
      changed_by uuid, reason text);
    create index policy_change_at on policy_change (at desc, id desc);
    create table policy_pin (pin text primary key check (pin = 'set'),
      change_id uuid not null references policy_change, files_version text not null, at timestamptz not null);
  `)
    .execute(db)
}
