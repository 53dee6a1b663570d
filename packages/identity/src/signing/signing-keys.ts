import type { KeyObject } from 'node:crypto'
import type { Secret } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Sealer } from '@gatehouse/enforcement'
import type { JSONWebKeySet } from 'jose'
import { generateRsaKey, importRsaKey, openRsaKey, pkcs8Of, SigningKeyError, type RsaKey } from './rsa-key.ts'
import { insertSigningKey, lockSigningKeys, retireCurrentKey, selectSigningKeys, type KeyStatus, type SigningKeyRow } from './signing-keys.queries.ts'

/** A stranger who makes up key ids makes us look at the database at most this often. */
const refreshMillisecondsMin = 3000

export interface SigningKeysDeps {
  readonly db: Store
  readonly sealer: Sealer
  readonly clock: Clock
  /** `JWT_PRIVATE_KEY_PATH` and `JWT_PUBLIC_KEY_PATH`, read: becomes the current key, once. */
  readonly imported?: { readonly privateKeyPem: Secret<string>; readonly publicKeyPem: string | null } | null
}

/** The keys that access tokens are signed and checked with. All nodes of one database have the same. */
export interface SigningKeys {
  /** The key that signs now. */
  current(): Promise<{ readonly kid: string; readonly privateKey: KeyObject }>
  /** The public key of that name; null: there is none, here or in the database. */
  find(kid: string): Promise<KeyObject | null>
  /** True while tokens of this key are accepted. */
  accepts(kid: string): boolean
  /** The document for `/.well-known/jwks.json`: what is accepted, and what will be next, before it is used. */
  jwks(): JSONWebKeySet
}

interface OpenKey extends RsaKey { readonly status: KeyStatus }

/** Opens the keys, makes them at the first boot (current and next), and imports a given one once. */
export async function openSigningKeys(deps: SigningKeysDeps): Promise<SigningKeys> {
  await ensureKeys(deps)
  let keys = await loadKeys(deps)
  let loadedAt = performance.now()
  let loading: Promise<void> | null = null

  const load = async (): Promise<void> => {
    keys = await loadKeys(deps)
    loadedAt = performance.now()
  }
  const refresh = (): Promise<void> => {
    if (performance.now() - loadedAt < refreshMillisecondsMin) return Promise.resolve()
    loading ??= load().finally(() => {
      loading = null
    })
    return loading
  }
  const acceptable = (kid: string): OpenKey | undefined => keys.find((key) => key.kid === kid && key.status !== 'next')

  return {
    current: async () => {
      const current = keys.find((key) => key.status === 'current')
      if (current === undefined) throw new SigningKeyError('there is no current signing key')
      return current
    },
    find: async (kid) => {
      if (acceptable(kid) === undefined) await refresh()
      return acceptable(kid)?.publicKey ?? null
    },
    accepts: (kid) => acceptable(kid) !== undefined,
    jwks: () => ({ keys: keys.map(({ publicJwk }) => publicJwk) }),
  }
}

async function ensureKeys(deps: SigningKeysDeps): Promise<void> {
  const known = await selectSigningKeys(deps.db)
  const imported = deps.imported ? await importRsaKey(deps.imported) : null
  const isKnown = imported !== null && known.some(({ kid }) => kid === imported.kid)
  if (known.some(({ status }) => status === 'current') && (imported === null || isKnown)) return
  // made before the lock is taken: another node should not wait for our prime numbers
  const [current, next] = [imported ?? await generateRsaKey(), await generateRsaKey()]
  await deps.db.transaction().execute(async (tx) => {
    await lockSigningKeys(tx)
    const rows = await selectSigningKeys(tx)
    const takesOver = imported !== null && !rows.some(({ kid }) => kid === imported.kid)
    if (takesOver) await retireCurrentKey(tx, deps.clock.now())
    if (takesOver || !rows.some(({ status }) => status === 'current')) await insertSigningKey(tx, sealed(deps, current, 'current'))
    if (!rows.some(({ status }) => status === 'next')) await insertSigningKey(tx, sealed(deps, next, 'next'))
  })
}

const sealed = ({ sealer, clock }: SigningKeysDeps, key: RsaKey, status: KeyStatus): SigningKeyRow & { at: Date } => ({
  kid: key.kid, status, public_jwk: JSON.stringify(key.publicJwk), private_key: Buffer.from(sealer.seal(placeOf(key.kid), pkcs8Of(key))), at: clock.now(),
})

async function loadKeys({ db, sealer }: SigningKeysDeps): Promise<readonly OpenKey[]> {
  const rows = await selectSigningKeys(db)
  return Promise.all(rows.map(async ({ kid, status, private_key }) => ({ ...await openRsaKey(sealer.unseal(placeOf(kid), private_key)), status })))
}

const placeOf = (kid: string) => ({ table: 'signing_key', column: 'private_key', id: kid })
