const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

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
