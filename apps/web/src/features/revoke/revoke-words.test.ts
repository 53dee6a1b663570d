import { expect, it } from 'vitest'
import type { Lease } from '../leases/live-leases.ts'
import {
  chosen,
  isChosen,
  kindConsequences,
  lookWords,
  progressOf,
  progressWords,
  revokedWords,
} from './revoke-words.ts'

const lease = (over: Partial<Lease>): Lease => ({
  id: 'l1',
  backend: 'ssh-key',
  revocability: 'deletes',
  revokedWithinSeconds: 0,
  role: 'deploy@db-1',
  hostId: 'h1',
  workspace: 'default',
  purpose: 'a test',
  principal: 'u1',
  principalType: 'User',
  principalName: 'ada',
  state: 'active',
  issuedAt: '2026-11-29T10:00:00Z',
  expiresAt: '2026-11-29T11:00:00Z',
  renewableUntil: null,
  wrappedUntil: null,
  endedAt: null,
  reason: null,
  attempts: 0,
  lastError: null,
  workflowUrl: null,
  ...over,
})

it('sends only what was chosen, and nothing when nothing was', () => {
  expect(chosen({ principal: ' ada ', role: '', reason: 'left' })).toEqual({ principal: 'ada' })
  expect(chosen({ approval: 'bg1' })).toEqual({ approval: 'bg1' })
  expect([isChosen({ reason: 'left' }), isChosen({ prefix: 'shop-' })]).toEqual([false, true])
})

it('says how many would be revoked, and whose, where all of them are known', () => {
  const leases = [lease({}), lease({ id: 'l2', principal: 'u2' })]
  expect(lookWords({ matching: 2, leases })).toBe('2 leases of 2 owners would be revoked')
  expect(lookWords({ matching: 500, leases })).toBe('500 leases would be revoked')
  expect(lookWords({ matching: 0, leases: [] })).toBe('No active lease matches.')
})

it('says once for each kind what revoking does', () => {
  const kinds = kindConsequences([lease({}), lease({ id: 'l2' }), lease({ id: 'l3', backend: 'aws' })])
  expect(kinds.map(([kind]) => kind)).toEqual(['SSH key (2)', 'session of AWS (1)'])
})

it('says how far it has come, and what needs a person', () => {
  const leases = [
    lease({ state: 'revoked' }),
    lease({ id: 'l2', attempts: 1 }),
    lease({ id: 'l3', state: 'irrevocable' }),
  ]
  expect(progressWords(progressOf(leases))).toBe(
    '1 of 3 have ended. 1 is still being revoked; Gatehouse keeps trying. 1 could not be revoked and needs attention.',
  )
  expect(progressWords(progressOf(leases.slice(0, 1)))).toBe('It has ended.')
  expect(progressWords({ ended: 3, of: 3, failed: 0 })).toBe('All 3 have ended.')
  expect([revokedWords(3, { ended: 2, of: 3 }), revokedWords(1, { ended: 1, of: 1 })]).toEqual([
    'Revoking 3 leases',
    '1 lease revoked',
  ])
})
