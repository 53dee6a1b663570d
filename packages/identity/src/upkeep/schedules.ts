import { workflowIds } from '@gatehouse/contract'
import type { Schedule } from '@gatehouse/enforcement'

const hourSeconds = 3600

/** What of identity runs by the clock. */
export const identitySchedules = [
  {
    id: workflowIds.signingKeyAdvance,
    cron: '7 * * * *',
    everySeconds: hourSeconds,
    operation: 'signingKey.advance',
    input: {},
  },
  {
    id: workflowIds.revocationPrune,
    cron: '37 * * * *',
    everySeconds: hourSeconds,
    operation: 'revocation.prune',
    input: {},
  },
] as const satisfies readonly Schedule[]
