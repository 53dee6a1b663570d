import { activitySilenceSeconds } from '@gatehouse/contract/workflows'
import { condition, continueAsNew, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow'
import { activitySeconds } from '@gatehouse/secrets/transitions'
import type { GatehouseActivities, RowClockInput } from './activity-types.ts'

const { lookAtRow } = proxyActivities<GatehouseActivities>({
  startToCloseTimeout: `${activitySeconds} seconds`,
  heartbeatTimeout: `${activitySilenceSeconds} seconds`,
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
})

/** Nothing is believed for longer: who changes a row says so, and this heals what was not said. */
const pauseSecondsMax = 86_400

/** A row that stays due (somebody else holds it) must not become a busy loop. */
const pauseSecondsMin = 1

/** Far below what Temporal keeps of one run, so that a flood of signals makes many short histories and no long one. */
const roundsMax = 200

/** The row has changed. It says nothing of how, and the row is read: a forged one changes nothing. */
export const changed = defineSignal('changed')

/**
 * Waits for the clocks of one row, whatever its kind: looks at the row, waits until something of it is due or somebody
 * says that it has changed, and looks again, until nothing of it is to come.
 */
export async function rowClock(input: RowClockInput): Promise<void> {
  let isChanged = false
  setHandler(changed, () => {
    isChanged = true
  })
  for (let round = 0; round < roundsMax && !workflowInfo().continueAsNewSuggested; round++) {
    isChanged = false
    const next = await lookAtRow(input)
    if (next === null) return
    const pauseSeconds = Math.max(pauseSecondsMin, Math.min(next, pauseSecondsMax))
    await condition(() => isChanged, Math.ceil(pauseSeconds * 1000))
  }
  await continueAsNew<typeof rowClock>(input)
}
