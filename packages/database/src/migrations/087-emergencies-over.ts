import { sql, type Kysely } from 'kysely'

/**
 * Whether a hold is over a request for emergency access. One on a single call is over that call's entries, and which
 * request they are about is not looked for: while it holds, it holds every request that it does not rule out.
 */
const holdsRequest = `
  create function break_glass_is_held(held audit_hold, request break_glass_request, session emergency_session)
  returns boolean language sql stable set search_path = public, pg_temp as $body$
    select (held.released_at is null or held.released_at > clock_timestamp() - interval '24 hours')
      and (held.workspace is null or held.workspace = request.workspace_id)
      and (held.from_at is null
        or greatest(request.seen_at, session.ended_at, session.reviewed_at) >= held.from_at::timestamptz)
      and (held.to_at is null or request.created_at <= held.to_at::timestamptz)
      and (held.principal_id is null or held.principal_id in (request.requester_id::text, session.ender_id::text,
          session.reviewer_id::text)
        or exists (select from break_glass_vote as vote
          where vote.request_id = request.id and vote.voter_id::text = held.principal_id))
  $body$`

/**
 * Removes requests that are over since the retention of their class, with their versions, votes and session, and
 * answers how many. Their entries in the audit log go first, by \`audit_remove\`: as long as one of them stays, because
 * it is younger or held, so does what it is about. What nobody has reviewed is not over.
 */
const remove = `
  create function break_glass_remove(requests_max integer) returns integer
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
  declare kept audit_retention%rowtype; over_since timestamptz; gone uuid[];
  begin
    perform pg_advisory_xact_lock(hashtext('gatehouse-audit-retention'));
    select * into kept from audit_retention;
    if not found then return 0; end if;
    over_since := clock_timestamp() - make_interval(days => greatest(kept.break_glass_days, 2555));
    select array_agg(found.id) into gone from (
      select request.id from break_glass_request as request
        left join emergency_session as session on session.request_id = request.id
      where request.created_at < over_since and request.state in ('denied', 'cancelled', 'lapsed', 'ended')
        and greatest(request.seen_at, session.ended_at, session.reviewed_at) < over_since
        and (session.id is null or session.reviewed_at is not null)
        and not exists (select from audit_entry as entry
          where entry.resource_id in (request.id::text, session.id::text)
            and entry.kind <> 'read' and entry.outcome = 'allowed')
        and not exists (select from audit_hold as held where break_glass_is_held(held, request, session))
      order by request.created_at limit requests_max) as found;
    delete from emergency_session where request_id = any(gone);
    delete from break_glass_vote where request_id = any(gone);
    delete from break_glass_version where request_id = any(gone);
    delete from break_glass_request where id = any(gone);
    return coalesce(cardinality(gone), 0);
  end $body$`

/** Votes are written once, and the runtime's login removes none of its own choice: as with entries, a function does. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    ${holdsRequest};
    ${remove};
    revoke all on function break_glass_remove(integer) from public;
  `)
    .execute(db)
}
