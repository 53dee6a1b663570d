import { shortestText, type Scalar } from '../../scalar.ts'
import { isPlainText } from './resolve-plain.ts'

/** Where a scalar is written: its lines below the first stand at `indent`; a key and a flow take no block. */
export interface Place {
  readonly indent: number
  readonly isKey?: boolean
  readonly inFlow?: boolean
}

/** The indentation of stock SOPS. */
export const indentStep = 4

/** A value as stock SOPS writes it. */
export const scalarText = (scalar: Scalar, place: Place): string => {
  if (scalar.type === 'str') return textScalar(scalar.text, place)
  if (scalar.type === 'bytes') return `!!binary ${styled(wrapped(Buffer.from(scalar.bytes).toString('base64')), place)}`
  return plainForms[scalar.type](scalar as never) // each form takes the scalar of its own type
}

const plainForms = {
  null: () => 'null',
  bool: ({ value }: { value: boolean }) => String(value),
  int: ({ value }: { value: bigint }) => String(value),
  float: ({ value }: { value: number }) => floats[String(value)] ?? shortestText(value),
  time: ({ text }: { text: string }) => text,
}

const floats: Readonly<Record<string, string>> = { NaN: '.nan', Infinity: '.inf', '-Infinity': '-.inf' }

/** Base64 in lines, as go-yaml breaks it. */
const wrapped = (text: string): string => (text.length < 70 ? text : `${(text.match(/.{1,70}/g) ?? []).join('\n')}\n`)

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const oldBooleans = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/

const textScalar = (text: string, place: Place): string => {
  if (text === '<<') return '!!merge <<' // as stock SOPS writes it
  const isText = isPlainText(text) && !base60.test(text) && !oldBooleans.test(text)
  return text.includes('\n') || isText ? styled(text, place) : doubleQuoted(text)
}

/** Text whose type nobody can mistake, in the plainest style that holds it. */
const styled = (text: string, { indent, isKey = false, inFlow = false }: Place): string => {
  const allowed = stylesOf(text)
  if (text.includes('\n')) return allowed.block && !isKey && !inFlow ? literal(text, indent) : doubleQuoted(text)
  const isPlain = inFlow ? allowed.flowPlain : allowed.plain
  if (isPlain && (text !== '' || !(inFlow || isKey))) return text
  return allowed.single ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text)
}

interface Styles {
  readonly plain: boolean
  readonly flowPlain: boolean
  readonly single: boolean
  readonly block: boolean
}

/** go-yaml's analysis of which styles can hold a text. */
const stylesOf = (text: string): Styles => {
  const spaceThenBreak = / [\n\r\u0085\u2028\u2029]/.test(text)
  const breakThenSpace = /[\n\r\u0085\u2028\u2029] /.test(text)
  const special = hasSpecial(text)
  const breaks = /[\n\r\u0085\u2028\u2029]/.test(text)
  const edges = /^[ \n\r\u0085\u2028\u2029]|[ \n\r\u0085\u2028\u2029]$/.test(text)
  const anyPlain = !(edges || breakThenSpace || spaceThenBreak || special || breaks || text.includes('\t'))
  return {
    plain: anyPlain && !blockIndicators(text),
    flowPlain: anyPlain && !blockIndicators(text) && !flowIndicators(text),
    single: !(breakThenSpace || spaceThenBreak || special || text.includes('\t')),
    block: !(text.endsWith(' ') || spaceThenBreak || special),
  }
}

const blockIndicators = (text: string): boolean =>
  /^(?:---|\.\.\.)/.test(text) ||
  /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
  /^[?:-](?:[ \t]|$)/.test(text) ||
  /:(?:[ \t]|$)/.test(text) ||
  /[ \t\n\r\u0085\u2028\u2029]#/.test(text)

const flowIndicators = (text: string): boolean => /^[?:]/.test(text) || /[,?[\]{}:]/.test(text.slice(1))

/** What has to be escaped; a tab has rules of its own. */
const hasSpecial = (text: string): boolean =>
  [...text].some((char) => char !== '\t' && !isPrintable(char.codePointAt(0) ?? 0))

/** What go-yaml writes as it is; what lies beyond 16 bits it escapes. */
const isPrintable = (code: number): boolean =>
  code === 0x0a ||
  (code >= 0x20 && code <= 0x7e) ||
  (code >= 0xa0 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)

const named: Readonly<Record<string, string>> = {
  '\0': '0',
  '\u0007': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\u001b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}

const doubleQuoted = (text: string): string => {
  const escaped = Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0
    const isBreak = [0x0a, 0x0d, 0x85, 0x2028, 0x2029].includes(code)
    if (isPrintable(code) && !isBreak && char !== '"' && char !== '\\') return char
    return `\\${named[char] ?? hexEscape(code)}`
  })
  return `"${escaped.join('')}"`
}

const hexEscape = (code: number): string => {
  if (code <= 0xff) return `x${hex(code, 2)}`
  return code <= 0xffff ? `u${hex(code, 4)}` : `U${hex(code, 8)}`
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, '0')

const literal = (text: string, indent: number): string => {
  const hint = /^[ \n\r\u0085\u2028\u2029]/.test(text) ? String(indentStep) : ''
  const lines = text.split('\n')
  const body = lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n')
  return `|${hint}${chompOf(text)}\n${body}`
}

/** What becomes of the last breaks of a literal: none, one, or all. */
const chompOf = (text: string): string => {
  if (!text.endsWith('\n')) return '-'
  return text === '\n' || text.endsWith('\n\n') ? '+' : ''
}
