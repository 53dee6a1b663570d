import { Refusal } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { openSession } from '../session/open-session.ts'
import { checkTotp, spendTotp } from '../totp/prove-totp.ts'
import { claimChallenge, noteLogin, selectChallenge } from './login.queries.ts'

/** Meets a challenge with a code. A wrong code leaves the challenge open and costs a guess; a right one spends both, once. */
export const completeMfa = (deps: HandlerDeps): Handler<'auth.completeMfa'> => async (permit) => {
  const { challengeId, totp } = permit.input
  const person = await selectChallenge(deps.db, { id: challengeId, now: deps.clock.now() })
  if (person === null) throw new Refusal('invalid-credentials')
  const matched = await checkTotp(deps, person, totp)
  const opened = await deps.change(permit, async (tx) => {
    const now = deps.clock.now()
    if (!await noteLogin(tx, { userId: person.userId, now })) throw new Refusal('invalid-credentials')
    if (!await claimChallenge(tx, { id: challengeId, userId: person.userId, now })) throw new Refusal('invalid-credentials')
    await spendTotp(tx, deps, matched)
    return openSession(tx, deps, { userId: person.userId, methods: ['password', 'totp'], call: permit.call })
  }, ({ sessionId }) => ({ resource: uid('User', person.userId), detail: { session: sessionId, authenticator: matched.authenticatorId } }))
  await deps.throttle.succeed('code', person.username)
  return { tokens: opened.tokens }
}
