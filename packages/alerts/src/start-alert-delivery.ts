import type { Listen } from '@gatehouse/database'
import { startLanes } from '@gatehouse/kit'
import { wakeChannel } from './alert.queries.ts'
import { channelsMax } from './channel.queries.ts'
import { takeMessage, type DeliverDeps } from './deliver.ts'

/** What was raised is heard of at once; this is for what was missed while nobody could listen. */
const lookEveryMilliseconds = 5000
/** Retries are the worker's; one that is so late is taken up by whoever is there. */
const retriesDueSeconds = 10

export interface AlertDeliveryDeps extends DeliverDeps {
  readonly listen: Listen
  readonly onError: (error: unknown) => void
}

/** Sends alerts as they are raised, in every process, until it is closed. Nobody who raises one waits for it. */
export function startAlertDelivery({ listen, onError, ...deps }: AlertDeliveryDeps): { close(): Promise<void> } {
  const lanes = startLanes({
    parallelMax: channelsMax,
    lookEveryMilliseconds,
    take: () => takeMessage(deps, { retriesDueSeconds }),
    onError,
  })
  const listening = listen({ name: 'gatehouse-alerts', channel: wakeChannel, onHeard: lanes.wake, onError })
  return { close: async () => void (await Promise.all([lanes.close(), listening.close()])) }
}
