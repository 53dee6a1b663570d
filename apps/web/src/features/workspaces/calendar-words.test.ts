import { describe, expect, test } from 'vitest'
import { linesOf, nowWords, shiftLines, shiftsIn, shiftWords } from './calendar-words.ts'

const now = { localTime: '14:05', day: 'thursday', businessHours: true, weekend: false, holiday: false, onCall: [] }

describe('a calendar in words', () => {
  test('says how it stands there now', () => {
    expect(nowWords({ now })).toBe('Thursday 14:05 · business hours')
    expect(nowWords({ now: { ...now, businessHours: false, weekend: true } })).toBe(
      'Thursday 14:05 · outside business hours · weekend',
    )
    expect(nowWords({ now: { ...now, businessHours: false, weekend: true, holiday: true } })).toMatch(/holiday$/)
  })

  test('says shifts by the clock of the workspace, and to the minute', () => {
    const shift = { from: '2026-11-28T08:00:00.000Z', to: '2026-12-05T08:30:00.000Z' }
    expect(shiftWords(shift, 'Europe/Helsinki')).toBe('Sat 28 Nov 10:00 – Sat 5 Dec 10:30')
    expect(shiftWords(shift, 'UTC')).toBe('Sat 28 Nov 08:00 – Sat 5 Dec 08:30')
  })

  test('days and hours are taken from lines or by commas', () => {
    expect(linesOf(' 2026-12-24, 2026-12-25\n\n2026-12-26 ')).toEqual(['2026-12-24', '2026-12-25', '2026-12-26'])
    expect(linesOf(undefined)).toEqual([])
  })

  test('shifts come back as they were written, and a line that is none is named', () => {
    const shift = { user: 'u1', username: 'ada', from: '2026-11-28T08:00:00.000Z', to: '2026-11-28T20:00:00.000Z' }
    expect(shiftsIn(shiftLines([shift]))).toEqual({ shifts: [{ user: 'ada', from: shift.from, to: shift.to }] })
    expect(shiftsIn('')).toEqual({ shifts: [] })
    for (const wrong of ['ada', 'ada 2026-11-28 x', 'ada 2026-11-29 2026-11-28', 'ada 2026-11-28 2026-11-29 more'])
      expect(shiftsIn(`\n${wrong}`), wrong).toEqual({ wrongLine: 2 })
  })
})
