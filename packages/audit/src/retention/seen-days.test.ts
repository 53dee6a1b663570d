import { expect, test } from 'vitest'
import { seenDays } from './seen-days.ts'

const on = (day: string): Date => new Date(`${day}T12:00:00.000Z`)
const seen = (...days: readonly string[]) => {
  const found = seenDays()
  for (const day of days) found.see(on(day).toISOString())
  return found
}

test('an entry behind one of last week is not a year old', () => {
  expect(seen('2025-01-01', '2026-11-20').hasBetween(on('2025-11-27'), on('2026-11-27'))).toBe(true)
  expect(seen('2025-01-01').hasBetween(on('2025-11-27'), on('2026-11-27'))).toBe(false)
  expect(seen().hasBetween(on('2025-11-27'), on('2026-11-27'))).toBe(false)
})

test('a day of lateness is no sign of anything', () => {
  expect(seen('2025-11-28').hasBetween(on('2025-11-27'), on('2026-11-27'))).toBe(false)
  expect(seen('2025-11-29').hasBetween(on('2025-11-27'), on('2026-11-27'))).toBe(true)
})

test('what a wrong clock dated into the future hides nothing and accuses nobody', () => {
  expect(seen('2031-01-01', '2025-01-01').hasBetween(on('2025-11-27'), on('2026-11-27'))).toBe(false)
  expect(seen('2031-01-01', '2026-11-20').hasBetween(on('2025-11-27'), on('2026-11-27'))).toBe(true)
})

test('what is no time is no day', () => {
  const days = seenDays()
  for (const at of [null, '', 'yesterday']) days.see(at)
  expect(days.hasBetween(on('1990-01-01'), on('2030-01-01'))).toBe(false)
})
