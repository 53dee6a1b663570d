import { SopsError } from './sops-error.ts'

/** A value as SOPS tells types apart. `raw` is how a number stood in its source, if that says more. */
export type Scalar =
  | { readonly type: 'null' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint; readonly raw?: string }
  | { readonly type: 'float'; readonly value: number; readonly raw?: string }
  | { readonly type: 'time'; readonly text: string }
  | { readonly type: 'str'; readonly text: string }
  /** Text for SOPS, too, that is no UTF-8. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }

/** What is there besides `null`: the values that SOPS encrypts and hashes. */
export type PresentScalar = Exclude<Scalar, { readonly type: 'null' }>

/** The bounds of the integers that stock SOPS holds. */
const intMin = -(2n ** 63n)
const intMax = 2n ** 63n - 1n

export const text = (value: string): Scalar => ({ type: 'str', text: value })

export const isInt64 = (value: bigint): boolean => value >= intMin && value <= intMax

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text where the bytes are UTF-8, else the bytes. */
export const textOrBytes = (bytes: Uint8Array): PresentScalar => {
  try {
    return { type: 'str', text: utf8.decode(bytes) }
  } catch {
    return { type: 'bytes', bytes }
  }
}

/** What is encrypted and hashed of a value. */
export const bytesOf = (scalar: PresentScalar): Uint8Array => {
  if (scalar.type === 'bytes') return scalar.bytes
  return Buffer.from(plainText(scalar), 'utf8')
}

const plainText = (scalar: Exclude<PresentScalar, { readonly type: 'bytes' }>): string => {
  if (scalar.type === 'bool') return scalar.value ? 'True' : 'False'
  if (scalar.type === 'int') return String(scalar.value)
  return scalar.type === 'float' ? decimalText(scalar.value) : scalar.text
}

/** A float without an exponent, in the fewest digits that mean it: Go's `FormatFloat(f, 'f', -1, 64)`. */
export const decimalText = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const [mantissa = '', exponent] = String(value).split('e')
  if (exponent === undefined) return mantissa
  return shifted(mantissa, Number(exponent))
}

/** Moves the point of a decimal by so many places. */
const shifted = (mantissa: string, places: number): string => {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = whole + fraction
  const point = whole.length + places
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return sign + digits.padEnd(point, '0')
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** Go's `FormatFloat(f, 'g', -1, 64)`: with an exponent below -4 and from 6. */
export const shortestText = (value: number): string => {
  if (!Number.isFinite(value) || value === 0) return decimalText(value)
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return decimalText(value)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** A value from what was encrypted of it. Throws `malformed` where the text is none of its type. */
export const scalarOf = (type: string, bytes: Uint8Array): PresentScalar => {
  if (type === 'str' || type === 'bytes') return textOrBytes(bytes)
  const plain = Buffer.from(bytes).toString('utf8')
  const read = readers[type]
  const value = read === undefined ? null : read(plain)
  if (value === null) throw new SopsError('malformed', `an encrypted value is no ${type}`)
  return value
}

const truths = ['1', 't', 'T', 'true', 'TRUE', 'True']
const untruths = ['0', 'f', 'F', 'false', 'FALSE', 'False']

const readers: Readonly<Record<string, (plain: string) => PresentScalar | null>> = {
  int: (plain) => (/^[+-]?\d{1,20}$/.test(plain) && isInt64(BigInt(plain.replace('+', ''))) ? intOf(plain) : null),
  float: (plain) => floatOf(plain),
  bool: (plain) => {
    if (!truths.includes(plain) && !untruths.includes(plain)) return null
    return { type: 'bool', value: truths.includes(plain) }
  },
  time: (plain) => (parseTime(plain) === null ? null : { type: 'time', text: plain }),
}

const intOf = (plain: string): PresentScalar => ({ type: 'int', value: BigInt(plain.replace('+', '')) })

const specialFloats: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
}

const floatOf = (plain: string): PresentScalar | null => {
  const special = specialFloats[plain]
  if (special !== undefined) return { type: 'float', value: special }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,5})?$/.test(plain)) return null
  return { type: 'float', value: Number(plain) }
}

/** An RFC 3339 time as it was written; null for anything else. */
export const parseTime = (plain: string): Date | null => {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(plain)) return null
  const date = new Date(plain)
  return Number.isNaN(date.getTime()) ? null : date
}

/** The time of something that is done now, to the second. */
export const timeText = (now: Date): string => now.toISOString().replace(/\.\d+Z$/, 'Z')
