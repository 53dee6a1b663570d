import { describe, expect, it } from 'vitest'
import { countdownText, relativeWords, shareLeft, sinceWords, spokenStep } from './time.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const later = (seconds: number): string => new Date(now + seconds * 1000).toISOString()

describe('times as people read them', () => {
  it('says whether a moment lies ahead or behind', () => {
    expect(relativeWords(later(2520), now)).toBe('in 42 min')
    expect(relativeWords(later(-180), now)).toBe('3 min ago')
    expect(relativeWords(later(0.4), now)).toBe('now')
  })

  it('counts hours beside days for a week, and days alone from then on', () => {
    expect(relativeWords(later(-(2 * 24 + 5) * 3600), now)).toBe('2 d 5 h ago')
    expect(relativeWords(later(-(62 * 24 + 11) * 3600), now)).toBe('62 d ago')
    expect(relativeWords(later((20 * 24 + 13) * 3600), now)).toBe('in 21 d')
  })

  it('says since when something lasts by the clock, or by the day where that is not today', () => {
    const at = (hours: number): string => new Date(2026, 10, 23, 12 - hours, 5).toISOString()
    const noon = Date.parse(at(0))
    expect([at(3), at(23), at(24), at(24 * 14)].map((one) => sinceWords(one, noon))).toEqual([
      '09:05',
      '13:05',
      '22 Nov 2026',
      '9 Nov 2026',
    ])
  })

  it.each([
    [45_000, '0:45'],
    [44_001, '0:45'],
    [2_467_000, '41:07'],
    [7_509_000, '2:05:09'],
    [93_900_000, '1 d 02:05'],
    [-5, '0:00'],
  ])('%d ms left count down as %s', (ms, text) => {
    expect(countdownText(ms)).toBe(text)
  })

  it('never shows more than the whole or less than nothing', () => {
    expect(shareLeft(later(-900), later(900), now)).toBe(0.5)
    expect(shareLeft(later(10), later(900), now)).toBe(1)
    expect(shareLeft(later(-900), later(-1), now)).toBe(0)
    expect(shareLeft(later(5), later(5), now)).toBe(0)
  })

  it('speaks once when a step is passed, and not between steps', () => {
    expect(spokenStep(301_000, 300_000)).toBe(300)
    expect(spokenStep(300_000, 299_000)).toBeNull()
    expect(spokenStep(61_000, 59_000)).toBe(60)
  })
})
