import { workflowIds } from '@gatehouse/contract'
import type { Schedule } from '@gatehouse/enforcement'

/**
 * What of leases runs by the clock: what lies in backends is compared with them, in both directions, and ends that come
 * soon are told of.
 */
export const secretSchedules = [
  {
    id: workflowIds.secretReconcile,
    cron: '*/5 * * * *',
    everySeconds: 300,
    operation: 'secretBackend.reconcile',
    input: {},
  },
  { id: workflowIds.leaseWarn, cron: '* * * * *', everySeconds: 60, operation: 'lease.warn', input: {} },
] as const satisfies readonly Schedule[]
