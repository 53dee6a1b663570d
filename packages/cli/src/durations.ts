const unitSeconds = { s: 1, sec: 1, m: 60, min: 60, h: 3600, hr: 3600, d: 86_400, w: 604_800 } as const

const isUnit = (text: string): text is keyof typeof unitSeconds => Object.hasOwn(unitSeconds, text)

/** `1h`, `1hr`, `90m`, `1h30m`, `3600` → seconds; null when the text is no duration. */
export const parseDuration = (text: string): number | null => {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (!/^(\d{1,6}[a-z]{1,3})+$/.test(text)) return null
  const parts = [...text.matchAll(/(\d+)([a-z]+)/g)].map(([, count = '', unit = '']) =>
    isUnit(unit) ? Number(count) * unitSeconds[unit] : Number.NaN,
  )
  const seconds = parts.reduce((sum, part) => sum + part, 0)
  return Number.isFinite(seconds) ? seconds : null
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/** `900` → `15 min`, `5400` → `1 h 30 min`: two units at most, as people say it. */
export const durationText = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < MINUTE) return `${whole} s`
  if (whole < HOUR) return `${Math.round(whole / MINUTE)} min`
  if (whole < DAY)
    return twoUnits({
      whole: Math.round(whole / MINUTE) * MINUTE,
      large: HOUR,
      largeName: 'h',
      small: MINUTE,
      smallName: 'min',
    })
  return twoUnits({ whole: Math.round(whole / HOUR) * HOUR, large: DAY, largeName: 'd', small: HOUR, smallName: 'h' })
}

const twoUnits = ({
  whole,
  large,
  largeName,
  small,
  smallName,
}: {
  whole: number
  large: number
  largeName: string
  small: number
  smallName: string
}): string => {
  const rest = Math.floor((whole % large) / small)
  return `${Math.floor(whole / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}

/** Beyond this a date says more than a count of days. */
const RELATIVE_SECONDS_MAX = 30 * DAY

/** `in 42 min`, `3 min ago`, `now`; a plain date when it is far away. */
export const relativeTime = (at: Date, now: Date): string => {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000)
  if (Math.abs(seconds) > RELATIVE_SECONDS_MAX) return at.toISOString().slice(0, 10)
  if (seconds === 0) return 'now'
  return seconds > 0 ? `in ${oneUnit(seconds)}` : `${oneUnit(-seconds)} ago`
}

/** Rounds before it chooses the unit: 59 min 40 s is an hour, not 60 min. */
const oneUnit = (seconds: number): string => {
  const [minutes, hours] = [Math.round(seconds / MINUTE), Math.round(seconds / HOUR)]
  if (seconds < MINUTE) return `${seconds} s`
  if (minutes < 120) return `${minutes} min`
  return hours < 48 ? `${hours} h` : `${Math.round(seconds / DAY)} d`
}

/** `2026-11-23 08:00:00 UTC`. */
export const exactTime = (at: Date): string => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
