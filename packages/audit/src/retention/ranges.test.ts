import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leafHashOf } from '../verify.ts'
import { findIn, rangesOf, readRanges } from './ranges.ts'
import { readRemovals } from './removals.ts'

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

/** What a run each quarter of an hour says over some days: each took ten entries, and of a thousand one stayed. */
async function* runs(days: number) {
  for (let run = 0; run < days * 96; run += 1) {
    const at = new Date(Date.UTC(2026, 0, 1) + run * 900_000)
    const places = Array.from({ length: 10 }, (_, index) => run * 10 + index).filter((place) => place % 1000 !== 999)
    const before = new Date(at.getTime() - 365 * 86_400_000).toISOString()
    const entry = JSON.stringify({ at: at.toISOString(), detail: { before, places: rangesOf(places) } })
    yield [{ seq: 1_000_000 + run, hash: leafHashOf(entry), entry }]
  }
}

test('what was removed is told place by place, and held by days and gaps, not by runs', async () => {
  const days = 100
  const removals = await readRemovals(runs(days))
  const gaps = Math.floor((days * 960) / 1000)
  const atMidnight = 4
  expect(removals.ranges).toBe(days + gaps - atMidnight)
  for (const place of [0, 9, 10, 998, 1000, 95_998]) {
    const run = Math.floor(place / 10)
    const removed = removals.of(place)
    const day = Math.floor(run / 96)
    expect(removed?.at.toISOString().slice(0, 10)).toBe(new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10))
  }
  expect([999, 1999, 96_000].map(removals.of)).toEqual([null, null, null])
})
