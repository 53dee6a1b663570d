import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { exactTime } from '@gatehouse/kit'
import type { HandlerDeps } from '../shared/deps.ts'
import { callingUser, resourceId } from '../shared/identifiers.ts'
import { notify } from '../notices/notice.queries.ts'
import {
  approve,
  cancel,
  deny,
  rolesThatApprove,
  rolesThatAsk,
  selectAddresses,
  selectApproval,
  type ApprovalRow,
} from './approval.queries.ts'
import { requireUnlockedApproval } from './require-unlocked.ts'
import { mailboxOf } from './mailbox.ts'
import { holdStanding } from './standing.queries.ts'

/** Says yes, as a second person: not who asked, not whom it is about, not either of them by another account. */
export const approvalApprove =
  (deps: HandlerDeps): Handler<'approval.approve'> =>
  (permit) => {
    const user = callingUser(permit)
    return deps.change(permit, async (tx) => {
      const { row, now } = await requireApproval(tx, deps, resourceId(permit))
      requireNoPart(row, user.id, [row.requester_id, ...subjectOf(row)])
      await requireStanding(tx, row, user.id)
      await requireOtherPeople(tx, row, user.id)
      await requireUnlockedApproval(tx, row.id)
      if (!(await approve(tx, { id: row.id, approverId: user.id, reason: permit.input.reason ?? null, now })))
        throw closed(row)
      await tellRequester(tx, deps, {
        row,
        text:
          `${user.username} approved ${row.action} of ${nameOf(row)}. It is good once, until ` +
          `${exactTime(row.expires_at)}.`,
      })
      return describe(tx, deps, row.id)
    })
  }

/** Says no, also to what another has approved while nobody has used it. */
export const approvalDeny =
  (deps: HandlerDeps): Handler<'approval.deny'> =>
  (permit) => {
    const user = callingUser(permit)
    return deps.change(permit, async (tx) => {
      const { row, now } = await requireApproval(tx, deps, resourceId(permit))
      requireNoPart(row, user.id, [row.requester_id])
      if (!(await deny(tx, { id: row.id, approverId: user.id, reason: permit.input.reason, now }))) throw closed(row)
      await tellRequester(tx, deps, {
        row,
        text: `${user.username} denied ${row.action} of ${nameOf(row)}: ${permit.input.reason}`,
      })
      return describe(tx, deps, row.id)
    })
  }

/** Takes one's own request back. */
export const approvalCancel =
  (deps: HandlerDeps): Handler<'approval.cancel'> =>
  (permit) => {
    const user = callingUser(permit)
    return deps.change(permit, async (tx) => {
      const { row, now } = await requireApproval(tx, deps, resourceId(permit))
      if (row.requester_id !== user.id)
        throw new Refusal('forbidden', { hint: 'only who asked takes it back; you can deny it' })
      if (!(await cancel(tx, { id: row.id, requesterId: user.id, reason: permit.input.reason, now }))) throw closed(row)
      return describe(tx, deps, row.id)
    })
  }

async function requireApproval(
  tx: Transaction,
  { clock }: HandlerDeps,
  id: string,
): Promise<{ row: ApprovalRow; now: Date }> {
  const now = clock.now()
  const row = await selectApproval(tx, { id, now })
  if (row === null) throw new Refusal('not-found')
  return { row, now }
}

/** INVARIANT, whatever the policies say: who has a part in it does not decide it (threat D2). */
function requireNoPart(row: ApprovalRow, userId: string, parts: readonly string[]): void {
  if (parts.includes(userId))
    throw new Refusal('forbidden', {
      hint:
        row.requester_id === userId
          ? 'you asked for it; a second person decides'
          : 'it is about yourself; a second person decides',
    })
}

/**
 * Who asked and who says yes have a role for it at this moment, and keep it until this is written; and both had it,
 * with a second factor, a day before the request. An account that was made for it is no second person (threat D2).
 */
async function requireStanding(tx: Transaction, row: ApprovalRow, userId: string): Promise<void> {
  const askedAt = row.created_at
  const [asks, approves] = [rolesThatAsk(row.action), rolesThatApprove(row.action)]
  const requester = (await holdStanding(tx, { ids: [row.requester_id], roles: asks, askedAt })).get(row.requester_id)
  const approver = (await holdStanding(tx, { ids: [userId], roles: approves, askedAt })).get(userId)
  if (approver?.hasRole !== true)
    throw new Refusal('forbidden', { hint: `only people with the role ${approves.join(' or ')} can approve this` })
  if (requester?.hasRole !== true)
    throw new Refusal('conflict', { hint: `${row.requester_name} is no active ${asks.join(' or ')} any more` })
  if (!approver.stands)
    throw new Refusal('forbidden', {
      hint:
        'when this was requested you had had your role and a second factor for less than a day; somebody who has had ' +
        'them for longer approves it',
    })
  if (!requester.stands)
    throw new Refusal('conflict', {
      hint: `${row.requester_name} had had their role and a second factor for less than a day when they asked`,
    })
}

const subjectOf = (row: ApprovalRow): string[] => (row.subject_id === null ? [] : [row.subject_id])

/** One mailbox is one person, however many accounts it has (threat D3). */
async function requireOtherPeople(tx: Transaction, row: ApprovalRow, userId: string): Promise<void> {
  const addresses = await selectAddresses(tx, [userId, row.requester_id, ...subjectOf(row)])
  const own = addresses.find(({ id }) => id === userId)
  if (
    own !== undefined &&
    addresses.some(({ id, email }) => id !== userId && mailboxOf(email) === mailboxOf(own.email))
  ) {
    throw new Refusal('forbidden', {
      hint: 'your address is that of who asked or whom it is about; a second person is wanted',
    })
  }
}

const closed = (row: ApprovalRow): Refusal =>
  new Refusal('conflict', {
    hint: row.state === 'pending' || row.state === 'approved' ? 'it was decided at this moment' : `it is ${row.state}`,
  })

const tellRequester = (
  tx: Transaction,
  deps: HandlerDeps,
  { row, text }: { row: ApprovalRow; text: string },
): Promise<void> => notify(tx, deps, { userId: row.requester_id, kind: 'approvalDecided', text })

/** An approval as it stands after a change. */
export async function describe(tx: Transaction, deps: HandlerDeps, id: string): Promise<Output<'approval.get'>> {
  return describeApproval((await requireApproval(tx, deps, id)).row)
}

/** What an approval is about, in words for people. */
const nameOf = (row: ApprovalRow): string =>
  row.subject_name ?? (row.workspace_id === null ? thingOf(row) : placedNameOf(row))

/** What is done to Gatehouse itself: its action says what. */
const thingOf = (row: ApprovalRow): string => `${row.resource_type} ${row.resource_id}`

const placedNameOf = (row: ApprovalRow): string =>
  [`${row.resource_type} ${row.resource_id} in ${row.workspace_name ?? row.workspace_id}`, ...row.parameters].join(', ')

/** An approval as it leaves. */
export const describeApproval = (row: ApprovalRow): Output<'approval.get'> => ({
  id: row.id,
  action: row.action,
  resourceType: row.resource_type,
  resource: row.resource_id,
  resourceName: nameOf(row),
  workspace: row.workspace_id,
  parameters: row.parameters,
  risk: row.risk,
  requester: row.requester_id,
  requesterName: row.requester_name,
  reason: row.reason,
  ticket: row.ticket,
  state: row.state,
  approverName: row.approver_name,
  decisionReason: row.decision_reason,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  decidedAt: row.decided_at,
})
