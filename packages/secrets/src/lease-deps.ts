import type { Change } from '@gatehouse/audit'
import type { Store, Transaction } from '@gatehouse/database'
import type { Alerts, Clock, Directory, Workflows } from '@gatehouse/enforcement'
import type { Backends } from './secret-backend.ts'

/** The kinds of alert that leases raise. */
export const leaseAlerts = ['lease-irrevocable', 'lease-revocation-failed'] as const
export type LeaseAlert = (typeof leaseAlerts)[number]

/** Knows which emergency sessions live. */
export interface LivingEmergencies {
  /** Holds one until the transaction ends, and answers the request that it was approved by. Null: it has ended. */
  holdAlive(tx: Transaction, id: string): Promise<string | null>
  /** The session that an approved request was activated as, over or not; null: there is none. */
  sessionOf(db: Store, requestId: string): Promise<string | null>
}

/** What leases need from outside. */
export interface LeasesDeps {
  readonly db: Store
  readonly change: Change
  readonly clock: Clock
  readonly directory: Pick<Directory<Store>, 'holdActive' | 'findLock'>
  readonly emergencies: LivingEmergencies
  readonly backends: Backends
  readonly workflows: Workflows
  readonly alerts: Alerts<LeaseAlert>
}
