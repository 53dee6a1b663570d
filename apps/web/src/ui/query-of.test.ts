import { expect, it } from 'vitest'
import { queryOf } from './query-of.ts'

it('two addresses that ask the same are the same text, and nothing else of them is kept', () => {
  const names = ['state', 'principal']
  expect(queryOf('?principal=ada&after=x&state=active', names)).toBe('?state=active&principal=ada')
  expect(queryOf('?state=&after=x', names)).toBe('')
})
