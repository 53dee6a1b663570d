import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checkInput, operationNames, operations, unknownBelow } from './index.ts'

const encrypt = unknownBelow(operations['kms.encrypt'].input)
const item = { plaintext: 'eA==' }
const pathsOf = (found: readonly { readonly path: string }[]) => found.map(({ path }) => path)

// Threat E7: a ciphertext that is bound to less than its caller said opens where it must not
describe('what a schema would leave out in silence', () => {
  test('is a mistyped field of one of many', () => {
    const items = [item, { ...item, contxt: { app: 'shop' } }, { ...item, context: { app: 'shop' } }]
    expect(encrypt({ key: 'k', items })).toEqual([{ path: 'items.1.contxt', message: 'there is no such field' }])
  })

  test('is a name of a context that objects have of their own', () => {
    const context = JSON.parse('{"__proto__":"x","app":"shop"}') as object
    expect(pathsOf(encrypt({ context, items: [{ ...item, context }] }))).toEqual([
      'context.__proto__',
      'items.0.context.__proto__',
    ])
    expect(encrypt({ context: { constructor: 'x', toString: 'y' } })).toEqual([])
  })

  test('is one of two names that are the same text once they are composed', () => {
    expect(pathsOf(encrypt({ context: { 'caf\u00e9': 'a', 'cafe\u0301': 'b' } }))).toEqual(['context'])
    expect(encrypt({ context: { 'caf\u00e9': 'a', cafe: 'b' } })).toEqual([])
  })

  test('is nothing of what has another form, which the schema itself refuses', () => {
    for (const raw of [null, 7, 'x', [], { items: 7 }, { items: [null, 'x', [1]] }, { context: ['a'] }])
      expect(encrypt(raw), JSON.stringify(raw)).toEqual([])
  })

  test('steers no terminal and is not repeated at length', () => {
    const [found] = encrypt({ items: [{ ...item, [`\u001b[31m${'x'.repeat(500)}`]: 1 }] })
    expect(found?.path).toMatch(/^items\.0\.\?\?31mx+$/)
    expect(found?.path.length).toBeLessThan(80)
  })
})

test('a name that is none is told what is wrong with it, and not what the object should be', () => {
  const problemOf = (name: string) => {
    const checked = checkInput(operations['kms.encrypt'].input, {
      key: 'k',
      plaintext: 'eA==',
      context: { [name]: 'x' },
    })
    return 'problems' in checked ? checked.problems[0]?.message : null
  }
  expect([problemOf('n'.repeat(100)), problemOf('n'.repeat(101)), problemOf('a\0')]).toEqual([
    null,
    'at most 100 characters; this has 101',
    'the name of an entry, without U+0000 (character 2)',
  ])
})

test('every object in an input of any operation is looked into, however it is wrapped', () => {
  const objects = operationNames.flatMap((name) =>
    objectsIn(operations[name].input, []).map((path) => ({
      name,
      path: path.slice(0, -1),
      of: operations[name].input,
    })),
  )
  expect(objects.length).toBeGreaterThan(10)
  for (const { name, path, of } of objects) {
    const raw = [...path]
      .reverse()
      .reduce<unknown>((below, step) => (step === '[]' ? [below] : { [step]: below }), { nobodyKnows: 1 })
    expect([name, path, unknownBelow(of)(raw)]).toMatchObject([name, path, [{ message: 'there is no such field' }]])
  }
})

/** Paths of the objects below an object; each ends in one word more. */
function objectsIn(schema: z.core.$ZodType, path: readonly string[]): string[][] {
  const wrapped = Object.entries(schema._zod.def)
    .filter(([name]) => name === 'innerType' || name === 'in')
    .flatMap(([, one]: [string, unknown]) => (one instanceof z.ZodType ? [one] : []))
  if (wrapped.length > 0) return wrapped.flatMap((one) => objectsIn(one, path))
  if (schema instanceof z.ZodArray) return objectsIn(schema.element, [...path, '[]'])
  if (!(schema instanceof z.ZodObject)) return []
  const here = path.length === 0 ? [] : [[...path, 'end']]
  const shape = schema.shape as Readonly<Record<string, z.core.$ZodType>>
  return [...here, ...Object.entries(shape).flatMap(([name, one]) => objectsIn(one, [...path, name]))]
}
