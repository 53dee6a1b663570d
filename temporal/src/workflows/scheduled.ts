import { activitySilenceSeconds, scheduledRunSeconds } from '@gatehouse/contract/workflows'
import { proxyActivities } from '@temporalio/workflow'
import type { GatehouseActivities, ScheduledInput } from './activity-types.ts'

// a run that fails is not worth repeating for long: the schedule brings the next one
const { runSchedule } = proxyActivities<GatehouseActivities>({
  startToCloseTimeout: `${scheduledRunSeconds} seconds`,
  heartbeatTimeout: `${activitySilenceSeconds} seconds`,
  retry: { initialInterval: '5 seconds', maximumAttempts: 3 },
})

/** One run of one schedule. */
export async function scheduled(input: ScheduledInput): Promise<void> {
  await runSchedule(input.id)
}
