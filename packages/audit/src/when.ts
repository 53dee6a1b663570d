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

/** Without an offset a time would mean something else on every server. */
const absolute = (text: string): number =>
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/i.test(text)
    ? Date.parse(text.toUpperCase())
    : Number.NaN

function before(now: Date, count: number, unit: string): number {
  // the expression matched one of them
  if (unit !== 'M') return now.getTime() - count * 1000 * unitSeconds[unit as keyof typeof unitSeconds]
  const day = new Date(now)
  day.setUTCDate(1) // the 31st of a shorter month would be a day of the next one
  day.setUTCMonth(day.getUTCMonth() - count)
  const days = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate()
  return day.setUTCDate(Math.min(now.getUTCDate(), days))
}
