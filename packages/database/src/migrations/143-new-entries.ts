import { sql, type Kysely } from 'kysely'

/**
 * As `audit_append`, for entries that were made just now and never sent before: they are not looked for, and nothing
 * that hangs on them has to be told from what hangs on others. One that waits already fails the statement by its index.
 */
const appendNew = `
  create function audit_append_new(ids uuid[], entries text[], key_ids uuid[], key_subjects text[],
    key_names bytea[], key_sealed bytea[], personal_ids uuid[], personal_parts text[], personal_keys uuid[],
    personal_sealed bytea[], personal_ips bytea[], mention_values bytea[], mention_ids uuid[], mention_fields text[],
    opened uuid[], deadlines timestamptz[], closed uuid[], requests text[])
  returns void language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
  as $body$
  begin
    if cardinality(key_ids) > 0 then
      insert into public.audit_subject_key (id, subject, name, sealed)
        select given.* from unnest(key_ids, key_subjects, key_names, key_sealed) as given (id, subject, name, sealed)
        where not exists (select from public.audit_erasure where audit_erasure.subject = given.subject)
        on conflict (id) do nothing;
    end if;
    with waiting as (
      insert into public.audit_pending (entry_id, entry, asked)
        select given.* from unnest(ids, entries, requests) as given (id, entry, asked))
    insert into public.audit_personal (entry_id, part, key_id, sealed, ip)
      select given.* from unnest(personal_ids, personal_parts, personal_keys, personal_sealed, personal_ips)
        as given (entry_id, part, key_id, sealed, ip)
      where (select true from public.audit_subject_key where audit_subject_key.id = given.key_id);
    if cardinality(mention_ids) > 0 then
      insert into public.audit_mention (value, entry_id, field)
        select given.* from unnest(mention_values, mention_ids, mention_fields) as given (value, entry_id, field)
        on conflict do nothing;
    end if;
    if cardinality(opened) > 0 then
      insert into public.audit_intent (entry_id, deadline)
        select given.* from unnest(opened, deadlines) as given (entry_id, deadline);
    end if;
    if cardinality(closed) > 0 then delete from public.audit_intent where entry_id = any(closed); end if;
  end $body$`

/** Only what is sent again can be there already, and nearly nothing is: looking for it was a fifth of the statement. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(appendNew).execute(db)
  await sql`revoke all on function audit_append_new from public`.execute(db)
}
