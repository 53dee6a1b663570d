import type { Raw, Wire } from '@gatehouse/contract'

type Calendar = Wire<'calendar.get'>
type Shift = NonNullable<Raw<'calendar.set'>['onCall']>[number]

/** How it stands there now, in one line: `Thursday 14:05 · business hours`. */
export function nowWords({ now }: Pick<Calendar, 'now'>): string {
  const day = now.day.charAt(0).toUpperCase() + now.day.slice(1)
  return [`${day} ${now.localTime}`, now.businessHours ? 'business hours' : 'outside business hours', closedWords(now)]
    .filter((part) => part !== '')
    .join(' · ')
}

const closedWords = ({ holiday, weekend }: Calendar['now']): string => {
  if (holiday) return 'holiday'
  return weekend ? 'weekend' : ''
}

/** A shift by the clock on the wall of the workspace, to the minute: `Sat 28 Nov 10:00 – Sat 5 Dec 10:00`. */
export function shiftWords({ from, to }: Pick<Calendar['onCall'][number], 'from' | 'to'>, timeZone: string): string {
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return [from, to].map((at) => wall.format(new Date(at)).replaceAll(',', '')).join(' – ')
}

/** Lines of a field, without those that are empty. */
export const linesOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** A moment without what is zero in it: `2026-11-28T08:00Z`. */
const plain = (at: string): string => at.replace(/(?::00)?\.000Z$/, 'Z')

/** Shifts as they are written, one a line: `ada 2026-11-28T08:00Z 2026-11-28T20:00Z`. */
export const shiftLines = (shifts: Calendar['onCall']): string =>
  shifts.map(({ username, from, to }) => `${username} ${plain(from)} ${plain(to)}`).join('\n')

/** The same back, or the number of the line that is none. */
export function shiftsIn(text: string | undefined): { readonly shifts: Shift[] } | { readonly wrongLine: number } {
  const lines = (text ?? '').split('\n').map((line) => line.trim())
  const shifts: Shift[] = []
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    const [user = '', from = '', to = '', ...more] = line.split(/\s+/)
    const [begin, end] = [new Date(from), new Date(to)]
    const isTime = !Number.isNaN(begin.getTime()) && !Number.isNaN(end.getTime()) && begin < end
    if (more.length > 0 || !isTime) return { wrongLine: index + 1 }
    shifts.push({ user, from: begin.toISOString(), to: end.toISOString() })
  }
  return { shifts }
}
