import { workflowIds } from '@gatehouse/contract'
import type { Schedule } from '@gatehouse/enforcement'

/** What of keys runs by the clock: a waiting period is days, so that an hour more is none. */
export const keySchedules = [
  { id: workflowIds.kmsKeyDestroy, cron: '47 * * * *', everySeconds: 3600, operation: 'kmsKey.destroyDue', input: {} },
] as const satisfies readonly Schedule[]
