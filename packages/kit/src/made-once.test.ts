import { expect, test } from 'vitest'
import { madeOnce } from './made-once.ts'

/** Says how often it was made. */
function countedSum() {
  let times = 0
  const sum = madeOnce((numbers: readonly number[]) => {
    times += 1
    return { sum: numbers.reduce((all, one) => all + one, 0) }
  })
  return { sum, times: () => times }
}

test('of a frozen list it is made once', () => {
  const { sum, times } = countedSum()
  const list = Object.freeze([1, 2])
  expect(sum(list)).toBe(sum(list))
  expect(sum(Object.freeze([1, 2]))).toEqual({ sum: 3 })
  expect(times()).toBe(2)
})

test('of one that may change it is made each time', () => {
  const { sum } = countedSum()
  const list = [1]
  expect(sum(list)).toEqual({ sum: 1 })
  list.push(2)
  expect(sum(list)).toEqual({ sum: 3 })
})
