import { expect, test } from 'vitest'
import { aboutHref, aboutWords, channelState, deliveryState, factHref, factName, factText } from './alert-words.ts'

test('a channel is off, failing, active or not used yet, in this order', () => {
  const at = '2026-11-28T00:00:00Z'
  expect(channelState({ failingSince: at, deliveredAt: at, disabledAt: null })).toBe('failing')
  expect(channelState({ failingSince: null, deliveredAt: at, disabledAt: null })).toBe('active')
  expect(channelState({ failingSince: null, deliveredAt: null, disabledAt: null })).toBe('unused')
  expect(channelState({ failingSince: at, deliveredAt: at, disabledAt: at })).toBe('off')
})

test('an alert says what it is about, and leads there where that has a page', () => {
  const person = { about: { type: 'User', id: 'u1', name: 'ada' } }
  expect([aboutWords(person), aboutHref(person)]).toEqual(['User ada', '/people/users/u1'])
  const whole = { about: { type: 'System', id: 'gatehouse', name: null } }
  expect([aboutWords(whole), aboutHref(whole)]).toEqual(['Gatehouse', null])
  const incident = { about: { type: 'System', id: 'gatehouse', name: 'disk of db-2 full' } }
  expect(aboutWords(incident)).toBe('disk of db-2 full')
})

test('no whole id is shown: a request is that of who asked, a lease the beginning of its id', () => {
  const id = '019ad38e-1f2a-7c3b-8d4e-5f6071829304'
  const request = { about: { type: 'BreakGlassRequest', id, name: 'grace' } }
  expect([aboutWords(request), aboutHref(request)]).toEqual(['emergency request of grace', `/emergency/requests/${id}`])
  expect(aboutWords({ about: { type: 'Lease', id, name: 'deploy@db-1' } })).toBe('lease deploy@db-1')
  expect(aboutWords({ about: { type: 'Lease', id, name: null } })).toBe('lease 019ad38e-1f2a')
  expect([factText({ name: 'incident', value: id }), factHref({ name: 'incident', value: id })]).toEqual([
    '019ad38e-1f2a',
    `/incidents/${id}`,
  ])
  expect(factHref({ name: 'requester', value: 'grace' })).toBeNull()
})

test('facts and messages are said in words', () => {
  expect(factName('windowSeconds')).toBe('Window')
  expect(factText({ name: 'windowSeconds', value: '300' })).toBe('5 min')
  expect([factName('withinMinutes'), factText({ name: 'withinMinutes', value: '15' })]).toEqual(['Within', '15 min'])
  expect(factText({ name: 'backend', value: 'ssh-key' })).toBe('SSH key')
  expect(factText({ name: 'backend', value: 'something-later' })).toBe('something-later')
  expect(factText({ name: 'kind', value: 'auth-failures' })).toBe('failed log-ins')
  const message = { channel: 'on call', error: null, at: '2026-11-28T00:00:00Z' }
  expect(deliveryState({ ...message, state: 'waiting', attempts: 0 })).toBe('sending')
  expect(deliveryState({ ...message, state: 'waiting', attempts: 2 })).toBe('retrying')
  expect(deliveryState({ ...message, state: 'dead', attempts: 80 })).toBe('not delivered')
})
