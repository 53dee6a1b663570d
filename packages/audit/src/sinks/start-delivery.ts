import { startLanes } from '@gatehouse/kit'
import { takeSink, type SinkDeps } from './deliver.ts'
import { sinksMax } from './sink.queries.ts'

const lookEveryMilliseconds = 1000

/** Delivers to every sink what it waits for, until it is closed. Requests never wait for it. */
export const startDelivery = ({
  onError,
  ...deps
}: SinkDeps & { readonly onError: (error: unknown) => void }): { close(): Promise<void> } =>
  startLanes({ parallelMax: sinksMax, lookEveryMilliseconds, take: () => takeSink(deps), onError })
