import { withoutRequest } from '@gatehouse/kit/tracing'

/** Opens a connection that hears when entries have got their places; called again after it was closed. */
export type ListenForLeaves = (onHeard: () => void) => { close(): Promise<void> }

/** Tells all tails of a process that there may be more. */
export interface TailFeed {
  join(): TailSeat
}

/** One tail's part in it. */
export interface TailSeat {
  /** How often something was heard; what was read before a change of it may lack something. */
  heard(): number
  /** Resolves once it is another number than this, or the seat was left. */
  after(heard: number): Promise<void>
  leave(): void
}

/** One connection that listens serves all tails of a process; with nobody there is none. */
export function createTailFeed(listen: ListenForLeaves): TailFeed {
  const seats = new Set<() => void>()
  let count = 0
  let listening: { close(): Promise<void> } | null = null

  const wakeAll = (): void => {
    count += 1
    for (const wake of Array.from(seats)) wake()
  }

  return {
    join: () => {
      let wakeUp: () => void = () => undefined
      let left = false
      const wake = (): void => wakeUp()
      seats.add(wake)
      listening ??= withoutRequest(() => listen(wakeAll))
      return {
        heard: () => count,
        after: (heard) =>
          new Promise((resolve) => {
            wakeUp = resolve
            if (left || count !== heard) resolve()
          }),
        leave: () => {
          left = true
          wakeUp()
          if (!seats.delete(wake) || seats.size > 0) return
          void listening?.close()
          listening = null
        },
      }
    },
  }
}
