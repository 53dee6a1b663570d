import { expect, test } from 'vitest'
import { revocationsIn } from './revocations-in.ts'

test.each([
  ['one that says nothing of how many', { action: 'apiToken.revoke', outcome: 'allowed' }, 1],
  ['a person who is shut out, with all that ended', disable({ sessionsEnded: 3, leasesEnded: 4 }), 7],
  ['a person who had nothing', disable({ sessionsEnded: 0, leasesEnded: 0 }), 0],
  ['one that was refused', { action: 'session.revoke', outcome: 'refused' }, 0],
  ['who logs out', { action: 'auth.logout', outcome: 'allowed', detail: { ended: 1 } }, 0],
] as const)('counts %s', (_, draft, expected) => {
  expect(revocationsIn(draft)).toBe(expected)
})

function disable(detail: Readonly<Record<string, number>>) {
  return { action: 'user.disable', outcome: 'allowed', detail } as const
}
