import { invalidField, Refusal, type Secret } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, UserPrincipal } from '@gatehouse/enforcement'
import { selectLogin } from '../../session/login.queries.ts'
import { accessTokenTtlSecondsMax } from '../../shared/config.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser } from '../../shared/identifiers.ts'
import { notify } from '../../notices/notice.queries.ts'
import { forgetDevicesOf } from '../../session/known-device.queries.ts'
import { deleteSeedSecret } from '../../directory/seed.queries.ts'
import { giveTokens, type SessionTokens } from '../../session/open-session.ts'
import { holdLiveSession, revokeSessionsOf, revokeToken, spendFamily } from '../../session/session.queries.ts'
import { countConfirmed } from '../totp/authenticator.queries.ts'
import { demandsAuthenticator } from '../../session/demanded.ts'
import { moveCutOff, setPassword } from '../../directory/user.queries.ts'
import { evaluateGuess } from './evaluate-guess.ts'
import { contextWordsOf, passwordProblem } from './password-rules.ts'
import type { GuessSource } from '../../shared/ports.ts'

/**
 * Changes one's own password. The other sessions end, this one's old tokens die, and it goes on with the new ones that
 * are answered.
 */
export const passwordChange =
  (deps: HandlerDeps): Handler<'password.change'> =>
  async (permit) => {
    const user = callingUser(permit)
    const { currentPassword, newPassword } = permit.input
    await requireGoodPassword(deps, user, { fresh: newPassword, current: currentPassword })
    const old = await proveCurrent(deps, { user, source: permit.call }, currentPassword)
    const fresh = await deps.passwords.hash(newPassword)
    const { tokens, oneTime } = await deps.change(
      permit,
      (tx) => replacePassword(tx, deps, { user, old, fresh }),
      ({ ended }) => ({ detail: { sessionsEnded: ended } }),
    )
    if (oneTime) deps.onOneTimePasswordChanged?.(user.id)
    return { tokens }
  }

async function requireGoodPassword(
  deps: HandlerDeps,
  user: UserPrincipal,
  { fresh, current }: { fresh: Secret<string>; current: Secret<string> },
): Promise<void> {
  const singleFactor =
    !user.hasAuthenticator && !(await demandsAuthenticator(deps.db, await deps.settings.current(), user.id))
  const wanted = {
    password: fresh.expose(),
    username: user.username,
    singleFactor,
    contextWords: contextWordsOf(deps.config),
  }
  const problem = fresh.expose() === current.expose() ? 'another one than now' : passwordProblem(wanted)
  if (problem !== null) throw invalidField('newPassword', problem)
}

/** The hash of the current password, once it was proved. Guesses count as those at log-in do. */
async function proveCurrent(
  deps: HandlerDeps,
  { user, source }: { user: UserPrincipal; source: GuessSource },
  current: Secret<string>,
): Promise<string> {
  await deps.throttle.claim('password', user.username, source)
  const found = await selectLogin(deps.db, user.username)
  const guess = { username: user.username, source, password: current, hashed: found?.password_hash ?? null }
  if (!(await evaluateGuess(deps, guess)) || found === null) {
    await deps.failures.note({ username: user.username, userId: user.id })
    throw new Refusal('invalid-credentials')
  }
  await deps.throttle.succeed('password', user.username, source)
  return found.password_hash
}

async function replacePassword(
  tx: Transaction,
  deps: HandlerDeps,
  { user, old, fresh }: { user: UserPrincipal; old: string; fresh: string },
): Promise<{ tokens: SessionTokens; ended: number; oneTime: boolean }> {
  const now = deps.clock.now()
  // the hash that was proved must still be there: of two changes at once one is refused
  if (!(await setPassword(tx, { userId: user.id, old, fresh, mustChange: false, now })))
    throw new Refusal('conflict', { hint: 'the password was changed meanwhile' })
  // a shorter password was let pass beside a factor: it must not come to stand alone by a removal just before this
  if (user.hasAuthenticator && (await countConfirmed(tx, user.id)) === 0)
    throw new Refusal('conflict', { hint: 'your authenticators were removed meanwhile; change the password again' })
  await notify(tx, deps, {
    userId: user.id,
    kind: 'passwordChanged',
    text:
      'Your password was changed, and your other sessions ended. If that was not you, have an administrator ' +
      'reset it now.',
  })
  await moveCutOff(tx, { userId: user.id, now })
  await forgetDevicesOf(tx, { userId: user.id, exceptSession: user.session.id })
  const ended = await revokeSessionsOf(tx, {
    userId: user.id,
    except: user.session.id,
    now,
    reason: 'password changed',
  })
  if (!(await holdLiveSession(tx, { id: user.session.id, now }))) throw new Refusal('unauthenticated')
  await spendFamily(tx, { sessionId: user.session.id, now })
  // the cut-off is to the millisecond and this token may be of the same one
  await revokeToken(tx, {
    jti: user.tokenId,
    expiresAt: new Date(now.getTime() + accessTokenTtlSecondsMax * 1000),
    reason: 'password changed',
  })
  const { tokens } = await giveTokens(tx, deps, {
    id: user.session.id,
    user_id: user.id,
    assurance: user.session.assurance,
    methods: [...user.session.methods],
    auth_time: user.session.authTime,
    expires_at: user.session.expiresAt,
  })
  const oneTime = (await deleteSeedSecret(tx, user.id)) === 'one-time'
  return { tokens, ended, oneTime }
}
