import { expect, test } from 'vitest'
import { keptItems } from './kept-items.ts'

test('a newer item above moves none of the rows below, and one that changed is shown anew', () => {
  const [a, b] = [
    { id: 'a', state: 'pending' },
    { id: 'b', state: 'done' },
  ]
  const now = [{ id: 'c', state: 'new' }, { id: 'a', state: 'done' }, { ...b }]
  const kept = keptItems([a, b], now, ({ id }) => id)
  expect(kept).toEqual(now)
  expect(kept[1]).not.toBe(a)
  expect(kept[2]).toBe(b)
})
