import { workflowIds, type Output } from '@gatehouse/contract'
import type { LeaseRow } from './lease.queries.ts'

/** Where Temporal Web is; null: nowhere. */
export type TemporalWeb = { readonly url: string; readonly namespace: string } | null

/** A lease as it leaves. */
export const toLease = (row: LeaseRow, web: TemporalWeb): Output<'lease.get'> => ({
  id: row.id,
  backend: row.backend,
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
  endedAt: row.ended_at,
  reason: row.reason,
  attempts: row.attempts,
  lastError: row.last_error,
  workflowUrl: workflowUrl(row, web),
})

/** The workflow that looks after the lease: its own once a revocation has failed, else its backend's. */
function workflowUrl(row: LeaseRow, web: TemporalWeb): string | null {
  if (web === null) return null
  const id = row.attempts > 0 ? workflowIds.leaseRevocation(row.id) : workflowIds.leaseExpiry(row.backend)
  const base = web.url.replace(/\/$/, '')
  return `${base}/namespaces/${encodeURIComponent(web.namespace)}/workflows/${encodeURIComponent(id)}`
}
