import { workflowIds, type Output } from '@gatehouse/contract'
import { workflowPage, type TemporalWeb } from '@gatehouse/enforcement'
import { leaseRevocation } from './lease-terms.ts'
import type { LeaseRow } from './lease.queries.ts'
import type { Backends, BackendLimits } from './secret-backend.ts'

/** What a lease's view says beyond its row. */
export interface LeaseSights {
  readonly web: TemporalWeb
  /** Of its backend. */
  readonly limits: BackendLimits
}

/** A lease as it leaves. */
export const toLease = (row: LeaseRow, { web, limits }: LeaseSights): Output<'lease.get'> => ({
  id: row.id,
  backend: row.backend,
  ...leaseRevocation(limits, row),
  role: row.role,
  hostId: row.host_id,
  workspace: row.workspace_id,
  purpose: row.purpose,
  principal: row.principal_id,
  principalType: row.principal_type,
  principalName: row.principal_name,
  state: row.state,
  issuedAt: row.issued_at,
  expiresAt: row.expires_at,
  renewableUntil: row.renewable_until,
  wrappedUntil: row.wrapped_until,
  endedAt: row.ended_at,
  reason: row.reason,
  attempts: row.attempts,
  lastError: row.last_error,
  workflowUrl: workflowUrl(row, web),
})

/** The same, by the backends that there are. */
export const shownLease = (
  { web, backends }: { readonly web: TemporalWeb; readonly backends: Backends },
  row: LeaseRow,
): Output<'lease.get'> => toLease(row, { web, limits: backends[row.backend].limits })

/** The workflow that looks after the lease: its own once a revocation has failed, else its backend's. */
const workflowUrl = ({ attempts, id, backend }: LeaseRow, web: TemporalWeb): string | null =>
  workflowPage(web, attempts > 0 ? workflowIds.leaseRevocation(id) : workflowIds.leaseExpiry(backend))
