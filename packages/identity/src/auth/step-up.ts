import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { callingUser } from '../identifiers.ts'
import { proveSession } from '../session/session.queries.ts'
import { checkTotp, spendTotp } from '../totp/prove-totp.ts'
import { describeUser } from './whoami.ts'

/** Says by which methods this session may prove a second factor again. */
export const stepUpBegin = ({ change }: HandlerDeps): Handler<'auth.stepUpBegin'> => (permit) => {
  const user = callingUser(permit)
  return change(permit, () => Promise.resolve({ methods: user.hasAuthenticator ? ['totp' as const] : [], options: null }))
}

/** Raises this session by a code: no new session, no new token, so nothing is left behind that is weaker or stronger than it says. */
export const stepUpComplete = (deps: HandlerDeps): Handler<'auth.stepUpComplete'> => async (permit) => {
  const user = callingUser(permit)
  if (!user.hasAuthenticator) throw new Refusal('mfa-enrolment-required', { hint: 'gatehouse totp enroll' })
  const matched = await checkTotp(deps, { userId: user.id, username: user.username }, permit.input.totp)
  const provedAt = deps.clock.now()
  await deps.change(permit, async (tx) => {
    await spendTotp(tx, deps, matched)
    if (!await proveSession(tx, { id: user.session.id, method: 'totp', now: provedAt })) throw new Refusal('unauthenticated')
  }, () => ({ detail: { session: user.session.id, authenticator: matched.authenticatorId } }))
  await deps.throttle.succeed('code', user.username)
  return describeUser({ ...user, session: { ...user.session, assurance: 'mfa', provedAt } }, provedAt, deps.config.mfa.stepUpMaxAgeSeconds)
}
