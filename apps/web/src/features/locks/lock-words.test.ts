import { expect, test } from 'vitest'
import { kindWords, lockFields, lockInput, lockKinds, lockState } from './lock-words.ts'

test('a lock holds, has ended or was removed', () => {
  expect(lockState({ holds: true, removedAt: null })).toBe('locked')
  expect(lockState({ holds: false, removedAt: null })).toBe('expired')
  expect(lockState({ holds: false, removedAt: '2026-11-28T00:00:00Z' })).toBe('removed')
})

test('of what was typed for several kinds the one of the kind that is chosen is sent', () => {
  const typed = { principal: 'ada', host: ' db-1 ', reason: 'forensics' }
  expect(lockInput({ ...typed, kind: 'host', duration: '3600' })).toEqual({
    host: 'db-1',
    reason: 'forensics',
    ttlSeconds: 3600,
  })
  expect(lockInput({ ...typed, kind: 'principal', duration: '' })).toEqual({ principal: 'ada', reason: 'forensics' })
})

test('each kind says what is asked for and what the lock does', () => {
  expect(Object.keys(kindWords).toSorted()).toEqual([...lockKinds].toSorted())
  for (const kind of lockKinds) expect(lockFields[kind].effect).toMatch(/\.$/)
})
