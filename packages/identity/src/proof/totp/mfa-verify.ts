import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser } from '../../shared/identifiers.ts'
import { checkTotp, spendTotp } from './prove-totp.ts'

/**
 * Checks a code for a script. It counts as a guess and is spent like any other; the session is neither raised nor made
 * fresher.
 */
export const mfaVerify =
  (deps: HandlerDeps): Handler<'mfa.verify'> =>
  async (permit) => {
    const user = callingUser(permit)
    if (!user.hasAuthenticator) throw new Refusal('mfa-enrolment-required', { hint: 'gatehouse totp enroll' })
    const matched = await checkTotp(deps, { userId: user.id, username: user.username }, permit.input.code)
    const verifiedAt = deps.clock.now()
    await deps.change(
      permit,
      (tx) => spendTotp(tx, deps, matched),
      () => ({ detail: { authenticator: matched.authenticatorId } }),
    )
    await deps.throttle.succeed('code', user.username)
    return { authenticator: matched.authenticatorId, verifiedAt }
  }
