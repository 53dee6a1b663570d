/**
 * Requests begun in one turn of the event loop. Each costs a millisecond or two before its first wait; a turn shall
 * stay short.
 */
const startsPerTurn = 2

/** Runs work when its lane's turn has come. */
export type FairTurns = <T>(lane: string, work: () => Promise<T> | T) => Promise<T>

/**
 * Lets a stampede in one lane wait behind itself: lanes take turns, and between turns the event loop looks at the
 * network again.
 * Without it a thousand requests that arrive at once are all begun before the next person's one is even read.
 */
export function createFairTurns(): FairTurns {
  const lanes = new Map<string, (() => void)[]>()
  let scheduled = false

  const schedule = (): void => {
    if (scheduled || lanes.size === 0) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      for (let started = 0; started < startsPerTurn; started += 1) startNext()
      schedule()
    })
  }

  /** The lane that waited longest gives one, and goes to the end. */
  const startNext = (): void => {
    const first = lanes.entries().next()
    if (first.done === true) return
    const [lane, waiting] = first.value
    lanes.delete(lane)
    const start = waiting.shift()
    if (waiting.length > 0) lanes.set(lane, waiting)
    start?.()
  }

  return async (lane, work) => {
    await new Promise<void>((resolve) => {
      const waiting = lanes.get(lane)
      if (waiting === undefined) lanes.set(lane, [resolve])
      else waiting.push(resolve)
      schedule()
    })
    return work()
  }
}
