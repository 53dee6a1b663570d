import { operations, type OperationName } from '@gatehouse/contract'
import { z } from 'zod'

/** What attackers, broken clients and other alphabets send, by what it is. */
export const hostileValues: Readonly<Record<string, unknown>> = {
  nul: 'a\u0000b',
  escape: '\u001b[2J\u001b[31m',
  c1: '\u009b31m',
  override: '\u202egnp.exe',
  isolate: '\u2066a\u2069',
  mark: 'a\u200fb',
  loneHigh: 'a\ud800b',
  loneLow: '\udc00',
  megabyte: 'x'.repeat(1_000_000),
  book: 'x'.repeat(100_000),
  beyondInt: 2 ** 53 + 2,
  beyond32: 2 ** 31,
  negative: -1,
  fraction: 1.5,
  huge: 1e308,
  list: ['a', 'b'],
  nested: [[['a']]],
  object: { a: 1 },
  none: null,
  proto: JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}}'),
  protoText: '__proto__',
  constructorText: 'constructor',
  rightToLeft: 'שלום עולם',
  zeroWidth: 'ad\u200ba',
  joiner: 'می\u200cخواهم',
  byteOrder: '\ufeffada',
  tag: 'a\u{e0041}',
  uuid: '0190b0a0-0000-7000-8000-00000000c0de',
  empty: '',
  blank: ' \t ',
  long: 'n'.repeat(300),
  crlf: 'one\r\ntwo: three',
  separator: 'one\u2028two',
  sql: "'; drop table users; --",
  path: '../../etc/passwd',
  template: '${7*7}{{7*7}}%s%n',
  percent: '%00%',
  star: '*',
  dash: '-rf',
  decomposed: 'cafe\u0301',
  emoji: '👩\u200d🔬',
  yes: true,
  numeral: '1e3',
  infinite: 'Infinity',
}

/** A field of an input, by its steps: names, and 0 for the first of a list. */
export type Place = readonly (string | 0)[]

/** Every field of an operation's input, however deep it stands. */
export const placesOf = (name: OperationName): readonly Place[] =>
  Object.entries(operations[name].input.shape).flatMap(([field, type]) => [...deeper([field], type)])

function* deeper(place: Place, type: z.core.$ZodType): Generator<Place> {
  yield place
  const bare = bareOf(type)
  if (bare instanceof z.ZodArray) yield* deeper([...place, 0], bare.element)
  if (bare instanceof z.ZodObject)
    for (const [field, part] of Object.entries(bare.shape as z.core.$ZodShape)) yield* deeper([...place, field], part)
}

/** Takes off what says only that a value may be absent. */
export function bareOf(type: z.core.$ZodType): z.core.$ZodType {
  return type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodNullable
    ? bareOf(type.unwrap())
    : type
}

/** A copy of an input with one value put at a place. */
export function withValue(input: unknown, place: Place, value: unknown): unknown {
  const [step, ...rest] = place
  if (step === undefined) return value
  if (step === 0) return [withValue(Array.isArray(input) ? input[0] : undefined, rest, value)]
  const around = typeof input === 'object' && input !== null ? input : {}
  return { ...around, [step]: withValue((around as Readonly<Record<string, unknown>>)[step], rest, value) }
}
