import { sql, type Kysely } from 'kysely'

/**
 * Whether a hold is over an entry: all that it names has to fit. A person is in an entry as who called, as whom it was
 * about, by what is sealed under their key, and by a name of theirs in what others said.
 */
const holdsEntry = `
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
  $body$`

/**
 * Which of some entries may go. What tells how the log itself was thinned out stays, since it proves the rest; of
 * emergency access everything stays seven years, whatever is set; and an open intent waits for its outcome.
 */
const whatIsOver = `
  create function audit_over(candidates uuid[], days integer, break_glass_days integer)
  returns table (id uuid, seq bigint)
  language sql stable security definer set search_path = public, pg_temp as $body$
    select candidate.id, leaf.seq from audit_entry as candidate join audit_leaf as leaf on leaf.entry_id = candidate.id
    where candidate.id = any(candidates) and candidate.at < audit_age(days)
      and ((candidate.action not like 'breakGlass.%' and candidate.action not like 'emergencySession.%')
        or candidate.at < audit_age(greatest(break_glass_days, 2555)))
      and (candidate.outcome <> 'allowed' or candidate.action not in ('audit.prune', 'audit.retentionSet',
          'audit.holdPlace', 'audit.holdRelease', 'audit.anonymize', 'audit.erasureReplayed')
        or (candidate.action = 'audit.prune' and candidate.entry::jsonb #>> '{detail,removed}' = '0'))
      and not exists (select from audit_intent as intent where intent.entry_id = candidate.id)
      and not exists (select from audit_hold as held where audit_is_held(held, candidate))
  $body$`

/** Removes those of some entries that may go, and answers their places. A hold that is placed meanwhile waits. */
const remove = `
  create function audit_remove(candidates uuid[]) returns table (seq bigint)
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
      entry as (delete from audit_entry using gone where audit_entry.id = gone.id returning audit_entry.id)
      select gone.seq from gone join entry on entry.id = gone.id;
  end $body$`

/**
 * Entries go when their time is over, and only by `audit_remove`: it runs by the owner's rights and goes by what is set
 * and held, so that the runtime's login, which may not delete entries, can remove none of its own choice.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table audit_retention (one boolean primary key check (one), days integer not null check (days >= 1),
      break_glass_days integer not null check (break_glass_days >= 2555), updated_at timestamptz, updated_by text,
      pruned_before text);
    create table audit_hold (id uuid primary key, reason text not null, workspace text, principal_id text,
      names bytea[] not null, request_id text, from_at text, to_at text, placed_by text not null,
      placed_at timestamptz not null, released_at timestamptz);
    create function audit_age(days integer) returns text
    language sql volatile set search_path = pg_catalog as $body$
      select to_char(clock_timestamp() at time zone 'UTC' - make_interval(days => days),
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    $body$;
    ${holdsEntry};
    ${whatIsOver};
    ${remove};
    revoke all on function audit_age(integer) from public;
    revoke all on function audit_over(uuid[], integer, integer) from public;
    revoke all on function audit_remove(uuid[]) from public;
  `)
    .execute(db)
}
