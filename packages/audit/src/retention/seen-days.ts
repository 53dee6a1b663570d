/** Days of which there are entries. */
export interface SeenDays {
  see(at: string | null): void
  /** True where there is one later than the day after the first moment, and no later than the second. */
  hasBetween(after: Date, until: Date): boolean
}

const dayMilliseconds = 86_400_000
const dayOf = (milliseconds: number): number => Math.floor(milliseconds / dayMilliseconds)

/** Whether `hasBetween` takes both for the same. */
export const isSameDay = (one: Date, two: Date): boolean => dayOf(one.getTime()) === dayOf(two.getTime())

/**
 * Days of the entries before a place in the tree: what stands behind it is hardly older than these. A day's lateness is
 * allowed for (a long transaction, two clocks); and what a clock once set wrong has dated into the future says nothing
 * of a removal before that day.
 */
export function seenDays(): SeenDays {
  const days: number[] = [] // in order, each once
  const seen = new Set<number>()
  return {
    see: (at) => {
      const day = dayOf(Date.parse(at ?? ''))
      if (Number.isNaN(day) || seen.has(day)) return
      seen.add(day)
      days.push(day)
      if (day < (days.at(-2) ?? day)) days.sort((a, b) => a - b)
    },
    hasBetween: (after, until) => {
      const [first, last] = [dayOf(after.getTime()) + 1, dayOf(until.getTime())]
      const latest = days.findLast((day) => day <= last)
      return latest !== undefined && latest > first
    },
  }
}
