import { canonicalName, Refusal, type Output } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { secondFactorsOf } from '../proof/factor/second-factors.ts'
import { evaluateGuess } from '../proof/password/evaluate-guess.ts'
import { rehash } from '../proof/password/rehash.ts'
import { openSession } from '../session/open-session.ts'
import { countConfirmed } from '../proof/totp/authenticator.queries.ts'
import { insertChallenge, noteLogin, selectLogin, type LoginRow } from '../session/login.queries.ts'

/** A person finds the phone in this time; an attacker with the password gets no longer. */
const challengeSeconds = 5 * 60

/** Not to be guessed: whoever has it stands between password and code. */
const challengeIdBytes = 24

/** No user has the empty name, so a name that cannot exist costs the same query as one that does not. */
const nobody = ''

/**
 * Checks a password. Who has an authenticator gets a challenge and nothing else; who has none gets a session that may
 * only enrol.
 */
export const login =
  (deps: HandlerDeps): Handler<'auth.login'> =>
  async (permit) => {
    const { username, password } = permit.input
    // counted before it is evaluated, and before it queues for the hash: a thousand at once are still five guesses
    await deps.throttle.claim('password', username, permit.call)
    const found = await selectLogin(deps.db, canonicalName(username) ?? nobody)
    const hashed = found?.password_hash ?? null
    const matched = await evaluateGuess(deps, { username, source: permit.call, password, hashed })
    // unknown, disabled and wrong: the same work, the same answer
    if (found === null || !matched || found.status !== 'active') {
      await deps.failures.note({ username, userId: found?.id ?? null })
      throw new Refusal('invalid-credentials')
    }
    await deps.throttle.succeed('password', username, permit.call)
    await rehash(deps, found, password)
    return (await countConfirmed(deps.db, found.id)) > 0 ? challenge(deps, permit, found) : admit(deps, permit, found)
  }

type LoginPermit = Parameters<Handler<'auth.login'>>[0]

async function challenge(deps: HandlerDeps, permit: LoginPermit, user: LoginRow): Promise<Output<'auth.login'>> {
  const now = deps.clock.now()
  const id = Buffer.from(deps.random.bytes(challengeIdBytes)).toString('base64url')
  const expiresAt = new Date(now.getTime() + challengeSeconds * 1000)
  const methods = await secondFactorsOf(deps.db, user.id)
  await deps.change(
    permit,
    (tx) =>
      insertChallenge(tx, {
        id,
        userId: user.id,
        now,
        expiresAt,
        address: permit.call.address,
        userAgent: permit.call.userAgent,
      }),
    () => ({ resource: uid('User', user.id), detail: { answered: 'challenge' } }),
  )
  return { tokens: null, challenge: { id, methods, expiresAt } }
}

async function admit(deps: HandlerDeps, permit: LoginPermit, user: LoginRow): Promise<Output<'auth.login'>> {
  const opened = await deps.change(
    permit,
    async (tx) => {
      if (!(await noteLogin(tx, { userId: user.id, now: deps.clock.now() }))) throw new Refusal('invalid-credentials')
      // an authenticator confirmed since the look above: the password alone is not enough any more
      if ((await countConfirmed(tx, user.id)) > 0) throw new Refusal('invalid-credentials')
      return openSession(tx, deps, { userId: user.id, methods: ['password'], call: permit.call })
    },
    ({ sessionId }) => ({ resource: uid('User', user.id), detail: { answered: 'session', session: sessionId } }),
  )
  return { tokens: opened.tokens, challenge: null }
}
