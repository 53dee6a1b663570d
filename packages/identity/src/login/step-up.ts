import { Refusal, type Output } from '@gatehouse/contract'
import type { Handler, UserPrincipal } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { openGrant } from './device/device-start.ts'
import { checkFactor } from '../proof/factor/check-factor.ts'
import { callingUser } from '../shared/identifiers.ts'
import { proveSession } from '../session/session.queries.ts'
import { selectConfirmedTotp } from '../proof/totp/authenticator.queries.ts'
import { askAssertion, usableKeys } from '../proof/webauthn/ask-assertion.ts'
import { selectCredentials } from '../proof/webauthn/credential.queries.ts'
import type { Ceremony } from '../proof/webauthn/prove-assertion.ts'
import { describeUser } from './whoami.ts'

/**
 * Says by which methods this session may prove a second factor again, and what a key is to sign for it; or opens a
 * grant by which a browser proves one for it.
 */
export const stepUpBegin =
  (deps: HandlerDeps): Handler<'auth.stepUpBegin'> =>
  async (permit) => {
    const user = callingUser(permit)
    const userVerification = verificationFor(user)
    const keys = usableKeys(await selectCredentials(deps.db, user.id), userVerification)
    const totp = await selectConfirmedTotp(deps.db, user.id)
    const methods = [...(totp.length > 0 ? ['totp' as const] : []), ...(keys.length > 0 ? ['webauthn' as const] : [])]
    if (permit.input.inBrowser) return { methods, options: null, browser: await handToBrowser(deps, permit, user) }
    const asked = await deps.change(permit, (tx) =>
      keys.length === 0
        ? Promise.resolve(null)
        : askAssertion(tx, deps, { ceremony: ceremonyOf(user), userId: user.id, keys, userVerification }),
    )
    return { methods, options: asked === null ? null : { ...asked.options }, browser: null }
  }

async function handToBrowser(
  deps: HandlerDeps,
  permit: Parameters<Handler<'auth.stepUpBegin'>>[0],
  user: UserPrincipal,
): Promise<Output<'auth.deviceStart'>> {
  const raises = { session: user.session.id, user: user.id }
  const { start } = await deps.change(
    permit,
    (tx) => openGrant(tx, deps, { client: permit.input.client, call: permit.call, raises }),
    ({ id }) => ({ detail: { grant: id } }),
  )
  return start
}

/**
 * Raises this session by a factor: no new session, no new token, so nothing is left behind that is weaker or stronger
 * than it says.
 */
export const stepUpComplete =
  (deps: HandlerDeps): Handler<'auth.stepUpComplete'> =>
  async (permit) => {
    const user = callingUser(permit)
    if (!user.hasAuthenticator) throw new Refusal('mfa-enrolment-required', { hint: 'gatehouse totp enroll' })
    const { totp, assertion } = permit.input
    const matched = await checkFactor(
      deps,
      { userId: user.id, username: user.username },
      { given: { totp, assertion }, ceremony: ceremonyOf(user) },
    )
    const provedAt = deps.clock.now()
    await deps.change(
      permit,
      async (tx) => {
        await matched.spend(tx)
        if (!(await proveSession(tx, { id: user.session.id, method: matched.method, now: provedAt })))
          throw new Refusal('unauthenticated')
      },
      () => ({ detail: { session: user.session.id, method: matched.method, ...matched.detail } }),
    )
    await deps.throttle.succeed('code', user.username)
    return describeUser(
      { ...user, session: { ...user.session, assurance: 'mfa', provedAt } },
      provedAt,
      deps.config.mfa.stepUpMaxAgeSeconds,
    )
  }

/** An assertion for one session raises no other (threat A13). */
const ceremonyOf = ({ session }: UserPrincipal): Ceremony => ({ purpose: 'stepUp', boundTo: session.id })

/**
 * Beside a password a touch is the second factor; a session that a passkey opened has no other factor than what the key
 * verifies itself.
 */
const verificationFor = ({ session }: UserPrincipal): 'required' | 'discouraged' =>
  session.methods.includes('password') ? 'discouraged' : 'required'
