import { invalidField, Refusal } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { resourceId } from '../shared/identifiers.ts'
import { selectUserId } from '../directory/user.queries.ts'
import { requireUnlockedApproval } from './require-unlocked.ts'
import { selectOpen, spendApproval, type ApprovalRow } from './approval.queries.ts'
import { hashesOfPlatformCall } from './approved-call.ts'
import { describe } from './decide-approval.ts'

/**
 * Uses an approval up: the platform says that it does the call now. Of many who say so at once one is told to go on;
 * whoever is refused does nothing.
 */
export const approvalUse =
  (deps: HandlerDeps): Handler<'approval.use'> =>
  async (permit) => {
    const { action, resource, resourceType, parameters, user } = permit.input
    const requesterId = await requesterOf(deps, permit.principal, user)
    const workspaceId = resourceId(permit)
    const hashes = hashesOfPlatformCall({ action, resourceType, resourceId: resource, workspaceId, parameters })
    const { approval } = await deps.change(
      permit,
      async (tx) => {
        const call = { requesterId, hashes, now: deps.clock.now() }
        const open = await selectOpen(tx, call)
        if (open !== null) await requireUnlockedApproval(tx, open.id)
        const used = await spendApproval(tx, call)
        if (used === null) throw notGiven(open)
        return { used, approval: await describe(tx, deps, used.id) }
      },
      ({ used }) => ({
        resource: uid('Approval', used.id),
        detail: { approval: used.id, approvedBy: used.approver_id },
      }),
    )
    return approval
  }

/** People use their own; a program says whose call it makes. */
async function requesterOf(
  { db }: HandlerDeps,
  principal: Parameters<Handler<'approval.use'>>[0]['principal'],
  user: string | undefined,
): Promise<string> {
  if (user === undefined) {
    if (principal.type === 'User') return principal.id
    throw invalidField('user', 'the person whose call it is: a program has no approvals of its own')
  }
  const id = await selectUserId(db, user)
  if (id === null) throw invalidField('user', `a person who exists; there is no \`${user}\``)
  return id
}

const notGiven = (open: Pick<ApprovalRow, 'id' | 'state'> | null): Refusal => {
  if (open?.state === 'pending')
    return new Refusal('approval-pending', { approvalId: open.id, hint: 'nobody has approved it yet' })
  return new Refusal('conflict', {
    hint:
      open === null
        ? 'nobody has approved this very call, or it was used; gatehouse approval request'
        : 'the role or second factor of who asked is newer than a day before they asked',
  })
}
