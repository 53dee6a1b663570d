import type { Sweep } from '@gatehouse/enforcement'
import type { Leases } from './leases.ts'
import type { Backends } from './secret-backend.ts'

/** A sweep for each backend, total: one whose leases nobody ends is no backend. */
export const leaseSweeps = (leases: Pick<Leases, 'nextDueInSeconds'>, backends: Backends): readonly Sweep[] =>
  Object.values(backends).map(({ name: backend }) => ({
    name: backend,
    nextDueInSeconds: () => leases.nextDueInSeconds(backend),
    run: async (internal) => (await internal('lease.expire', { backend })).nextDueInSeconds,
    retry: async (internal, lease) => (await internal('lease.expire', { backend, lease })).nextDueInSeconds,
  }))
