import type { Store } from '@gatehouse/database'
import type { CedarEntity } from '@gatehouse/enforcement'
import { approvalEntity, loadUserSlice } from './slices.queries.ts'
import { selectGiven } from './approvals/approval.queries.ts'
import { hashesOfPlatformCall, type PlatformCall } from './approvals/approved-call.ts'

/** An approval as policies see it: the Approval, and who gave it with their roles of this moment. */
export interface ApprovedBy {
  readonly id: string
  readonly entities: readonly CedarEntity[]
}

/**
 * The approval that this very call of this person may be done by now. Null: nobody has approved it, it was used, it is
 * past its time, or its people are not who they were. It is only looked at: who does the call uses it up by
 * `approval.use`.
 */
export async function findApproval(
  db: Store,
  { call, requesterId, now }: { readonly call: PlatformCall; readonly requesterId: string; readonly now: Date },
): Promise<ApprovedBy | null> {
  const row = await selectGiven(db, { requesterId, hashes: hashesOfPlatformCall(call), now })
  if (row === null || row.approver_id === null) return null
  const approver = await loadUserSlice(db, row.approver_id)
  return approver === null ? null : { id: row.id, entities: [approvalEntity(row), ...approver.entities] }
}
