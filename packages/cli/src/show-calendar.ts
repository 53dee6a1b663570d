import type { Wire } from '@gatehouse/contract'
import { exactTime, localTimeIn } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { relativeTime } from './durations.ts'
import { printable } from './printable.ts'
import { drawDetails, drawTable } from './table.ts'

type Calendar = Wire<'calendar.get'>

/** Prints a calendar by the clock of its workspace: shifts to the minute, and how it stands now in words. */
export const showCalendar = ({ terminal, now }: Pick<Cli, 'terminal' | 'now'>, calendar: Calendar): void => {
  const { timeZone, ownTimeZone, businessHours, holidays, onCall, updatedAt, updatedBy } = calendar
  const changed = updatedAt === null ? null : new Date(updatedAt)
  const by = updatedBy === null ? '' : ` by ${printable(updatedBy)}`
  const lines = [
    ['workspace', printable(calendar.workspace)],
    ['time zone', ownTimeZone ? timeZone : `${timeZone}, of its environment`],
    ['business hours', businessHours.join(', ') || 'none'],
    ['holidays', holidays.join(', ') || 'none'],
    ['now', nowWords(calendar)],
    ['changed', changed === null ? 'never' : `${relativeTime(changed, now())}${by} (${exactTime(changed)})`],
  ] as const
  terminal.out(drawDetails(lines, terminal))
  if (onCall.length === 0) return
  const rows = onCall.map((shift) => [
    printable(shift.username),
    wallTime(shift.from, timeZone),
    wallTime(shift.to, timeZone),
  ])
  terminal.out(
    `\non call, by the clock of ${timeZone}\n${drawTable({ columns: ['who', 'from', 'to'], rows }, terminal)}`,
  )
}

const wallTime = (at: string, timeZone: string): string => {
  const { date, hour, minute } = localTimeIn(timeZone, new Date(at))
  return `${date} ${two(hour)}:${two(minute)}`
}

const two = (number: number): string => String(number).padStart(2, '0')

const dayNames: Readonly<Record<string, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}

const nowWords = ({ now }: Calendar): string =>
  [
    `${dayNames[now.day] ?? now.day} ${now.localTime}`,
    now.businessHours ? 'within business hours' : 'outside of business hours',
    ...(now.weekend ? ['weekend'] : []),
    ...(now.holiday ? ['holiday'] : []),
    now.onCall.length === 0 ? 'nobody on call' : `${now.onCall.map(printable).join(', ')} on call`,
  ].join(' · ')
