import { activitySilenceSeconds } from '@gatehouse/contract/workflows'
import { condition, continueAsNew, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow'
import { activitySeconds } from '@gatehouse/secrets/transitions'
import type { GatehouseActivities, LeaseExpiryInput } from './activity-types.ts'

const { sweepDue } = proxyActivities<GatehouseActivities>({
  startToCloseTimeout: `${activitySeconds} seconds`,
  heartbeatTimeout: `${activitySilenceSeconds} seconds`,
  retry: { initialInterval: '1 second', maximumInterval: '10 seconds' },
})

/** Nothing is believed for longer: a lease issued meanwhile may end sooner than all that were known. */
const pauseSecondsMax = 10

/** Work that stays due (somebody else holds it) must not become a busy loop. */
const pauseSecondsMin = 0.5

/** Looks at the rows again now. It says nothing by itself, so a forged one changes nothing. */
export const wake = defineSignal('wake')

/** Ends the leases of one backend as they come due, for ever. */
export async function leaseExpiry(input: LeaseExpiryInput): Promise<void> {
  let woken = false
  setHandler(wake, () => {
    woken = true
  })
  while (!workflowInfo().continueAsNewSuggested) {
    woken = false
    const next = await sweepDue(input.backend)
    const pauseSeconds = Math.max(pauseSecondsMin, Math.min(next ?? pauseSecondsMax, pauseSecondsMax))
    await condition(() => woken, Math.ceil(pauseSeconds * 1000))
  }
  await continueAsNew<typeof leaseExpiry>(input)
}
