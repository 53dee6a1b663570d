import { describe, expect, it } from 'vitest'
import { countdownText, relativeWords, shareLeft, spokenStep } from './time.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const later = (seconds: number): string => new Date(now + seconds * 1000).toISOString()

describe('times as people read them', () => {
  it('says whether a moment lies ahead or behind', () => {
    expect(relativeWords(later(2520), now)).toBe('in 42 min')
    expect(relativeWords(later(-180), now)).toBe('3 min ago')
    expect(relativeWords(later(0.4), now)).toBe('now')
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
