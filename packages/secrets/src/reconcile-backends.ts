import type { Handler } from '@gatehouse/enforcement'
import { BackendError } from './backends/backend-error.ts'
import { reconcileBudget } from './budgets.ts'
import { pooled } from './pooled.ts'
import { reachBackend } from './reach-backend.ts'
import {
  activeLeasesOf,
  allBackends,
  handleOf,
  leasesAmong,
  noteAnswer,
  type StandingBackend,
} from './secret-backend.queries.ts'
import type { SecretDeps } from './secret-deps.ts'
import type { FoundCredential } from './secret-provider.ts'

/** What came of looking at one backend. */
interface Visit {
  readonly id: string
  readonly name: string
  /** Why it could not be looked at to the end; null: it could. */
  readonly error: string | null
  /** Credentials that were taken away: no lease that lives is theirs. */
  readonly removed: readonly string[]
  /** Leases that live and whose credential is not there. */
  readonly gone: readonly string[]
}

/**
 * Compares what lies in each backend with its leases: what a call that died has left there is taken away, and a lease
 * whose credential somebody has taken away by hand is ended. One that does not answer is named, and holds up no other.
 */
export const reconcileBackends =
  (deps: SecretDeps): Handler<'secretBackend.reconcile'> =>
  async (permit) => {
    await deps.change.intent(permit, () => Promise.resolve())
    const visits = await pooled(await allBackends(deps.db), reconcileBudget.parallelMax, (row) => visit(deps, row))
    const gone = visits.flatMap((one) => one.gone)
    const removed = visits.flatMap((one) => one.removed)
    const failed = visits.filter(({ error }) => error !== null).map(({ name }) => name)
    await deps.change(
      permit,
      async (tx) => {
        const now = deps.clock.now()
        for (const { id, error } of visits) await noteAnswer(tx, { id, error, now })
        if (gone.length > 0)
          await deps.leases.endGone(tx, { ids: gone, reason: 'its credential was not there any more' })
      },
      () => ({ detail: { removed, gone, failed } }),
    )
    return { backends: visits.length - failed.length, removed: removed.length, gone: gone.length, failed }
  }

/** What is not begun in this time is the next round's. */
const removingSeconds = 10

async function visit(deps: SecretDeps, row: StandingBackend): Promise<Visit> {
  const { id, name } = row
  try {
    // before what lies there is asked for: whatever is active now has its credential there by then
    const active = await activeLeasesOf(deps.db, id)
    const found = await reachBackend(deps, row, (provider, target) => provider.find(target, { backendId: id, active }))
    const there = new Set(found.map(({ leaseId }) => leaseId))
    const gone = active.flatMap(({ leaseId }) => (there.has(leaseId) ? [] : [leaseId]))
    return { id, name, gone, ...(await removeOrphans(deps, row, found)) }
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    return { id, name, error: error.message, removed: [], gone: [] }
  }
}

/** What is of no lease that lives. One that cannot be taken away holds up no other; the first that cannot is told. */
async function removeOrphans(
  deps: SecretDeps,
  row: StandingBackend,
  found: readonly FoundCredential[],
): Promise<Pick<Visit, 'removed' | 'error'>> {
  const { id } = row
  const { known, living } = await leasesAmong(deps.db, { backendId: id, ids: found.map(({ leaseId }) => leaseId) })
  const until = performance.now() + removingSeconds * 1000
  const removed: string[] = []
  let error: string | null = null
  for (const { leaseId, tagged } of found) {
    const ours = tagged || known.has(leaseId)
    if (!ours || living.has(leaseId) || performance.now() > until) continue
    const lease = { id: leaseId, expiresAt: deps.clock.now() }
    const credential = { lease, backendId: id, handle: await handleOf(deps.db, leaseId) }
    try {
      await reachBackend(deps, row, (provider, target) => provider.revoke(target, credential))
      removed.push(leaseId)
    } catch (failure) {
      if (!(failure instanceof BackendError)) throw failure
      error ??= failure.message
    }
  }
  return { removed, error }
}
