import { numberWords, wholeDays, type Count } from '../audit/facet-words.ts'

/** One day: how many entries, and how many of them are refusals. */
export interface ActivityDay {
  readonly day: string
  readonly all: number
  readonly refused: number
}

/** Every day of both counts, also those on which nothing happened. */
export function activityDays(all: readonly Count[], refused: readonly Count[]): readonly ActivityDay[] {
  const refusals = new Map(refused.map(({ value, count }) => [value, count]))
  return wholeDays(all).map(({ value, count }) => ({ day: value, all: count, refused: refusals.get(value) ?? 0 }))
}

/** The chart, said: how much in all, how much was refused, and when most was. */
export function activityWords(days: readonly ActivityDay[]): string {
  const sum = (of: (day: ActivityDay) => number): number => days.reduce((total, day) => total + of(day), 0)
  const [first] = days
  if (first === undefined) return 'Nothing was recorded.'
  const most = days.reduce((best, day) => (day.refused > best.refused ? day : best), first)
  const refused = sum((day) => day.refused)
  const when = refused === 0 ? '' : `; most refusals on ${most.day} (${numberWords(most.refused)})`
  return (
    `${numberWords(sum((day) => day.all))} entries on ${days.length} ${days.length === 1 ? 'day' : 'days'}, ` +
    `${numberWords(refused)} of them refusals${when}.`
  )
}

/** A share of a whole in percent, whole numbers: `4 %`. */
export const percentWords = (part: number, whole: number): string =>
  whole === 0 ? '0 %' : `${Math.round((100 * part) / whole)} %`
