import { BackendError } from './backends/backend-error.ts'
import { reachBackend } from './reach-backend.ts'
import type { RevocableBackend } from './secret-backend.ts'
import {
  backendOfLease,
  backendsOfLeases,
  closeCredentials,
  endCredentials,
  handleOf,
  standing,
} from './secret-backend.queries.ts'
import type { ReachDeps } from './secret-deps.ts'
import type { Provider } from './secret-provider.ts'

/** All backends of one kind, as the engine of leases has them: each lease's row says which of them it is of. */
export const providerBackend = (deps: ReachDeps, { kind, limits }: Provider): RevocableBackend => ({
  name: kind,
  limits,
  revoke: async (lease) => {
    const row = await backendOfLease(deps.db, lease.id)
    if (row === null) return // nothing was ever asked for
    const backend = standing(row)
    if (backend === null) throw new BackendError('unfit', `the backend \`${row.name}\` was removed`)
    const handle = await handleOf(deps.db, lease.id)
    const credential = { lease, backendId: backend.id, handle }
    await reachBackend(deps, backend, (provider, target) => provider.revoke(target, credential))
  },
  placesOf: (leaseIds) => backendsOfLeases(deps.db, leaseIds),
  mark: async (tx, leaseIds, phase) => {
    if (leaseIds.length > 0) await (phase === 'removing' ? closeCredentials : endCredentials)(tx, leaseIds)
  },
})
