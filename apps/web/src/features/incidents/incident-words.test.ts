import { expect, test } from 'vitest'
import { clockState, stepWords } from './incident-words.ts'

const step = {
  id: 's1',
  at: '2026-11-28T08:00:00.000Z',
  text: '',
  by: null,
  entry: null,
  request: null,
  session: null,
} as const
const clock = { name: 'respond', dueAt: '2026-11-28T08:00:00.000Z' } as const

test('a step says the state that it came to', () => {
  expect(stepWords({ ...step, kind: 'moved', state: 'false-positive' })).toBe('Now false positive')
  expect(stepWords({ ...step, kind: 'note', state: null })).toBe('Note')
})

test('a clock that has run out is overdue, one whose work is done is done, and a warning has passed', () => {
  expect((['waiting', 'fired', 'met'] as const).map((state) => clockState({ ...clock, state }))).toEqual([
    'waiting',
    'overdue',
    'done',
  ])
  expect(clockState({ ...clock, name: 'authority-24h', state: 'fired' })).toBe('passed')
})
