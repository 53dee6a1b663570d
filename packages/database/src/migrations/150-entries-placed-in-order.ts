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

/** What goes to its place with an entry: more columns of the queue, and what takes them from `fresh`. */
interface Beside {
  /** Empty, or with a comma first. */
  readonly columns: string
  readonly statement: string
}
const nothingBeside: Beside = { columns: '', statement: '' }

/** How an entry gets its place that cannot be read, or not be searched by all that it says. */
export interface Otherwise {
  /** What the database says of one. */
  readonly when: string
  /** How those are read that can be. Absent: as they are. */
  readonly reads?: string
  /** What stands for a search column. */
  readonly kept: (value: string) => string
}
const unreadable: Otherwise = { when: 'data_exception', kept: (value) => value }

/**
 * Moves the oldest of what waits to its place, with its leaf and with what it is searched by, by what reads an entry.
 * One that has its place already, as one that was sent again may, is looked up and only taken away. INVARIANT: one
 * statement, so that an entry stands in one of both tables at any moment.
 */
const move = (
  reads: string,
  { columns: more, statement }: Beside,
  kept: Otherwise['kept'] = (value) => value,
): string => `
  with batch as materialized (
    select ctid as place, entry_id, entry, asked${more} from public.audit_pending
    order by entry_id limit entries_max),
  moved as (delete from public.audit_pending where ctid = any(array(select place from batch))),
  fresh as materialized (
    select entry_id, entry, asked${more} from batch
    where (select true from public.audit_placed where audit_placed.id = batch.entry_id) is null order by entry_id),
  placed as (
    insert into public.audit_placed (id, entry, asked, ${Object.keys(columns).join(', ')})
      select entry_id, entry, asked, ${Object.values(columns).map(kept).join(', ')}
      from (select entry_id, entry, asked, ${reads} as j from fresh offset 0) as waiting),
  numbered as materialized (
    select base + row_number() over (order by entry_id) - 1 as seq, entry_id,
      sha256('\\x00'::bytea || convert_to(entry, 'UTF8')) as leaf_hash
    from fresh),
  leaf as (
    insert into public.audit_leaf (seq, entry_id, leaf_hash) select seq, entry_id, leaf_hash from numbered)${statement}
  select coalesce(string_agg(leaf_hash, ''::bytea order by seq), ''::bytea) from numbered`

/**
 * As `audit_place` of 117, but whether an entry has its place already is looked up before it is written, as 136 does
 * it of the queue: a row that may meet another one is written as a claim first and made a row by a second step. There
 * is one sequencer, so nothing comes in between; should it be, the index fails the statement, and the next one finds
 * what came. And the leaf is made of what was read, so that no text is handed on once more after it was written.
 */
export const placing = (beside: Beside, before = '', otherwise = unreadable): string => `
  create or replace function audit_place(expected bigint, base bigint, entries_max integer, out tail bigint,
    out hashes bytea)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off as $body$
  begin
    select coalesce(max(seq), -1) + 1 into tail from public.audit_leaf;
    hashes := '';
    if tail <> expected or not exists (select from public.audit_pending) then return; end if;${before}
    begin
      ${move(otherwise.reads ?? 'entry::jsonb', beside)} into hashes;
    exception when ${otherwise.when} then
      ${move('public.audit_readable(entry)', beside, otherwise.kept)} into hashes;
    end;
    if hashes <> '' then perform pg_notify('gatehouse_audit_leaves', ''); end if;
  end $body$`

/** Each index of the audit log that is by time, the other way round than it was. */
const indexes: Readonly<Record<string, string>> = {
  at: '(at, id)',
  principal: '(principal_id desc, at)',
  action: '(action desc, at)',
  workspace: '(workspace, at)',
  resource: '(resource_id, at)',
  resource_type: '(resource_type, at)',
  session: '(session_id, at) where session_id is not null',
  not_done: "(outcome, at, id) where outcome <> 'allowed'",
  denied: "(at, id) where effect = 'deny'",
  action_not_read: "(action desc, at, id) where kind <> 'read'",
  not_read: "(at, id) where kind <> 'read'",
}

/**
 * Entries come by time, and each index had the newest first: each entry went before all others, where a page that is
 * full is divided in two halves. Behind all others it is found without a look through the index, and a full page stays
 * full. PostgreSQL reads an index either way; those that are sorted by something first have that the other way round,
 * or a page by action and the newest first had to be sorted.
 */
const newestLast = Object.entries(indexes)
  .map(
    ([name, keys]) => `
    drop index audit_entry_${name};
    create index audit_entry_${name} on audit_placed ${keys};`,
  )
  .join('')

/** An entry costs less on its way to its place, and its indexes hold two thirds of what they held. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(placing(nothingBeside)).execute(db)
  await sql.raw(newestLast).execute(db)
}
