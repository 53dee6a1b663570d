import { lockedRefusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { findLock } from '../directory/lock.queries.ts'

/**
 * Refuses a locked approval: it is neither given nor used. Nobody locks it before the transaction ends; so this is
 * asked after all rows are held.
 */
export async function requireUnlockedApproval(tx: Transaction, id: string): Promise<void> {
  const kind = await findLock(tx, [{ kind: 'approval', target: id }])
  if (kind !== null) throw lockedRefusal(kind)
}
