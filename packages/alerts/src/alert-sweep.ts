import type { Change } from '@gatehouse/audit'
import type { Handler, Sweep } from '@gatehouse/enforcement'
import { deliverOne, type DeliverDeps } from './deliver.ts'
import { deleteOldAlerts, nextMessageDueInSeconds } from './delivery.queries.ts'

/** So many messages are tried side by side. */
const parallelMax = 4
/**
 * INVARIANT: nothing more is tried after this, so that a sweep ends with its last try (60 s) before Temporal begins
 * another (150 s).
 */
const sweepSecondsMax = 60
/** Longer than the audit log keeps entries where nobody has set more: who asks later finds less there, too. */
const keptDays = 400
const deletedAtOnce = 1000

/** Retries of messages: Temporal's workflow and the worker's own look wait for what is due, and call the operation. */
export const alertSweep = ({ db, clock }: Pick<DeliverDeps, 'db' | 'clock'>): Sweep => {
  const run: Sweep['run'] = async (internal) => (await internal('alert.deliver', {})).nextDueInSeconds
  return { name: 'alert-delivery', nextDueInSeconds: () => nextMessageDueInSeconds(db, clock.now()), run, retry: run }
}

/** What the sweep's operation needs. */
export type SweepDeps = Omit<DeliverDeps, 'change'> & { readonly change: Change }

/** Tries what is due, whoever was to try it. */
export const alertDeliver =
  (deps: SweepDeps): Handler<'alert.deliver'> =>
  async (permit) => {
    const done = await deliverDue(deps)
    const before = new Date(deps.clock.now().getTime() - keptDays * 86_400_000)
    await deps.change(
      permit,
      (tx) => deleteOldAlerts(tx, { before, limit: deletedAtOnce }),
      (removed) => ({ detail: { ...done, removed } }),
    )
    return { ...done, nextDueInSeconds: await nextMessageDueInSeconds(deps.db, deps.clock.now()) }
  }

async function deliverDue(deps: SweepDeps): Promise<{ delivered: number; failed: number }> {
  const stopAt = deps.clock.now().getTime() + sweepSecondsMax * 1000
  const done = { delivered: 0, failed: 0 }
  const lane = async (): Promise<void> => {
    while (deps.clock.now().getTime() < stopAt) {
      const came = await deliverOne(deps, { retriesDueSeconds: 0 })
      if (came === 'none') return
      done[came === 'taken' ? 'delivered' : 'failed'] += 1
    }
  }
  await Promise.all(Array.from({ length: parallelMax }, lane))
  return done
}
