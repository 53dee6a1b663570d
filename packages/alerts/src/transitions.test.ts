import { expect, test } from 'vitest'
import { afterTry, isAtLeast, raiseAgain, triesMax, type KnownAlert } from './transitions.ts'

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 28) + seconds * 1000)
const known = (fields: Partial<KnownAlert> = {}): KnownAlert => ({
  state: 'open',
  severity: 'high',
  toldAt: at(0),
  ...fields,
})

test.each([
  ['what nobody knows is new', null, 'high', 0, 'new'],
  ['the same within its quiet time is counted', known(), 'high', 59, 'counted'],
  ['the same after its quiet time is told again', known(), 'high', 60, 'again'],
  ['what has become more urgent is told at once', known(), 'critical', 1, 'again'],
  ['what has become less urgent is counted', known(), 'low', 1, 'counted'],
  ['acknowledged, within its quiet time, it is counted', known({ state: 'acknowledged' }), 'high', 59, 'counted'],
  ['acknowledged, after its quiet time, it is new', known({ state: 'acknowledged' }), 'high', 60, 'new'],
  ['acknowledged and more urgent, it is new', known({ state: 'acknowledged' }), 'critical', 1, 'new'],
] as const)('%s', (_, before, severity, seconds, expected) => {
  expect(raiseAgain(before, { severity, now: at(seconds), quietSeconds: 60 })).toBe(expected)
})

test('no quiet time: each time is told', () => {
  expect(raiseAgain(known(), { severity: 'high', now: at(0), quietSeconds: 0 })).toBe('again')
})

test('a message is tried with growing pauses, and is dead after the last try', () => {
  const failed = { taken: false, chance: 'later', error: 'it answers with status 503' } as const
  const pauses = Array.from({ length: triesMax - 1 }, (_, index) => afterTry(index + 1, failed))
  expect(pauses.slice(0, 4)).toMatchObject([1, 2, 4, 8].map((inSeconds) => ({ state: 'waiting', inSeconds })))
  expect(pauses.at(-1)).toMatchObject({ state: 'waiting', inSeconds: 300 })
  expect(afterTry(triesMax, failed)).toEqual({ state: 'dead', error: 'it answers with status 503' })
})

test('a message that its receiver will never take is dead at once, and one that was taken is delivered', () => {
  expect(afterTry(1, { taken: false, chance: 'never', error: 'no' })).toEqual({ state: 'dead', error: 'no' })
  expect(afterTry(3, { taken: true })).toEqual({ state: 'delivered' })
})

test('a channel gets what is at least as severe as it says', () => {
  expect(isAtLeast('critical', 'high')).toBe(true)
  expect(isAtLeast('high', 'high')).toBe(true)
  expect(isAtLeast('medium', 'high')).toBe(false)
})
