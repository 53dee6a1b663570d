import { expect, test } from 'vitest'
import { lagWords, sinkState } from './sink-words.ts'

test('a sink is paused, failing or active, in this order', () => {
  expect(sinkState({ state: 'paused', failingSince: '2026-11-28T00:00:00Z' })).toBe('paused')
  expect(sinkState({ state: 'active', failingSince: '2026-11-28T00:00:00Z' })).toBe('failing')
  expect(sinkState({ state: 'active', failingSince: null })).toBe('active')
})

test('what waits is counted, with how long the oldest has', () => {
  expect(lagWords({ lagEntries: 0, lagSeconds: 0 })).toBe('up to date')
  expect(lagWords({ lagEntries: 1, lagSeconds: 0 })).toBe('1 entry waits')
  expect(lagWords({ lagEntries: 1200, lagSeconds: 180 })).toBe('1,200 entries wait, the oldest for 3 min')
})
