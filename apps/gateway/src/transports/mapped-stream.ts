/** How a stream is made from another. */
export interface MappedParts<T> {
  /** Called when somebody reads for the first time. */
  readonly open: () => AsyncIterable<T> | Promise<AsyncIterable<T>>
  readonly item: (item: T) => unknown
  /** What a reader gets for what the other stream, or opening it, threw. */
  readonly error: (error: unknown) => unknown
}

/**
 * A stream of what another gives, that lets go of it at once. Written by hand: a generator's `return` waits for its
 * pending `next`, which on a quiet stream never comes, so that a stream whose client has gone would stay.
 */
export function mappedStream<T>({ open, item, error }: MappedParts<T>): AsyncIterable<unknown> {
  let opened: Promise<AsyncIterator<T>> | null = null
  let over = false
  const done = { done: true, value: undefined } as const

  const iteratorOf = async (): Promise<AsyncIterator<T>> => (await open())[Symbol.asyncIterator]()
  const letGo = async (): Promise<typeof done> => {
    over = true
    const iterator = await opened?.catch(() => null) // it was never open
    await iterator?.return?.()
    return done
  }

  const next = async (): Promise<IteratorResult<unknown>> => {
    if (over) return done
    try {
      opened ??= iteratorOf()
      const step = await (await opened).next()
      if (!over && step.done !== true) return { done: false, value: item(step.value) }
      return await letGo()
    } catch (cause) {
      void letGo().catch(() => undefined) // what went wrong first is what its reader learns
      throw error(cause)
    }
  }

  return { [Symbol.asyncIterator]: () => ({ next, return: letGo }) }
}

/**
 * A stream whose end by an error is its last item, made of that error. By hand, too: it lets go at once, as the stream
 * that it wraps does.
 */
export function endingTold<T>(stream: AsyncIterable<T>, told: (error: unknown) => T): AsyncGenerator<T, void> {
  const iterator = stream[Symbol.asyncIterator]()
  let over = false
  const done = { done: true, value: undefined } as const
  const letGo = async (): Promise<typeof done> => {
    over = true
    await iterator.return?.()
    return done
  }
  const next = async (): Promise<IteratorResult<T, void>> => {
    if (over) return done
    try {
      const step = await iterator.next()
      return step.done === true ? await letGo() : { done: false, value: step.value }
    } catch (error) {
      over = true
      return { done: false, value: told(error) }
    }
  }
  const ending = {
    next,
    return: letGo,
    throw: letGo,
    [Symbol.asyncIterator]: () => ending,
    [Symbol.asyncDispose]: async () => void (await letGo()),
  }
  return ending
}
