import type { Wire } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { accessBy, accessTo, whyNoneOf, whyNot } from './access.ts'

const mine: Wire<'access.mine'> = {
  at: '2026-11-28T03:00:00Z',
  expiresAt: '2026-11-28T03:01:00Z',
  policyVersion: 'v',
  operations: [
    { operation: 'user.create', access: 'denied', workspaces: [] },
    { operation: 'session.revoke', access: 'depends', workspaces: [] },
    { operation: 'lease.revoke', access: 'depends', workspaces: [{ workspace: 'edge', access: 'denied' }] },
    { operation: 'lease.list', access: 'allowed', workspaces: [] },
  ],
}

describe('what a person may do', () => {
  it('is what the server says, and where it says nothing the server is asked', () => {
    expect(whyNot(mine, 'user.create')).toBe(
      "You don't have permission to create a person with a role and a one-time password.",
    )
    expect(whyNot(mine, 'session.revoke')).toBeNull()
    expect(whyNot(mine, 'settings.update')).toBeNull()
    expect(whyNot(undefined, 'user.create')).toBeNull()
  })

  it('may be another in one workspace', () => {
    expect(accessTo(mine, 'lease.revoke', 'edge')).toBe('denied')
    expect(accessTo(mine, 'lease.revoke', 'other')).toBe('depends')
  })

  it('is enough where one of several operations can be done', () => {
    expect(whyNoneOf(mine, ['user.create', 'lease.list'], 'add users')).toBeNull()
    expect(whyNoneOf(mine, ['user.create'], 'add users')).toBe("You don't have permission to add users.")
  })

  it('is not known before the server has answered: nothing can be pressed, and no reason is given', () => {
    const waiting = accessBy(
      () => undefined,
      () => false,
    )
    expect([waiting.why('session.revoke'), waiting.whyNone(['lease.list'], 'see leases')]).toEqual(['', ''])
    expect(waiting.may('lease.list')).toBe(false)
  })

  it('is tried where the server could not say', () => {
    const unanswered = accessBy(
      () => undefined,
      () => true,
    )
    expect([unanswered.why('user.create'), unanswered.may('user.create')]).toEqual([null, true])
  })
})
