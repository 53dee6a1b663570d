import { sql, type Kysely } from 'kysely'

/** As `audit_append` of the migration before, with what was asked for each entry's decision. */
const auditAppend = `
  create function audit_append(ids uuid[], entries text[], key_ids uuid[], key_subjects text[], key_names bytea[],
    key_sealed bytea[], personal_ids uuid[], personal_parts text[], personal_keys uuid[], personal_sealed bytea[],
    personal_ips bytea[], mention_values bytea[], mention_ids uuid[], mention_fields text[], opened uuid[],
    deadlines timestamptz[], closed uuid[], requests text[])
  returns void language plpgsql security invoker as $body$
  begin
    if cardinality(key_ids) > 0 then
      insert into audit_subject_key (id, subject, name, sealed)
        select given.* from unnest(key_ids, key_subjects, key_names, key_sealed) as given (id, subject, name, sealed)
        where not exists (select from audit_erasure where audit_erasure.subject = given.subject)
        on conflict (id) do nothing;
    end if;
    with entry as (insert into audit_entry (id, entry, asked) select * from unnest(ids, entries, requests)
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
 * What was asked for each recorded decision stands beside its entry (not in it: the leaf stays as it is), and the texts
 * of each policy set that ever decided are kept, so that a decision can be made again as it was made.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table audit_entry add column asked text;

    create table policy_set (version text primary key, schema_version text not null, files text not null,
      first_used_at timestamptz not null);

    drop function audit_append(uuid[], text[], uuid[], text[], bytea[], bytea[], uuid[], text[], uuid[], bytea[],
      bytea[], bytea[], uuid[], text[], uuid[], timestamptz[], uuid[]);
  `)
    .execute(db)
  await sql.raw(auditAppend).execute(db)
}
