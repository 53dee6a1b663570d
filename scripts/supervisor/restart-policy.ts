/** One death of a child, as far as it matters for what comes next. */
export interface Death {
  readonly atMs: number
  /** A child whose dependency died is not to blame: its death is restarted, but not counted. */
  readonly causedByDependency: boolean
}

/** What to do about a dead child. */
export type Verdict =
  | { readonly kind: 'restart'; readonly delayMs: number }
  | { readonly kind: 'give up'; readonly deaths: number }

/** So many counted deaths within the window end the whole system: something is wrong that restarting does not mend. */
export const DEATHS_MAX = 5
/** The time within which deaths are counted together. */
export const WINDOW_MS = 60_000

const FIRST_DELAY_MS = 100
const DELAY_MS_MAX = 5_000

/** Decides by the child's deaths so far, the newest last. */
export const judge = (deaths: readonly Death[]): Verdict => {
  const now = deaths.at(-1)?.atMs ?? 0
  const recent = deaths.filter((death) => now - death.atMs < WINDOW_MS)
  const counted = recent.filter((death) => !death.causedByDependency).length
  if (counted >= DEATHS_MAX) return { kind: 'give up', deaths: counted }
  return { kind: 'restart', delayMs: Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 4 ** Math.max(0, recent.length - 1)) }
}
