import { setTimeout as sleep } from 'node:timers/promises'
import type { Secret } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Sealer } from '@gatehouse/enforcement'
import { generateRsaKey, importRsaKey, openRsaKey, pkcs8Of, SigningKeyError, type RsaKey } from './rsa-key.ts'
import {
  insertSigningKey,
  isKnownSigningKey,
  lockSigningKeys,
  retireCurrentKey,
  selectSigningKeys,
  type KeyStatus,
  type SigningKeyRow,
} from './signing-keys.queries.ts'
import type { SigningKeys } from '../../shared/ports.ts'

/** What a node knows of the keys is at most this old: a removed key is dead everywhere after it. */
const knownMillisecondsMax = 1000

/** Strangers who make up key ids make us look at the database at most this often, all of them together. */
const looksApartMilliseconds = 50

/** A SHA-256 thumbprint: nothing else was ever a name of ours, so nothing else is looked up. */
const kidForm = /^[A-Za-z0-9_-]{43}$/

export interface SigningKeysDeps {
  readonly db: Store
  readonly sealer: Sealer
  readonly clock: Clock
  /** `JWT_PRIVATE_KEY_PATH` and `JWT_PUBLIC_KEY_PATH`, read: becomes the current key, once. */
  readonly imported?: { readonly privateKeyPem: Secret<string>; readonly publicKeyPem: string | null } | null
}

interface OpenKey extends RsaKey {
  readonly status: KeyStatus
}

/** Opens the keys, makes them at the first boot (current and next), and imports a given one once. */
export async function openSigningKeys(deps: SigningKeysDeps): Promise<SigningKeys> {
  await ensureKeys(deps)
  let keys = await loadKeys(deps, [])
  let loadedAt = performance.now()
  const refresh = onePerPause(looksApartMilliseconds, async () => {
    const begun = performance.now()
    keys = await loadKeys(deps, keys)
    loadedAt = begun
  })
  const fresh = (): Promise<void> =>
    performance.now() - loadedAt < knownMillisecondsMax ? Promise.resolve() : refresh()
  const acceptable = (kid: string): OpenKey | undefined => keys.find((key) => key.kid === kid && key.status !== 'next')

  return {
    refresh,
    within: async (tx) => {
      const row = (await selectSigningKeys(tx)).find(({ status }) => status === 'current')
      if (row === undefined) throw new SigningKeyError('there is no current signing key')
      return keys.find(({ kid }) => kid === row.kid) ?? openSealed(deps.sealer, row)
    },
    find: async (kid) => {
      if (!kidForm.test(kid)) return null
      await fresh()
      // another node may have rotated since we looked: its first token shall not be refused
      if (acceptable(kid) === undefined) await refresh()
      return acceptable(kid)?.publicKey ?? null
    },
    jwks: async () => {
      await fresh()
      return { keys: keys.map(({ publicJwk }) => publicJwk) }
    },
  }
}

/**
 * Runs one at a time, with a pause between, and one for all who wait. Who asks gets a run that began after they asked.
 */
function onePerPause(milliseconds: number, run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | null = null
  let begunAt = 0
  const begin = async (): Promise<void> => {
    await running.catch(() => undefined) // whoever waited for that one has been told
    const pause = begunAt + milliseconds - performance.now()
    if (pause > 0) await sleep(pause)
    waiting = null
    begunAt = performance.now()
    running = run()
    await running
  }
  return () => (waiting ??= begin())
}

async function ensureKeys(deps: SigningKeysDeps): Promise<void> {
  const known = await selectSigningKeys(deps.db)
  const imported = deps.imported ? await importRsaKey(deps.imported) : null
  const isKnown = imported !== null && (await isKnownSigningKey(deps.db, imported.kid))
  if (known.some(({ status }) => status === 'current') && (imported === null || isKnown)) return
  // made before the lock is taken: another node should not wait for our prime numbers
  const [made, next] = [imported === null || isKnown ? await generateRsaKey() : imported, await generateRsaKey()]
  await deps.db.transaction().execute(async (tx) => {
    await lockSigningKeys(tx)
    const rows = await selectSigningKeys(tx)
    const takesOver = imported !== null && !(await isKnownSigningKey(tx, imported.kid))
    if (takesOver) await retireCurrentKey(tx, deps.clock.now())
    if (takesOver || !rows.some(({ status }) => status === 'current'))
      await insertSigningKey(tx, sealedKey(deps, made, 'current'))
    if (!rows.some(({ status }) => status === 'next')) await insertSigningKey(tx, sealedKey(deps, next, 'next'))
  })
}

/** A key as its row: the private part sealed under the key's own name. */
export const sealedKey = (
  { sealer, clock }: Pick<SigningKeysDeps, 'sealer' | 'clock'>,
  key: RsaKey,
  status: KeyStatus,
): SigningKeyRow & { at: Date } => ({
  kid: key.kid,
  status,
  public_jwk: JSON.stringify(key.publicJwk),
  private_key: Buffer.from(sealer.seal(placeOf(key.kid), pkcs8Of(key))),
  at: clock.now(),
})

/** The keys as they are now. What has been opened before is not opened again: a key's name is its content. */
async function loadKeys({ db, sealer }: SigningKeysDeps, opened: readonly OpenKey[]): Promise<readonly OpenKey[]> {
  const rows = await selectSigningKeys(db)
  return Promise.all(
    rows.map(async ({ kid, status, private_key }) => {
      const known = opened.find((key) => key.kid === kid)
      return { ...(known ?? (await openSealed(sealer, { kid, private_key }))), status }
    }),
  )
}

/** Opens a stored key. Throws `SigningKeyError` that says what to do where it was sealed under another data key. */
async function openSealed(
  sealer: Sealer,
  { kid, private_key }: Pick<SigningKeyRow, 'kid' | 'private_key'>,
): Promise<RsaKey> {
  try {
    return await openRsaKey(sealer.unseal(placeOf(kid), private_key))
  } catch (error) {
    throw new SigningKeyError(
      `the signing key ${kid} does not open with this data key: start with the state directory (keys/) that belongs ` +
        `to this database`,
      { cause: error },
    )
  }
}

const placeOf = (kid: string) => ({ table: 'signing_key', column: 'private_key', id: kid })
