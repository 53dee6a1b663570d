import { seesEverything } from '@gatehouse/audit'
import { pageOf, Refusal } from '@gatehouse/contract'
import { uid, type Handler, type HandlersOf, type Permit } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import type { HandlerDeps } from '../shared/deps.ts'
import { callingUser, resourceId, uuidCursor } from '../shared/identifiers.ts'
import { selectApproval, selectApprovals, type ApprovalSight } from './approval.queries.ts'
import { askApproval } from './ask-approval.ts'
import { askingOf } from './askings.ts'
import { approvalApprove, approvalCancel, approvalDeny, describe, describeApproval } from './decide-approval.ts'
import { approvalUse } from './use-approval.ts'

/** Approval by a second person. */
export const approvalHandlers = (deps: HandlerDeps): HandlersOf<'approval'> => ({
  'approval.request': approvalRequest(deps),
  'approval.list': approvalList(deps),
  'approval.get': approvalGet(deps),
  'approval.approve': approvalApprove(deps),
  'approval.deny': approvalDeny(deps),
  'approval.cancel': approvalCancel(deps),
  'approval.use': approvalUse(deps),
})

/** Asks before the call is made: with a ticket, and so that the yes is there when it is wanted. */
const approvalRequest =
  (deps: HandlerDeps): Handler<'approval.request'> =>
  async (permit) => {
    const asking = await askingOf(deps.db, callingUser(permit), permit.input)
    const { approval } = await deps.change(
      permit,
      async (tx) => {
        const asked = await askApproval(tx, deps, asking)
        return { ...asked, approval: await describe(tx, deps, asked.id) }
      },
      ({ id, asked }) => ({ resource: uid('Approval', id), workspace: asking.workspaceId, detail: { asked } }),
    )
    return approval
  }

/**
 * Approvals, newest first: of workspaces where the caller may approve all, of others their own. A cursor is a place in
 * time and says nothing of what is seen there: it is good for everybody, and shows nobody another's.
 */
const approvalList =
  ({ db, clock }: HandlerDeps): Handler<'approval.list'> =>
  async (permit) => {
    const { first, after, state, requester } = permit.input
    const rows = await selectApprovals(db, {
      sight: sightOf(permit),
      now: clock.now(),
      first,
      after: uuidCursor(after),
      state: state ?? null,
      requester: requester === undefined ? null : referenceOf(requester),
    })
    return pageOf(rows.map(describeApproval), first, (approval) => [approval.createdAt, approval.id])
  }

/** Lists are decided per workspace; what stands in none is for whose role sees the whole System, and for who asked. */
const sightOf = ({ principal, scope }: Permit<'approval.list'>): ApprovalSight => ({
  scope,
  callerId: principal.id,
  everything: scope.workspaces.length > 0 && seesEverything(principal),
})

/** One approval. */
const approvalGet =
  ({ db, clock }: HandlerDeps): Handler<'approval.get'> =>
  async (permit) => {
    const row = await selectApproval(db, { id: resourceId(permit), now: clock.now() })
    if (row === null) throw new Refusal('not-found')
    return describeApproval(row)
  }
