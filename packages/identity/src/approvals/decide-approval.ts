import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { callingUser, resourceId } from '../shared/identifiers.ts'
import { notify } from '../notices/notice.queries.ts'
import {
  approve,
  cancel,
  deny,
  holdActiveAdmins,
  selectAddresses,
  selectApproval,
  type ApprovalRow,
} from './approval.queries.ts'

/** Says yes, as a second person: not who asked, not whom it is about, not either of them by another account. */
export const approvalApprove =
  (deps: HandlerDeps): Handler<'approval.approve'> =>
  (permit) => {
    const user = callingUser(permit)
    return deps.change(permit, async (tx) => {
      const { row, now } = await requireApproval(tx, deps, resourceId(permit))
      requireNoPart(row, user.id, [row.requester_id, row.subject_id])
      await requireAdmins(tx, row, user.id)
      await requireOtherPeople(tx, row, user.id)
      if (!(await approve(tx, { id: row.id, approverId: user.id, reason: permit.input.reason ?? null, now })))
        throw closed(row)
      await tellRequester(tx, deps, {
        row,
        text:
          `${user.username} approved ${row.action} of ${row.subject_name}. It is good once, until ` +
          `${row.expires_at.toISOString()}.`,
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
        text: `${user.username} denied ${row.action} of ${row.subject_name}: ${permit.input.reason}`,
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
          ? 'you asked for it; another Admin decides'
          : 'it is about yourself; another Admin decides',
    })
}

/** Who asked and who says yes are both active Admins at this moment, and stay so until it is written. */
async function requireAdmins(tx: Transaction, row: ApprovalRow, userId: string): Promise<void> {
  const admins = await holdActiveAdmins(tx, [row.requester_id, userId])
  if (!admins.has(userId)) throw new Refusal('forbidden', { hint: 'only an Admin can approve this' })
  if (!admins.has(row.requester_id))
    throw new Refusal('conflict', { hint: `${row.requester_name} is no active Admin any more` })
}

/** One mailbox is one person, however many accounts it has (threat D3). */
async function requireOtherPeople(tx: Transaction, row: ApprovalRow, userId: string): Promise<void> {
  const addresses = await selectAddresses(tx, [userId, row.requester_id, row.subject_id])
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

/** The mailbox behind an address: case and `+tags` lead to the same one. */
export const mailboxOf = (email: string): string => {
  const [local = '', domain = ''] = email.toLowerCase().split('@')
  return `${local.replace(/\+.*$/, '')}@${domain}`
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

/** An approval as it leaves. */
export const describeApproval = (row: ApprovalRow): Output<'approval.get'> => ({
  id: row.id,
  action: row.action,
  resourceType: 'User',
  resource: row.subject_id,
  resourceName: row.subject_name,
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
