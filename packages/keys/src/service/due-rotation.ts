import type { Transaction } from '@gatehouse/database'
import { leavingStep, settledBefore } from '../transitions.ts'
import { nextSpread, putVersion, type KeyServiceDeps } from './key-service.ts'
import {
  holdLeavingKeys,
  isOlderNeeded,
  selectDueKeys,
  setMinimumVersion,
  setSettled,
  type KeyRow,
} from './key.queries.ts'
import { untilItHolds } from './until-it-holds.ts'
import { BackendsAway, type NewVersion } from './wrap-version.ts'

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
    const { made, failed } = await makeDueVersions(deps, key)
    return write(async (tx) => {
      const rotated: KeyRow[] = []
      for (const [row, version] of made.values())
        if (await putVersion(tx, version, { by: 'clock', now: deps.clock.now() })) rotated.push(row)
      return { rotated, closed: await leaveVersions(tx, deps.clock.now(), key), failed }
    })
  })

interface Made {
  readonly made: Map<string, readonly [KeyRow, NewVersion]>
  readonly failed: string[]
  /** Backends that this run has found to be away; none is asked again, for it takes its time not to answer. */
  readonly away: Set<string>
}

/**
 * The next versions of what is due, made outside of any transaction. Keys that cannot be rotated take no place of
 * others: where there were some, it is asked for more, without those of the same backends.
 */
async function makeDueVersions(deps: Pick<KeyServiceDeps, 'db' | 'clock' | 'ring'>, key: string | null): Promise<Made> {
  const run: Made = { made: new Map(), failed: [], away: new Set() }
  for (;;) {
    const known = run.away.size
    const query = { now: deps.clock.now(), key, limit: dueAtOnce, without: [...run.away] }
    const due = await selectDueKeys(deps.db, query)
    for (const row of due.filter(({ id }) => !run.made.has(id))) await makeVersion(deps, run, row)
    if (due.length < dueAtOnce || run.away.size === known) return run
  }
}

async function makeVersion(deps: Pick<KeyServiceDeps, 'db' | 'ring'>, run: Made, row: KeyRow): Promise<void> {
  const next = await nextSpread(deps, row)
  if (next.backends.some((name) => run.away.has(name))) return void run.failed.push(row.id)
  try {
    run.made.set(row.id, [row, await deps.ring.generate({ keyId: row.id, version: row.current_version + 1 }, next)])
  } catch (error) {
    if (!(error instanceof BackendsAway)) throw error
    for (const name of error.backends) run.away.add(name)
    run.failed.push(row.id)
  }
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
