/** What a held stream is made of. */
export interface StreamParts<T, M> {
  readonly source: AsyncIterable<T>
  /** Awaited before each item is given out; throws when it may not be. */
  readonly fresh: () => Promise<void>
  /** What is given out for an item. */
  readonly make: (item: T) => M
  /** What the reader gets for what the source, or making of its item, threw. Called at most once, before the close. */
  readonly failed: (error: unknown) => unknown
  /** Called once, however the stream ends, whether or not anybody ever read of it. */
  readonly onClose: () => Promise<void>
}

/** A stream that can be ended from outside, at once, while its reader waits. */
export interface HeldStream<T> extends AsyncIterable<T> {
  /** Null: it is over. An error: that is what its reader gets. Resolves, and never rejects, once it is closed. */
  end(error: unknown): Promise<void>
}

interface Reader<T> {
  readonly resolve: (step: IteratorResult<T>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Written by hand and not as a generator: a generator's `return` waits for its pending `next`, which on a quiet stream
 * never comes, and one that was never read does not close at all. A quiet stream costs nothing: no timer, no promise.
 */
export function holdStream<T, M>({ source, fresh, make, failed, onClose }: StreamParts<T, M>): HeldStream<M> {
  const iterator = source[Symbol.asyncIterator]()
  const readers: Reader<M>[] = []
  let over: { error: unknown } | null = null
  let closing = Promise.resolve()

  /** The error is told once, to who reads first; after it the stream is over. */
  const tell = (reader: Reader<M>): void => {
    const error = over?.error ?? null
    over = { error: null }
    if (error === null) reader.resolve({ done: true, value: undefined })
    else reader.reject(error)
  }

  const end = (error: unknown): Promise<void> => {
    if (over !== null) return closing
    over = { error }
    closing = close(iterator, onClose)
    for (const reader of readers.splice(0)) tell(reader)
    return closing
  }

  const pull = async (): Promise<void> => {
    try {
      const step = await iterator.next()
      if (step.done === true) return void end(null)
      await fresh()
      const value = make(step.value)
      readers.shift()?.resolve({ done: false, value })
    } catch (error) {
      // what a stream that is over throws is nobody's
      if (over === null) void end(failed(error))
    }
  }

  return {
    end,
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise((resolve, reject) => {
          if (over !== null) return tell({ resolve, reject })
          readers.push({ resolve, reject })
          void pull()
        }),
      return: async () => {
        await end(null)
        return { done: true, value: undefined }
      },
    }),
  }
}

async function close(iterator: AsyncIterator<unknown>, onClose: () => Promise<void>): Promise<void> {
  // INVARIANT: a source that does not let go keeps neither its stream's place nor the word that it was closed. What a
  // source says while it is let go is nobody's.
  const letGo = (async () => iterator.return?.())().catch(() => undefined)
  await onClose()
  await letGo
}
