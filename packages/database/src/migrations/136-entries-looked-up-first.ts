import { sql, type Kysely } from 'kysely'

/**
 * As `audit_append` of 117, but whether an entry is there already is looked up before it is written, waiting and placed
 * alike, and not left to the unique index of the queue: a row that may meet another one is written as a claim first and
 * made a row by a second step. Where the attempt whose answer was lost is still under way, the one that is sent again
 * waits for it and fails by that index (23505); sent once more, it finds the entry. INVARIANT: what is looked up is
 * looked up one by one, by its index: the plan is made once, maybe when there was no entry, and kept for any number.
 */
const append = `
  create or replace function audit_append(ids uuid[], entries text[], key_ids uuid[], key_subjects text[],
    key_names bytea[], key_sealed bytea[], personal_ids uuid[], personal_parts text[], personal_keys uuid[],
    personal_sealed bytea[], personal_ips bytea[], mention_values bytea[], mention_ids uuid[], mention_fields text[],
    opened uuid[], deadlines timestamptz[], closed uuid[], requests text[])
  returns void language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
  as $body$
  declare fresh uuid[];
  begin
    if cardinality(key_ids) > 0 then
      insert into public.audit_subject_key (id, subject, name, sealed)
        select given.* from unnest(key_ids, key_subjects, key_names, key_sealed) as given (id, subject, name, sealed)
        where not exists (select from public.audit_erasure where audit_erasure.subject = given.subject)
        on conflict (id) do nothing;
    end if;
    with waiting as (
      insert into public.audit_pending (entry_id, entry, asked)
        select given.* from unnest(ids, entries, requests) as given (id, entry, asked)
        where (select true from public.audit_placed where audit_placed.id = given.id) is null
          and (select true from public.audit_pending where audit_pending.entry_id = given.id) is null
        returning entry_id)
    select coalesce(array_agg(entry_id), '{}') into fresh from waiting;
    if cardinality(fresh) < cardinality(ids) then
      select array_agg(id), array_agg(part), array_agg(key_id), array_agg(sealed), array_agg(ip)
        into personal_ids, personal_parts, personal_keys, personal_sealed, personal_ips
        from unnest(personal_ids, personal_parts, personal_keys, personal_sealed, personal_ips)
          as given (id, part, key_id, sealed, ip) where id = any(fresh);
      select array_agg(value), array_agg(id), array_agg(field) into mention_values, mention_ids, mention_fields
        from unnest(mention_values, mention_ids, mention_fields) as given (value, id, field) where id = any(fresh);
      select array_agg(id), array_agg(deadline) into opened, deadlines
        from unnest(opened, deadlines) as given (id, deadline) where id = any(fresh);
    end if;
    insert into public.audit_personal (entry_id, part, key_id, sealed, ip)
      select given.* from unnest(personal_ids, personal_parts, personal_keys, personal_sealed, personal_ips)
        as given (entry_id, part, key_id, sealed, ip)
      where exists (select from public.audit_subject_key where audit_subject_key.id = given.key_id);
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

/** A quarter to a third of what the statement cost was for meeting what is hardly ever there. */
export const up = async (db: Kysely<unknown>): Promise<void> => void (await sql.raw(append).execute(db))
