import { addressKey } from '@gatehouse/kit'
import { invalidField, Refusal, type Secret } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type Handler } from '@gatehouse/enforcement'
import { noteLogin } from '../../session/login.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { noPassword } from '../../directory/no-password.ts'
import { contextWordsOf, passwordProblem } from '../../proof/password/password-rules.ts'
import { openSession, type OpenedSession } from '../../session/open-session.ts'
import { demandsAuthenticator } from '../../session/demanded.ts'
import { setPassword } from '../../directory/user.queries.ts'
import { claimInvitation, selectInvited } from '../../directory/invitation.queries.ts'
import { hashOfToken } from '../../directory/invitation-token.ts'

type AcceptPermit = Parameters<Handler<'auth.acceptInvite'>>[0]

/**
 * Lets an invited person in: they set their password and have a session that may take the first steps. The invitation
 * is used up by it.
 */
export const acceptInvite =
  (deps: HandlerDeps): Handler<'auth.acceptInvite'> =>
  async (permit) => {
    const { invitation, newPassword } = permit.input
    const hash = hashOfToken(invitation.expose())
    const invited = await findInvited(deps, permit, hash)
    await requireGoodPassword(deps, invited, newPassword)
    const fresh = await deps.passwords.hash(newPassword)
    const { tokens } = await deps.change(
      permit,
      (tx) => admit(tx, deps, { call: permit.call, userId: invited.userId, hash, fresh }),
      ({ sessionId }) => ({ resource: uid('User', invited.userId), detail: { session: sessionId } }),
    )
    return { tokens }
  }

/** Whose the invitation is. Looks are counted per address before they are made; a right one gives them back. */
async function findInvited(
  { throttle, db, clock }: HandlerDeps,
  { call }: AcceptPermit,
  hash: Buffer,
): Promise<{ userId: string; username: string }> {
  const key = throttleKeyOf(call.address)
  await throttle.claim('code', key)
  const invited = await selectInvited(db, { hash, now: clock.now() })
  // unknown, used, expired, disabled: the same answer, and whoever has no token learns no name by it
  if (invited === null) throw new Refusal('invalid-credentials')
  await throttle.succeed('code', key)
  return invited
}

/** No user can have a name with a blank inside: these guesses are never an account's. */
const throttleKeyOf = (address: string): string => `invitation from ${addressKey(address)}`

async function requireGoodPassword(
  deps: HandlerDeps,
  { userId, username }: { userId: string; username: string },
  password: Secret<string>,
): Promise<void> {
  const singleFactor = !(await demandsAuthenticator(deps.db, await deps.settings.current(), userId))
  const problem = passwordProblem({
    password: password.expose(),
    username,
    singleFactor,
    contextWords: contextWordsOf(deps.config),
  })
  if (problem !== null) throw invalidField('newPassword', problem)
}

async function admit(
  tx: Transaction,
  deps: HandlerDeps,
  { call, userId, hash, fresh }: Pick<AcceptPermit, 'call'> & { userId: string; hash: Buffer; fresh: string },
): Promise<OpenedSession> {
  const now = deps.clock.now()
  const accepted =
    (await noteLogin(tx, { userId, now })) &&
    (await claimInvitation(tx, { hash, userId, now })) &&
    // who got a password otherwise meanwhile keeps that one
    (await setPassword(tx, { userId, old: noPassword, fresh, mustChange: false, now }))
  if (!accepted) throw new Refusal('invalid-credentials')
  return openSession(tx, deps, { userId, methods: ['password'], call })
}
