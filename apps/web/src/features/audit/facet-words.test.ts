import { expect, test } from 'vitest'
import { countedWords, dayWords, wholeDays } from './facet-words.ts'

test('days without entries stand between the others, across a month', () => {
  const days = wholeDays([
    { value: '2026-02-27', count: 3 },
    { value: '2026-03-02', count: 1 },
  ])
  expect(days.map(({ value, count }) => `${value} ${count}`)).toEqual([
    '2026-02-27 3',
    '2026-02-28 0',
    '2026-03-01 0',
    '2026-03-02 1',
  ])
  expect(wholeDays([])).toEqual([])
})

test('a year is shown as its newest 90 days', () => {
  const days = wholeDays([
    { value: '2025-12-01', count: 3 },
    { value: '2026-12-01', count: 1 },
  ])
  expect(days).toHaveLength(90)
  expect(days.at(-1)).toEqual({ value: '2026-12-01', count: 1 })
})

test('what was counted is said in words', () => {
  expect(countedWords({ counted: 1, complete: true })).toBe('1 entry')
  expect(countedWords({ counted: 100_000, complete: false })).toBe('the newest 100,000 entries')
  expect(dayWords([])).toBe('No entries.')
  expect(dayWords([{ value: '2026-12-01', count: 1200 }])).toBe('1,200 on 2026-12-01.')
})
