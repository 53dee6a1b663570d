import { Refusal } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { checkFactor } from '../proof/factor/check-factor.ts'
import { openSession } from '../session/open-session.ts'
import { claimChallenge, noteLogin, selectChallenge } from '../session/login.queries.ts'

/**
 * Meets a challenge with a second factor. A wrong one leaves the challenge open and costs a guess; a right one spends
 * both, once.
 */
export const completeMfa =
  (deps: HandlerDeps): Handler<'auth.completeMfa'> =>
  async (permit) => {
    const { challengeId, ...given } = permit.input
    const person = await selectChallenge(deps.db, { id: challengeId, now: deps.clock.now() })
    if (person === null) throw new Refusal('invalid-credentials')
    const matched = await checkFactor(deps, person, {
      given,
      ceremony: { purpose: 'secondFactor', boundTo: challengeId },
    })
    const opened = await deps.change(
      permit,
      async (tx) => {
        const now = deps.clock.now()
        if (!(await noteLogin(tx, { userId: person.userId, now }))) throw new Refusal('invalid-credentials')
        if (!(await claimChallenge(tx, { id: challengeId, userId: person.userId, now })))
          throw new Refusal('invalid-credentials')
        await matched.spend(tx)
        return openSession(tx, deps, {
          userId: person.userId,
          methods: ['password', matched.method],
          call: permit.call,
        })
      },
      ({ sessionId }) => ({
        resource: uid('User', person.userId),
        detail: { session: sessionId, method: matched.method, ...matched.detail },
      }),
    )
    await deps.throttle.succeed('code', person.username)
    return { tokens: opened.tokens }
  }
