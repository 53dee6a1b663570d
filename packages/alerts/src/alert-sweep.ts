import { setTimeout as sleep } from 'node:timers/promises'
import type { Change } from '@gatehouse/audit'
import type { Handler, Sweep } from '@gatehouse/enforcement'
import { takeMessage, type DeliverDeps } from './deliver.ts'
import { deleteOldAlerts, nextMessageDueInSeconds } from './delivery.queries.ts'

/** How often is looked for more while some are on their way: what hangs holds up nothing that comes due meanwhile. */
const lookEveryMilliseconds = 500
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

/** No channel has two on their way, so there are never more of them than channels. */
async function deliverDue(deps: SweepDeps): Promise<{ delivered: number; failed: number }> {
  const stopAt = deps.clock.now().getTime() + sweepSecondsMax * 1000
  const done = { delivered: 0, failed: 0 }
  const underWay = new Set<Promise<void>>()
  const faults: unknown[] = []
  const begin = (send: () => Promise<'taken' | 'failed'>): void => {
    const sent = send()
      .then((came) => void (done[came === 'taken' ? 'delivered' : 'failed'] += 1))
      .catch((error: unknown) => void faults.push(error))
      .finally(() => underWay.delete(sent))
    underWay.add(sent)
  }
  while (deps.clock.now().getTime() < stopAt) {
    const send = await takeMessage(deps, { retriesDueSeconds: 0 })
    if (send !== null) begin(send)
    else if (underWay.size === 0) break
    else await Promise.race([...underWay, sleep(lookEveryMilliseconds)])
  }
  await Promise.all(underWay)
  if (faults.length > 0) throw faults[0]
  return done
}
