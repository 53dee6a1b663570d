import { expect, test } from 'vitest'
import { activityDays, activityWords, percentWords } from './activity-days.ts'

const days = activityDays(
  [
    { value: '2026-11-26', count: 1200 },
    { value: '2026-11-28', count: 40 },
  ],
  [{ value: '2026-11-28', count: 7 }],
)

test('every day is there, with its refusals among all that was recorded', () => {
  expect(days).toEqual([
    { day: '2026-11-26', all: 1200, refused: 0 },
    { day: '2026-11-27', all: 0, refused: 0 },
    { day: '2026-11-28', all: 40, refused: 7 },
  ])
})

test('the chart is said in words', () => {
  expect(activityWords(days)).toBe('1,240 entries on 3 days, 7 of them refusals; most refusals on 2026-11-28 (7).')
  expect(activityWords(activityDays([{ value: '2026-11-28', count: 2 }], []))).toBe(
    '2 entries on 1 day, 0 of them refusals.',
  )
  expect(activityWords([])).toBe('Nothing was recorded.')
  expect([percentWords(1, 3), percentWords(0, 0)]).toEqual(['33 %', '0 %'])
})
