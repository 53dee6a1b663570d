import { expect, test } from 'vitest'
import { merged } from './merged.ts'

test('answers become one, and two answers for one thing stop the start', () => {
  expect(merged([{ a: 1 }, {}, { b: 2 }])).toEqual({ a: 1, b: 2 })
  expect(() => merged([{ a: 1 }, { a: 2 }])).toThrow('two domains answer for `a`')
})
