import { ConfigError, requireKeyBackends, type Config, type KeyBackend } from '@gatehouse/config'
import type { Store } from '@gatehouse/database'
import {
  ageKek,
  ensureKek,
  KeyError,
  steadyKek,
  type KekPlace,
  type KeyEncryptionKey,
  type Regions,
} from '@gatehouse/keys'

/** The key encryption keys of the settings that this process has. */
export interface OpenKeks {
  /** In the order of the settings; one at least. */
  readonly keks: readonly KeyEncryptionKey[]
  readonly regions: Regions
  /** Where the settings name them, and which of them are not here. */
  readonly places: readonly KekPlace[]
  /** Why one of them is not here. */
  readonly problems: readonly Error[]
}

/**
 * Opens the key encryption keys that the settings name, with deadlines and tries. No backend is asked yet, and only an
 * age identity of `[kms]` is ever made, for an empty database. Throws with a sentence for a person when there is none.
 */
export async function openKeks(config: Config, db: Store): Promise<OpenKeks> {
  const { first, second, regions, nearest } = requireKeyBackends(config)
  const places = [{ at: 'kms', backend: first }, ...(second === null ? [] : [{ at: 'kms.second', backend: second }])]
  const own = await openEach(places, async ({ backend }) => {
    if (backend.kind === 'age') await ensureKek(backend.file, db)
  })
  const [problem] = own.problems
  if (own.opened.length === 0 && problem !== undefined) throw problem
  const further = await openEach(
    regions.map(({ name, backend }) => ({ at: `${regionsAt}${name}`, backend })),
    () => Promise.resolve(), // a file that is not there is lost, or another machine's: one is never made for it
  )
  requireApart(own.opened, further.opened)
  return {
    keks: own.opened.map(({ kek }) => kek),
    regions: { keks: new Map(further.opened.map(({ at, kek }) => [at.slice(regionsAt.length), kek])), nearest },
    places: [...own.found, ...further.found],
    problems: [...own.problems, ...further.problems],
  }
}

const regionsAt = 'kms.regions.'

/** A section of the settings, and the key that it names. */
interface Place {
  readonly at: string
  readonly backend: KeyBackend
}
interface Opened {
  readonly at: string
  readonly kek: KeyEncryptionKey
}

async function openEach(places: readonly Place[], prepare: (place: Place) => Promise<void>) {
  const opened: Opened[] = []
  const found: KekPlace[] = []
  const problems: Error[] = []
  for (const place of places) {
    try {
      await prepare(place)
      const kek = await openKek(place.backend)
      opened.push({ at: place.at, kek })
      found.push({ section: place.at, kind: place.backend.kind, uri: kek.uri })
    } catch (error) {
      // where the file of one is lost another may do; whatever else is wrong has to be put right
      if (!(error instanceof KeyError) || (error.code !== 'missing' && error.code !== 'kek-mismatch')) throw error
      problems.push(error)
      found.push({ section: place.at, kind: place.backend.kind, uri: null })
    }
  }
  return { opened, found, problems }
}

/**
 * A region with the key of `[kms]` is no second place, and a change of the one would move what the other wrapped. Two
 * regions may have one key, at two addresses: a multi-Region key of AWS has one in each, and either opens.
 */
function requireApart(own: readonly Opened[], regions: readonly Opened[]): void {
  const [first, second] = own
  if (first?.kek.fingerprint === second?.kek.fingerprint)
    throw new ConfigError('kms.second: another key than the one of [kms], or no such section')
  for (const [index, { at, kek }] of regions.entries()) {
    const same = own.find((one) => one.kek.fingerprint === kek.fingerprint)
    if (same !== undefined) throw new ConfigError(`${at}: another key than the one of [${same.at}]`)
    const again = regions.slice(0, index).find((one) => one.kek.uri === kek.uri)
    if (again !== undefined)
      throw new ConfigError(`${at}: another key than the one of [${again.at}], or no such section`)
  }
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
  if (backend.kind === 'cosmian') return (await import('@gatehouse/keys/cosmian')).cosmianKek(backend)
  if (backend.kind === 'pkcs11') return (await import('@gatehouse/keys/pkcs11')).pkcs11Kek(backend)
  return (await import('@gatehouse/keys/aws')).awsKek(backend)
}
