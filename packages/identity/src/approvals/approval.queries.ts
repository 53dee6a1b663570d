import type { Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { Reference } from '@gatehouse/kit'
import { sql } from 'kysely'

export type ApprovalState = Output<'approval.get'>['state']
export type ApprovableAction = 'mfa.reset'

/** An approval with the names of its people, its state by the clock. */
export interface ApprovalRow {
  readonly id: string
  readonly action: ApprovableAction
  readonly requester_id: string
  readonly requester_name: string
  readonly subject_id: string
  readonly subject_name: string
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

/** Somebody who may ask for and give approvals now. */
const isActiveAdmin = (id: ReturnType<typeof sql.ref>) =>
  sql<boolean>`exists (select from users u join user_role r on r.user_id = u.id where u.id = ${id}
    and u.status = 'active' and r.role = 'Admin')`

const rowsAt = (now: Date) => sql`
  select a.id, a.action, a.requester_id, q.username as requester_name, a.subject_id, s.username as subject_name,
    a.approver_id, p.username as approver_name, a.request_hash, a.reason, a.ticket,
    ${stateAt(now)} as state, a.decision_reason, a.created_at, a.expires_at, a.decided_at
  from approval a join users q on q.id = a.requester_id join users s on s.id = a.subject_id
    left join users p on p.id = a.approver_id`

export async function selectApproval(db: Store, { id, now }: { id: string; now: Date }): Promise<ApprovalRow | null> {
  const { rows } = await sql<ApprovalRow>`${rowsAt(now)} where a.id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Approvals, newest first. */
export async function selectApprovals(
  db: Store,
  page: {
    now: Date
    first: number
    after: { at: Date; id: string } | null
    state: ApprovalState | null
    requester: Reference | null
  },
): Promise<ApprovalRow[]> {
  const { rows } = await sql<ApprovalRow>`${rowsAt(page.now)}
    where (${page.state}::text is null or ${stateAt(page.now)} = ${page.state})
      and (${page.requester === null}::boolean or a.requester_id = ${page.requester?.id ?? null}
        or q.username = ${page.requester?.name ?? null})
      and (${page.after?.at ?? null}::timestamptz is null
        or (a.created_at, a.id) < (${page.after?.at ?? null}::timestamptz, ${page.after?.id ?? null}::uuid))
    order by a.created_at desc, a.id desc limit ${page.first + 1}`.execute(db)
  return rows
}

/** What one person asks to do to another. */
export interface AskedCall {
  readonly action: ApprovableAction
  readonly requesterId: string
  readonly subjectId: string
}

/**
 * The approval that is open for a call: pending, or approved by somebody who could still do so. Null: there is none.
 */
export async function selectOpen(
  db: Store,
  { action, requesterId, subjectId, now }: AskedCall & { now: Date },
): Promise<ApprovalRow | null> {
  const { rows } = await sql<ApprovalRow>`${rowsAt(now)}
    where a.action = ${action} and a.requester_id = ${requesterId} and a.subject_id = ${subjectId}
      and a.expires_at > ${now}
      and (a.state = 'pending' or (a.state = 'approved' and ${isActiveAdmin(sql.ref('a.approver_id'))}))`.execute(db)
  return rows[0] ?? null
}

/**
 * Closes what stands open for a call and is good for nothing any more: expired, or approved by somebody who is no
 * active Admin now.
 */
export async function closeStale(
  tx: Transaction,
  { action, requesterId, subjectId, now }: AskedCall & { now: Date },
): Promise<void> {
  await sql`
    update approval a set state = case when a.expires_at <= ${now} then 'expired' else 'cancelled' end,
      decision_reason = case when a.expires_at <= ${now} then a.decision_reason
        else 'who approved is no active Admin any more' end
    where a.action = ${action} and a.requester_id = ${requesterId} and a.subject_id = ${subjectId}
      and a.state in ('pending', 'approved')
      and (a.expires_at <= ${now}
        or (a.state = 'approved' and not ${isActiveAdmin(sql.ref('a.approver_id'))}))`.execute(tx)
}

export interface NewApproval extends AskedCall {
  readonly id: string
  readonly hash: Buffer
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
      request_hash: one.hash,
      reason: one.reason,
      ticket: one.ticket,
      state: 'pending',
      created_at: one.now,
      expires_at: one.expiresAt,
    })
    .onConflict((on) =>
      on.columns(['requester_id', 'subject_id', 'action']).where('state', 'in', ['pending', 'approved']).doNothing(),
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
    .where('subject_id', '!=', yes.approverId)
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
 * Both people must still be active Admins. Null: there is nothing to use.
 */
export async function spendApproval(
  tx: Transaction,
  { action, requesterId, subjectId, hash, now }: AskedCall & { hash: Buffer; now: Date },
): Promise<UsedApproval | null> {
  const { rows } = await sql<UsedApproval>`
    update approval a set state = 'used', used_at = ${now}
    where a.action = ${action} and a.requester_id = ${requesterId} and a.subject_id = ${subjectId}
      and a.request_hash = ${hash} and a.state = 'approved' and a.expires_at > ${now}
      and a.approver_id not in (a.requester_id, a.subject_id) and ${isActiveAdmin(sql.ref('a.requester_id'))}
        and ${isActiveAdmin(sql.ref('a.approver_id'))}
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
 * Of these people those who are active Admins now; held, so that none of them ceases to be one before the transaction
 * ends.
 */
export async function holdActiveAdmins(tx: Transaction, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select u.id from users u where u.id = any (${sql.val([...ids])}::uuid[]) and u.status = 'active'
      and exists (select from user_role r where r.user_id = u.id and r.role = 'Admin') order by u.id for share`.execute(
    tx,
  )
  return new Set(rows.map(({ id }) => id))
}

/** The active Admins but for some: whom a request for approval is told. */
export async function selectOtherAdmins(db: Store, except: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('users as u')
    .innerJoin('user_role as r', 'r.user_id', 'u.id')
    .select('u.id')
    .where('r.role', '=', 'Admin')
    .where('u.status', '=', 'active')
    .where('u.id', 'not in', [...except])
    .orderBy('u.id')
    .execute()
  return rows.map(({ id }) => id)
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
