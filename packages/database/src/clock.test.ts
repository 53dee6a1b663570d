import { expect, test } from 'vitest'
import { saysMore, type ClockReading } from './clock.ts'

const last: ClockReading = { theirs: 0, monotonic: 0, wall: 0, offMax: 1 }
/** A look so many seconds later whose answer took so long; our own two clocks have parted by so much. */
const later = (seconds: number, tripMilliseconds: number, parted = 0): ClockReading => ({
  theirs: 0,
  monotonic: seconds * 1000,
  wall: seconds * 1000 + parted,
  offMax: tripMilliseconds / 2,
})

// leases, tokens and codes are all decided by this clock: ahead by seconds they end early, and for nobody's fault
test('a look that waited for a database that stood still does not set the clock', () => {
  expect(saysMore(later(30, 10_000), last)).toBe(false)
  expect(saysMore(later(30, 2), last)).toBe(true)
})

test('on a machine that is always slow a look is taken after a while', () => {
  expect(saysMore(later(30, 60), last)).toBe(false)
  expect(saysMore(later(60, 60), last)).toBe(true)
})

test('once our own clocks have parted, as after the machine has slept, any look is taken', () => {
  expect(saysMore(later(30, 10_000, 3_600_000), last)).toBe(true)
  expect(saysMore(later(30, 10_000, -600), last)).toBe(true)
})
