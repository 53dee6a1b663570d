import { expect, test } from 'vitest'
import { aboutHref, aboutWords, channelState, deliveryState, factName } from './alert-words.ts'

test('a channel is failing, active or not used yet, in this order', () => {
  const at = '2026-11-28T00:00:00Z'
  expect(channelState({ failingSince: at, deliveredAt: at })).toBe('failing')
  expect(channelState({ failingSince: null, deliveredAt: at })).toBe('active')
  expect(channelState({ failingSince: null, deliveredAt: null })).toBe('unused')
})

test('an alert says what it is about, and leads there where that has a page', () => {
  const person = { about: { type: 'User', id: 'u1', name: 'ada' } }
  expect([aboutWords(person), aboutHref(person)]).toEqual(['User ada', '/people/users/u1'])
  const whole = { about: { type: 'System', id: 'gatehouse', name: null } }
  expect([aboutWords(whole), aboutHref(whole)]).toEqual(['Gatehouse', null])
})

test('facts and messages are said in words', () => {
  expect(factName('windowSeconds')).toBe('Window seconds')
  const message = { channel: 'on call', error: null, at: '2026-11-28T00:00:00Z' }
  expect(deliveryState({ ...message, state: 'waiting', attempts: 0 })).toBe('sending')
  expect(deliveryState({ ...message, state: 'waiting', attempts: 2 })).toBe('retrying')
  expect(deliveryState({ ...message, state: 'dead', attempts: 80 })).toBe('not delivered')
})
