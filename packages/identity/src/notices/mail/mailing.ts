import { setTimeout as sleep } from 'node:timers/promises'
import { deliverOne, type MailDeps } from './deliver-mail.ts'

const lookEveryMilliseconds = 1000
/** A server that is down is asked for nobody's mail in this time. */
const pauseAfterFailureMilliseconds = 10_000

/** A server that hangs keeps nobody from stopping: the claim on that mail lapses as if the process had died. */
const closeMillisecondsMax = 2000

/** Sends what waits, one after the other, until it is closed. Requests never wait for it. */
export function startMailing(deps: MailDeps & { readonly onError: (error: unknown) => void }): {
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
  const done = (async () => {
    while (!stop.signal.aborted) {
      const pause = await round()
      if (pause > 0) await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  })()
  return {
    close: async () => {
      stop.abort()
      await Promise.race([done, sleep(closeMillisecondsMax, undefined, { ref: false })])
    },
  }
}
