import type { LocalTime, Weekday } from './local-time.ts'

/** Days of a week and the hours on each of them, in minutes since midnight: from the first, up to before the last. */
export interface OpenHours {
  readonly days: readonly Weekday[]
  readonly from: number
  readonly to: number
}

/** How hours are written, in words for people. */
export const openHoursRule =
  'days and hours such as mon-fri 08:00-18:00 or sat 10:00-14:00, with times from 00:00 to 24:00 within one day'

/** A week as people write it begins with Monday. */
const week = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const satisfies readonly Weekday[]

const form = /^(?<first>[a-z]{3})(?:-(?<last>[a-z]{3}))? (?<from>\d\d:\d\d)-(?<to>\d\d:\d\d)$/

/** Reads hours such as `mon-fri 08:00-18:00`. Null: they are none. */
export function parseOpenHours(text: string): OpenHours | null {
  const { first = '', last = first, from = '', to = '' } = form.exec(text)?.groups ?? {}
  const [begin, end] = [first, last].map((day) => week.findIndex((one) => one === day))
  const [opens, closes] = [minutesOf(from), minutesOf(to)]
  if (begin === undefined || end === undefined || begin < 0 || end < begin) return null
  if (opens === null || closes === null || opens >= closes) return null
  return { days: week.slice(begin, end + 1), from: opens, to: closes }
}

const minutesOf = (text: string): number | null => {
  const [hours = Number.NaN, minutes = Number.NaN] = text.split(':').map(Number)
  const all = hours * 60 + minutes
  return minutes < 60 && all <= 24 * 60 ? all : null
}

/** True when clocks that show this time stand within one of the hours. */
export const isOpenAt = (hours: readonly OpenHours[], { day, hour, minute }: LocalTime): boolean => {
  const now = hour * 60 + minute
  return hours.some(({ days, from, to }) => days.includes(day) && from <= now && now < to)
}

/** Hours as people write them: what is read back by `parseOpenHours`. */
export const writeOpenHours = (hours: readonly OpenHours[]): string =>
  hours
    .map(({ days, from, to }) => {
      const named = days.length > 1 ? `${days[0]}-${days.at(-1)}` : (days[0] ?? '')
      return `${named} ${clockText(from)}-${clockText(to)}`
    })
    .join(', ')

const clockText = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')
