import { setTimeout as sleep } from 'node:timers/promises'
import { deliverOne, type SinkDeps } from './deliver.ts'

const lookEveryMilliseconds = 1000
/** After something went wrong here, and not with a sink. */
const pauseAfterFailureMilliseconds = 10_000
/** A sink that hangs keeps nobody from stopping: its claim lapses as if the process had died. */
const closeMillisecondsMax = 2000
/** So many sinks are delivered to at once: a slow one holds up none of the others. */
const parallelMax = 4

/** Delivers to every sink what it waits for, until it is closed. Requests never wait for it. */
export function startDelivery(deps: SinkDeps & { readonly onError: (error: unknown) => void }): {
  close(): Promise<void>
} {
  const stop = new AbortController()
  const round = async (): Promise<number> => {
    try {
      return (await deliverOne(deps)) ? 0 : lookEveryMilliseconds
    } catch (error) {
      deps.onError(error)
      return pauseAfterFailureMilliseconds
    }
  }
  const lane = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const pause = await round()
      if (pause > 0) await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const done = Promise.all(Array.from({ length: parallelMax }, lane))
  return {
    close: async () => {
      stop.abort()
      await Promise.race([done, sleep(closeMillisecondsMax, undefined, { ref: false })])
    },
  }
}
