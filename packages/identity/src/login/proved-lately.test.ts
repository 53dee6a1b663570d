import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { provedLately } from './proved-lately.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

test('what was shown is known for less than a second, and by its own token', () => {
  const lately = provedLately<string>()
  lately.note('one', 'ada')
  vi.advanceTimersByTime(999)
  expect([lately.find('one'), lately.find('two')]).toEqual(['ada', null])
  vi.advanceTimersByTime(1)
  expect(lately.find('one')).toBeNull()
})

test('what is shown again is known from then on, as it was shown last', () => {
  const lately = provedLately<string>()
  lately.note('one', 'ada')
  vi.advanceTimersByTime(600)
  lately.note('one', 'augusta')
  vi.advanceTimersByTime(600)
  expect(lately.find('one')).toBe('augusta')
})

test('of more than ten thousand at once the oldest are forgotten', () => {
  const lately = provedLately<number>()
  for (let token = 0; token <= 10_000; token += 1) lately.note(`token ${token}`, token)
  expect([lately.find('token 0'), lately.find('token 1'), lately.find('token 10000')]).toEqual([null, 1, 10_000])
})
