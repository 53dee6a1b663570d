import { workflowIds, type Raw } from '@gatehouse/contract'

/** An internal operation that runs by the clock. */
export interface ScheduleOf<N extends 'sshHost.reconcile' | 'sshKey.sweep' = 'sshHost.reconcile' | 'sshKey.sweep'> {
  readonly id: string
  /** Five fields, in UTC. */
  readonly cron: string
  readonly operation: N
  readonly input: Raw<N>
}

/** Everything that runs by the clock. */
export const schedules: readonly ScheduleOf[] = [
  { id: workflowIds.sshReconcile, cron: '*/5 * * * *', operation: 'sshHost.reconcile', input: {} },
]
