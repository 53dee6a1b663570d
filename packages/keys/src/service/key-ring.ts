import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { keyMaterialBytes, readyVersion, type ReadyVersion } from '../envelope.ts'
import { KekError } from '../kek-error.ts'
import type { KeyEncryptionKey } from '../kek.ts'
import { associatedDataOf } from '../wrap.ts'
import { selectVersionWraps, type WrappedVersion } from './key.queries.ts'

/** Backends by the names that keys know them by. */
export type Backends = ReadonlyMap<string, KeyEncryptionKey>

/** Material stays in memory for so long: a backend is asked rarely, and what was taken away there is gone here soon. */
const keptMs = 5 * 60_000
/** So many versions at once; more keys than a process uses in five minutes. */
const keptMax = 1000

/** The versions of keys that this process has opened, with their material in memory. */
export interface KeyRing {
  /** Opens a version by whichever backend has it. Throws `Refusal('unavailable')` when none does. */
  open(keyId: string, version: number): Promise<ReadyVersion>
  /** New material for a version, wrapped by a backend. Nothing is kept of it. */
  generate(backend: string, of: { readonly keyId: string; readonly version: number }): Promise<WrappedVersion>
  /** Forgets a key, which was destroyed. */
  forget(keyId: string): void
}

export interface KeyRingDeps {
  readonly db: Store
  readonly backends: Backends
  /** Milliseconds of a clock that only goes forward. */
  readonly ticks?: () => number
}

interface Kept {
  readonly ready: Promise<ReadyVersion>
  readonly until: number
}

/** Opens a ring. Callers at once for one version wait for one backend. */
export function createKeyRing({ db, backends, ticks = () => performance.now() }: KeyRingDeps): KeyRing {
  const kept = new Map<string, Kept>()
  const keep = (name: string, ready: Promise<ReadyVersion>): Promise<ReadyVersion> => {
    kept.delete(name)
    kept.set(name, { ready, until: ticks() + keptMs })
    for (const oldest of kept.keys()) {
      if (kept.size <= keptMax) break
      kept.delete(oldest)
    }
    ready.catch(() => kept.get(name)?.ready === ready && kept.delete(name)) // a failure is nobody else's answer
    return ready
  }
  return {
    open: (keyId, version) => {
      const name = `${keyId}/${version}`
      const there = kept.get(name)
      if (there !== undefined && ticks() < there.until) return there.ready
      return keep(name, openVersion({ db, backends }, { keyId, version }))
    },
    generate: async (backend, { keyId, version }) => {
      const kek = requireBackend(backends, backend)
      const { wrapped } = await asked(() => kek.generate(versionPurpose(keyId, version)))
      return { keyId, version, backend, fingerprint: kek.fingerprint, wrapped }
    },
    forget: (keyId) => {
      for (const name of kept.keys()) if (name.startsWith(`${keyId}/`)) kept.delete(name)
    },
  }
}

async function openVersion(
  { db, backends }: Pick<KeyRingDeps, 'db' | 'backends'>,
  { keyId, version }: { readonly keyId: string; readonly version: number },
): Promise<ReadyVersion> {
  const wraps = await selectVersionWraps(db, keyId, version)
  const keks = [...backends.values()]
  let last: unknown
  for (const { fingerprint, wrapped } of wraps) {
    // while a backend is being changed a version may be under the old key or the new, whatever name it was made by
    const kek = keks.find((one) => one.fingerprint === fingerprint)
    if (kek === undefined) continue
    try {
      const material = await kek.unwrap(wrapped, versionPurpose(keyId, version))
      if (material.length !== keyMaterialBytes) throw new KekError('unwrap-failed', kek.uri)
      return readyVersion({ keyId, version, material })
    } catch (error) {
      last = error // the next backend may have it: that is what several are for
    }
  }
  throw unavailable(last)
}

/** A wrapped version cannot be moved to another. */
export const versionPurpose = (keyId: string, version: number): string =>
  associatedDataOf({ table: 'kms_version_wrap', column: 'wrapped', id: `${keyId}/${version}` })

/** A backend of the settings. */
export function requireBackend(backends: Backends, name: string): KeyEncryptionKey {
  const kek = backends.get(name)
  if (kek !== undefined) return kek
  throw new Refusal('unavailable', { hint: `the backend \`${name}\` of this key is in no settings of this server` })
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw error instanceof KekError ? unavailable(error) : error
  }
}

/** The hint is for whoever called; the address of a backend is for the server's own log. */
const unavailable = (cause: unknown): Refusal =>
  new Refusal(
    'unavailable',
    {
      hint:
        cause instanceof KekError
          ? `the backend of this key cannot be used (${cause.code}); ${cause.next}`
          : 'no backend of this server has the material of this key',
    },
    { cause },
  )
