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

/** The columns of an entry that waits, each read from it when somebody asks: there are few, and soon none. */
const read = Object.entries(columns).map(
  ([name, value]) => `(${value.replaceAll(/\bj (?=->|#)/g, '(entry::jsonb) ')}) collate "C" as ${name}`,
)

/** The audit log as it is read: what has its place, and what still waits for it. */
const whole = `
  create view audit_waiting as select entry_id as id, entry, asked, ${read.join(', ')} from audit_pending;
  create view audit_entry as
    select id, entry, asked, ${names.join(', ')} from audit_placed
    union all
    select id, entry, asked, ${names.join(', ')} from audit_waiting`

/**
 * As `audit_append` of the migration before, for entries that are kept as they come: one row of the queue, without what
 * they are searched by. Of those that are there already, waiting or with a place, what hangs on them is left out. Where
 * the answer of a batch was lost and it is sent again in the very moment in which it gets its place, an entry may stand
 * here a second time; `audit_place` takes it away. INVARIANT: what is looked up is looked up one by one, by its index:
 * the plan is made once, maybe when there was no entry, and kept for any number.
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
        on conflict (entry_id) do nothing returning entry_id)
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
      where exists (select from public.audit_subject_key where audit_subject_key.id = given.key_id)
      on conflict (entry_id, part) do nothing;
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

/**
 * Moves the oldest of what waits to its place, with its leaf and with what it is searched by, by what reads an entry.
 * INVARIANT: one statement, so that an entry stands in one of both tables at any moment.
 */
const move = (reads: string): string => `
  with batch as materialized (
    select ctid as place, entry_id, entry, asked from public.audit_pending order by entry_id limit entries_max),
  moved as (delete from public.audit_pending where ctid = any(array(select place from batch))),
  placed as (
    insert into public.audit_placed (id, entry, asked, ${names.join(', ')})
      select entry_id, entry, asked, ${Object.values(columns).join(', ')}
      from (select batch.*, ${reads} as j from batch order by entry_id offset 0) as waiting
      on conflict (id) do nothing returning id, entry),
  leaf as (
    insert into public.audit_leaf (seq, entry_id, leaf_hash)
      select base + row_number() over (order by id) - 1, id,
        sha256('\\x00'::bytea || convert_to(entry, 'UTF8'))
      from placed returning seq, leaf_hash)
  select coalesce(string_agg(leaf_hash, ''::bytea order by seq), ''::bytea) from leaf`

/**
 * The one way from the queue into the tree. It runs by the owner's rights: what fills the search columns is the entry
 * alone, whoever asks. A queue is never as the planner knows it, so it is read by its index, whatever is planned. A
 * text in the queue that is no JSON, as only the owner could put it there, holds up nobody: it gets its place without
 * what it would be searched by.
 */
const place = `
  create function audit_readable(entry text) returns jsonb language plpgsql volatile as $body$
  begin
    return entry::jsonb;
  exception when data_exception then
    return jsonb_build_object('at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
  end $body$;
  create function audit_place(expected bigint, base bigint, entries_max integer, out tail bigint, out hashes bytea)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off as $body$
  begin
    select coalesce(max(seq), -1) + 1 into tail from public.audit_leaf;
    hashes := '';
    if tail <> expected or not exists (select from public.audit_pending) then return; end if;
    begin
      ${move('entry::jsonb')} into hashes;
    exception when data_exception then
      ${move('public.audit_readable(entry)')} into hashes;
    end;
    if hashes <> '' then perform pg_notify('gatehouse_audit_leaves', ''); end if;
  end $body$`

/** As `audit_is_held`, `audit_over` and `audit_remove` of before, for entries that are read in two tables. */
const retention = `
  create function audit_is_held(held audit_hold, entry audit_entry) returns boolean
  language sql stable as $body$
    select (held.released_at is null or held.released_at > clock_timestamp() - interval '24 hours')
      and (held.workspace is null or held.workspace = entry.workspace)
      and (held.from_at is null or entry.at >= held.from_at)
      and (held.to_at is null or entry.at <= held.to_at)
      and (held.request_id is null or held.request_id = entry.entry::jsonb ->> 'requestId')
      and (held.principal_id is null or held.principal_id in (entry.principal_id, entry.resource_id)
        or exists (select from audit_personal as part join audit_subject_key as key on key.id = part.key_id
          where part.entry_id = entry.id and key.subject = held.principal_id)
        or exists (select from audit_mention as mention
          where mention.entry_id = entry.id and mention.value = any(held.names)))
  $body$;
  create or replace function audit_remove(candidates uuid[]) returns table (seq bigint)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
  declare kept audit_retention%rowtype;
  begin
    perform pg_advisory_xact_lock(hashtext('gatehouse-audit-retention'));
    select * into kept from audit_retention;
    if not found then return; end if;
    update audit_retention set pruned_before = greatest(pruned_before, audit_age(kept.days));
    return query
      with gone as materialized (
        select over.id, over.seq from audit_over(candidates, kept.days, kept.break_glass_days) as over),
      personal as (delete from audit_personal using gone where audit_personal.entry_id = gone.id),
      mention as (delete from audit_mention using gone where audit_mention.entry_id = gone.id),
      letter as (delete from audit_sink_dead_letter as dead using gone where dead.seq = gone.seq),
      entry as (delete from audit_placed using gone where audit_placed.id = gone.id returning audit_placed.id)
      select gone.seq from gone join entry on entry.id = gone.id;
  end $body$`

/** The role of the sequencer may not be there yet: it is made after the first migrations. */
const sequencerWritesByFunction = `
  do $body$ begin
    if exists (select from pg_roles where rolname = 'gatehouse_sequencer') then
      revoke delete on audit_pending from gatehouse_sequencer;
      revoke insert on audit_leaf from gatehouse_sequencer;
    end if;
  end $body$`

/**
 * An entry is acknowledged with its row in the queue alone, and gets what it is searched by when it gets its place,
 * many at a time: that was three fifths of what the database did for a call while somebody waited. A sequencer of
 * before this would take entries out of the queue and nothing else: it may not any more, and fails until it is
 * replaced.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table audit_entry rename to audit_placed;
    alter table audit_pending add column entry text, add column asked text;
    update audit_pending set entry = known.entry, asked = known.asked from audit_placed as known where id = entry_id;
    delete from audit_placed using audit_pending where id = entry_id;
    delete from audit_pending where entry is null;
    alter table audit_pending alter column entry set not null;
    -- nothing is compressed while somebody waits, for rows that go in a moment
    alter table audit_pending set (toast_tuple_target = 8160);
    ${whole};
    drop function audit_is_held(audit_hold, audit_placed);
    ${append};
    ${place};
    ${retention};
    revoke all on function audit_readable(text) from public;
    revoke all on function audit_place(bigint, bigint, integer) from public;
    ${sequencerWritesByFunction};
  `)
    .execute(db)
}
