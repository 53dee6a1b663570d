import { setTimeout as sleep } from 'node:timers/promises'

/** Work that waits in rows, done side by side. */
export interface LaneOptions {
  /** So many pieces at once: as many as there may be receivers, so that those that hang hold up none of the others. */
  readonly parallelMax: number
  /**
   * Takes one piece if one waits, and answers what does it; null: none waits. It is asked once at a time, and has to
   * leave out a receiver of which it has taken a piece that is not done.
   */
  readonly take: () => Promise<(() => Promise<unknown>) | null>
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
export function startLanes({ parallelMax, take, lookEveryMilliseconds, onError }: LaneOptions): Lanes {
  const stop = new AbortController()
  let waking = new AbortController()
  const wake = (): void => {
    const sleeping = waking
    waking = new AbortController()
    sleeping.abort()
  }
  const pause = async (milliseconds: number, woken: AbortSignal): Promise<void> => {
    const signal = AbortSignal.any([stop.signal, woken])
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
  }
  const underWay = new Set<Promise<void>>()
  const begin = (piece: () => Promise<unknown>): void => {
    const done = piece()
      .then(() => undefined, onError)
      .finally(() => {
        underWay.delete(done)
        wake() // there may be more for its receiver
      })
    underWay.add(done)
  }
  const look = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const woken = waking.signal // of before the look: what came during it is looked for again
      const piece = underWay.size < parallelMax ? await take() : null
      if (piece === null) await pause(lookEveryMilliseconds, woken)
      else begin(piece)
    }
  }
  const lookOn = async (): Promise<void> => {
    while (!stop.signal.aborted)
      await look().catch(async (error: unknown) => {
        onError(error)
        await pause(pauseAfterFailureMilliseconds, stop.signal)
      })
  }
  const looking = lookOn()
  return {
    wake,
    close: async () => {
      stop.abort()
      const done = Promise.all([looking, ...underWay])
      await Promise.race([done, sleep(closeMillisecondsMax, undefined, { ref: false })])
    },
  }
}
