import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findIn, rangesOf, readRanges } from './ranges.ts'

test('places come back from their text, and no others', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200)), (places) => {
      const find = findIn(readRanges(rangesOf(places)).map((range) => [range, 'x'] as const))
      for (let place = 0; place <= 201; place += 1) expect(find(place) !== null).toBe(places.includes(place))
    }),
  )
})

test('places that follow one another are one range', () => {
  expect(rangesOf([3, 1, 2, 9, 5, 4])).toBe('1-5,9')
  expect(rangesOf([])).toBe('')
})

test('what is no range holds nothing', () => {
  for (const text of ['', '5-3', 'a', '1-', '-1', '1;2', '9999999999999999999']) expect(readRanges(text)).toEqual([])
})
