import { invalidField, Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { KeyRing, VersionName } from './key-ring.ts'
import type { KeyServiceDeps } from './key-service.ts'
import {
  deleteWraps,
  holdKey,
  putWraps,
  readKey,
  selectVersions,
  selectWrapNames,
  type KeyRow,
  type WrapName,
  type WrappedVersion,
} from './key.queries.ts'
import { KeyMovedError, untilItHolds } from './until-it-holds.ts'

/** A key, and one of the backends of the settings. */
export interface KeyRegion {
  readonly id: string
  readonly region: string
}

/** What was done, for the audit entry. */
export interface Replicated {
  /** Versions that the region has now and had not. */
  readonly added: number
  /** Versions that were not looked at: more than one call does. */
  readonly left: number
}

/** Runs work in the transaction that also writes the caller's audit entry, which says what came of it. */
type WriteOf<T> = (work: (tx: Transaction) => Promise<T>) => Promise<T>

type Deps = Pick<KeyServiceDeps, 'db' | 'clock' | 'ring'>

/** So many in one call, and none is begun after so long: each asks two backends, and somebody waits. */
const atOnce = { versions: 100, milliseconds: 20_000 } as const

/**
 * Has one more backend wrap every version of a key, or those that it has not wrapped yet. Called again it goes on; a
 * call that ends in the middle has done nothing.
 */
export const replicateKey = (deps: Deps, { id, region }: KeyRegion, write: WriteOf<Replicated>): Promise<Replicated> =>
  untilItHolds(async () => {
    const key = requireLiving(await readKey(deps.db, id))
    if (key.quorum !== null)
      throw new Refusal('conflict', {
        hint: 'this key opens by several backends together, and they are those that it was made with: make a new key',
      })
    const wraps = await selectWrapNames(deps.db, id)
    const { made, left } = await copies(deps, { id, region }, wraps)
    return write(async (tx) => {
      requireLiving(await holdKey(tx, id))
      await requireSameWraps(tx, id, wraps) // a version that was made meanwhile would be without it
      await putWraps(tx, made, deps.clock.now())
      return { added: made.length, left }
    })
  })

/** Versions as the region wraps them that it has not, the current one first: from then on new ones have it too. */
async function copies({ db, clock, ring }: Deps, { id, region }: KeyRegion, wraps: readonly WrapName[]) {
  const end = clock.now().getTime() + atOnce.milliseconds
  const versions = await selectVersions(db, id)
  const made: WrappedVersion[] = []
  let left = versions.length
  for (const version of versions) {
    if (made.length === atOnce.versions || clock.now().getTime() > end) break
    const of = { keyId: id, version }
    if (!(await hasIt(ring, { of, region, wraps }))) made.push(await ring.copy(of, region))
    left -= 1
  }
  return { made, left }
}

interface AskedFor {
  readonly of: VersionName
  readonly region: string
  readonly wraps: readonly WrapName[]
}

/** Whether a region opens a version. A key of its may be another than the one that wrapped, and have its name. */
async function hasIt(ring: KeyRing, { of, region, wraps }: AskedFor): Promise<boolean> {
  const fingerprint = ring.backends.get(region)?.fingerprint
  const there = wraps.some(
    (one) => one.version === of.version && one.backend === region && one.fingerprint === fingerprint,
  )
  return there && ring.opensBy(of, region)
}

/**
 * Gives a region of a key up: what its backend wrapped is deleted, once every version was opened without it. Resolves
 * to how many versions it had.
 */
export const withdrawKey = (deps: Deps, { id, region }: KeyRegion, write: WriteOf<number>): Promise<number> =>
  untilItHolds(async () => {
    const key = requireLiving(await readKey(deps.db, id))
    if (key.quorum !== null)
      throw new Refusal('conflict', {
        hint: 'this key opens by several backends together: without one of them a share is lost. Make a new key',
      })
    const wraps = await selectWrapNames(deps.db, id)
    if (!wraps.some(({ backend }) => backend === region))
      throw invalidField('region', `one that has this key: ${namesIn(wraps)}`)
    for (const version of await selectVersions(deps.db, id))
      await deps.ring.proveWithout({ keyId: id, version }, region)
    return write(async (tx) => {
      requireLiving(await holdKey(tx, id))
      await requireSameWraps(tx, id, wraps) // two regions given up at once would each rest on the other
      return deleteWraps(tx, id, region)
    })
  })

async function requireSameWraps(tx: Transaction, id: string, read: readonly WrapName[]): Promise<void> {
  if (textOf(await selectWrapNames(tx, id)) !== textOf(read)) throw new KeyMovedError()
}

const textOf = (wraps: readonly WrapName[]): string =>
  wraps.map(({ version, backend, fingerprint }) => `${version} ${backend} ${fingerprint}`).join('\n')

function requireLiving(key: KeyRow | null): KeyRow {
  if (key === null) throw new Refusal('not-found')
  if (key.state === 'destroyed' || key.state === 'pending-deletion')
    throw new Refusal('conflict', { hint: `the key is ${key.state}: its backends stay as they are` })
  return key
}

const namesIn = (wraps: readonly WrapName[]): string => [...new Set(wraps.map(({ backend }) => backend))].join(', ')
