import type { Store } from '@gatehouse/database'
import { newAgeIdentity } from './adapters/age.ts'
import { readDataKey } from './data-key.queries.ts'
import { named } from './data-key.ts'
import { KeyError } from './key-error.ts'
import { createPrivateFile, readPrivateFile } from './private-file.ts'

/**
 * Makes the age identity at `path` when there is none and the database holds nothing sealed yet. Throws
 * `KeyError('missing')` when
 * there is a data key: a new identity could never open it, and would hide that the old one is lost.
 */
export async function ensureKek(path: string, db: Store): Promise<void> {
  if ((await readPrivateFile(path)) !== null) return
  const wraps = await readDataKey(db)
  if (wraps.length > 0) {
    // another process of this home may have made both since we looked
    if ((await readPrivateFile(path)) !== null) return
    const lost = wraps.some(({ kek_fingerprint: fingerprint, kek_uri: uri }) =>
      uri === null ? fingerprint.startsWith('age:') : uri === `age:${path}`,
    )
    throw new KeyError(
      lost ? 'missing' : 'kek-mismatch',
      `there is no key encryption key at \`${path}\`, and this database is sealed under ` +
        `${wraps.map(named).join(' or ')}; ` +
        (lost ? 'bring the key back from its copy' : 'name that key in `[kms]`'),
    )
  }
  await createAgeKek(path)
}

/** Makes an age identity at `path`, unless there is a file. */
export const createAgeKek = async (path: string): Promise<boolean> => createPrivateFile(path, await newAgeIdentity())
