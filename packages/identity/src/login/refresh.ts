import { Refusal } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { shownKey } from '../tokens/dpop/key-binding.ts'
import { findRefresh } from '../session/find-refresh.ts'
import { giveTokens, type SessionTokens } from '../session/open-session.ts'
import {
  bindSession,
  claimRefresh,
  holdLiveSession,
  noteUse,
  revokeSession,
  type RefreshRow,
} from '../session/session.queries.ts'
import { refreshTokenHash } from '../tokens/refresh-token.ts'

/**
 * Exchanges a refresh token for new tokens. Used twice, it ends its family: one of the two users is a thief, and nobody
 * can say which.
 */
export const refresh =
  (deps: HandlerDeps): Handler<'auth.refresh'> =>
  async (permit) => {
    const hash = refreshTokenHash(permit.input.refreshToken?.expose() ?? '')
    if (hash === null) throw new Refusal('unauthenticated')
    // a plain read first: once a family is dead, a thousand more tries write nothing
    const found = await findRefresh(deps, hash)
    if (found === null) throw new Refusal('unauthenticated')
    const tokens = found.used_at === null ? await renew(deps, permit, found) : null
    if (tokens !== null) return { tokens }
    // whoever shows it, by whatever key: a thief who has bound the family to a key of his own must not be safe from its
    // owner's return (threat B4)
    await endFamily(deps, found)
    throw new Refusal('unauthenticated')
  }

/**
 * Rotates an unspent token, for whoever shows the key that its family is bound to, or binds it to the key he shows.
 * Null: another call was faster.
 */
async function renew(
  deps: HandlerDeps,
  permit: Parameters<Handler<'auth.refresh'>>[0],
  found: RefreshRow,
): Promise<SessionTokens | null> {
  const key = await shownKey(deps.db, deps, permit.call)
  const bound = found.session.key_thumbprint
  if (bound !== null && key !== bound) throw new Refusal('unauthenticated')
  return rotate(deps, permit, { found, bindTo: bound === null ? key : null })
}

/**
 * Thrown to roll the transaction back, and its audit entry with it: the token was spent between the read and the claim.
 */
class SpentMeanwhile extends Error {
  override readonly name = 'SpentMeanwhile'
}

/** New tokens; null: another call was faster. */
async function rotate(
  deps: HandlerDeps,
  permit: Parameters<Handler<'auth.refresh'>>[0],
  { found, bindTo }: { found: RefreshRow; bindTo: string | null },
): Promise<SessionTokens | null> {
  try {
    const given = await deps.change(
      permit,
      async (tx) => {
        const now = deps.clock.now()
        if (!(await claimRefresh(tx, { id: found.id, now })))
          throw new SpentMeanwhile('the refresh token was used meanwhile')
        if (!(await holdLiveSession(tx, { id: found.session.id, now }))) throw new Refusal('unauthenticated')
        if (bindTo !== null && !(await bindSession(tx, { id: found.session.id, thumbprint: bindTo })))
          throw new Refusal('unauthenticated')
        if (permit.call.background !== true) await noteUse(tx, { id: found.session.id, now })
        return giveTokens(tx, deps, found.session)
      },
      ({ refreshId }) => ({
        resource: uid('Session', found.session.id),
        detail: { user: found.session.user_id, from: found.id, to: refreshId },
      }),
    )
    return given.tokens
  } catch (error) {
    if (error instanceof SpentMeanwhile) return null
    throw error
  }
}

/**
 * Ends the session with all its tokens, once, and says so in the record. In a transaction of its own: the refusal that
 * follows must not undo it.
 */
async function endFamily({ db, change, clock }: HandlerDeps, { id, session }: RefreshRow): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const ended = await revokeSession(tx, { id: session.id, now: clock.now(), reason: 'refresh token used twice' })
    if (ended)
      await change.event(tx, {
        name: 'refreshToken.reused',
        resource: uid('Session', session.id),
        detail: { user: session.user_id, refreshToken: id },
      })
  })
}
