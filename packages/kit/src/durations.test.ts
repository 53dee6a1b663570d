import { describe, expect, it, test } from 'vitest'
import { durationText, exactDuration, parseDuration, parseUnits, secondsOfUnitIn, withoutUnit } from './durations.ts'

describe('a duration as it is typed', () => {
  test.each([
    ['1h', 3600],
    ['1hr', 3600],
    ['90m', 5400],
    ['3600', 3600],
    ['1h30m', 5400],
    ['15m', 900],
    ['7d', 604_800],
    ['2w', 1_209_600],
    ['0', 0],
    ['12 h', 43_200],
    ['1D 6H', 108_000],
    ['15min', 900],
  ])('%s is %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  const none = ['', 'h', '1x', '-1h', '1.5h', '1e3', '١h', 'constructor', '1constructor', '1 2 h', 'soon']
  test.each([...none, '12 hours', '-5 min', '1e3 s', '5 h and a bit', '1toString', '1  h', ' 5m', '1h '])(
    '`%s` is none',
    (text) => {
      expect(parseDuration(text)).toBeNull()
    },
  )

  test('where a unit is asked for, a bare number is none', () => {
    expect(parseUnits('30')).toBeNull()
    expect(parseUnits('30 s')).toBe(30)
  })
})

it.each([
  [43_200, '12 h'],
  [108_000, '1 d 6 h'],
  [90, '1 min 30 s'],
  [1800, '30 min'],
  [604_800, '7 d'],
  [0, '0 s'],
])('%d s is written exactly as %s, and read back as the same', (seconds, text) => {
  expect(exactDuration(seconds)).toBe(text)
  expect(parseUnits(text)).toBe(seconds)
})

test.each([
  [0, '0 s'],
  [45, '45 s'],
  [59, '59 s'],
  [59.6, '1 min'],
  [899, '15 min'],
  [900, '15 min'],
  [3590, '1 h'],
  [3600, '1 h'],
  [5400, '1 h 30 min'],
  [86_390, '1 d'],
  [90_000, '1 d 1 h'],
  [187_200, '2 d 4 h'],
  [-5, '0 s'],
])('%d s is said as %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text)
})

test('a field of a length of time says its unit in its name, and no other field does', () => {
  expect(['idleSeconds', 'quietMinutes', 'roleLimits.Viewer.sessionIdleSeconds'].map(secondsOfUnitIn)).toEqual([
    1, 60, 1,
  ])
  expect(['seconds', 'Seconds', 'secondsLeft', 'durationMicroseconds', 'days'].map(secondsOfUnitIn)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ])
  expect(['idleSeconds', 'quietMinutes', 'reason'].map(withoutUnit)).toEqual(['idle', 'quiet', 'reason'])
})
