import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical } from './canonical.ts'
import { recordable } from './recordable.ts'

const value = fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary-ascii' })

test('what is made recordable is written as the RFC has it, whether its keys were in order or not', () => {
  fc.assert(
    fc.property(fc.oneof(value, fc.dictionary(fc.string({ unit: 'binary' }), value)), (any) => {
      const made = recordable(any)
      expect(canonical(made)).toBe(canonicalize(made))
    }),
  )
})

test.each([
  ['numbers as keys, which the language keeps in another order', { 9: 1, 10: 2 }, '{"10":2,"9":1}'],
  ['keys beyond the first plane, by their units', { '\u{1F600}': 1, '\uFB33': 2 }, '{"\u{1F600}":1,"\uFB33":2}'],
  ['what looks like a method', { toJSON: 'x', a: 1 }, '{"a":1,"toJSON":"x"}'],
  ['a zero below zero', [-0, 1e21, 1e-7], '[0,1e+21,1e-7]'],
])('%s', (_, given, text) => {
  expect(canonical(given)).toBe(text)
})

test('text that no UTF-8 can hold is refused', () => {
  expect(() => canonical({ a: '\uD800' })).toThrow('surrogate')
  expect(() => canonical({ '\uD800': 1 })).toThrow('surrogate')
})
