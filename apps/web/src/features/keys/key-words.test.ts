import { expect, it } from 'vitest'
import { figuresOf } from './key-words.ts'

const calm = { generated: 0, deployed: 0, removing: 0, revoked: 9, expired: 9, overdue: 0, hosts: 0, nextExpiry: null }

it('counts keys where they work always, what is under way while it is, and what has to be looked at', () => {
  expect(figuresOf(calm).map(({ words }) => words)).toEqual(['deployed'])
  const figures = figuresOf({ ...calm, deployed: 12, removing: 1, overdue: 2 })
  expect(figures.map(({ count, tone }) => [count, tone])).toEqual([
    [12, 'calm'],
    [1, 'calm'],
    [2, 'bad'],
  ])
})
