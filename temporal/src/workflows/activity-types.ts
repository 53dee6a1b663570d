import type { RowClockKind } from '@gatehouse/contract/workflows'

/** What the workflows may ask of the worker. Ids and numbers only: whatever crosses Temporal is kept by Temporal. */
export interface GatehouseActivities {
  /** Does what is due of one sweep. Answers the seconds until there is more, null when nothing is to come. */
  sweepDue(backend: string): Promise<number | null>
  /** Tries once more to end one lease. Answers the seconds until the next try, null once it has ended. */
  retryRevocation(lease: { readonly backend: string; readonly leaseId: string }): Promise<number | null>
  /** Does what is due of one row. Answers the seconds until there is more, null when nothing of it is to come. */
  lookAtRow(row: RowClockInput): Promise<number | null>
  /** Runs the internal operation of one schedule. */
  runSchedule(id: string): Promise<void>
}

/** What a backend's expiry workflow is started with. */
export interface LeaseExpiryInput {
  readonly backend: string
}

/** What a lease's own revocation workflow is started with. */
export interface LeaseRevocationInput {
  readonly backend: string
  readonly leaseId: string
}

/** What a row's workflow is started with: which row it is, and nothing of what stands in it. */
export interface RowClockInput {
  readonly kind: RowClockKind
  readonly id: string
}

/** What a scheduled workflow is started with. */
export interface ScheduledInput {
  readonly id: string
}
