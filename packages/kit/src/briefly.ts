/** A call whose answer is shared: by all who ask while it runs, and for some milliseconds after it. */
export interface BrieflyOptions {
  readonly milliseconds: number
  /** Milliseconds that only grow, such as `performance.now`. */
  readonly now: () => number
}

/**
 * Shares one answer among all who ask within a moment, refusals included: a flood of askers costs one call a moment.
 */
export function briefly<T>(ask: () => Promise<T>, { milliseconds, now }: BrieflyOptions): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly until: number } | null = null
  return () => {
    if (last !== null && now() < last.until) return last.answer
    const answer = ask()
    last = { answer, until: now() + milliseconds }
    return answer
  }
}
