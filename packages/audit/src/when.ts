import { invalidField } from '@gatehouse/contract'

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const satisfies Record<string, number>

/** RFC 3339 has years of four digits, and only then do times sort as text. */
const latest = Date.UTC(9999, 11, 31)

/**
 * A time such as `2026-11-23T08:00:00Z`, a day, or how long before `now`: `90m`, `1d`, `1M` for a month of the
 * calendar. Refuses anything else, naming the field.
 */
export function parseWhen(field: string, text: string, now: Date): Date {
  const relative = /^(\d+)\s*([smhdwM])$/.exec(text)
  const time = relative === null ? absolute(text) : before(now, Number(relative[1]), relative[2] ?? '')
  if (Number.isNaN(time) || time < 0 || time > latest)
    throw invalidField(field, 'a time such as 2026-11-23T08:00:00Z, or how long ago, such as 90m, 1d or 1M')
  return new Date(time)
}

/** From when to when, each as people write it. */
export interface WrittenPeriod {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** The same as moments, both of them within. */
export interface Period {
  readonly from: Date | undefined
  readonly to: Date | undefined
}

/**
 * A period as it is meant: `to` a day is to the end of that day, which a search up to today or a hold up to some day
 * would otherwise leave out. Refuses one that ends before it begins: nothing would ever be found in it.
 */
export function parsePeriod({ from, to }: WrittenPeriod, now: Date): Period {
  const begin = from === undefined ? undefined : parseWhen('from', from, now)
  const given = to === undefined ? undefined : parseWhen('to', to, now)
  const end = given !== undefined && to !== undefined && isDay(to) ? new Date(given.getTime() + dayMs - 1) : given
  if (begin !== undefined && end !== undefined && end < begin)
    throw invalidField('to', 'a time that is not before `from`')
  return { from: begin, to: end }
}

const dayMs = 86_400_000

const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text)

/** Without an offset a time would mean something else on every server. */
const absolute = (text: string): number =>
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/i.test(text) &&
  isDayOfCalendar(text.slice(0, 10))
    ? Date.parse(text.toUpperCase())
    : Number.NaN

/** The engine takes the 30th of February for the 2nd of March. */
const isDayOfCalendar = (text: string): boolean => {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function before(now: Date, count: number, unit: string): number {
  // the expression matched one of them
  if (unit !== 'M') return now.getTime() - count * 1000 * unitSeconds[unit as keyof typeof unitSeconds]
  const day = new Date(now)
  day.setUTCDate(1) // the 31st of a shorter month would be a day of the next one
  day.setUTCMonth(day.getUTCMonth() - count)
  const days = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate()
  return day.setUTCDate(Math.min(now.getUTCDate(), days))
}
