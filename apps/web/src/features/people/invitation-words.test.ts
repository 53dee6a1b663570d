import { describe, expect, test } from 'vitest'
import { invitationWords, standingOf } from './invitation-words.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const user = (
  invitation: Parameters<typeof standingOf>[0]['invitation'],
  expiresAt: string | null = '2026-01-02T12:00:00Z',
  status: 'active' | 'disabled' = 'active',
) => ({ status, locked: false, invitation, invitationExpiresAt: expiresAt })

describe('how a person stands', () => {
  test.each([
    ['active', user(null, null)],
    ['disabled', user(null, null, 'disabled')],
    ['disabled', user('mailed', undefined, 'disabled')],
    ['disabled', { ...user(null, null, 'disabled'), locked: true }],
    ['locked', { ...user(null, null), locked: true }],
    ['invited', user('shown')],
    ['invited', user('waiting')],
    ['invited', user('mailed')],
    ['mail delayed', user('delayed')],
    ['mail refused', user('refused')],
    ['invitation expired', user('mailed', '2026-01-01T12:00:00Z')],
    ['invitation expired', user('refused', '2025-12-31T12:00:00Z')],
    ['invitation expired', user('none', null)],
  ])('%s', (word, person) => expect(standingOf(person, now)).toBe(word))

  test('is told in a sentence for who has not come in, and not for who has', () => {
    expect(invitationWords(user(null, null), now)).toBeNull()
    expect(invitationWords(user('refused'), now)).toContain('rejected this address')
    expect(invitationWords(user('shown'), now)).toContain('shown')
    expect(invitationWords(user('shown', '2025-12-31T12:00:00Z'), now)).toContain('Invite them again')
  })
})
