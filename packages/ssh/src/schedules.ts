import { workflowIds } from '@gatehouse/contract'
import type { Schedule } from '@gatehouse/enforcement'

/** What of SSH runs by the clock: all hosts are compared with all leases, in both directions; CAs are moved on. */
export const sshSchedules = [
  { id: workflowIds.sshReconcile, cron: '*/5 * * * *', everySeconds: 300, operation: 'sshHost.reconcile', input: {} },
  { id: workflowIds.sshCaAdvance, cron: '2-59/5 * * * *', everySeconds: 300, operation: 'sshCa.advance', input: {} },
] as const satisfies readonly Schedule[]
