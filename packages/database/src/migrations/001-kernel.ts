import { sql, type Kysely } from 'kysely'

/**
 * A search column that nobody can make say something else than the entry. Byte order, so that times and ids sort alike
 * in every database.
 * `json`, not `jsonb`: they are most of what an entry costs, and this takes two thirds of the time. Only what is
 * searched by has one.
 */
const fromEntry = (column: string, path: string): string =>
  `${column} text collate "C" generated always as ((entry::json) #>> '{${path}}') stored`

const columns = [
  fromEntry('at', 'at'),
  fromEntry('action', 'action'),
  fromEntry('outcome', 'outcome'),
  fromEntry('principal_id', 'principal,id'),
  fromEntry('resource_type', 'resource,type'),
  fromEntry('resource_id', 'resource,id'),
  fromEntry('workspace', 'workspace'),
  fromEntry('session_id', 'sessionId'),
  fromEntry('effect', 'decision,effect'),
]

/**
 * Stores entries with their personal values, queues them for the tree, opens and closes intents. A function, so that
 * each connection plans
 * it once: planning the same statements anew cost as much as running them. It runs with the caller's rights. Entries
 * that are there
 * already are skipped with all that hangs on them, so that a batch whose answer was lost can be sent again.
 */
const auditAppend = `
  create function audit_append(ids uuid[], entries text[], personal_ids uuid[], personal_fields text[],
    personal_values text[], personal_salts bytea[], opened uuid[], deadlines timestamptz[], closed uuid[])
  returns void language plpgsql security invoker as $body$
  begin
    with entry as (insert into audit_entry (id, entry) select * from unnest(ids, entries)
      on conflict (id) do nothing returning id),
    pending as (insert into audit_pending (entry_id) select id from entry),
    intent as (
      insert into audit_intent (entry_id, deadline) select given.*
        from unnest(opened, deadlines) as given (entry_id, deadline) join entry on entry.id = given.entry_id)
    insert into audit_personal (entry_id, field, value, salt)
    select given.* from unnest(personal_ids, personal_fields, personal_values, personal_salts) as given (entry_id,
      field, value, salt) join entry on entry.id = given.entry_id;
    if cardinality(closed) > 0 then delete from audit_intent where entry_id = any(closed); end if;
  end $body$`

/** Audit record, sealing keys, limits, nodes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table data_key (id text primary key, wrapped text not null, kek_fingerprint text not null,
      created_at timestamptz not null default now());

    create table audit_entry (id uuid primary key, entry text not null, ${columns.join(', ')});
    create index audit_entry_at on audit_entry (at desc, id desc);
    create index audit_entry_principal on audit_entry (principal_id, at desc);
    create index audit_entry_action on audit_entry (action, at desc);
    create index audit_entry_workspace on audit_entry (workspace, at desc);
    create index audit_entry_resource on audit_entry (resource_id, at desc);
    create table audit_pending (entry_id uuid primary key, enqueued_at timestamptz not null default now());
    create table audit_leaf (seq bigint primary key, entry_id uuid not null unique,
      leaf_hash bytea not null check (octet_length(leaf_hash) = 32));
    -- a queue: vacuumed by count, or its index fills with the dead
    alter table audit_pending set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
    create table audit_checkpoint (size bigint primary key, root bytea not null, frontier bytea not null,
      note text not null, signed_at timestamptz not null);
    create table audit_personal (entry_id uuid not null, field text not null, value text not null, salt bytea not null,
      primary key (entry_id, field));
    create index audit_personal_value on audit_personal (value, field)
      where field in ('principal.name', 'ip', 'input.username');
    create table audit_intent (entry_id uuid primary key, deadline timestamptz not null);

    create table rate_bucket (key text primary key, window_start timestamptz not null, current integer not null,
      previous integer not null);
    create table guess_throttle (kind text not null, key text not null, failures integer not null,
      window_start timestamptz not null, blocked_until timestamptz, primary key (kind, key));

    create table policy_node (node text primary key, version text not null, schema_version text not null,
      policies integer not null, loaded_at timestamptz not null, seen_at timestamptz not null, last_error text,
      last_error_at timestamptz);
    create table node (id text primary key, kind text not null check (kind in ('gateway', 'worker')),
      started_at timestamptz not null, seen_at timestamptz not null, detail text not null);
  `)
    .execute(db)
  await sql.raw(auditAppend).execute(db)
}
