import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checkInput, operationNames, operations, textOf, wholeNumber } from './index.ts'
import * as scalars from './scalars.ts'

/** Every schema that stands in an input, with its place. */
function* schemasOf(schema: z.core.$ZodType, path: string): Generator<{ path: string; schema: z.core.$ZodType }> {
  yield { path, schema }
  // zod's core and classic types are the same objects
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    yield* schemasOf(schema.unwrap(), path)
  if (schema instanceof z.ZodArray) yield* schemasOf(schema.element, `${path}[]`)
  if (schema instanceof z.ZodObject)
    for (const [field, type] of Object.entries(schema.shape as z.core.$ZodShape))
      yield* schemasOf(type, `${path}.${field}`)
  if (schema instanceof z.ZodUnion) for (const option of schema.options) yield* schemasOf(option, path)
}

const fields = operationNames.flatMap((name) =>
  Object.entries(operations[name].input.shape).flatMap(([field, type]) => [...schemasOf(type, `${name}.${field}`)]),
)

const hostile: readonly unknown[] = [
  'a\0b',
  '\u001b[31m',
  '\u202egnp.exe',
  'half \ud800 pair',
  'x'.repeat(1_000_000),
  2 ** 53 + 2,
  -1,
  1.5,
  ['a'],
  { a: 1 },
  null,
  JSON.parse('{"__proto__": {"admin": true}}'),
  'line\r\nbreak',
  'zero\u200bwidth',
  '\u2066isolate\u2069',
  '',
  ' ',
  'NaN',
  true,
]

/** What a schema library says where nobody chose words. */
const libraryWords =
  /^(Invalid|Too (big|small)|Unrecognized|Expected|Required)\b|expected \w+,? (received|to)\b|pattern/

describe('text that comes from outside', () => {
  test('no input of any operation has a bare string: every text goes through the one text type', () => {
    const takesControls = fields.filter(
      ({ schema }) => schema instanceof z.ZodString && z.safeParse(schema, 'a\u0000b').success,
    )
    expect(takesControls.map(({ path }) => path)).toEqual([])
    const steering = ['\u001b', '\u202e', '\u2066', '\ud800', '\u200f', '\ufeff', '\u2028']
    const texts = fields.filter(
      ({ schema, path }) => schema instanceof z.ZodString && !isSecret(schema) && path !== undefined,
    )
    expect(texts.length).toBeGreaterThan(80)
    for (const { path, schema } of texts)
      for (const character of steering)
        expect(z.safeParse(schema, `a${character}b`).success, `${path} ${JSON.stringify(character)}`).toBe(false)
  })

  test('every text has a length: a megabyte is taken nowhere', () => {
    for (const { path, schema } of fields)
      if (schema instanceof z.ZodString || schema instanceof z.ZodCodec)
        expect(z.safeParse(schema, 'x'.repeat(1_000_000)).success, path).toBe(false)
  })

  test('whatever is wrong with a field of any operation, the words are ours', () => {
    for (const name of operationNames)
      for (const field of Object.keys(operations[name].input.shape))
        for (const value of hostile) {
          const checked = checkInput(operations[name].input.strict(), { [field]: value })
          if ('data' in checked) continue
          for (const { path, message } of checked.problems) {
            expect(message, `${name} ${path}`).not.toMatch(libraryWords)
            expect(message, `${name} ${path}`).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
          }
        }
  })

  test('two spellings of one text are one text: what is composed differently comes out composed', () => {
    expect(scalars.Reason.parse('cafe\u0301')).toBe('caf\u00e9')
  })

  test('length is counted in characters, not in halves of them', () => {
    expect(scalars.Label.safeParse('\u{1f511}'.repeat(100)).success).toBe(true)
    const longer = checkInput(scalars.Label, '\u{1f511}'.repeat(101))
    expect(longer).toEqual({ problems: [{ path: '', message: 'at most 100 characters; this has 101' }] })
  })

  test('what people call a thing is one name, with or without blanks around it', () => {
    const named = (name: string) => checkInput(operations['auditView.save'].input.pick({ name: true }), { name })
    expect(named(' refused today ')).toEqual({ data: { name: 'refused today' } })
    expect(named('  ')).toEqual({ problems: [{ path: 'name', message: 'one line of text, at most 100 characters' }] })
  })

  test('a refusal of a hidden character says which and where', () => {
    expect(checkInput(scalars.Reason, 'done\u202e')).toEqual({
      problems: [{ path: '', message: 'one line of text, without U+202E (character 5)' }],
    })
  })

  test.each(['.'.repeat(25), '4711', '– – – – – –', '?!', '👍👍👍', '\u0301'.repeat(30)])(
    'a reason says something: %j says nothing, whatever its length',
    (given) => {
      const problems = [{ path: '', message: 'words that say why: at least one letter' }]
      expect(checkInput(scalars.Reason, given)).toEqual({ problems })
      expect(checkInput(scalars.Purpose, given)).toEqual({ problems })
      expect(scalars.Ticket.safeParse(given).success).toBe(true)
      const asked = { incident: 'INC-7', severity: 'high', workspace: 'shop', actions: ['sshHost.list'] }
      const asking = (justification: string) =>
        checkInput(operations['breakGlass.request'].input, { ...asked, justification })
      const [words, dots] = ['db-1 is down, restart', `db-1 down${'.'.repeat(25)}`]
      expect(asking(words)).toMatchObject({ data: { justification: words } })
      for (const text of [given.padEnd(25, '.'), dots])
        expect(asking(text)).toEqual({
          problems: [{ path: 'justification', message: 'words that say why: at least 10 letters' }],
        })
    },
  )

  test.each(['x', 'INC-4711', 'по заявці', '障害対応', 'اضطراری', 'ok 👍'])(
    '%j is a reason, in any script',
    (given) => {
      expect(checkInput(scalars.Reason, given)).toEqual({ data: given })
    },
  )

  test('an empty text takes away where there may be none, and what is given is what it has to be', () => {
    expect(checkInput(scalars.ReasonOrNone, '')).toEqual({ data: '' })
    expect(checkInput(scalars.EmailOrNone, '')).toEqual({ data: '' })
    for (const given of [' ', '42', 'one\ntwo']) expect(scalars.ReasonOrNone.safeParse(given).success).toBe(false)
    expect(scalars.EmailOrNone.safeParse('ada').success).toBe(false)
    expect(scalars.Reason.safeParse('').success).toBe(false)
  })

  test('joiners stand in prose, where scripts need them, and never in names', () => {
    expect(scalars.Reason.safeParse('می\u200cخواهم').success).toBe(true)
    expect(scalars.Label.safeParse('می\u200cخواهم').success).toBe(false)
  })

  test('line breaks stand where lines are meant, and nowhere else', () => {
    const lines = textOf({ what: 'lines', charactersMax: 20, allow: { lineBreaks: true } })
    expect(lines.safeParse('one\ntwo').success).toBe(true)
    expect(scalars.Reason.safeParse('one\ntwo').success).toBe(false)
  })

  test('a whole number says both its bounds, whatever is wrong with it', () => {
    const port = wholeNumber({ min: 1, max: 65_535 })
    for (const value of [0, 65_536, 1.5, '22', null, [], 2 ** 53 + 2])
      expect(checkInput(port, value)).toEqual({ problems: [{ path: '', message: 'a whole number from 1 to 65535' }] })
    expect(checkInput(port, undefined)).toEqual({ problems: [{ path: '', message: 'required' }] })
  })

  test('a day where a time belongs is answered by how a time is written', () => {
    const shift = { user: 'ada', from: '2026-11-30', to: '2026-12-07T08:00:00Z' }
    const checked = checkInput(operations['calendar.set'].input, { id: 'default', onCall: [shift] })
    expect(checked).toEqual({ problems: [{ path: 'onCall.0.from', message: 'a time such as 2026-11-30T08:00:00Z' }] })
  })

  test('a path never copies what was sent', () => {
    const checked = checkInput(operations['team.get'].input.strict(), { id: 'sre', ['\u001b[31m'.repeat(50)]: 1 })
    expect(checked).toEqual({ problems: [{ path: `${'??31m'.repeat(12)}??31…`, message: 'there is no such field' }] })
  })
})

/** A secret is bytes in its own form; SecretText says so once. */
const isSecret = (schema: z.core.$ZodType): boolean => schema === scalars.SecretText._zod.def.in
