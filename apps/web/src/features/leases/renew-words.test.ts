import { expect, test } from 'vitest'
import type { Lease } from './live-leases.ts'
import { renewedWords, whyNotRenew } from './renew-words.ts'

const now = Date.parse('2026-11-29T18:00:00.000Z')
const at = (minutes: number): string => new Date(now + minutes * 60_000).toISOString()
const lease: Lease = {
  id: 'l1',
  backend: 'postgres',
  revocability: 'deletes',
  revokedWithinSeconds: 0,
  role: 'shop-read',
  hostId: null,
  workspace: 'default',
  purpose: 'look at an order',
  principal: 'ada',
  principalType: 'User',
  principalName: 'ada-admin',
  state: 'active',
  issuedAt: at(-30),
  expiresAt: at(30),
  renewableUntil: at(180),
  wrappedUntil: null,
  endedAt: null,
  reason: null,
  attempts: 0,
  lastError: null,
  workflowUrl: null,
}

test.each<[Partial<Lease>, string | null]>([
  [{}, null],
  [{ principal: 'eve', principalName: 'eve' }, 'Only eve can renew it.'],
  [{ renewableUntil: null }, 'This credential cannot be renewed. Issue another one.'],
  [{ state: 'pending' }, 'It is still being made.'],
  [{ attempts: 1 }, 'It is being revoked.'],
  [{ state: 'irrevocable' }, 'It is being revoked.'],
  [{ expiresAt: at(180) }, 'It already lives as long as it may.'],
  [{ state: 'revoked' }, 'It has ended. Issue another one.'],
  [{ expiresAt: at(-2) }, 'It has ended. Issue another one.'],
])('of a lease %j its owner reads %j', (over, words) => {
  expect(whyNotRenew({ ...lease, ...over }, 'ada', now)).toBe(words)
})

test.each<[number, Partial<Lease>, string]>([
  [3600, { expiresAt: at(60) }, 'Renewed: it works for another 1 h.'],
  [86_400, { expiresAt: at(180) }, 'Renewed: it works for another 3 h, the most that it may.'],
  [3600, { expiresAt: at(20) }, 'Renewed: it works for another 20 min, until your session ends.'],
])('who asked for %i seconds and got %j reads what was given, and why not more', (asked, over, words) => {
  expect(renewedWords({ ...lease, ...over }, asked, now)).toBe(words)
})
