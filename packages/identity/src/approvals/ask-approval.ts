import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { HandlerDeps } from '../shared/deps.ts'
import { notify } from '../notices/notice.queries.ts'
import {
  closeStale,
  countOpen,
  insertApproval,
  rolesThatAsk,
  selectOpen,
  selectSecondPeople,
  type ApprovalRow,
  type NewApproval,
} from './approval.queries.ts'
import { holdStanding } from './standing.queries.ts'

/** A day: long enough for a colleague in another time zone, short enough that everybody still knows why. */
const approvalSeconds = 24 * 3600

/** Nobody has so many things to ask for at once; more would only fill everybody's notices (threat D5). */
const openMax = 20

/** One exact call that somebody wants a second person's yes to. */
export interface Asking extends Omit<NewApproval, 'id' | 'now' | 'expiresAt'> {
  readonly requesterName: string
  /** What it is done to, in words for people. */
  readonly resourceName: string
}

/**
 * Opens an approval, or answers the one that is open for the same call. Those who may say yes are told, in the same
 * transaction.
 */
export async function askApproval(
  tx: Transaction,
  deps: Pick<HandlerDeps, 'clock' | 'random'>,
  asking: Asking,
): Promise<{ id: string; asked: boolean }> {
  const now = deps.clock.now()
  const id = deps.random.id()
  await requireStanding(tx, asking, now)
  await closeStale(tx, { ...asking, now })
  const asked = await insertApproval(tx, {
    ...asking,
    id,
    now,
    expiresAt: new Date(now.getTime() + approvalSeconds * 1000),
  })
  if (asked && (await countOpen(tx, asking.requesterId, now)) > openMax)
    throw new Refusal('conflict', {
      hint: `you have ${openMax} open requests; cancel some first (gatehouse approval list)`,
    })
  if (!asked) return { id: sameCall(await selectOpen(tx, { ...asking, now }), asking).id, asked: false }
  const except = [asking.requesterId, ...(asking.subjectId === null ? [] : [asking.subjectId])]
  for (const userId of await selectSecondPeople(tx, { except, workspaceId: asking.workspaceId })) {
    await notify(tx, deps, {
      userId,
      kind: 'approvalWanted',
      text:
        `${asking.requesterName} asks a second person to approve ${asking.action} of ${asking.resourceName}: ` +
        `${asking.reason}. Speak to them before you approve it (gatehouse approval get ${id}).`,
    })
  }
  return { id, asked: true }
}

/** An account that was made, given its role or enrolled within the last day asks for nothing yet (threat D2). */
async function requireStanding(tx: Transaction, { action, requesterId }: Asking, now: Date): Promise<void> {
  const roles = rolesThatAsk(action)
  const own = (await holdStanding(tx, { ids: [requesterId], roles, askedAt: now })).get(requesterId)
  if (own?.hasRole !== true)
    throw new Refusal('forbidden', { hint: `this is asked for by people with the role ${roles.join(', ')}` })
  if (!own.stands)
    throw new Refusal('forbidden', {
      hint: 'you have had your role and a second factor for less than a day; ask again later, or let another ask',
    })
}

/**
 * An open approval, if it is for this very request. What was approved for one reason is not done for another (threat
 * D6).
 */
export function sameCall(open: ApprovalRow | null, asking: Asking): ApprovalRow {
  if (open === null) throw new Refusal('conflict', { hint: 'the approval was closed at this moment; ask again' })
  if (open.request_hash.equals(asking.hashes.request)) return open
  throw new Refusal('conflict', {
    approvalId: open.id,
    hint:
      `you have asked for this with another reason, \`${open.reason}\`; call with that one, or cancel the ` +
      `approval first`,
  })
}

/** Nobody asks a second person to approve what they do to themselves. The policies say it, too. */
export function requireAnother({ requesterId, subjectId }: { requesterId: string; subjectId: string | null }): void {
  if (requesterId === subjectId)
    throw new Refusal('forbidden', {
      hint: 'your own factors: gatehouse authenticator remove, or gatehouse mfa disable',
    })
}
