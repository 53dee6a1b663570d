import { describe, expect, test } from 'vitest'
import { exactTime } from '@gatehouse/kit'
import { relativeTime } from './durations.ts'

describe('a time as people read it', () => {
  const now = new Date('2026-11-23T12:00:00Z')
  const at = (seconds: number): string => relativeTime(new Date(now.getTime() + seconds * 1000), now)

  test('lies ahead, behind, or is now', () => {
    expect([at(42 * 60), at(-3 * 60), at(0), at(30), at(-12)]).toEqual([
      'in 42 min',
      '3 min ago',
      'now',
      'in 30 s',
      '12 s ago',
    ])
  })

  test('grows to hours and days, and to a date when it is far away', () => {
    expect([at(3 * 3600), at(-50 * 3600), at(-40 * 86_400)]).toEqual(['in 3 h', '2 d ago', '2026-10-14'])
  })

  test('never reads 60 s for what rounds to a minute, or 120 min for two hours', () => {
    expect([at(59.7), at(119 * 60 + 40)]).toEqual(['in 1 min', 'in 2 h'])
  })

  test('has an exact form in UTC', () => {
    expect(exactTime(now)).toBe('2026-11-23 12:00:00 UTC')
  })
})
