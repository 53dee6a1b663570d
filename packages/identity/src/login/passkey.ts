import { Refusal } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import { noteLogin } from '../session/login.queries.ts'
import type { HandlerDeps } from '../shared/deps.ts'
import { openSession } from '../session/open-session.ts'
import { askPasskey } from '../proof/webauthn/ask-assertion.ts'
import { checkPasskey } from '../proof/webauthn/prove-assertion.ts'

/** Says what a passkey is to sign to log in, to anybody and always the same way. */
export const passkeyBegin =
  (deps: HandlerDeps): Handler<'auth.passkeyBegin'> =>
  async (permit) => {
    const { id, options, expiresAt } = await deps.change(permit, (tx) => askPasskey(tx, deps, permit.call.address))
    return { id, options: { ...options }, expiresAt }
  }

/** Logs in by a passkey alone: it is had, and it has verified its user, which are two factors. */
export const passkeyComplete =
  (deps: HandlerDeps): Handler<'auth.passkeyComplete'> =>
  async (permit) => {
    const { userId, username, matched } = await checkPasskey(deps, permit.input.id, permit.input.assertion)
    const opened = await deps.change(
      permit,
      async (tx) => {
        if (!(await noteLogin(tx, { userId, now: deps.clock.now() }))) throw new Refusal('invalid-credentials')
        await matched.spend(tx)
        return openSession(tx, deps, { userId, methods: ['passkey'], call: permit.call })
      },
      ({ sessionId }) => ({
        resource: uid('User', userId),
        detail: { session: sessionId, method: 'passkey', ...matched.detail },
      }),
    )
    await deps.throttle.succeed('code', username)
    return { tokens: opened.tokens }
  }
