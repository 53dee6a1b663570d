import { decodeCursor, pageOf, type Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { accessTokenTtlSecondsMax } from '../shared/config.ts'
import type { HandlerDeps } from '../shared/deps.ts'
import { generateRsaKey, SigningKeyError, type RsaKey } from '../tokens/signing/rsa-key.ts'
import {
  insertSigningKey,
  lockSigningKeys,
  promoteNextKey,
  removeKeysRetiredBefore,
  retireCurrentKey,
  selectKeyLife,
  selectKeyLives,
  type SigningKeyLife,
} from '../tokens/signing/signing-keys.queries.ts'
import { sealedKey } from '../tokens/signing/signing-keys.ts'

/**
 * A month: long enough that a verifier outside seldom meets a new key, short enough that a stolen one does not last.
 */
const currentMillisecondsMax = 30 * 86_400_000

/** Before it signs by the clock, the next key has been in JWKS for this long, so that caches outside have it. */
const publishedMillisecondsMin = 3_600_000

/** The longest life of an access token that settings admit (an hour), and what clocks and caches may differ by. */
const acceptedMilliseconds = (accessTokenTtlSecondsMax + 60) * 1000

type SigningKey = Output<'signingKey.list'>['items'][number]

/** Lists the keys, newest first. */
export const signingKeyList =
  ({ db }: HandlerDeps): Handler<'signingKey.list'> =>
  async (permit) => {
    const { first, after, state } = permit.input
    const rows = await selectKeyLives(db, {
      first,
      after: after === undefined ? null : decodeCursor(after),
      state: state ?? null,
    })
    return pageOf(rows.map(describeKey), first, (key) => [key.createdAt, key.id])
  }

/** Puts the next key in the current one's place now. */
export const signingKeyRotate =
  (deps: HandlerDeps): Handler<'signingKey.rotate'> =>
  async (permit) => {
    const spare = await generateRsaKey() // before the lock, so that nobody waits for it
    const rotated = await deps.change(
      permit,
      async (tx) => {
        await lockSigningKeys(tx)
        return rotate(tx, deps, spare)
      },
      ({ current, previous }) => ({ detail: { current: current.id, previous: previous.id } }),
    )
    await deps.keys.refresh()
    return rotated
  }

/** What the schedule does: rotates when it is time, and removes keys whose last token has expired. */
export const signingKeyAdvance =
  (deps: HandlerDeps): Handler<'signingKey.advance'> =>
  async (permit) => {
    const now = deps.clock.now()
    const spare = (await isDue(deps.db, now)) ? await generateRsaKey() : null
    const advanced = await deps.change(
      permit,
      async (tx) => {
        await lockSigningKeys(tx)
        // asked again under the lock: another node may have done it meanwhile
        const rotated = spare !== null && (await isDue(tx, now))
        if (rotated) await rotate(tx, deps, spare)
        return { rotated, removed: await removeKeysRetiredBefore(tx, new Date(now.getTime() - acceptedMilliseconds)) }
      },
      ({ rotated, removed }) => ({ detail: { rotated, removed } }),
    )
    await deps.keys.refresh()
    return advanced
  }

async function isDue(db: Store, now: Date): Promise<boolean> {
  const [current, next] = [await selectKeyLife(db, 'current'), await selectKeyLife(db, 'next')]
  if (current === null || next === null) return false
  const usedSince = (current.activated_at ?? current.created_at).getTime()
  return (
    now.getTime() - usedSince >= currentMillisecondsMax &&
    now.getTime() - next.created_at.getTime() >= publishedMillisecondsMin
  )
}

/** Current → previous, next → current, the spare one → next. The keys' lock is held. */
async function rotate(
  tx: Transaction,
  deps: HandlerDeps,
  spare: RsaKey,
): Promise<{ current: SigningKey; previous: SigningKey }> {
  const now = deps.clock.now()
  const previous = await retireCurrentKey(tx, now)
  const current = await promoteNextKey(tx, now)
  if (previous === null || current === null) throw new SigningKeyError('there is no key to rotate to')
  await insertSigningKey(tx, sealedKey(deps, spare, 'next'))
  return { current: describeKey(current), previous: describeKey(previous) }
}

const describeKey = (row: SigningKeyLife): SigningKey => ({
  id: row.kid,
  state: row.status,
  algorithm: 'RS256',
  createdAt: row.created_at,
  activatedAt: row.activated_at,
  retiredAt: row.retired_at,
  acceptedUntil:
    row.status === 'previous' && row.retired_at !== null
      ? new Date(row.retired_at.getTime() + acceptedMilliseconds)
      : null,
})
