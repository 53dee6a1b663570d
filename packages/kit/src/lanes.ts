import { setTimeout as sleep } from 'node:timers/promises'

/** Work that waits in rows, done side by side. */
export interface LaneOptions {
  /** So many pieces at once: a slow one holds up none of the others. */
  readonly parallelMax: number
  /** Does one piece if one waits; answers whether one did. */
  readonly work: () => Promise<boolean>
  readonly lookEveryMilliseconds: number
  /** Told of what went wrong here, and not with a receiver. */
  readonly onError: (error: unknown) => void
}

export interface Lanes {
  /** Looks now rather than at the next look. */
  wake(): void
  close(): Promise<void>
}

const pauseAfterFailureMilliseconds = 10_000
/** A receiver that hangs keeps nobody from stopping: its claim lapses as if the process had died. */
const closeMillisecondsMax = 2000

/** Does what waits until it is closed. Nobody waits for it. */
export function startLanes({ parallelMax, work, lookEveryMilliseconds, onError }: LaneOptions): Lanes {
  const stop = new AbortController()
  let waking = new AbortController()
  const pause = async (milliseconds: number, woken: AbortSignal): Promise<void> => {
    const signal = AbortSignal.any([stop.signal, woken])
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
  }
  const lane = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const woken = waking.signal // of before the look: what came during it is looked for again
      try {
        if (!(await work())) await pause(lookEveryMilliseconds, woken)
      } catch (error) {
        onError(error)
        await pause(pauseAfterFailureMilliseconds, stop.signal)
      }
    }
  }
  const done = Promise.all(Array.from({ length: parallelMax }, lane))
  return {
    wake: () => {
      const sleeping = waking
      waking = new AbortController()
      sleeping.abort()
    },
    close: async () => {
      stop.abort()
      await Promise.race([done, sleep(closeMillisecondsMax, undefined, { ref: false })])
    },
  }
}
