import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { UserPrincipal } from '@gatehouse/enforcement'
import { proveSession, spendRecovery } from './session.queries.ts'

/**
 * Raises a session in which an authenticator was confirmed. One that a backup code opened adds one authenticator and
 * stays what it is:
 * whoever found the code must not come to `su` by it without a log-in that the audit log shows. Throws
 * `unauthenticated` when the session has ended.
 */
export async function raiseByEnrolment(
  tx: Transaction,
  { user, method, now }: { user: UserPrincipal; method: string; now: Date },
): Promise<void> {
  const { id, recoveryUntil = null } = user.session
  if (recoveryUntil === null) {
    if (!(await proveSession(tx, { id, method, now }))) throw new Refusal('unauthenticated')
  } else if (!(await spendRecovery(tx, { id, method, now }))) {
    throw new Refusal('conflict', {
      hint: 'a backup code lets one authenticator be added, within ten minutes; prove it with `auth step-up` first',
    })
  }
}
