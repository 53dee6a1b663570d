import { startLanes } from '@gatehouse/kit'
import { deliverOne, type SinkDeps } from './deliver.ts'

const lookEveryMilliseconds = 1000
/** So many sinks are delivered to at once: a slow one holds up none of the others. */
const parallelMax = 4

/** Delivers to every sink what it waits for, until it is closed. Requests never wait for it. */
export const startDelivery = ({
  onError,
  ...deps
}: SinkDeps & { readonly onError: (error: unknown) => void }): { close(): Promise<void> } =>
  startLanes({ parallelMax, lookEveryMilliseconds, work: () => deliverOne(deps), onError })
