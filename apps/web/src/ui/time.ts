import { durationText } from '@gatehouse/kit'

const minute = 60
const hour = 60 * minute
const day = 24 * hour

const two = (value: number): string => String(value).padStart(2, '0')

/** From here on hours say nothing beside the days. */
const wholeDaysFrom = 7 * day

const spanText = (seconds: number): string =>
  durationText(seconds < wholeDaysFrom ? seconds : Math.round(seconds / day) * day)

/** A moment seen from now: `in 42 min`, `3 min ago`, `62 d ago`, `now`. */
export function relativeWords(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000
  if (Math.abs(seconds) < 1) return 'now'
  return seconds > 0 ? `in ${spanText(seconds)}` : `${spanText(-seconds)} ago`
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const dayOfYear = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })

/** When something began that still lasts, after the word `since`: `02:47` of the last day, `9 Nov 2026` before. */
export const sinceWords = (at: string, now: number): string =>
  (now - Date.parse(at) < day * 1000 ? clock : dayOfYear).format(new Date(at))

/** What is left, second by second: `0:45`, `41:07`, `2:05:09`, `1 d 02:05`. Zero once it is over. */
export function countdownText(msLeft: number): string {
  const whole = Math.max(0, Math.ceil(msLeft / 1000))
  const seconds = whole % minute
  const minutes = Math.floor((whole % hour) / minute)
  if (whole < hour) return `${minutes}:${two(seconds)}`
  const hours = Math.floor((whole % day) / hour)
  if (whole < day) return `${hours}:${two(minutes)}:${two(seconds)}`
  return `${Math.floor(whole / day)} d ${two(hours)}:${two(minutes)}`
}

/** How much of a span is left, from 1 (just begun) to 0 (over). */
export function shareLeft(from: string, to: string, now: number): number {
  const span = Date.parse(to) - Date.parse(from)
  if (span <= 0) return 0
  return Math.min(1, Math.max(0, (Date.parse(to) - now) / span))
}

const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
const utc = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
  timeZone: 'UTC',
})

/** A moment exactly, in the person's own zone and in UTC. */
export function exactWords(at: string): string {
  const date = new Date(at)
  const zone = local.resolvedOptions().timeZone
  return zone === 'UTC' ? `${utc.format(date)} UTC` : `${local.format(date)} ${zone} · ${utc.format(date)} UTC`
}

/** A moment as one line of a list shows it: `23 Nov 23:15:20` in the person's zone. */
export const shortWords = (at: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
    .format(new Date(at))
    .replace(',', '')

/** Steps at which what is left is said aloud: often enough to act, seldom enough to bear. */
const spokenStepsSeconds = [15 * minute, 5 * minute, minute] as const

/** The step that was just passed between two looks at the clock, if any. */
export function spokenStep(msLeftBefore: number, msLeftNow: number): number | null {
  return spokenStepsSeconds.find((step) => msLeftBefore > step * 1000 && msLeftNow <= step * 1000) ?? null
}
