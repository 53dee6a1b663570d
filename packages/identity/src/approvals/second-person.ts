import { Refusal, type OperationName, type ownApprovableActions } from '@gatehouse/contract'
import type { Noting } from '@gatehouse/audit'
import type { Transaction } from '@gatehouse/database'
import type { Permit } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { callingUser } from '../shared/identifiers.ts'
import { requireUnlockedApproval } from './require-unlocked.ts'
import { selectOpen, spendApproval } from './approval.queries.ts'
import { hashesOfOwnCall, type OwnCall } from './approved-call.ts'
import { askApproval, sameCall, type Asking } from './ask-approval.ts'
import { holdPeople } from './standing.queries.ts'

/** An operation of ours that takes two people. */
export interface GuardedCall extends OwnCall {
  readonly action: (typeof ownApprovableActions)[number]
  /** What it is done to, in words for people. */
  readonly resourceName: string
}

/** What takes a second Admin. */
export interface SecondPerson {
  /**
   * Changes something by the approval of this very call, which is used up in the same transaction. Without one it is
   * asked for, and the call is refused as `approval-pending`: called again with the same reason once another Admin has
   * approved it, it is done.
   */
  change<N extends OperationName, T>(
    permit: Permit<N>,
    call: GuardedCall,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T>
}

type Deps = Pick<HandlerDeps, 'db' | 'change' | 'clock' | 'random'>

/** Opens it, for handlers outside of identity. */
export const createSecondPerson = (deps: Deps): SecondPerson => ({
  change: async (permit, call, work) => {
    const asking = askingOf(permit, call)
    const open = await selectOpen(deps.db, { ...asking, now: deps.clock.now() })
    if (open === null) throw pending(await ask(deps, permit, asking))
    if (sameCall(open, asking).state !== 'approved') throw pending(open.id)
    const { done } = await deps.change(
      permit,
      async (tx) => ({ used: await use(tx, deps, asking), done: await work(tx) }),
      noteUsed,
    )
    return done
  },
})

const noteUsed: Noting<{ readonly used: Awaited<ReturnType<typeof use>> }> = ({ used }) => ({
  detail: { approval: used.id, approvedBy: used.approver_id },
})

function askingOf(permit: Parameters<typeof callingUser>[0], call: GuardedCall): Asking {
  const user = callingUser(permit)
  return {
    action: call.action,
    requesterId: user.id,
    requesterName: user.username,
    resource: call.resource,
    resourceName: call.resourceName,
    subjectId: null,
    workspaceId: null,
    parameters: [],
    risk: 'high',
    hashes: hashesOfOwnCall(call),
    reason: call.reason,
    ticket: null,
  }
}

/** Asks in a transaction of its own, which the refusal does not undo: the audit log has the wish as an intent. */
async function ask<N extends OperationName>(deps: Deps, permit: Permit<N>, asking: Asking): Promise<string> {
  const { id } = await deps.change.intent(
    permit,
    (tx) => askApproval(tx, deps, asking),
    (asked) => ({ detail: { approval: asked.id } }),
  )
  return id
}

const pending = (approvalId: string): Refusal =>
  new Refusal('approval-pending', {
    approvalId,
    hint: 'another Admin approves it, then call again with the same reason',
  })

/** Both people must still be who they were; who is shut out at this moment is shut out before it, or after it. */
async function use(tx: Transaction, { clock }: Deps, asking: Asking) {
  const now = clock.now()
  const open = await selectOpen(tx, { ...asking, now })
  await holdPeople(tx, [asking.requesterId, ...(open === null || open.approver_id === null ? [] : [open.approver_id])])
  if (open !== null) await requireUnlockedApproval(tx, open.id)
  const used = await spendApproval(tx, { ...asking, now })
  if (used !== null) return used
  throw new Refusal('conflict', {
    hint: 'the approval was used, taken back or lost its people meanwhile; call again to ask anew',
  })
}
