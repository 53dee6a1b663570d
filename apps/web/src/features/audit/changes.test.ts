import { describe, expect, test } from 'vitest'
import { fieldWords, partsOf } from './changes.ts'

describe('what an entry says beyond its own fields', () => {
  test('is what was asked, what came out, and what moved from where to where', () => {
    const parts = partsOf(
      JSON.stringify({
        input: { authFailuresAlert: 7, requiredRoles: ['Admin', 'Operator'], alertQuietMinutes: 90, ttlSeconds: 45 },
        detail: {
          moved: [{ field: 'roleLimits.Viewer.sessionIdleSeconds', from: 604_800, to: 259_200 }],
          sessionsEnded: 2,
        },
        intent: null,
        userAgent: 'gatehouse/0.1.0',
        policyVersion: '5f1c',
      }),
    )
    expect(parts.moved).toEqual([{ field: 'role limits · Viewer · session idle', from: '7 d', to: '3 d' }])
    expect(parts.input).toEqual([
      ['auth failures alert', '7'],
      ['required roles', 'Admin, Operator'],
      ['alert quiet', '1 h 30 min'],
      ['ttl', '45 s'],
    ])
    expect(parts.result).toEqual([['sessions ended', '2']])
    expect(parts).toMatchObject({ client: 'gatehouse/0.1.0', policyVersion: '5f1c', intent: null })
  })

  test('is nothing where it is no JSON, and a rewritten `moved` breaks nothing', () => {
    for (const text of ['', '[]', 'x', '{"detail":[1]}', '{"detail":{"moved":[1,{"field":2}]}}'])
      expect(partsOf(text).moved, text).toEqual([])
  })

  test('says what was taken out with somebody who was erased', () => {
    const detail = JSON.stringify({ input: { reason: null, ticket: 'DP-7' } })
    expect(partsOf(detail, ['input.reason', 'ip']).input).toEqual([
      ['reason', 'removed when a person was erased'],
      ['ticket', 'DP-7'],
    ])
  })

  test('names fields in words', () => {
    expect(fieldWords('ttlSeconds')).toBe('ttl')
    expect(fieldWords('authFailuresAlert')).toBe('auth failures alert')
    expect(fieldWords('Admin')).toBe('Admin')
  })
})
