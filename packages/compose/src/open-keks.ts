import { ConfigError, requireKeyBackends, type Config, type KeyBackend } from '@gatehouse/config'
import type { Store } from '@gatehouse/database'
import { ageKek, ensureKek, KeyError, steadyKek, type KeyEncryptionKey } from '@gatehouse/keys'

/** The key encryption keys of the settings that this process has. */
export interface OpenKeks {
  /** In the order of the settings; one at least. */
  readonly keks: readonly KeyEncryptionKey[]
  /** Why one of them is not here. */
  readonly problems: readonly Error[]
}

/**
 * Opens the key encryption keys that the settings name, with deadlines and tries. No backend is asked yet, and only an
 * age identity is ever made, for an empty database. Throws with a sentence for a person when there is none.
 */
export async function openKeks(config: Config, db: Store): Promise<OpenKeks> {
  const { first, second } = requireKeyBackends(config)
  const keks: KeyEncryptionKey[] = []
  const problems: Error[] = []
  for (const backend of second === null ? [first] : [first, second]) {
    try {
      if (backend.kind === 'age') await ensureKek(backend.file, db)
      keks.push(await openKek(backend))
    } catch (error) {
      // where the file of one is lost the other may do; whatever else is wrong has to be put right
      if (!(error instanceof KeyError) || (error.code !== 'missing' && error.code !== 'kek-mismatch')) throw error
      problems.push(error)
    }
  }
  const [problem] = problems
  if (keks.length === 0 && problem !== undefined) throw problem
  if (keks[0]?.fingerprint === keks[1]?.fingerprint)
    throw new ConfigError('kms.second: another key than the one of [kms], or no such section')
  return { keks, problems }
}

/** Opens one of them. Throws `ConfigError` for what names no key. */
export async function openKek(backend: KeyBackend): Promise<KeyEncryptionKey> {
  try {
    return steadyKek(await adapterOf(backend))
  } catch (error) {
    // what an adapter says of a place that is none
    if (error instanceof TypeError) throw new ConfigError(`[kms]: ${error.message}`, { cause: error })
    throw error
  }
}

/** Clients of backends are loaded where they are used: they are large. */
async function adapterOf(backend: KeyBackend): Promise<KeyEncryptionKey> {
  if (backend.kind === 'age') return ageKek(backend.file)
  if (backend.kind === 'vault') return (await import('@gatehouse/keys/vault')).vaultKek(backend)
  if (backend.kind === 'pkcs11') return (await import('@gatehouse/keys/pkcs11')).pkcs11Kek(backend)
  return (await import('@gatehouse/keys/aws')).awsKek(backend)
}
