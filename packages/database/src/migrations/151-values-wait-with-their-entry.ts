import { sql, type Kysely } from 'kysely'
import { placing, type Otherwise } from './150-entries-placed-in-order.ts'

/** What an entry says of people waits in the row of its entry: the caller's part, and what the input says. */
const columns = `
  alter table audit_pending add column caller_part text, add column caller_key uuid, add column caller_sealed bytea,
    add column caller_ip bytea, add column input_key uuid, add column input_sealed bytea`

/** The parts of what waits, one of the view's rows each. */
const waitingParts = `
  select entry_id, waiting.part, waiting.key_id, waiting.sealed, waiting.ip from audit_pending,
    lateral (values (caller_part, caller_key, caller_sealed, caller_ip), ('input', input_key, input_sealed, null))
      as waiting (part, key_id, sealed, ip)
  where waiting.key_id is not null`

/** Personal values as they are read: of what has its place, and of what still waits for it. */
const whole = `
  create view audit_waiting_part as ${waitingParts};
  create view audit_kept_part as
    select entry_id, part, key_id, sealed, ip from audit_personal
    union all
    select entry_id, part, key_id, sealed, ip from audit_waiting_part`

/** Twice the look-up of an address as it is made. */
const addressBytesMax = 32

/**
 * One row of the queue for each of `given`. Nothing is kept of whom nobody has a key of any more: they were erased. It
 * is looked for in the same statement, behind its lock on the queue, which whoever erases somebody waits for. Nor is a
 * part that is not whole: `audit_place` hands parts on as they are, and one that it cannot would hold up all others. No
 * constraint of the table says so, since each statement would read its text and compile it again. An address longer
 * than the index of `audit_personal` holds is left out.
 */
const keep = (given: string): string => `
  insert into public.audit_pending (entry_id, entry, asked, caller_part, caller_key, caller_sealed, caller_ip,
      input_key, input_sealed)
    select id, entry, asked, case when has_caller then caller_part end, case when has_caller then caller_key end,
      case when has_caller then caller_sealed end,
      case when has_caller and octet_length(caller_ip) <= ${addressBytesMax} then caller_ip end,
      case when has_input then input_key end, case when has_input then input_sealed end
    from (
      select given.*,
        given.caller_part in ('caller', 'caller-in-session') and given.caller_sealed is not null and
          (select true from public.audit_subject_key where audit_subject_key.id = given.caller_key) as has_caller,
        given.input_sealed is not null and
          (select true from public.audit_subject_key where audit_subject_key.id = given.input_key) as has_input
      from ${given} offset 0) as given`

const columnNames = 'id, entry, asked, caller_part, caller_key, caller_sealed, caller_ip, input_key, input_sealed'
const manyGiven = `unnest(ids, entries, requests, caller_parts, caller_keys, callers_sealed, caller_ips, input_keys,
  inputs_sealed) as given (${columnNames})`
const oneGiven = `(select $1, $2, $3, $4, $5, $6, $7, $8, $9) as given (${columnNames})`

/**
 * The one way into the queue. Entries that were made just now and never sent before (`are_new`) are not looked for: one
 * that waits already fails the statement by its index. Of others, those that are there already, waiting or with a
 * place, are left out with all that hangs on them. INVARIANT: what is looked up is looked up one by one, by its index:
 * the plan is made once, maybe when there was no entry, and kept for any number.
 */
export const keepingMany = (before = ''): string => `
  create or replace function audit_keep(are_new boolean, ids uuid[], entries text[], requests text[],
    caller_parts text[], caller_keys uuid[], callers_sealed bytea[], caller_ips bytea[], input_keys uuid[],
    inputs_sealed bytea[], key_ids uuid[], key_subjects text[], key_names bytea[], key_sealed bytea[],
    mention_values bytea[], mention_ids uuid[], mention_fields text[], opened uuid[],
    deadlines timestamptz[], closed uuid[])
  returns void language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
  as $body$
  declare fresh uuid[];
  begin
    if cardinality(key_ids) > 0 then${before}
      insert into public.audit_subject_key (id, subject, name, sealed)
        select given.* from unnest(key_ids, key_subjects, key_names, key_sealed) as given (id, subject, name, sealed)
        where not exists (select from public.audit_erasure where audit_erasure.subject = given.subject)
        on conflict (id) do nothing;
    end if;
    if are_new then
      ${keep(manyGiven)};
    else
      with waiting as (
        ${keep(`${manyGiven} where (select true from public.audit_placed where audit_placed.id = given.id) is null
          and (select true from public.audit_pending where audit_pending.entry_id = given.id) is null`)}
        returning entry_id)
      select coalesce(array_agg(entry_id), '{}') into fresh from waiting;
      if cardinality(fresh) < cardinality(ids) then
        select array_agg(value), array_agg(id), array_agg(field) into mention_values, mention_ids, mention_fields
          from unnest(mention_values, mention_ids, mention_fields) as given (value, id, field) where id = any(fresh);
        select array_agg(id), array_agg(deadline) into opened, deadlines
          from unnest(opened, deadlines) as given (id, deadline) where id = any(fresh);
      end if;
    end if;
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

/** One entry of the first kind with nothing but its row: without lists, which cost as much as the row. */
const appendOne = `
  create function audit_keep_one(id uuid, entry text, request text, caller_part text, caller_key uuid,
    caller_sealed bytea, caller_ip bytea, input_key uuid, input_sealed bytea)
  returns void language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
  as $body$
  #variable_conflict use_column
  begin
    ${keep(oneGiven)};
  end $body$`

/**
 * As `audit_place` of 150, and the personal values go with their entry. The queue is locked before anything else, as
 * whoever erases somebody does it. What is there already is looked up, as the entry is: should somebody have put it
 * there beside us, the index fails the statement, and the next one finds it. What has lost its key meanwhile gets no
 * place: a process of the version before destroys keys without a look at what waits.
 */
export const placingWithValues = (otherwise?: Otherwise): string =>
  placing(
    {
      columns: ', caller_part, caller_key, caller_sealed, caller_ip, input_key, input_sealed',
      statement: `,
  personal as (
    insert into public.audit_personal (entry_id, part, key_id, sealed, ip)
      select entry_id, kept.* from fresh,
        lateral (values (caller_part, caller_key, caller_sealed, caller_ip), ('input', input_key, input_sealed, null))
          as kept (part, key_id, sealed, ip)
      where (select true from public.audit_subject_key where audit_subject_key.id = kept.key_id)
        and (select true from public.audit_personal as there
          where there.entry_id = fresh.entry_id and there.part = kept.part) is null)`,
    },
    `
    lock table public.audit_pending in row exclusive mode;`,
    otherwise,
  )

/**
 * For whoever erases somebody: whoever is just writing about them has done so, or waits for the end of the transaction,
 * and all that is kept of anybody stands where it can be taken out. The order of the locks is that of `audit_append`.
 */
export const lockingParts = (tables: string, which = ''): string => `
  create or replace function audit_lock_parts() returns void language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp as $body$
  begin
    lock table ${tables} in share row exclusive mode;
    with released as (
      update public.audit_pending set caller_part = null, caller_key = null, caller_sealed = null, caller_ip = null,
        input_key = null, input_sealed = null
      where caller_key is not null or input_key is not null)
    insert into public.audit_personal (entry_id, part, key_id, sealed, ip)
      select entry_id, part, key_id, sealed, ip from public.audit_waiting_part as waiting${which}
      on conflict (entry_id, part) do nothing;
  end $body$`

/**
 * An entry is acknowledged with one row and one place in an index, and what it says of people gets its place when the
 * entry does, many at a time: that was two fifths of what the database did for an entry while somebody waited.
 * `audit_append` and `audit_append_new` stay for processes of the version before, which are still running beside.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const lock = lockingParts('public.audit_subject_key, public.audit_pending, public.audit_personal')
  for (const statement of [columns, whole, keepingMany(), appendOne, placingWithValues(), lock])
    await sql.raw(statement).execute(db)
  await sql`revoke all on function audit_keep, audit_keep_one, audit_lock_parts from public`.execute(db)
}
