import { setTimeout as sleep } from 'node:timers/promises'

/** How long somebody waits. */
export interface Wait {
  readonly seconds: number
  /** Aborted when whoever asked has gone. */
  readonly signal: AbortSignal
}

/** Tells of new versions of something that all nodes share. */
export interface VersionWatch {
  /** Answers when there is a newer version, or when the wait is over. Never throws. */
  newerThan(version: number, wait: Wait): Promise<void>
}

/** Between two looks: with it, a revocation is on its way to the hosts within half a second. */
const lookEveryMilliseconds = 500

interface Waiting {
  readonly version: number
  readonly tell: () => void
}

/**
 * One look at a time, however many wait, and none while nobody does. A look that fails tells nobody anything: those who
 * wait ask again when their wait is over.
 */
export function createVersionWatch(read: () => Promise<number>): VersionWatch {
  const waiting = new Set<Waiting>()
  let isLooking = false

  const look = async (): Promise<void> => {
    if (isLooking) return
    isLooking = true
    while (waiting.size > 0) {
      const newest = await read().catch(() => 0)
      for (const one of waiting) if (one.version < newest) one.tell()
      await sleep(lookEveryMilliseconds)
    }
    isLooking = false
  }

  return {
    newerThan: async (version, { seconds, signal }) => {
      const told = Promise.withResolvers<void>()
      const one: Waiting = { version, tell: told.resolve }
      const timer = setTimeout(told.resolve, seconds * 1000)
      signal.addEventListener('abort', one.tell, { once: true })
      if (signal.aborted) one.tell()
      waiting.add(one)
      void look()
      await told.promise
      waiting.delete(one)
      clearTimeout(timer)
      signal.removeEventListener('abort', one.tell)
    },
  }
}
