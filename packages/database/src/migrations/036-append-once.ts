import { sql, type Kysely } from 'kysely'
import { kindOfFormatOne } from './015-entry-kinds.ts'

/** The search columns, and where in an entry each stands; `j` is the entry, read once. */
const columns: Readonly<Record<string, string>> = {
  at: "j ->> 'at'",
  action: "j ->> 'action'",
  outcome: "j ->> 'outcome'",
  principal_id: "j #>> '{principal,id}'",
  resource_type: "j #>> '{resource,type}'",
  resource_id: "j #>> '{resource,id}'",
  workspace: "j ->> 'workspace'",
  session_id: "j ->> 'sessionId'",
  effect: "j #>> '{decision,effect}'",
  kind: `coalesce(j ->> 'kind', ${kindOfFormatOne('j')})`,
}
const names = Object.keys(columns)
const values = Object.values(columns)

/**
 * As `audit_append` of the migration before. It runs by the owner's rights, and the runtime login may insert no entry
 * in another way: what fills the search columns is still the entry alone. Nothing is joined, since the plan is made for
 * any number of entries: of those that are there already, what hangs on them is left out first.
 */
const auditAppend = `
  create function audit_append(ids uuid[], entries text[], key_ids uuid[], key_subjects text[], key_names bytea[],
    key_sealed bytea[], personal_ids uuid[], personal_parts text[], personal_keys uuid[], personal_sealed bytea[],
    personal_ips bytea[], mention_values bytea[], mention_ids uuid[], mention_fields text[], opened uuid[],
    deadlines timestamptz[], closed uuid[], requests text[])
  returns void language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $body$
  declare fresh uuid[];
  begin
    if cardinality(key_ids) > 0 then
      insert into public.audit_subject_key (id, subject, name, sealed)
        select given.* from unnest(key_ids, key_subjects, key_names, key_sealed) as given (id, subject, name, sealed)
        where not exists (select from public.audit_erasure where audit_erasure.subject = given.subject)
        on conflict (id) do nothing;
    end if;
    with entry as (
      insert into public.audit_entry (id, entry, asked, ${names.join(', ')})
        select given.id, given.entry, given.asked, ${values.join(', ')}
        from (select given.*, given.entry::jsonb as j from unnest(ids, entries, requests) as given (id, entry, asked)
          offset 0) as given
        on conflict (id) do nothing returning id)
    select coalesce(array_agg(id), '{}') into fresh from entry;
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
    insert into public.audit_pending (entry_id) select unnest(fresh);
    insert into public.audit_personal (entry_id, part, key_id, sealed, ip)
      select given.* from unnest(personal_ids, personal_parts, personal_keys, personal_sealed, personal_ips)
        as given (entry_id, part, key_id, sealed, ip)
      where exists (select from public.audit_subject_key where audit_subject_key.id = given.key_id);
    if cardinality(mention_ids) > 0 then
      insert into public.audit_mention (value, entry_id, field)
        select given.* from unnest(mention_values, mention_ids, mention_fields) as given (value, entry_id, field);
    end if;
    if cardinality(opened) > 0 then
      insert into public.audit_intent (entry_id, deadline)
        select given.* from unnest(opened, deadlines) as given (entry_id, deadline);
    end if;
    if cardinality(closed) > 0 then delete from public.audit_intent where entry_id = any(closed); end if;
  end $body$`

/** For who puts an entry in by hand, as only the owner can: its search columns come from it as well. */
const byHand = `
  create function audit_entry_by_hand() returns trigger language plpgsql set search_path = pg_catalog, public as $body$
  declare j jsonb := new.entry::jsonb;
  begin
    ${names.map((name) => `new.${name} := ${columns[name]};`).join('\n    ')}
    return new;
  end $body$;
  create trigger audit_entry_by_hand before insert on audit_entry for each row when (new.at is null)
    execute function audit_entry_by_hand();`

/**
 * The search columns of an entry are filled by `audit_append`, from the entry that it has read once. Generated columns
 * read it once for each of the ten, which was two thirds of what an entry cost.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table audit_entry ${names.map((name) => `alter column ${name} drop expression`).join(', ')};
    drop function audit_append(uuid[], text[], uuid[], text[], bytea[], bytea[], uuid[], text[], uuid[], bytea[],
      bytea[], bytea[], uuid[], text[], uuid[], timestamptz[], uuid[], text[]);
  `)
    .execute(db)
  await sql.raw(auditAppend).execute(db)
  await sql.raw(byHand).execute(db)
  await sql
    .raw(
      'revoke all on function audit_append(uuid[], text[], uuid[], text[], bytea[], bytea[], uuid[], text[], uuid[],' +
        ' bytea[], bytea[], bytea[], uuid[], text[], uuid[], timestamptz[], uuid[], text[]) from public',
    )
    .execute(db)
}
