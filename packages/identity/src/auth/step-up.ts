import { Refusal } from '@gatehouse/contract'
import type { Handler, UserPrincipal } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { checkFactor } from '../factor/check-factor.ts'
import { callingUser } from '../identifiers.ts'
import { proveSession } from '../session/session.queries.ts'
import { selectConfirmedTotp } from '../totp/authenticator.queries.ts'
import { askAssertion, usableKeys } from '../webauthn/ask-assertion.ts'
import { selectCredentials } from '../webauthn/credential.queries.ts'
import type { Ceremony } from '../webauthn/prove-assertion.ts'
import { describeUser } from './whoami.ts'

/** Says by which methods this session may prove a second factor again, and what a key is to sign for it. */
export const stepUpBegin = (deps: HandlerDeps): Handler<'auth.stepUpBegin'> => async (permit) => {
  const user = callingUser(permit)
  const userVerification = verificationFor(user)
  const keys = usableKeys(await selectCredentials(deps.db, user.id), userVerification)
  const totp = await selectConfirmedTotp(deps.db, user.id)
  const asked = await deps.change(permit, (tx) => keys.length === 0
    ? Promise.resolve(null)
    : askAssertion(tx, deps, { ceremony: ceremonyOf(user), userId: user.id, keys, userVerification }))
  return { methods: [...(totp.length > 0 ? ['totp' as const] : []), ...(asked === null ? [] : ['webauthn' as const])], options: asked === null ? null : { ...asked.options } }
}

/** Raises this session by a factor: no new session, no new token, so nothing is left behind that is weaker or stronger than it says. */
export const stepUpComplete = (deps: HandlerDeps): Handler<'auth.stepUpComplete'> => async (permit) => {
  const user = callingUser(permit)
  if (!user.hasAuthenticator) throw new Refusal('mfa-enrolment-required', { hint: 'gatehouse totp enroll' })
  const { totp, assertion } = permit.input
  const matched = await checkFactor(deps, { userId: user.id, username: user.username }, { totp, assertion }, ceremonyOf(user))
  const provedAt = deps.clock.now()
  await deps.change(permit, async (tx) => {
    await matched.spend(tx)
    if (!await proveSession(tx, { id: user.session.id, method: matched.method, now: provedAt })) throw new Refusal('unauthenticated')
  }, () => ({ detail: { session: user.session.id, method: matched.method, ...matched.detail } }))
  await deps.throttle.succeed('code', user.username)
  return describeUser({ ...user, session: { ...user.session, assurance: 'mfa', provedAt } }, provedAt, deps.config.mfa.stepUpMaxAgeSeconds)
}

/** An assertion for one session raises no other (threat A13). */
const ceremonyOf = ({ session }: UserPrincipal): Ceremony => ({ purpose: 'stepUp', boundTo: session.id })

/** Beside a password a touch is the second factor; a session that a passkey opened has no other factor than what the key verifies itself. */
const verificationFor = ({ session }: UserPrincipal): 'required' | 'discouraged' => session.methods.includes('password') ? 'discouraged' : 'required'
