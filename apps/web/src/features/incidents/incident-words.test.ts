import { expect, test } from 'vitest'
import { actionState, changesOf, clockState, stepWords } from './incident-words.ts'

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

test('an edit sends what was changed, and nothing that another may have said since', () => {
  const before = { title: 'a', breach: 'no', affected: 'db-1', owner: '' }
  expect(changesOf(before, { title: 'a ', breach: 'yes', affected: 'db-1\n db-2\n', owner: '' })).toEqual({
    breach: true,
    affected: ['db-1', 'db-2'],
  })
})

test('an action that is not done in time is overdue', () => {
  const action = { id: 'a', what: 'w', owner: null, dueAt: '2026-11-28T08:00:00.000Z', doneAt: null, doneBy: null }
  const late = Date.parse(action.dueAt) + 1
  expect(actionState(action, late)).toBe('overdue')
  expect(actionState(action, late - 2)).toBe('open')
  expect(actionState({ ...action, doneAt: action.dueAt }, late)).toBe('done')
})
