import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { leavingStep, settledBefore } from '../transitions.ts'
import { nextVersion, putVersion, type KeyServiceDeps } from './key-service.ts'
import {
  holdLeavingKeys,
  isOlderNeeded,
  selectDueKeys,
  setMinimumVersion,
  setSettled,
  type KeyRow,
} from './key.queries.ts'
import { untilItHolds } from './until-it-holds.ts'
import type { NewVersion } from './wrap-version.ts'

/** So many in one transaction; the next run has the rest. */
const dueAtOnce = 100

/** What the clock has done. */
export interface DueDone {
  readonly rotated: readonly KeyRow[]
  /** Keys whose older versions are closed now, as they were before. */
  readonly closed: readonly KeyRow[]
  /** Keys that are due, and whose backend cannot be used. */
  readonly failed: readonly string[]
}

/**
 * Rotates what is due, and closes versions that nothing has needed for a week: of one key, or of all. Whatever another
 * process does at the same time is done once. A backend that is away keeps nobody else's keys from it.
 */
export const rotateDue = (
  deps: Pick<KeyServiceDeps, 'db' | 'clock' | 'ring'>,
  key: string | null,
  write: (work: (tx: Transaction) => Promise<DueDone>) => Promise<DueDone>,
): Promise<DueDone> =>
  untilItHolds(async () => {
    const due = await selectDueKeys(deps.db, { now: deps.clock.now(), key, limit: dueAtOnce })
    const { made, failed } = await makeVersions(deps, due)
    return write(async (tx) => {
      const rotated: KeyRow[] = []
      for (const [row, version] of made)
        if (await putVersion(tx, version, { by: 'clock', now: deps.clock.now() })) rotated.push(row)
      return { rotated, closed: await leaveVersions(tx, deps.clock.now(), key), failed }
    })
  })

interface Made {
  readonly made: readonly (readonly [KeyRow, NewVersion])[]
  readonly failed: readonly string[]
}

/** The next version of each, outside of any transaction: a backend that does not answer takes its time. */
async function makeVersions(deps: Pick<KeyServiceDeps, 'db' | 'ring'>, due: readonly KeyRow[]): Promise<Made> {
  const made: (readonly [KeyRow, NewVersion])[] = []
  const failed: string[] = []
  for (const row of due) {
    try {
      made.push([row, await nextVersion(deps, row)])
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'unavailable') throw error
      failed.push(row.id)
    }
  }
  return { made, failed }
}

/** Looks at keys with older versions. What is counted is counted while the key is held: nobody seals meanwhile. */
async function leaveVersions(tx: Transaction, now: Date, key: string | null): Promise<KeyRow[]> {
  const closed: KeyRow[] = []
  for (const row of await holdLeavingKeys(tx, { settledBefore: settledBefore(now), key, limit: dueAtOnce })) {
    const step = leavingStep(leavingOf(row, await isOlderNeeded(tx, row.id)), now)
    if (step === 'settle') await setSettled(tx, row.id, now)
    if (step === 'unsettle') await setSettled(tx, row.id, null)
    if (step !== 'close') continue
    await setMinimumVersion(tx, row.id, row.current_version)
    closed.push(row)
  }
  return closed
}

/** A key as its clock looks at it. */
export const leavingOf = (row: KeyRow, needed: boolean) => ({
  state: row.state,
  currentVersion: row.current_version,
  minimumVersion: row.minimum_version,
  settledSince: row.settled_since,
  rotateAt: row.rotate_at,
  needed,
})
