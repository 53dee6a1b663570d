import { Refusal } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { minimumProblem, moveKey, nextRotation, type KeyEvent, type KeyMoveProblem } from '../transitions.ts'
import { countByVersion } from './census.queries.ts'
import type { KeyServiceDeps, Write } from './key-service.ts'
import {
  destroyMaterial,
  holdKey,
  insertKey,
  insertVersion,
  readKey,
  revokeVersionRow,
  setDeletionGuard,
  setKeyState,
  setMinimumVersion,
  setRotation,
  type KeyRow,
} from './key.queries.ts'
import { spreadWanted } from './spread.ts'

/** A key that somebody asks for. */
export interface KeyWanted {
  /** A UUID. */
  readonly id: string
  readonly name: string
  /** The id of its workspace. */
  readonly workspace: string
  readonly backend: string
  /** Further backends that wrap it; absent: none. */
  readonly regions?: readonly string[]
  /** How many of all of them open it together; absent or null: any one. */
  readonly quorum?: number | null
  readonly rotationDays: number | null
}

/** Makes a key with its first version. Throws `Refusal('conflict')` where there is, or ever was, one of its name. */
export async function createKey(deps: KeyServiceDeps, wanted: KeyWanted, write: Write): Promise<KeyRow> {
  const { db, clock, ring } = deps
  const { id } = wanted
  const spread = spreadWanted(ring.backends, wanted)
  const made = await ring.generate({ keyId: id, version: 1 }, spread)
  await write(async (tx) => {
    const now = clock.now()
    const { name, workspace: workspaceId, backend, rotationDays } = wanted
    const rotateAt = nextRotation(rotationDays, now)
    const { quorum } = spread
    if (!(await insertKey(tx, { id, workspaceId, name, backend, quorum, rotationDays, rotateAt, now })))
      throw new Refusal('conflict', { hint: 'there is a key of this name, or was one; choose another' })
    await insertVersion(tx, made, now)
  })
  const row = await readKey(db, id)
  if (row === null) throw new Refusal('not-found')
  return row
}

const hints = {
  'not-from-here': 'this does not follow the state that the key is in',
  guarded: 'the key has its deletion guard; take that away first',
  'too-soon': 'its time has not come',
  'too-few-days': 'deletion waits for 7 days at least',
  'too-many-days': 'deletion waits for 30 days at most',
  'loses-more': 'more ciphertexts would be lost than you say',
} as const satisfies Record<KeyMoveProblem, string>

/** Takes a key one step on, in the caller's transaction. With the last step its material goes, of all versions. */
export async function stepKey(
  { clock, ring }: Pick<KeyServiceDeps, 'clock' | 'ring'>,
  tx: Transaction,
  { id, event }: { readonly id: string; readonly event: KeyEvent },
): Promise<KeyRow> {
  const key = await requireHeld(tx, id)
  const ciphertexts = (await countByVersion(tx, id)).reduce((sum, one) => sum + one.ciphertexts, 0)
  const standing = { state: key.state, deletionGuard: key.deletion_guard, deleteAt: key.delete_at, ciphertexts }
  const now = clock.now()
  const moved = moveKey(standing, event, now)
  if (moved.problem !== null) {
    const count = moved.problem === 'loses-more' ? `: there are ${ciphertexts}` : ''
    throw new Refusal('conflict', { hint: `${hints[moved.problem]}${count}` })
  }
  await setKeyState(tx, { id, from: key.state, to: moved.state, deleteAt: moved.deleteAt, now })
  if (moved.state === 'destroyed') {
    await destroyMaterial(tx, id)
    ring.forget(id)
  }
  return requireHeld(tx, id)
}

/** A new least version of a key. */
export interface Limit {
  readonly id: string
  readonly minimum: number
  /** So many ciphertexts may be left below it; absent: none. */
  readonly losing?: number
}

/** Sets the least version that is opened, in the caller's transaction; no more that the census has is left below it. */
export async function limitVersions(tx: Transaction, { id, minimum, losing = 0 }: Limit): Promise<void> {
  const key = await requireHeld(tx, id)
  const left = await countLeftBelow(tx, key, minimum)
  if (left > losing) throw leftBehind(left)
  await setMinimumVersion(tx, id, minimum)
}

/** How many ciphertexts no longer open once a version is the least. Throws `Refusal`: there is no such version. */
export async function countLeftBelow(db: Store, key: KeyRow, minimum: number): Promise<number> {
  const { current_version: currentVersion, minimum_version: minimumVersion } = key
  const standing = { currentVersion, minimumVersion, census: await countByVersion(db, key.id) }
  const problem = minimumProblem(standing, minimum)
  if (problem?.problem === 'no-such-version')
    throw new Refusal('conflict', { hint: `the newest version is ${currentVersion}` })
  return problem?.ciphertexts ?? 0
}

/** Why a version is not closed. */
export const leftBehind = (left: number): Refusal =>
  new Refusal('conflict', {
    hint:
      `${left} ciphertexts need older versions: rewrap them first. To lose them say how many you lose, and why; ` +
      'another Admin approves it',
  })

/** Sets how often a key is rotated, in the caller's transaction; null: by hand alone. */
export async function setPeriod(tx: Transaction, id: string, days: number | null): Promise<void> {
  const { state } = await requireHeld(tx, id)
  if (state === 'destroyed') throw new Refusal('conflict', { hint: 'the key is destroyed; nothing rotates it' })
  await setRotation(tx, id, days)
}

/** Sets or takes away the deletion guard, in the caller's transaction. */
export async function guardKey(tx: Transaction, id: string, guard: 'on' | 'off'): Promise<void> {
  await requireHeld(tx, id)
  await setDeletionGuard(tx, id, guard)
}

/**
 * Marks a version as known to others, in the caller's transaction. Never the current one: everything that is encrypted
 * meanwhile would be of it.
 */
export async function revokeVersion(
  { clock }: Pick<KeyServiceDeps, 'clock'>,
  tx: Transaction,
  { id, version }: { readonly id: string; readonly version: number },
): Promise<void> {
  const key = await requireHeld(tx, id)
  if (version === key.current_version)
    throw new Refusal('conflict', { hint: 'everything is encrypted under this version today: rotate the key first' })
  if (!(await revokeVersionRow(tx, { id, version, now: clock.now() })))
    throw new Refusal('conflict', { hint: `the key has no version ${version} that can be revoked` })
}

async function requireHeld(tx: Transaction, id: string): Promise<KeyRow> {
  const key = await holdKey(tx, id)
  if (key === null) throw new Refusal('not-found')
  return key
}
