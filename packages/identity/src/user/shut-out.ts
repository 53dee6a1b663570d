import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { forgetDevicesOf } from '../known-device/known-device.queries.ts'
import { revokeSessionsOf } from '../session/session.queries.ts'
import { dropChallenges, hasActiveAdmin, holdAdmins } from './standing.queries.ts'
import { moveCutOff } from './user.queries.ts'

/** Ends all that a person is logged in with, on every node (threat A12). Answers how many sessions. */
export async function endAccess(tx: Transaction, end: { userId: string; now: Date; reason: string }): Promise<number> {
  await moveCutOff(tx, end)
  await dropChallenges(tx, end.userId)
  await forgetDevicesOf(tx, { userId: end.userId, exceptSession: null })
  return revokeSessionsOf(tx, { ...end, except: null })
}

/** Does what may take an administrator away, and refuses it as a whole when none would be left. */
export async function keepingAnAdmin<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
  await holdAdmins(tx)
  const done = await work()
  if (!await hasActiveAdmin(tx)) throw new Refusal('conflict', { hint: 'this is the last active Admin; make another one first' })
  return done
}
