import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { readyVersion, type ReadyVersion } from '../envelope.ts'
import { KekError } from '../kek-error.ts'
import type { Patience } from './gather.ts'
import type { WrappedVersion } from './key.queries.ts'
import { createNearness } from './nearness.ts'
import { openMaterial, type Backends, type Opening, type OpeningDeps, type PassedOver } from './open-version.ts'
import { wrapAgain, wrapNew, type NewVersion, type Spread } from './wrap-version.ts'

/** Material stays in memory for so long: a backend is asked rarely, and what was taken away there is gone here soon. */
const keptMs = 5 * 60_000
/** So many versions at once; more keys than a process uses in five minutes. */
const keptMax = 1000

/**
 * A region that is near answers in a tenth of the first; the second is what one use of a backend has, its tries
 * included.
 */
const patience: Patience = { patienceMs: 1000, deadlineMs: 10_000 }

/** A version of a key. */
export interface VersionName {
  readonly keyId: string
  readonly version: number
}

/** The versions of keys that this process has opened, with their material in memory. */
export interface KeyRing {
  readonly backends: Backends
  /** Opens a version by its backends. Throws `Refusal('unavailable')`, which names those that are missing. */
  open(keyId: string, version: number): Promise<ReadyVersion>
  /** New material for a version, wrapped by its backends. Nothing is kept of it. */
  generate(of: VersionName, spread: Spread): Promise<NewVersion>
  /** The material of a version, wrapped by one more backend. */
  copy(of: VersionName, backend: string): Promise<WrappedVersion>
  /** Proves that a version opens without one of its backends. Throws `Refusal('unavailable')` where it does not. */
  proveWithout(of: VersionName, backend: string): Promise<void>
  /** Whether a backend opens its wrap of a version. Throws `Refusal('unavailable')` where it does not answer. */
  opensBy(of: VersionName, backend: string): Promise<boolean>
  /** Forgets a key, which was destroyed. */
  forget(keyId: string): void
}

export interface KeyRingDeps {
  readonly db: Store
  readonly backends: Backends
  /** Writes down that backends were passed over; absent: nobody does. */
  readonly onPassed?: (passed: readonly PassedOver[]) => Promise<void>
  /** Milliseconds of a clock that only goes forward. */
  readonly ticks?: () => number
  readonly patience?: Patience
}

interface Kept {
  readonly ready: Promise<ReadyVersion>
  readonly until: number
}

/** Opens a ring. Callers at once for one version wait for one backend. */
export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const { db, backends, ticks = () => performance.now() } = deps
  const opening: OpeningDeps = {
    db,
    backends,
    nearness: createNearness(ticks),
    patience: deps.patience ?? patience,
    onPassed: deps.onPassed ?? (() => Promise.resolve()),
  }
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
    backends,
    open: (keyId, version) => {
      const name = `${keyId}/${version}`
      const there = kept.get(name)
      if (there !== undefined && ticks() < there.until) return there.ready
      return keep(name, openVersion(opening, { keyId, version }))
    },
    generate: (of, spread) => wrapNew(backends, of, spread),
    copy: async (of, backend) => wrapAgain(backends, { ...of, backend, material: await openMaterial(opening, of) }),
    proveWithout: async (of, backend) => void (await openMaterial(opening, { ...of, without: backend })),
    opensBy: (of, backend) => opensBy(opening, { ...of, only: backend }),
    forget: (keyId) => {
      for (const name of kept.keys()) if (name.startsWith(`${keyId}/`)) kept.delete(name)
    },
  }
}

const openVersion = async (deps: OpeningDeps, of: VersionName): Promise<ReadyVersion> =>
  readyVersion({ ...of, material: await openMaterial(deps, of) })

async function opensBy(deps: OpeningDeps, opening: Opening): Promise<boolean> {
  try {
    await openMaterial(deps, opening)
    return true
  } catch (error) {
    const { cause } = error instanceof Refusal ? error : { cause: error }
    if (cause instanceof KekError && cause.code === 'unwrap-failed') return false
    throw error
  }
}
