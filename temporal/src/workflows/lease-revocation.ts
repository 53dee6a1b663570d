import { activitySilenceSeconds } from '@gatehouse/contract/workflows'
import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow'
import { activitySeconds, retryDelaySeconds } from '@gatehouse/secrets/transitions'
import type { GatehouseActivities, LeaseRevocationInput } from './activity-types.ts'

const { retryRevocation } = proxyActivities<GatehouseActivities>({
  startToCloseTimeout: `${activitySeconds} seconds`,
  heartbeatTimeout: `${activitySilenceSeconds} seconds`,
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
})

const secondMilliseconds = 1000

/**
 * Brings one revocation to its end after its first attempt failed: back-off, escalation and the daily try after it are
 * the
 * row's own, which the activity reads. The workflow only waits, and shows where the lease stands.
 */
export async function leaseRevocation(input: LeaseRevocationInput): Promise<void> {
  // the row carries the same pause; starting with it spares a look that finds nothing due
  let pauseSeconds = retryDelaySeconds(1)
  while (!workflowInfo().continueAsNewSuggested) {
    await sleep(Math.ceil(Math.max(pauseSeconds, 1) * secondMilliseconds))
    const next = await retryRevocation(input)
    if (next === null) return
    pauseSeconds = next
  }
  await continueAsNew<typeof leaseRevocation>(input)
}
