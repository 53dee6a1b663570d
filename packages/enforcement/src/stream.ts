/**
 * Yields what the source yields and calls `recheck` at least once every `everyMilliseconds`; a throwing recheck ends
 * the stream.
 */
export async function* guarded<T>(
  source: AsyncIterable<T>,
  recheck: () => Promise<void>,
  everyMilliseconds: number,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]()
  let pending = iterator.next()
  let checkedAt = performance.now()
  try {
    for (;;) {
      const step = await firstOf(pending, everyMilliseconds)
      if (performance.now() - checkedAt >= everyMilliseconds - 1) {
        await recheck()
        checkedAt = performance.now()
      }
      if (step === null) continue
      if (step.done === true) return
      yield step.value
      pending = iterator.next()
    }
  } finally {
    pending.catch(() => undefined) // the stream is over; what its source still says is nobody's
    await iterator.return?.()
  }
}

/** The step if it comes in time, else null; the step stays pending. */
async function firstOf<T>(
  pending: Promise<IteratorResult<T>>,
  milliseconds: number,
): Promise<IteratorResult<T> | null> {
  let timer: NodeJS.Timeout | undefined
  const tick = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds)
  })
  try {
    return await Promise.race([pending, tick])
  } finally {
    clearTimeout(timer)
  }
}
