import { workflowIds } from '@gatehouse/contract'
import type { Schedule } from '@gatehouse/enforcement'

/** What of backends runs by the clock: what lies in them is compared with their leases, in both directions. */
export const secretSchedules = [
  {
    id: workflowIds.secretReconcile,
    cron: '*/5 * * * *',
    everySeconds: 300,
    operation: 'secretBackend.reconcile',
    input: {},
  },
] as const satisfies readonly Schedule[]
