/** Work that is done one after the other, in the order in which it came. */
export interface Turns {
  /** Does it in its turn. Rejects with what the work rejects with; those behind it go on. */
  take<T>(work: () => Promise<T>): Promise<T>
  /** How many stand behind the one that is done now. */
  waiting(): number
  /** Resolves when all that has been given so far is done. */
  idle(): Promise<void>
}

/** Opens a row of work, so that an older piece never overtakes a newer one. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  let unfinished = 0
  return {
    take: (work) => {
      unfinished += 1
      const mine = last.then(work).finally(() => {
        unfinished -= 1
      })
      last = mine.catch(() => undefined)
      return mine
    },
    waiting: () => Math.max(0, unfinished - 1),
    idle: async () => {
      await last
    },
  }
}

/**
 * Runs one piece of work per key at a time. Whoever comes while it runs joins the one next run, which starts after
 * theirs was asked for and so sees what they wrote: twenty callers cost two or three runs.
 */
export function coalesce<T>(run: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const running = new Map<string, Promise<T>>()
  const next = new Map<string, Promise<T>>()
  const start = (key: string): Promise<T> => {
    const work = run(key).finally(() => {
      if (running.get(key) === work) running.delete(key)
    })
    running.set(key, work)
    return work
  }
  const startAfter = async (key: string, current: Promise<T>): Promise<T> => {
    await current.catch(() => undefined)
    next.delete(key)
    return start(key)
  }
  return (key) => {
    const current = running.get(key)
    if (current === undefined) return start(key)
    const joined = next.get(key) ?? startAfter(key, current)
    next.set(key, joined)
    return joined
  }
}
