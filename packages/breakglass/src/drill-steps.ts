/** What a drill has measured, each in seconds from when it was asked for; null: it has not come to that. */
export interface DrillSteps {
  readonly firstVoteSeconds: number | null
  readonly approvedSeconds: number | null
  /** When its emergency session would have begun. */
  readonly activationSeconds: number | null
}

/** What an honest pair at night can do: whoever is asked reads and votes, a second one does, who asked activates. */
export const drillGoals: { readonly [S in keyof DrillSteps]: number } = {
  firstVoteSeconds: 120,
  approvedSeconds: 240,
  activationSeconds: 300,
}

const steps = ['firstVoteSeconds', 'approvedSeconds', 'activationSeconds'] as const

/** When something happened, null: it has not. */
export interface DrillTimes {
  readonly askedAt: Date
  readonly firstVoteAt: Date | null
  readonly approvedAt: Date | null
  readonly finishedAt: Date | null
}

/** The steps of a drill. A clock that was set back makes none shorter than nothing. */
export function stepsOf({ askedAt, firstVoteAt, approvedAt, finishedAt }: DrillTimes): DrillSteps {
  const since = (at: Date | null): number | null =>
    at === null ? null : Math.max(0, Math.round((at.getTime() - askedAt.getTime()) / 1000))
  return {
    firstVoteSeconds: since(firstVoteAt),
    approvedSeconds: since(approvedAt),
    activationSeconds: since(finishedAt),
  }
}

/**
 * From 0 to 100: a third for each step, whole within its goal, half of it in twice the time, nothing for a step that it
 * has not come to.
 */
export function scoreOf(measured: DrillSteps): number {
  const parts = steps.map((step) => {
    const seconds = measured[step]
    return seconds === null ? 0 : Math.min(1, drillGoals[step] / Math.max(seconds, 1))
  })
  return Math.round((parts.reduce((sum, part) => sum + part, 0) / steps.length) * 100)
}
