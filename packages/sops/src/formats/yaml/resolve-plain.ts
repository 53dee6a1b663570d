import { isInt64, type Scalar } from '../../scalar.ts'
import { SopsError } from '../../sops-error.ts'
import { parseTimestamp } from './parse-timestamp.ts'

// What a plain scalar means to the YAML library of stock SOPS (go-yaml v3): YAML 1.2 with some of 1.1. The type of a
// value is part of what is encrypted, so another reading would be another document.

const words = new Map<string, Scalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, { type: 'null' }] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, { type: 'bool', value: true }] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, { type: 'bool', value: false }] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, { type: 'float', value: Number.NaN }] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(
    (word) => [word, { type: 'float', value: Number.POSITIVE_INFINITY }] as const,
  ),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, { type: 'float', value: Number.NEGATIVE_INFINITY }] as const),
])

const floatText = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const uint64Max = 2n ** 64n - 1n

/** The value of a plain scalar. Throws `unsupported` for integers that stock SOPS cannot hold. */
export const resolvePlain = (plain: string): Scalar => {
  const word = words.get(plain)
  if (word !== undefined) return word
  const first = plain.charAt(0)
  if (first === '.') return floatOf(plain) ?? { type: 'str', text: plain }
  if (!/^[-+0-9]/.test(first)) return { type: 'str', text: plain }
  const time = parseTimestamp(plain)
  if (time !== null) return { type: 'time', text: time }
  const digits = plain.replaceAll('_', '')
  return intOf(digits) ?? floatOf(digits) ?? { type: 'str', text: plain }
}

/** Whether a text, written plain, would be read as something else than text. */
export const isPlainText = (text: string): boolean => {
  if (text === '<<') return false
  try {
    return resolvePlain(text).type === 'str'
  } catch {
    return false
  }
}

const intOf = (digits: string): Scalar | null => {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/.exec(digits)
  if (match === null || digits.length > 80) return null // 64 binary digits are the most
  const [, sign = '', body = ''] = match
  const isOldOctal = /^0[0-7]+$/.test(body)
  const magnitude = BigInt(isOldOctal ? `0o${body.slice(1)}` : body.toLowerCase())
  const value = sign === '-' ? -magnitude : magnitude
  if (isInt64(value)) return { type: 'int', value }
  if (sign === '' && magnitude <= uint64Max)
    throw new SopsError(
      'unsupported',
      `the integer ${digits} is larger than SOPS can hold; write it as text, in quotes`,
    )
  return null
}

const floatOf = (digits: string): Scalar | null => {
  const value = floatText.test(digits) ? Number(digits) : Number.NaN
  return Number.isFinite(value) ? { type: 'float', value } : null
}
