import { createHash } from 'node:crypto'
import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { HandlerDeps } from '../shared/deps.ts'
import { notify } from '../notices/notice.queries.ts'
import {
  closeStale,
  countOpen,
  insertApproval,
  selectOpen,
  selectOtherAdmins,
  type ApprovalRow,
  type AskedCall,
} from './approval.queries.ts'

/** A day: long enough for a colleague in another time zone, short enough that everybody still knows why. */
const approvalSeconds = 24 * 3600

/** Nobody has so many people to reset at once; more would only fill everybody's notices (threat D5). */
const openMax = 20

/** One exact call that somebody wants a second person's yes to. */
export interface Asking extends AskedCall {
  readonly requesterName: string
  readonly subjectName: string
  readonly reason: string
  readonly ticket: string | null
}

/**
 * Opens an approval, or answers the one that is open for the same call. The other Admins are told, in the same
 * transaction.
 */
export async function askApproval(
  tx: Transaction,
  deps: HandlerDeps,
  asking: Asking,
): Promise<{ id: string; asked: boolean }> {
  const now = deps.clock.now()
  const id = deps.random.id()
  await closeStale(tx, { ...asking, now })
  const asked = await insertApproval(tx, {
    ...asking,
    id,
    hash: requestHash(asking),
    now,
    expiresAt: new Date(now.getTime() + approvalSeconds * 1000),
  })
  if (asked && (await countOpen(tx, asking.requesterId, now)) > openMax)
    throw new Refusal('conflict', {
      hint: `you have ${openMax} open requests; cancel some first (gatehouse approval list)`,
    })
  if (!asked) return { id: sameCall(await selectOpen(tx, { ...asking, now }), asking).id, asked: false }
  for (const userId of await selectOtherAdmins(tx, [asking.requesterId, asking.subjectId])) {
    await notify(tx, deps, {
      userId,
      kind: 'approvalWanted',
      text:
        `${asking.requesterName} asks a second person to approve ${asking.action} of ${asking.subjectName}: ` +
        `${asking.reason}. Speak to both before you approve it (gatehouse approval get ${id}).`,
    })
  }
  return { id, asked: true }
}

/**
 * An open approval, if it is for this very call. What was approved for one reason is not done for another (threat D6).
 */
export function sameCall(open: ApprovalRow | null, asking: Asking): ApprovalRow {
  if (open === null) throw new Refusal('conflict', { hint: 'the approval was closed at this moment; ask again' })
  if (open.request_hash.equals(requestHash(asking))) return open
  throw new Refusal('conflict', {
    approvalId: open.id,
    hint:
      `you have asked for this with another reason, \`${open.reason}\`; call with that one, or cancel the ` +
      `approval first`,
  })
}

/** Binds an approval to its call: the action, whom it is done to, and why. */
export const requestHash = ({ action, subjectId, reason }: Pick<Asking, 'action' | 'subjectId' | 'reason'>): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([action, { type: 'User', id: subjectId }, { reason: reason.normalize('NFC').trim() }]))
    .digest()

/** Nobody asks a second person to approve what they do to themselves. The policies say it, too. */
export function requireAnother({ requesterId, subjectId }: Pick<AskedCall, 'requesterId' | 'subjectId'>): void {
  if (requesterId === subjectId)
    throw new Refusal('forbidden', {
      hint: 'your own factors: gatehouse authenticator remove, or gatehouse mfa disable',
    })
}
