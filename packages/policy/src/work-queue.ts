/** Work that is done one after the other. */
export interface WorkQueue {
  /** Resolves when it is done. Never throws: what fails is told. */
  add(work: () => Promise<void>): Promise<void>
  /** The same, unless something waits already that will see as much. */
  addUnlessWaiting(work: () => Promise<void>): void
  /** Resolves when all that was added is done. */
  idle(): Promise<void>
}

/** One after the other, so that an older look never overtakes a newer one. */
export function createWorkQueue(failed: (error: unknown) => void): WorkQueue {
  let last: Promise<void> = Promise.resolve()
  let waiting = 0
  const add = (work: () => Promise<void>): Promise<void> => {
    waiting += 1
    last = last
      .then(() => {
        waiting -= 1
        return work()
      })
      .catch(failed)
    return last
  }
  return {
    add,
    addUnlessWaiting: (work) => {
      if (waiting === 0) void add(work)
    },
    idle: () => last,
  }
}
