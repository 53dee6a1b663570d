import type { RoundBudget } from './budgets.ts'

/** What came of a round. Every host is in exactly one of the three. */
export interface Round<T> {
  readonly visited: readonly { readonly hostId: string; readonly result: T }[]
  /** Those whose visit failed, or had not ended when the round had. */
  readonly failed: readonly string[]
  /** Those that nobody began to visit. */
  readonly left: readonly string[]
}

/**
 * Visits hosts side by side, in the order that is given, and ends in time whatever they do. A visit that has not ended
 * by then goes on by itself: it is cut by its own limit, and the next round sees what it did.
 */
export async function visitRound<T>(
  hostIds: readonly string[],
  { parallelMax, seconds, visitSeconds }: RoundBudget,
  visit: (hostId: string) => Promise<T>,
): Promise<Round<T>> {
  const endsAt = performance.now() + seconds * 1000
  const visited: { hostId: string; result: T }[] = []
  const failed: string[] = []
  const open = new Set<string>()
  let begun = 0
  let over = false
  const runner = async (): Promise<void> => {
    for (;;) {
      const hostId = hostIds[begun]
      if (hostId === undefined || endsAt - performance.now() < visitSeconds * 1000) return
      begun += 1
      open.add(hostId)
      const result = await visit(hostId).then(
        (value) => ({ value }),
        () => null, // the visit has noted why on the host's own row
      )
      if (over) return
      open.delete(hostId)
      if (result === null) failed.push(hostId)
      else visited.push({ hostId, result: result.value })
    }
  }
  await orOver(Promise.all(Array.from({ length: parallelMax }, runner)), seconds)
  over = true
  return { visited, failed: [...failed, ...open], left: hostIds.slice(begun) }
}

/** Resolves when the work has ended, or the time. */
function orOver(work: Promise<unknown>, seconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000)
    work.then(() => resolve(), reject).finally(() => clearTimeout(timer))
  })
}
