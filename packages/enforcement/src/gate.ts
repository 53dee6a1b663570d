import { Refusal } from '@gatehouse/contract'

export interface GateOptions {
  /** How many run at once. */
  readonly width: number
  /** How many may wait; the next is refused at once. */
  readonly queueMax: number
  /** How long one may wait. */
  readonly waitMillisecondsMax: number
}

/** Lets few in at a time. Throws `Refusal('unavailable')` to who would wait too long, and never runs their work. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>

interface Waiting {
  readonly enter: () => void
  readonly giveUp: (refusal: Refusal) => void
  readonly timer: NodeJS.Timeout
}

/** A counting semaphore with a bounded queue, first come first served. */
export function createGate(options: GateOptions): Gate {
  const queue: Waiting[] = []
  let running = 0

  const enter = (): Promise<void> => {
    if (running < options.width) {
      running += 1
      return Promise.resolve()
    }
    if (queue.length >= options.queueMax) return Promise.reject(busy())
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(waiting), 1)
        waiting.giveUp(busy())
      }, options.waitMillisecondsMax)
      const waiting: Waiting = { enter: resolve, giveUp: reject, timer }
      queue.push(waiting)
    })
  }

  const leave = (): void => {
    const next = queue.shift()
    if (next === undefined) {
      running -= 1
      return
    }
    // the place is handed on: `running` stays
    clearTimeout(next.timer)
    next.enter()
  }

  return async (work) => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}

const busy = (): Refusal => new Refusal('unavailable', { retryAfterSeconds: 1 })
