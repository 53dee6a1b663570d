/** A value and how often it stands. */
export interface Count {
  readonly value: string
  readonly count: number
}

const dayMs = 86_400_000

/** More days than this are too narrow to tell apart. */
const daysShownMax = 90

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** Every day from the first to the last that was counted, days without entries too; at most the newest 90. */
export function wholeDays(days: readonly Count[]): readonly Count[] {
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined) return []
  const counts = new Map(days.map(({ value, count }) => [value, count]))
  const end = Date.parse(`${last.value}T00:00:00Z`)
  const begin = Math.max(Date.parse(`${first.value}T00:00:00Z`), end - (daysShownMax - 1) * dayMs)
  const length = Math.round((end - begin) / dayMs) + 1
  return Array.from({ length }, (_, index) => {
    const value = isoDay(begin + index * dayMs)
    return { value, count: counts.get(value) ?? 0 }
  })
}

const grouped = new Intl.NumberFormat('en-GB')

/** A number as people read it: `1,204`. */
export const numberWords = (count: number): string => grouped.format(count)

/** The bars, said: how many days, and when most was. */
export function dayWords(days: readonly Count[]): string {
  const [first] = days
  if (first === undefined) return 'No entries.'
  const most = days.reduce((best, day) => (day.count > best.count ? day : best))
  if (days.length === 1) return `${numberWords(first.count)} on ${first.value}.`
  return `Entries per day over ${days.length} days; most on ${most.value} (${numberWords(most.count)}).`
}

/** How much was counted: `1,204 entries`, `the newest 100,000 entries`. */
export function countedWords({ counted, complete }: { counted: number; complete: boolean }): string {
  const entries = `${numberWords(counted)} ${counted === 1 ? 'entry' : 'entries'}`
  return complete ? entries : `the newest ${entries}`
}
