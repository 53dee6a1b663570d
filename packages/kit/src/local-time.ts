/** The days of a week as policies and calendars name them, in the order of `Date`. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Weekday = (typeof weekdays)[number]

/** What clocks on the wall of a time zone show. */
export interface LocalTime {
  readonly day: Weekday
  /** The date there, as `2026-12-24`. */
  readonly date: string
  readonly hour: number
  readonly minute: number
}

/** IANA's names in the one spelling of this runtime; `UTC` is not among those that it lists. */
const zoneNames: ReadonlyMap<string, string> = new Map(
  ['UTC', ...Intl.supportedValuesOf('timeZone')].map((name) => [name.toLowerCase(), name]),
)

/** The one spelling of a time zone's name. Null: there is none of that name; an offset such as +02:00 is none. */
export function canonicalTimeZone(text: string): string | null {
  const known = zoneNames.get(text.toLowerCase())
  if (known !== undefined) return known
  // names that IANA keeps for another one (Asia/Calcutta, Europe/Kyiv) have the form of a name, and are taken
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)+$/.test(text)) return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone
  } catch {
    return null
  }
}

/** Making one costs 50 times what it costs to use. There are as many as time zones in use: some hundreds at most. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  formatters.set(timeZone, made)
  return made
}

/**
 * What clocks in a time zone show at a moment. The time zone database answers for it, summer time included: an hour
 * that a day has twice is that hour twice, and one that it leaves out never is.
 */
export function localTimeIn(timeZone: string, at: Date): LocalTime {
  if (timeZone === 'UTC') return partsOf(at)
  const parts = new Map(
    formatterOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? ''
  const clock = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}Z`
  return partsOf(new Date(clock))
}

/** The parts of a moment in UTC. */
const partsOf = (at: Date): LocalTime => ({
  day: weekdays[at.getUTCDay()] ?? 'sun',
  date: at.toISOString().slice(0, 10),
  hour: at.getUTCHours(),
  minute: at.getUTCMinutes(),
})
