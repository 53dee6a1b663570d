const date = String.raw`(\d{4})-(\d{1,2})-(\d{1,2})`
const clock = String.raw`(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d+))?`
const shape = new RegExp(`^${date}(?:[Tt]${clock}(Z|[+-]\\d\\d:\\d\\d)| ${clock})?$`)

/** A YAML timestamp in the one form that SOPS writes, RFC 3339 with what fraction there is; null for other text. */
export const parseTimestamp = (text: string): string | null => {
  const match = shape.exec(text)
  if (match === null) return null
  const [year = '', month = '', day = ''] = match.slice(1, 4)
  const [hour = '0', minute = '0', second = '0', fraction = ''] =
    match[4] === undefined ? match.slice(9) : match.slice(4)
  const zone = match[8] ?? 'Z'
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60 && isZone(zone)
  if (!isTime || !isDay(Number(year), Number(month), Number(day))) return null
  const digits = fraction.slice(0, 9).replace(/0+$/, '')
  const [hours, minutes, seconds] = [hour, minute, second].map(two)
  const end = digits === '' ? '' : `.${digits}`
  const offset = /^[+-]00:00$/.test(zone) ? 'Z' : zone
  return `${year}-${two(month)}-${two(day)}T${hours}:${minutes}:${seconds}${end}${offset}`
}

const two = (digits: string): string => digits.padStart(2, '0')

const isZone = (zone: string): boolean => zone === 'Z' || (Number(zone.slice(1, 3)) <= 24 && Number(zone.slice(4)) < 60)

const isDay = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
