import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { deleteBackupCodes } from '../../proof/backup-code/backup-code.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser, resourceId } from '../../shared/identifiers.ts'
import { notify } from '../../notices/notice.queries.ts'
import { deleteAuthenticators } from '../../proof/totp/authenticator.queries.ts'
import { demandsAuthenticator } from '../../session/demanded.ts'
import { endAccess } from './shut-out.ts'
import { demandNewPassword, selectUsername } from '../../directory/user.queries.ts'
import { noteGifts } from '../../directory/gift.queries.ts'
import { selectOpen, spendApproval, type ApprovalRow, type UsedApproval } from '../../approvals/approval.queries.ts'
import { askApproval, sameCall, type Asking } from '../../approvals/ask-approval.ts'
import { resetAsking } from '../../approvals/askings.ts'
import { requireUnlockedApproval } from '../../approvals/require-unlocked.ts'
import { holdPeople } from '../../approvals/standing.queries.ts'

type ResetPermit = Parameters<Handler<'mfa.reset'>>[0]
type Reset = Output<'mfa.reset'> & { readonly used: UsedApproval }

/**
 * Takes another person's factors away, by a second Admin's yes. Without one it is asked for, and this call waits for
 * it.
 */
export const mfaReset =
  (deps: HandlerDeps): Handler<'mfa.reset'> =>
  async (permit) => {
    const asking = await askingOf(deps, permit)
    const open = await selectOpen(deps.db, { ...asking, now: deps.clock.now() })
    if (open === null) throw pending(await ask(deps, permit, asking))
    if (sameCall(open, asking).state !== 'approved') throw pending(open.id)
    const { used: _used, ...done } = await deps.change(
      permit,
      (tx) => reset(tx, deps, asking),
      ({ used, authenticatorsRemoved, sessionsEnded }) => ({
        detail: { approval: used.id, approvedBy: used.approver_id, authenticatorsRemoved, sessionsEnded },
      }),
    )
    return done
  }

async function askingOf({ db }: HandlerDeps, permit: ResetPermit): Promise<Asking> {
  const subjectId = resourceId(permit)
  const { reason } = permit.input
  const subjectName = await selectUsername(db, subjectId)
  return resetAsking(callingUser(permit), { subjectId, subjectName, reason, ticket: null })
}

/**
 * Asks, in a transaction of its own that the refusal does not undo: the audit log has the wish as an intent, and the
 * refusal closes it.
 */
async function ask(deps: HandlerDeps, permit: ResetPermit, asking: Asking): Promise<string> {
  const { id } = await deps.change.intent(
    permit,
    (tx) => askApproval(tx, deps, asking),
    (asked) => ({ detail: { approval: asked.id } }),
  )
  return id
}

const pending = (approvalId: ApprovalRow['id']): Refusal =>
  new Refusal('approval-pending', {
    approvalId,
    hint: 'another Admin approves it, then call again with the same reason',
  })

/** The approval is used up in the transaction that acts on it: both happen, or neither. */
async function reset(tx: Transaction, deps: HandlerDeps, asking: Asking): Promise<Reset> {
  const subjectId = asking.resource.id
  const now = deps.clock.now()
  const open = await selectOpen(tx, { ...asking, now })
  // who is shut out at this moment is shut out before it, or after it
  await holdPeople(tx, [asking.requesterId, ...(open === null || open.approver_id === null ? [] : [open.approver_id])])
  if (open !== null) await requireUnlockedApproval(tx, open.id)
  const used = await spendApproval(tx, { ...asking, now })
  if (used === null)
    throw new Refusal('conflict', {
      hint: 'the approval was used, taken back or lost its people meanwhile; call again to ask anew',
    })
  await deleteBackupCodes(tx, subjectId)
  const authenticatorsRemoved = await deleteAuthenticators(tx, subjectId)
  // who must enrol does so before anything else; anybody else's password stands alone from now on
  if (!(await demandsAuthenticator(tx, await deps.settings.within(tx), subjectId)))
    await demandNewPassword(tx, subjectId)
  // who reset a person's factors may have enrolled new ones in their place: two people did, asking and approving
  for (const giverId of [asking.requesterId, used.approver_id])
    await noteGifts(tx, { userId: subjectId, giverId, gifts: [{ what: 'account' }], now })
  const sessionsEnded = await endAccess(tx, { userId: subjectId, now, reason: 'mfa reset' })
  await notify(tx, deps, {
    userId: subjectId,
    kind: 'mfaReset',
    text:
      `${asking.requesterName} reset your second factors with another administrator's approval, and your sessions ` +
      `ended. Log in with your password and enrol anew; if you did not ask for that, speak to an administrator now.`,
  })
  return { user: subjectId, authenticatorsRemoved, sessionsEnded, used }
}
