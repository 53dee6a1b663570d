/** What is open, and how it is closed: last opened, first closed. */
export interface Closers {
  /** Notes how a part is closed; answers the part. */
  keep<T>(part: T, close: (part: T) => Promise<void>): T
  close(): Promise<void>
}

/** Opens the list. */
export function createClosers(): Closers {
  const closers: (() => Promise<void>)[] = []
  return {
    keep: (part, close) => {
      closers.unshift(() => close(part))
      return part
    },
    close: async () => {
      for (const closeOne of closers.splice(0)) await closeOne()
    },
  }
}
