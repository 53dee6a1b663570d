/**
 * Runs one piece of work per key at a time. Whoever comes while it runs joins the one next run, which starts after
 * theirs
 * was asked for and so sees what they wrote: twenty callers cost two or three runs.
 */
export function coalesce<T>(run: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const running = new Map<string, Promise<T>>()
  const waiting = new Map<string, Promise<T>>()

  const start = (key: string): Promise<T> => {
    const work = run(key).finally(() => {
      if (running.get(key) === work) running.delete(key)
    })
    running.set(key, work)
    return work
  }

  return (key) => {
    const current = running.get(key)
    if (current === undefined) return start(key)
    const joined =
      waiting.get(key) ??
      current
        .then(
          () => undefined,
          () => undefined,
        )
        .then(() => {
          waiting.delete(key)
          return start(key)
        })
    waiting.set(key, joined)
    return joined
  }
}
