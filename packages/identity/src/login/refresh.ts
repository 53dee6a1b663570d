import { Refusal } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { accessTokenTtlSecondsMax } from '../shared/config.ts'
import { shownKey } from '../tokens/dpop/key-binding.ts'
import { findRefresh } from '../session/find-refresh.ts'
import { giveTokens, type SessionTokens } from '../session/open-session.ts'
import {
  bindSession,
  claimRefresh,
  claimRepetition,
  holdLiveSession,
  noteSuccessor,
  noteUse,
  revokeSession,
  revokeToken,
  type RefreshRow,
} from '../session/session.queries.ts'
import { ended } from '../shared/ended.ts'
import { endOf } from './ending.ts'
import { selectRefreshEnd } from './ending.queries.ts'
import { refreshTokenHash } from '../tokens/refresh-token.ts'

/**
 * How long a holder of the token's key may ask again for an answer that was lost: a request's time-out, and the retry.
 */
const repeatSeconds = 30

type RefreshPermit = Parameters<Handler<'auth.refresh'>>[0]

/**
 * Exchanges a refresh token for new tokens. Used twice, it ends its family: one of the two users is a thief, and nobody
 * can say which. But a token that is bound to a key may be shown once more by that key when its answer was lost.
 */
export const refresh =
  (deps: HandlerDeps): Handler<'auth.refresh'> =>
  async (permit) => {
    const hash = refreshTokenHash(permit.input.refreshToken?.expose() ?? '')
    if (hash === null) throw new Refusal('unauthenticated')
    // a plain read first: once a family is dead, a thousand more tries write nothing
    const found = await findRefresh(deps, hash)
    if (found === null) throw await refusalOfDead(deps, permit, hash)
    const key = await keyFor(deps, permit, found)
    const tokens =
      (found.used_at === null ? await renew(deps, permit, { found, key }) : null) ??
      (await repeat(deps, permit, { found, key }))
    if (tokens !== null) return { tokens }
    // whoever shows it, by whatever key: a thief who has bound the family to a key of their own must not be safe from
    // its owner's return (threat B4)
    await endFamily(deps, found)
    throw new Refusal('unauthenticated')
  }

/** What became of the session of an unspent token, for whoever shows it with the key that it is bound to. */
const refusalOfDead = async (deps: HandlerDeps, permit: RefreshPermit, hash: Buffer): Promise<Refusal> => {
  const row = await selectRefreshEnd(deps.db, hash)
  if (row === null) return ended(null)
  const shown = row.key_thumbprint === null ? null : await goodKey(deps, permit)
  if (shown !== row.key_thumbprint) return ended(null)
  // what has ended by the limits of this moment has expired, as has what was fixed when it was given
  return ended(endOf(row, { issuedAt: row.issued_at, now: deps.clock.now() }) ?? 'session-expired')
}

interface Shown {
  readonly found: RefreshRow
  /** The key that this request proves to hold. */
  readonly key: string | null
}

/** A bad proof is told to who shows a living token; a spent one with a bad proof is a spent one. */
const keyFor = (deps: HandlerDeps, permit: RefreshPermit, { used_at }: RefreshRow): Promise<string | null> =>
  used_at === null ? shownKey(deps.db, deps, permit.call) : goodKey(deps, permit)

/** The key that is shown; null for a bad proof too. A database that is away says nothing of a proof, and is thrown. */
const goodKey = (deps: HandlerDeps, { call }: RefreshPermit): Promise<string | null> =>
  shownKey(deps.db, deps, call).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'invalid-input') return null
    throw error
  })

/** The request that a proof was shown in: all calls of a batch have the same. */
const requestOf = ({ call }: RefreshPermit): string => call.proof?.requestId ?? call.requestId

/**
 * Thrown to roll the transaction back, and its audit entry with it: the token was spent between the read and the claim.
 */
class SpentMeanwhile extends Error {
  override readonly name = 'SpentMeanwhile'
}

const unlessSpent = async (work: () => Promise<SessionTokens>): Promise<SessionTokens | null> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SpentMeanwhile) return null
    throw error
  }
}

/**
 * Rotates an unspent token, for whoever shows the key that its family is bound to, or binds it to the key that is
 * shown. Null: another call was faster.
 */
async function renew(deps: HandlerDeps, permit: RefreshPermit, { found, key }: Shown): Promise<SessionTokens | null> {
  const { session } = found
  const bound = session.key_thumbprint
  if (bound !== null && key !== bound) throw new Refusal('unauthenticated')
  return unlessSpent(async () => {
    const { tokens } = await deps.change(
      permit,
      async (tx) => {
        const now = deps.clock.now()
        if (!(await claimRefresh(tx, { id: found.id, now })))
          throw new SpentMeanwhile('the refresh token was used meanwhile')
        if (!(await holdLiveSession(tx, { id: session.id, now }))) throw new Refusal('unauthenticated')
        if (bound === null && key !== null && !(await bindSession(tx, { id: session.id, thumbprint: key })))
          throw new Refusal('unauthenticated')
        if (permit.call.background !== true) await noteUse(tx, { id: session.id, now })
        const given = await giveTokens(tx, deps, session)
        // a token that was a bearer's until now stays as strict as those: who bound it may have stolen it
        if (bound !== null) await noteSuccessor(tx, { id: found.id, requestId: requestOf(permit), ...given })
        return given
      },
      ({ refreshId }) => ({
        resource: uid('Session', session.id),
        detail: { user: session.user_id, from: found.id, to: refreshId },
      }),
    )
    return tokens
  })
}

/**
 * Gives the answer of an exchange again, with new tokens, to the key that the token is bound to: once, shortly after,
 * while what was given then is unused; that dies. Null: this is no such case, and the token was used twice.
 */
async function repeat(deps: HandlerDeps, permit: RefreshPermit, { found, key }: Shown): Promise<SessionTokens | null> {
  const { session } = found
  if (key === null || key !== session.key_thumbprint) return null
  return unlessSpent(async () => {
    const { tokens } = await deps.change(
      permit,
      async (tx) => {
        const now = deps.clock.now()
        const usedAfter = new Date(now.getTime() - repeatSeconds * 1000)
        const lost = await claimRepetition(tx, { id: found.id, now, usedAfter, requestId: requestOf(permit) })
        if (lost === null) throw new SpentMeanwhile('the refresh token was used, and cannot be asked for again')
        if (!(await holdLiveSession(tx, { id: session.id, now }))) throw new Refusal('unauthenticated')
        const expiresAt = new Date(now.getTime() + accessTokenTtlSecondsMax * 1000)
        await revokeToken(tx, { jti: lost.accessId, expiresAt, reason: 'its answer was lost' })
        return { ...(await giveTokens(tx, deps, session)), lost }
      },
      ({ refreshId, lost }) => ({
        resource: uid('Session', session.id),
        detail: { user: session.user_id, from: found.id, to: refreshId, insteadOf: lost.refreshId },
      }),
    )
    return tokens
  })
}

/**
 * Ends the session with all its tokens, once, and says so in the audit log. In a transaction of its own: the refusal
 * that follows must not undo it.
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
