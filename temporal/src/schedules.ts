import { workflowIds, type Raw } from '@gatehouse/contract'

type Scheduled = 'sshHost.reconcile' | 'sshKey.sweep' | 'signingKey.advance' | 'revocation.prune'

/** An internal operation that runs by the clock. */
export interface ScheduleOf<N extends Scheduled = Scheduled> {
  readonly id: string
  /** Five fields, in UTC. */
  readonly cron: string
  readonly operation: N
  readonly input: Raw<N>
}

/** Everything that runs by the clock. */
export const schedules: readonly ScheduleOf[] = [
  { id: workflowIds.sshReconcile, cron: '*/5 * * * *', operation: 'sshHost.reconcile', input: {} },
  { id: workflowIds.signingKeyAdvance, cron: '7 * * * *', operation: 'signingKey.advance', input: {} },
  { id: workflowIds.revocationPrune, cron: '37 * * * *', operation: 'revocation.prune', input: {} },
]
