import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

/** A step of emergency access as its rows tell it. */
export interface StepRow {
  readonly step: 'requested' | 'changed' | 'approved' | 'denied' | 'closed' | 'began' | 'ended' | 'reviewed'
  readonly at: Date
  readonly author_id: string | null
  readonly request_id: string
  readonly session_id: string | null
  readonly workspace: string
  /** What the step says beside itself: a version, a state, how a vote was proved, by what a session ended. */
  readonly said: string | null
}

/**
 * An incident shows so many steps at most: a few requests have a few dozen. What came to a session is shown before what
 * did not, and the newest of the rest: who asks and takes back in a loop covers nothing up.
 */
const stepsMax = 500

/**
 * What was asked for because of an incident, voted on, begun, ended and reviewed; oldest first. Clocks of two gateways
 * differ by some milliseconds: nothing is told before what it followed from.
 */
export async function selectStepsOf(db: Store, incidentId: string): Promise<StepRow[]> {
  const { rows } = await sql<StepRow>`
    with asked as (
      select *, document::jsonb -> 'workspace' ->> 'name' as workspace
      from break_glass_request where incident_id = ${incidentId}::uuid),
    held as (
      select s.*, a.workspace from emergency_session s join asked a on a.id = s.request_id)
    select * from (select *, row_number() over (
        order by request_id in (select request_id from held) desc, at desc, place desc, turn desc) as rank from (
      select 'requested' as step, 0 as place, 0 as turn, created_at as at, requester_id as author_id,
        id as request_id, null::uuid as session_id, workspace, null as said from asked
      union all select 'changed', 1, v.version, v.made_at, a.requester_id, a.id, null, a.workspace, v.version::text
        from break_glass_version v join asked a on a.id = v.request_id where v.version > 1
      union all select case v.says when 'approve' then 'approved' else 'denied' end, 2, v.place,
        least(v.at, h.activated_at), v.voter_id, a.id, null, a.workspace, v.method from break_glass_vote v
        join asked a on a.id = v.request_id left join held h on h.request_id = a.id
      union all select 'closed', 3, 0, seen_at, case state when 'cancelled' then requester_id end, id, null, workspace,
        state from asked where state in ('denied', 'cancelled', 'lapsed')
      union all select 'began', 4, 0, activated_at, user_id, request_id, id, workspace, null from held
      union all select 'ended', 5, 0, greatest(ended_at, activated_at), ender_id, request_id, id, workspace, ended_by
        from held where ended_at is not null
      union all select 'reviewed', 6, 0, greatest(reviewed_at, ended_at), reviewer_id, request_id, id, workspace,
        review::jsonb ->> 'needed' from held where reviewed_at is not null and review is not null
    ) as steps) as ranked where rank <= ${stepsMax}::int order by at, place, turn`.execute(db)
  return rows
}
