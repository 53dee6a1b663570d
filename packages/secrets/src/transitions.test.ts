import { describe, expect, test } from 'vitest'
import {
  activeLease,
  attemptsMax,
  hasEnded,
  newLease,
  retryDelaySeconds,
  transition,
  type LeaseEvent,
  type LeaseStanding,
} from './transitions.ts'

const now = new Date('2026-03-01T12:00:00Z')
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)
const pending = newLease({ expiresAt: later(3600), now })
const active: LeaseStanding = { ...pending, state: 'active', dueAt: later(3600) }
const wrapped: LeaseStanding = { ...active, wrappedUntil: later(60), dueAt: later(60) }
const unopened: LeaseStanding = { ...wrapped, wrappedUntil: now }
const wanted: LeaseStanding = { ...active, revokeRequestedAt: now, reason: 'done' }
const irrevocable: LeaseStanding = { ...wanted, state: 'irrevocable', attempts: attemptsMax }
const ended: readonly LeaseStanding[] = [
  { ...active, state: 'expired', dueAt: null },
  { ...active, state: 'revoked', dueAt: null },
]

/** One table for the machine: where a lease stands, what happens, where it stands then and what follows. */
const cases: readonly [string, LeaseStanding, LeaseEvent, Partial<LeaseStanding> | null, readonly string[]][] = [
  [
    'a pending lease waits a minute for its credential',
    pending,
    { type: 'claimed' },
    { state: 'pending', dueAt: later(60) },
    [],
  ],
  [
    'a made credential makes it active until its end',
    pending,
    { type: 'activated' },
    { state: 'active', dueAt: later(3600) },
    [],
  ],
  [
    'a late answer does not bring back what was asked to end',
    { ...pending, revokeRequestedAt: now },
    { type: 'activated' },
    null,
    [],
  ],
  [
    'a wrapped credential is waited for no longer than that',
    pending,
    { type: 'wrapped', until: later(60) },
    { state: 'active', wrappedUntil: later(60), dueAt: later(60) },
    [],
  ],
  [
    'one that would be waited for beyond its end is due at that',
    { ...pending, expiresAt: later(30) },
    { type: 'wrapped', until: later(60) },
    { state: 'active', dueAt: later(30) },
    [],
  ],
  [
    'one that was ended while it was made is not wrapped',
    { ...pending, revokeRequestedAt: now },
    { type: 'wrapped', until: later(60) },
    null,
    [],
  ],
  [
    'an opened one lives to its end',
    wrapped,
    { type: 'opened' },
    { state: 'active', wrappedUntil: null, dueAt: later(3600) },
    [],
  ],
  ['nothing is opened twice', active, { type: 'opened' }, null, []],
  ['nothing is opened when its time is over', unopened, { type: 'opened' }, null, []],
  ['nothing is opened that somebody wants ended', { ...wrapped, revokeRequestedAt: now }, { type: 'opened' }, null, []],
  [
    'one that is renewed is waited for no longer',
    wrapped,
    { type: 'renewed', expiresAt: later(7200) },
    { expiresAt: later(7200), wrappedUntil: later(60), dueAt: later(60) },
    [],
  ],
  [
    'what nobody has opened in time is ended, and says why',
    unopened,
    { type: 'claimed' },
    { revokeRequestedAt: now, reason: 'nobody opened its credential in time', dueAt: later(60) },
    [],
  ],
  [
    'what has come to its end without being opened has just expired',
    { ...unopened, expiresAt: now },
    { type: 'claimed' },
    { revokeRequestedAt: null, reason: null, dueAt: later(60) },
    [],
  ],
  ['nothing is activated twice', active, { type: 'activated' }, null, []],
  [
    'a renewed lease is due at its new end',
    active,
    { type: 'renewed', expiresAt: later(7200) },
    { state: 'active', expiresAt: later(7200), dueAt: later(7200) },
    [],
  ],
  [
    'one that is ended by force is over, and says why it was',
    { ...wanted, attempts: 3 },
    { type: 'forced', error: 'nobody answers' },
    { state: 'revoked', endedAt: now, dueAt: null, lastError: 'nobody answers', reason: 'done' },
    ['record lease.forced'],
  ],
  ['what is being taken away is not renewed', wanted, { type: 'renewed', expiresAt: later(7200) }, null, []],
  ['nor is what has no credential yet', pending, { type: 'renewed', expiresAt: later(7200) }, null, []],
  [
    'nor is what is over',
    { ...active, expiresAt: now, dueAt: later(60) },
    { type: 'renewed', expiresAt: later(7200) },
    null,
    [],
  ],
  [
    'a wish to end it is kept with its reason, and its claim ends',
    active,
    { type: 'revocationRequested', reason: 'done' },
    { state: 'active', revokeRequestedAt: now, reason: 'done', dueAt: later(60) },
    [],
  ],
  [
    'a second wish changes neither reason nor time',
    wanted,
    { type: 'revocationRequested', reason: 'other' },
    { reason: 'done', revokeRequestedAt: now },
    [],
  ],
  [
    'at its end it expires',
    active,
    { type: 'credentialGone' },
    { state: 'expired', endedAt: now, dueAt: null, reason: null },
    ['record lease.expired'],
  ],
  [
    'after a wish it is revoked',
    wanted,
    { type: 'credentialGone' },
    { state: 'revoked', endedAt: now, dueAt: null, reason: 'done' },
    ['record lease.revoked'],
  ],
  [
    'what was never made is revoked, saying so',
    pending,
    { type: 'credentialGone' },
    { state: 'revoked', reason: 'issuing did not finish' },
    ['record lease.revoked'],
  ],
  [
    'a given-up one that is gone after all has ended',
    irrevocable,
    { type: 'credentialGone' },
    { state: 'revoked', lastError: null },
    ['record lease.revoked'],
  ],
  [
    'a queued revocation is due at once',
    active,
    { type: 'revocationQueued', reason: 'left' },
    { state: 'active', dueAt: now, revokeRequestedAt: now, reason: 'left' },
    [],
  ],
  [
    'one that failed before keeps its time and its first reason',
    { ...wanted, attempts: 3, dueAt: later(40) },
    { type: 'revocationQueued', reason: 'left' },
    { dueAt: later(40), reason: 'done' },
    [],
  ],
  [
    'the first failure is recorded, told and handed to a workflow',
    wanted,
    { type: 'revocationFailed', error: 'no' },
    { state: 'active', attempts: 1, lastError: 'no', dueAt: later(5) },
    ['record lease.revocationFailed', 'alert lease-revocation-failed', 'ensureRevocation'],
  ],
  [
    'further failures only wait longer',
    { ...wanted, attempts: 3 },
    { type: 'revocationFailed', error: 'no' },
    { attempts: 4, dueAt: later(40) },
    ['ensureRevocation'],
  ],
  [
    'the last failure calls a person, and never says gone',
    { ...wanted, attempts: attemptsMax - 1 },
    { type: 'revocationFailed', error: 'no' },
    { state: 'irrevocable', endedAt: null, dueAt: later(86_400) },
    ['record lease.irrevocable', 'alert lease-irrevocable'],
  ],
  [
    'a given-up one is tried once a day and told no more',
    irrevocable,
    { type: 'revocationFailed', error: 'no' },
    { state: 'irrevocable', dueAt: later(86_400) },
    [],
  ],
]

describe('the life of a lease', () => {
  test.each(cases)('%s', (_, from, event, expected, effects) => {
    const step = transition(from, event, now)
    if (expected === null) expect(step).toBeNull()
    else expect(step?.next).toMatchObject(expected)
    expect(
      (step?.effects ?? []).map((effect) => {
        const more = 'kind' in effect ? effect.kind : ''
        return `${effect.type} ${'event' in effect ? effect.event : more}`.trim()
      }),
    ).toEqual(effects)
  })

  test('what has ended never changes', () => {
    const events: readonly LeaseEvent[] = [
      { type: 'activated' },
      { type: 'claimed' },
      { type: 'credentialGone' },
      { type: 'revocationRequested', reason: 'r' },
      { type: 'revocationQueued', reason: 'r' },
      { type: 'revocationFailed', error: 'e' },
    ]
    for (const lease of ended) for (const event of events) expect(transition(lease, event, now)).toBeNull()
  })

  test('every lease that has not ended has a time at which something happens', () => {
    let lease: LeaseStanding = active
    for (let failures = 0; failures < 3 * attemptsMax; failures += 1) {
      const step = transition(lease, { type: 'revocationFailed', error: 'x'.repeat(1000) }, now)
      expect(step?.next.dueAt?.getTime()).toBeGreaterThan(now.getTime())
      expect(step?.next.lastError).toHaveLength(240)
      lease = step?.next ?? lease
      expect(hasEnded(lease)).toBe(false)
    }
  })

  test('pauses grow to five minutes and no further', () => {
    expect([1, 2, 3, 6, 7, 8, 100].map(retryDelaySeconds)).toEqual([5, 10, 20, 160, 300, 300, 300])
  })
})

test('one whose credential is there with its row begins as one that was activated', () => {
  expect(activeLease({ expiresAt: later(3600), now })).toEqual(transition(pending, { type: 'activated' }, now)?.next)
})

test('what is kept of an error never ends in half a character', () => {
  const error = `${'e'.repeat(239)}\u{1f525} and more`
  const { lastError = '' } = transition(active, { type: 'revocationFailed', error }, now)?.next ?? {}
  expect([lastError?.isWellFormed(), lastError?.length]).toEqual([true, 240])
})
