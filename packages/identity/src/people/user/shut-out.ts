import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { revokeApiTokensOf } from '../../programs/api-token/api-token.queries.ts'
import { voidApprovalsOf } from '../../approvals/approval.queries.ts'
import { dropInvitations } from '../../directory/invitation.queries.ts'
import { forgetDevicesOf } from '../../session/known-device.queries.ts'
import { revokeSessionsOf } from '../../session/session.queries.ts'
import { dropChallenges, hasActiveAdmin, holdAdmins } from '../../directory/standing.queries.ts'
import { moveCutOff } from '../../directory/user.queries.ts'

/**
 * Ends all that a person is proved by, API tokens too, on every node, with what they have asked for or said yes to
 * (threat A12). Answers how many sessions.
 */
export async function endAccess(tx: Transaction, end: { userId: string; now: Date; reason: string }): Promise<number> {
  const sessions = await endLogins(tx, end)
  // after the sessions: a token that one of them was just making is there by now
  await revokeApiTokensOf(tx, end)
  return sessions
}

/**
 * Ends all that a person is logged in with. Their API tokens stay, and do what their rights of each moment let them.
 * Answers how many sessions.
 */
export async function endLogins(tx: Transaction, end: { userId: string; now: Date; reason: string }): Promise<number> {
  await moveCutOff(tx, end)
  await dropChallenges(tx, end.userId)
  await voidApprovalsOf(tx, end)
  await dropInvitations(tx, end.userId)
  await forgetDevicesOf(tx, { userId: end.userId, exceptSession: null })
  return revokeSessionsOf(tx, { ...end, except: null })
}

/** Does what may take an administrator away, and refuses it as a whole when none would be left. */
export async function keepingAnAdmin<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
  await holdAdmins(tx)
  const done = await work()
  if (!(await hasActiveAdmin(tx)))
    throw new Refusal('conflict', { hint: 'this is the last active Admin; make another one first' })
  return done
}
