import { workflowIds } from '@gatehouse/contract'
import type { Schedule } from '@gatehouse/enforcement'

/** What of keys runs by the clock: their periods are days, so that an hour more is none. */
export const keySchedules = [
  { id: workflowIds.kmsKeyDestroy, cron: '47 * * * *', everySeconds: 3600, operation: 'kmsKey.destroyDue', input: {} },
  { id: workflowIds.kmsKeyRotate, cron: '27 * * * *', everySeconds: 3600, operation: 'kmsKey.rotateDue', input: {} },
] as const satisfies readonly Schedule[]
