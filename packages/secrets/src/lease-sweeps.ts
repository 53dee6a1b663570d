import type { RunInternal, Sweep } from '@gatehouse/enforcement'
import { sweepRunSeconds } from './budgets.ts'
import type { Leases } from './leases.ts'
import type { BackendName, Backends } from './secret-backend.ts'

/** A sweep for each backend, total: one whose leases nobody ends is no backend. */
export const leaseSweeps = (leases: Pick<Leases, 'nextDueInSeconds'>, backends: Backends): readonly Sweep[] =>
  Object.values(backends).map(({ name: backend }) => ({
    name: backend,
    nextDueInSeconds: () => leases.nextDueInSeconds(backend),
    run: (internal) => sweepAll(internal, backend),
    retry: async (internal, lease) => (await internal('lease.expire', { backend, lease })).nextDueInSeconds,
  }))

/** Batch after batch while there is more, so that a hundred thousand that are due at once wait for no next look. */
async function sweepAll(internal: RunInternal, backend: BackendName): Promise<number | null> {
  const begun = performance.now()
  for (;;) {
    const { ended, nextDueInSeconds } = await internal('lease.expire', { backend })
    const isMore = nextDueInSeconds !== null && nextDueInSeconds <= 0 && ended > 0
    if (!isMore || performance.now() - begun > sweepRunSeconds * 1000) return nextDueInSeconds
  }
}
