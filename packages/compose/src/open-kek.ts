import { ConfigError, requireKeyBackend, type Config, type KeyBackend } from '@gatehouse/config'
import type { Store } from '@gatehouse/database'
import { ageKek, ensureKek, steadyKek, type KeyEncryptionKey } from '@gatehouse/keys'

/**
 * The key encryption key that the settings name, with deadlines and tries. Only an age identity is ever made, for an
 * empty database; a key of a backend has to be there. Throws with a sentence for a person.
 */
export async function openKek(config: Config, db: Store): Promise<KeyEncryptionKey> {
  const backend = requireKeyBackend(config)
  if (backend.kind === 'age') await ensureKek(backend.file, db)
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
  return (await import('@gatehouse/keys/aws')).awsKek(backend)
}
