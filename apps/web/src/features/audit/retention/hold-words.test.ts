// Who places a hold is told exactly what it keeps before it does.
import { expect, test } from 'vitest'
import { retention } from '../../gallery/explain-fixtures.ts'
import { daysWords, heldWords, holdsUntil, placingWords, whyNotRelease } from './hold-words.ts'

const nothing = { user: null, workspace: null, requestId: null, from: null, to: null }

test('what is held names each part that has to fit', () => {
  expect(heldWords({ ...nothing, user: 'ada', workspace: 'shop', from: '30d' })).toBe(
    'entries about ada, in workspace shop, from 30d',
  )
  expect(heldWords({ ...nothing, requestId: 'r1', to: '2026-01-31' })).toBe('entries of request r1, until 2026-01-31')
  expect(heldWords(nothing)).toBe('the whole audit log')
})

test('a form that says nothing yet is no hold on everything', () => {
  expect(placingWords(nothing, 'some')).toBeNull()
  expect(placingWords(nothing, 'everything')).toMatch(/^Nothing is removed from the audit log/)
})

test('who places a hold on a person is told that they cannot be erased', () => {
  expect(placingWords({ ...nothing, user: 'ada' }, 'some')).toMatch(/^All entries about ada stay.*neither ada nor/)
})

test('a hold is released by another than who placed it, once', () => {
  const [by, , released] = retention.holds
  if (by === undefined || released === undefined) throw new TypeError('the gallery has no holds')
  expect(whyNotRelease(by, 'another')).toBeNull()
  expect(whyNotRelease(by, by.placedBy)).toMatch(/another Admin/)
  expect(whyNotRelease(released, 'another')).toMatch(/released already/)
})

test('a released hold still holds for a day', () => {
  expect(holdsUntil('2026-11-28T15:00:00.000Z')).toBe('2026-11-29T15:00:00.000Z')
})

test.for([
  [1, '1 day'],
  [365, '365 days (1 year)'],
  [2555, '2,555 days (7 years)'],
  [400, '400 days'],
] as const)('%i days are %s', ([days, words]) => {
  expect(daysWords(days)).toBe(words)
})
