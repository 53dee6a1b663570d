import { ownApprovableActions, type Input, type Output, type Role } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { Scope } from '@gatehouse/enforcement'
import type { Reference } from '@gatehouse/kit'
import { sql, type RawBuilder } from 'kysely'
import type { CallHashes } from './approved-call.ts'
import { standingSeconds } from './standing.queries.ts'

export type ApprovalState = Output<'approval.get'>['state']
export type ApprovableAction = Input<'approval.request'>['action']
export type Risk = Output<'approval.get'>['risk']

/** What Gatehouse itself does, as taking a person's factors away, is an Admin's; the platform's is its people's. */
const isOwn = (action: ApprovableAction): boolean => (ownApprovableActions as readonly string[]).includes(action)

/** Whose it is to ask. */
export const rolesThatAsk = (action: ApprovableAction): readonly Role[] =>
  isOwn(action) ? ['Admin'] : ['Admin', 'Operator', 'Developer']

/** Who counts as a second person; which of them for which request is the policies' to say. */
export const rolesThatApprove = (action: ApprovableAction): readonly Role[] =>
  isOwn(action) ? ['Admin'] : ['Admin', 'Operator']

/** An approval with the names of its people, its state by the clock. */
export interface ApprovalRow {
  readonly id: string
  readonly action: ApprovableAction
  readonly resource_type: string
  readonly resource_id: string
  readonly workspace_id: string | null
  readonly workspace_name: string | null
  readonly parameters: string[]
  readonly risk: Risk
  readonly requester_id: string
  readonly requester_name: string
  readonly subject_id: string | null
  readonly subject_name: string | null
  readonly approver_id: string | null
  readonly approver_name: string | null
  readonly request_hash: Buffer
  readonly reason: string
  readonly ticket: string | null
  readonly state: ApprovalState
  readonly decision_reason: string | null
  readonly created_at: Date
  readonly expires_at: Date
  readonly decided_at: Date | null
}

/** INVARIANT: an open approval that is past its time is expired, whatever the row says; nothing has to run for that. */
const stateAt = (now: Date) =>
  sql<ApprovalState>`case when a.state in ('pending', 'approved')
    and a.expires_at <= ${now} then 'expired' else a.state end`

/**
 * Somebody who had one of these roles and a factor of their own long enough before the request, and is active and not
 * locked now.
 */
const stood = (id: RawBuilder<unknown>, roles: RawBuilder<unknown>) => sql<boolean>`exists (
  select from users u join user_role r on r.user_id = u.id
  where u.id = ${id} and u.status = 'active' and not exists (select from locked_principal l where l.id = u.id)
    and r.role::text = any (${roles})
    and r.granted_at <= a.created_at - ${standing} and exists (
      select from authenticator f where f.user_id = u.id and f.confirmed_at <= a.created_at - ${standing}))`
const standing = sql`make_interval(secs => ${sql.lit(standingSeconds)})`

const listed = (texts: readonly string[]) => sql`${sql.val([...texts])}::text[]`
const ownAction = sql`a.action = any (${listed(ownApprovableActions)})`
const askers = sql`case when ${ownAction} then ${listed(rolesThatAsk('mfa.reset'))}
  else ${listed(rolesThatAsk('deploy'))} end`
const approvers = sql`case when ${ownAction} then ${listed(rolesThatApprove('mfa.reset'))}
  else ${listed(rolesThatApprove('deploy'))} end`

const requesterStands = stood(sql.ref('a.requester_id'), askers)
const approverStands = stood(sql.ref('a.approver_id'), approvers)

const rowsAt = (now: Date) => sql`
  select a.id, a.action, a.resource_type, a.resource_id, a.workspace_id, w.name as workspace_name, a.parameters, a.risk,
    a.requester_id, q.username as requester_name, a.subject_id, s.username as subject_name,
    a.approver_id, p.username as approver_name, a.request_hash, a.reason, a.ticket,
    ${stateAt(now)} as state, a.decision_reason, a.created_at, a.expires_at, a.decided_at
  from approval a join users q on q.id = a.requester_id left join users s on s.id = a.subject_id
    left join users p on p.id = a.approver_id left join workspace w on w.id = a.workspace_id`

export async function selectApproval(db: Store, { id, now }: { id: string; now: Date }): Promise<ApprovalRow | null> {
  const { rows } = await sql<ApprovalRow>`${rowsAt(now)} where a.id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Whose approvals a list shows: all of some workspaces, the caller's own in others. */
export interface ApprovalSight {
  readonly scope: Scope
  readonly callerId: string
  /** Whether they see what stands in no workspace: what is done to Gatehouse itself. */
  readonly everything: boolean
}

const beyondLists = sql`a.workspace_id is null`

/** INVARIANT: without a whole workspace nothing is seen but what one has asked for oneself, and an index finds it. */
function inSight({ scope, callerId, everything }: ApprovalSight): RawBuilder<boolean> {
  const whole = sql<boolean>`a.workspace_id = any(${sql.val([...scope.workspaces])}::text[])`
  const own = sql<boolean>`a.requester_id = ${callerId}
    and (a.workspace_id = any(${sql.val([...scope.ownIn])}::text[]) or ${beyondLists})`
  if (everything) return sql<boolean>`(${whole} or ${beyondLists} or (${own}))`
  return scope.workspaces.length === 0 ? sql<boolean>`(${own})` : sql<boolean>`(${whole} or (${own}))`
}

/** The same states as `stateAt` says, asked so that an index of what is open finds the few that wait. */
function inState(state: ApprovalState | null, now: Date): RawBuilder<boolean> {
  if (state === null) return sql<boolean>`true`
  const open = sql<boolean>`a.state in ('pending', 'approved')`
  if (state === 'expired') return sql<boolean>`(a.state = 'expired' or (${open} and a.expires_at <= ${now}))`
  if (state === 'pending' || state === 'approved')
    return sql<boolean>`(${open} and a.expires_at > ${now} and a.state = ${state})`
  return sql<boolean>`a.state = ${state}`
}

/** Approvals within somebody's sight, newest first: a page and one row more. */
export async function selectApprovals(
  db: Store,
  page: {
    sight: ApprovalSight
    now: Date
    first: number
    after: { at: Date; id: string } | null
    state: ApprovalState | null
    requester: Reference | null
  },
): Promise<ApprovalRow[]> {
  const { rows } = await sql<ApprovalRow>`${rowsAt(page.now)}
    where ${inSight(page.sight)} and ${inState(page.state, page.now)}
      and (${page.requester === null}::boolean or a.requester_id = ${page.requester?.id ?? null}
        or q.username = ${page.requester?.name ?? null})
      and (${page.after?.at ?? null}::timestamptz is null
        or (a.created_at, a.id) < (${page.after?.at ?? null}::timestamptz, ${page.after?.id ?? null}::uuid))
    order by a.created_at desc, a.id desc limit ${page.first + 1}`.execute(db)
  return rows
}

/** Whose exact call. */
export interface AskedCall {
  readonly requesterId: string
  readonly hashes: CallHashes
}

/**
 * The approval that is open for a call: pending, or approved by somebody who could still do so. Null: there is none.
 */
export async function selectOpen(
  db: Store,
  { requesterId, hashes, now }: AskedCall & { now: Date },
): Promise<ApprovalRow | null> {
  const { rows } = await sql<ApprovalRow>`${rowsAt(now)}
    where a.requester_id = ${requesterId} and a.call_hash = ${hashes.call} and a.expires_at > ${now}
      and (a.state = 'pending' or (a.state = 'approved' and ${approverStands}))`.execute(db)
  return rows[0] ?? null
}

/** The approval that a call may be done by now, and whose people still are who they were. Null: there is none. */
export async function selectGiven(
  db: Store,
  { requesterId, hashes, now }: AskedCall & { now: Date },
): Promise<ApprovalRow | null> {
  const { rows } = await sql<ApprovalRow>`${rowsAt(now)}
    where ${isGiven({ requesterId, hashes, now })}`.execute(db)
  return rows[0] ?? null
}

const isGiven = ({ requesterId, hashes, now }: AskedCall & { now: Date }) => sql<boolean>`
  a.requester_id = ${requesterId} and a.call_hash = ${hashes.call} and a.request_hash = ${hashes.request}
  and a.state = 'approved' and a.expires_at > ${now}
  and a.approver_id <> a.requester_id and a.approver_id is distinct from a.subject_id
  and not exists (select from standing_lock l where l.kind = 'approval' and l.target = a.id::text)
  and ${requesterStands} and ${approverStands}`

/**
 * Closes what stands open for a call and is good for nothing any more: expired, or approved by somebody who does not
 * count as a second person now.
 */
export async function closeStale(
  tx: Transaction,
  { requesterId, hashes, now }: AskedCall & { now: Date },
): Promise<void> {
  await sql`
    update approval a set state = case when a.expires_at <= ${now} then 'expired' else 'cancelled' end,
      decision_reason = case when a.expires_at <= ${now} then a.decision_reason
        else 'who approved does not count as a second person any more' end
    where a.requester_id = ${requesterId} and a.call_hash = ${hashes.call} and a.state in ('pending', 'approved')
      and (a.expires_at <= ${now} or (a.state = 'approved' and not ${approverStands}))`.execute(tx)
}

export interface NewApproval extends AskedCall {
  readonly id: string
  readonly action: ApprovableAction
  readonly resource: { readonly type: string; readonly id: string }
  /** Whom the call is about, where it is about a person. */
  readonly subjectId: string | null
  readonly workspaceId: string | null
  readonly parameters: readonly string[]
  readonly risk: Risk
  readonly reason: string
  readonly ticket: string | null
  readonly now: Date
  readonly expiresAt: Date
}

/** Adds a pending approval. False: one is open for this call already; of many at once one is added. */
export async function insertApproval(tx: Transaction, one: NewApproval): Promise<boolean> {
  const row = await tx
    .insertInto('approval')
    .values({
      id: one.id,
      action: one.action,
      requester_id: one.requesterId,
      subject_id: one.subjectId,
      resource_type: one.resource.type,
      resource_id: one.resource.id,
      workspace_id: one.workspaceId,
      parameters: [...one.parameters],
      risk: one.risk,
      call_hash: one.hashes.call,
      request_hash: one.hashes.request,
      reason: one.reason,
      ticket: one.ticket,
      state: 'pending',
      created_at: one.now,
      expires_at: one.expiresAt,
    })
    .onConflict((on) =>
      on.columns(['requester_id', 'call_hash']).where('state', 'in', ['pending', 'approved']).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** How many approvals somebody has open. */
export async function countOpen(db: Store, requesterId: string, now: Date): Promise<number> {
  const row = await db
    .selectFrom('approval')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('requester_id', '=', requesterId)
    .where('state', 'in', ['pending', 'approved'])
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row?.count ?? 0
}

/**
 * Decides what waits. One statement, so of many at once one decides. False: it does not wait, or not for this person.
 */
export async function approve(
  tx: Transaction,
  yes: { id: string; approverId: string; reason: string | null; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('approval')
    .set({ state: 'approved', approver_id: yes.approverId, decision_reason: yes.reason, decided_at: yes.now })
    .where('id', '=', yes.id)
    .where('state', '=', 'pending')
    .where('expires_at', '>', yes.now)
    .where('requester_id', '!=', yes.approverId)
    .where('subject_id', 'is distinct from', yes.approverId)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Says no, also to what somebody else has said yes to and nobody has used. False: it is closed, or it is the person's
 * own.
 */
export async function deny(
  tx: Transaction,
  no: { id: string; approverId: string; reason: string; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('approval')
    .set({ state: 'denied', approver_id: no.approverId, decision_reason: no.reason, decided_at: no.now })
    .where('id', '=', no.id)
    .where('state', 'in', ['pending', 'approved'])
    .where('expires_at', '>', no.now)
    .where('requester_id', '!=', no.approverId)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Takes back what one has asked for. False: it is closed, or another's. */
export async function cancel(
  tx: Transaction,
  end: { id: string; requesterId: string; reason: string; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('approval')
    .set({ state: 'cancelled', decision_reason: end.reason, decided_at: end.now })
    .where('id', '=', end.id)
    .where('requester_id', '=', end.requesterId)
    .where('state', 'in', ['pending', 'approved'])
    .where('expires_at', '>', end.now)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export interface UsedApproval {
  readonly id: string
  readonly approver_id: string
}

/**
 * Uses an approval up, for exactly the call that was approved. One statement, so of many at once one uses it.
 * Both people must still be who they were when it was given. Null: there is nothing to use.
 */
export async function spendApproval(tx: Transaction, call: AskedCall & { now: Date }): Promise<UsedApproval | null> {
  const { rows } = await sql<UsedApproval>`
    update approval a set state = 'used', used_at = ${call.now} where ${isGiven(call)}
    returning a.id, a.approver_id`.execute(tx)
  return rows[0] ?? null
}

/**
 * Ends what a person has asked for or said yes to and nobody has used: they are out, and it does not come back with
 * them.
 */
export async function voidApprovalsOf(
  tx: Transaction,
  { userId, now, reason }: { userId: string; now: Date; reason: string },
): Promise<void> {
  await tx
    .updateTable('approval')
    .set({ state: 'cancelled', decision_reason: reason, decided_at: now })
    .where('state', 'in', ['pending', 'approved'])
    .where((eb) =>
      eb.or([eb('requester_id', '=', userId), eb.and([eb('approver_id', '=', userId), eb('state', '=', 'approved')])]),
    )
    .execute()
}

/**
 * Whom a request is told: the active Admins but for some, and where it is about a workspace the Operators of its teams.
 */
export async function selectSecondPeople(
  db: Store,
  { except, workspaceId }: { except: readonly string[]; workspaceId: string | null },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select u.id from users u
    where u.status = 'active' and u.id <> all (${sql.val([...except])}::uuid[]) and (
      exists (select from user_role r where r.user_id = u.id and r.role = 'Admin')
      or (exists (select from user_role r where r.user_id = u.id and r.role = 'Operator')
        and exists (select from workspace_team t join team_member m on m.team_id = t.team_id
          where t.workspace_id = ${workspaceId} and m.user_id = u.id)))
    order by u.id`.execute(db)
  return rows.map(({ id }) => id)
}

/** A workspace that is there and that one of a person's teams sees; `all`: also one that none does. */
export async function selectWorkspaceOf(
  db: Store,
  { reference, userId, all }: { reference: Reference; userId: string; all: boolean },
): Promise<{ id: string; name: string } | null> {
  const { rows } = await sql<{ id: string; name: string }>`
    select w.id, w.name from workspace w
    where (w.id = ${reference.id ?? reference.name} or w.name = ${reference.name}) and w.archived_at is null
      and (${all}::boolean or exists (select from workspace_team t join team_member m on m.team_id = t.team_id
        where t.workspace_id = w.id and m.user_id = ${userId}))`.execute(db)
  return rows[0] ?? null
}

/** The addresses of people, of those who have one. */
export async function selectAddresses(db: Store, ids: readonly string[]): Promise<{ id: string; email: string }[]> {
  const rows = await db
    .selectFrom('users')
    .select(['id', 'email'])
    .where('id', 'in', [...ids])
    .where('email', 'is not', null)
    .execute()
  return rows.map(({ id, email }) => ({ id, email: email ?? '' }))
}
