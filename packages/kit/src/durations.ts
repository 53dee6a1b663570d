const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

const unitSeconds = { s: 1, sec: 1, m: MINUTE, min: MINUTE, h: HOUR, hr: HOUR, d: DAY, w: 7 * DAY } as const

const isUnit = (text: string): text is keyof typeof unitSeconds => Object.hasOwn(unitSeconds, text)

/**
 * Reads a length of time in whole seconds, as people type it: `15m`, `1h30m`, `1 d 6 h`, `30 min`. Null when it is
 * none; a bare number has no unit and is none.
 */
export function parseUnits(text: string): number | null {
  const typed = text.toLowerCase()
  if (!/^(?:\d{1,9}\s?[a-z]{1,3}(?: (?=\d)|$|(?=\d)))+$/.test(typed)) return null
  let seconds = 0
  for (const [, count = '', unit = ''] of typed.matchAll(/(\d+)\s?([a-z]+)/g)) {
    if (!isUnit(unit)) return null
    seconds += Number(count) * unitSeconds[unit]
  }
  return seconds
}

/** As `parseUnits`, where a bare number is taken as seconds. */
export const parseDuration = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : parseUnits(text))

const units = [
  ['d', DAY],
  ['h', HOUR],
  ['min', MINUTE],
  ['s', 1],
] as const

/** A length of time exactly, as it can be typed: `12 h`, `1 d 6 h`; 90 seconds are `1 min 30 s`. */
export function exactDuration(seconds: number): string {
  const parts: string[] = []
  let rest = seconds
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.length === 0 ? '0 s' : parts.join(' ')
}

/** A length of time as people say it, in two units at most: `45 s`, `15 min`, `1 h 30 min`, `2 d 4 h`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < MINUTE) return exactDuration(whole)
  const minutes = Math.round(whole / MINUTE) * MINUTE
  return minutes < DAY ? exactDuration(minutes) : exactDuration(Math.round(whole / HOUR) * HOUR)
}

/** A moment exactly, as people read it: `2026-11-23 08:00:00 UTC`. */
export const exactTime = (at: Date): string => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** Units that end the name of a field which holds a length of time, such as `idleSeconds` and `quietMinutes`. */
const unitsOfNames = { Seconds: 1, Minutes: MINUTE } as const

const unitAtEnd = /(?<=[a-z])(Seconds|Minutes)$/

/** How many seconds the unit has that the name of a field ends with; null: the field is no length of time. */
export function secondsOfUnitIn(name: string): number | null {
  const unit = unitAtEnd.exec(name)?.[0]
  return unit === 'Seconds' || unit === 'Minutes' ? unitsOfNames[unit] : null
}

/** The name of a field without the unit that ends it: `idleSeconds` → `idle`. Its value is shown with the unit. */
export const withoutUnit = (name: string): string => name.replace(unitAtEnd, '')
