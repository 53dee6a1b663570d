import type { Log } from './log.ts'

/** Time in which the same failure is told once: while Temporal is away, each change of a lease fails to wake six. */
const onceInMilliseconds = 60_000
/** So many different ones are known; then all may be told again. */
const knownMax = 200

/** Logs what failed in the background, the same failure once a minute, with how often it came in between. */
export function tellFailures(log: Pick<Log, 'error'>): (part: string, error: unknown) => void {
  const known = new Map<string, { readonly toldAt: number; untold: number }>()
  return (part, error) => {
    const which = `${part} ${String(error)}`
    const before = known.get(which)
    const now = performance.now()
    if (before !== undefined && now - before.toldAt < onceInMilliseconds) {
      before.untold += 1
      return
    }
    if (known.size >= knownMax) known.clear()
    known.set(which, { toldAt: now, untold: 0 })
    const untold = before?.untold ?? 0
    log.error({ part, err: error, ...(untold > 0 ? { untold } : {}) }, 'something in the background failed')
  }
}
