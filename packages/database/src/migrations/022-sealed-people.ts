import { sql, type Kysely } from 'kysely'

/**
 * As `audit_append` of the first migration, for personal values that are sealed under the key of whom they are about.
 * Who was erased gets no new key, and what was sealed under a destroyed one is not kept.
 */
const auditAppend = `
  create function audit_append(ids uuid[], entries text[], key_ids uuid[], key_subjects text[], key_names bytea[],
    key_sealed bytea[], personal_ids uuid[], personal_parts text[], personal_keys uuid[], personal_sealed bytea[],
    personal_ips bytea[], mention_values bytea[], mention_ids uuid[], mention_fields text[], opened uuid[],
    deadlines timestamptz[], closed uuid[])
  returns void language plpgsql security invoker as $body$
  begin
    if cardinality(key_ids) > 0 then
      insert into audit_subject_key (id, subject, name, sealed)
        select given.* from unnest(key_ids, key_subjects, key_names, key_sealed) as given (id, subject, name, sealed)
        where not exists (select from audit_erasure where audit_erasure.subject = given.subject)
        on conflict (id) do nothing;
    end if;
    with entry as (insert into audit_entry (id, entry) select * from unnest(ids, entries)
      on conflict (id) do nothing returning id),
    pending as (insert into audit_pending (entry_id) select id from entry),
    intent as (
      insert into audit_intent (entry_id, deadline) select given.*
        from unnest(opened, deadlines) as given (entry_id, deadline) join entry on entry.id = given.entry_id),
    mention as (
      insert into audit_mention (value, entry_id, field)
        select given.* from unnest(mention_values, mention_ids, mention_fields) as given (value, entry_id, field)
        join entry on entry.id = given.entry_id)
    insert into audit_personal (entry_id, part, key_id, sealed, ip)
    select given.* from unnest(personal_ids, personal_parts, personal_keys, personal_sealed, personal_ips)
      as given (entry_id, part, key_id, sealed, ip)
      join entry on entry.id = given.entry_id
      join audit_subject_key on audit_subject_key.id = given.key_id;
    if cardinality(closed) > 0 then delete from audit_intent where entry_id = any(closed); end if;
  end $body$`

/**
 * The personal values beside the audit log, sealed under one key for each person. What is there in clear waits in a
 * table of its own until a process that has the keys has sealed it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    drop function audit_append(uuid[], text[], uuid[], text[], text[], bytea[], uuid[], timestamptz[], uuid[]);
    alter table audit_personal rename to audit_personal_clear;
    drop index audit_personal_value;
    create table audit_subject_key (id uuid primary key, subject text not null, name bytea, sealed bytea not null,
      created_at timestamptz not null default now());
    create index audit_subject_key_subject on audit_subject_key (subject);
    create index audit_subject_key_name on audit_subject_key (name) where name is not null;
    create table audit_personal (entry_id uuid not null, part text not null check (part in ('caller', 'input')),
      key_id uuid not null, sealed bytea not null, ip bytea, constraint audit_personal_sealed primary key (entry_id,
      part));
    create index audit_personal_ip on audit_personal (ip) where ip is not null;
    create table audit_mention (value bytea not null, entry_id uuid not null, field text not null,
      primary key (value, entry_id, field));
    create table audit_erasure (subject text primary key, erased_at timestamptz not null, names bytea[] not null);
  `)
    .execute(db)
  await sql.raw(auditAppend).execute(db)
}
