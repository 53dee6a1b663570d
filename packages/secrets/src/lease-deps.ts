import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Alerts, Clock, Directory, Workflows } from '@gatehouse/enforcement'
import type { Backends } from './secret-backend.ts'

/** The kinds of alert that leases raise. */
export const leaseAlerts = ['lease-irrevocable', 'lease-revocation-failed'] as const
export type LeaseAlert = (typeof leaseAlerts)[number]

/** What leases need from outside. */
export interface LeasesDeps {
  readonly db: Store
  readonly change: Change
  readonly clock: Clock
  readonly directory: Pick<Directory<Store>, 'holdActive'>
  readonly backends: Backends
  readonly workflows: Workflows
  readonly alerts: Alerts<LeaseAlert>
}
