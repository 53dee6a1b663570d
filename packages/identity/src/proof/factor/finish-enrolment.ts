import type { Transaction } from '@gatehouse/database'
import type { UserPrincipal } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { notify } from '../../notices/notice.queries.ts'
import { raiseByEnrolment } from '../../session/raise-by-enrolment.ts'
import { revokeSessionsOf } from '../../session/session.queries.ts'

export interface Enrolment {
  readonly user: UserPrincipal
  readonly method: 'totp' | 'webauthn'
  readonly name: string
  readonly now: Date
}

/**
 * What follows once an authenticator counts, whatever its kind, while the person's row is held: the session has two
 * factors from now on, unless a backup
 * code opened it; sessions that have proved a password only end, since a password alone opens nothing any more; the
 * person is told.
 */
export async function finishEnrolment(
  tx: Transaction,
  deps: HandlerDeps,
  { user, method, name, now }: Enrolment,
): Promise<void> {
  await raiseByEnrolment(tx, { user, method, now })
  await revokeSessionsOf(tx, {
    userId: user.id,
    except: user.session.id,
    onlyPassword: true,
    now,
    reason: 'an authenticator was enrolled',
  })
  await notify(tx, deps, {
    userId: user.id,
    kind: 'authenticatorAdded',
    text:
      `The authenticator “${name}” was added to your account. If it was not you, remove it and change your ` +
      `password.`,
  })
}
