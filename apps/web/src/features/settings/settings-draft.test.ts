import { describe, expect, it } from 'vitest'
import { changesOf, draftOf, updateOf, type Settings } from './settings-draft.ts'

const limits = {
  sessionAbsoluteSeconds: 43_200,
  sessionIdleSeconds: 1800,
  accessTokenTtlSeconds: 900,
  refreshTokenTtlSeconds: 604_800,
}
const settings: Settings = {
  requiredRoles: ['Admin'],
  roleLimits: [
    { role: 'Admin', ...limits },
    { role: 'Operator', ...limits },
  ],
  authenticatorRules: [{ role: 'Admin', attestation: 'none', aaguids: [], backupEligibleAllowed: true }],
  authFailuresAlert: 5,
  revocationSpikeAlert: 50,
  alertQuietMinutes: 60,
  leaseExpiryAlertMinutes: 15,
  updatedAt: null,
  updatedBy: null,
}
const draft = draftOf(settings)

describe('settings as they are typed', () => {
  it('change nothing while nothing was typed', () => {
    expect(changesOf(settings, draft)).toEqual([])
    expect(updateOf(settings, draft)).toEqual({})
  })

  it('say each change in words, and send only the kind that changed', () => {
    const typed = {
      ...draft,
      limits: draft.limits.map((one) => (one.role === 'Admin' ? { ...one, sessionIdleSeconds: '15m' } : one)),
      alert: '3',
    }
    expect(changesOf(settings, typed)).toEqual([
      { what: 'Admin · session idle', from: '30 min', to: '15 min' },
      { what: 'failed log-ins before an alert', from: '5', to: '3' },
    ])
    expect(Object.keys(updateOf(settings, typed))).toEqual(['roleLimits', 'authFailuresAlert'])
    expect(updateOf(settings, typed).roleLimits).toHaveLength(2)
  })

  it('name the rules of authenticators and the roles', () => {
    const typed = {
      ...draft,
      requiredRoles: ['Admin', 'Operator'] as const,
      rules: [
        { role: 'Admin' as const, attested: true, backedUp: false, aaguids: 'cb69481e-8ff7-4039-93ec-0a2729a154a8' },
      ],
    }
    expect(changesOf(settings, typed).map(({ what }) => what)).toEqual([
      'roles that require a second factor',
      'Admin · attestation',
      'Admin · synced passkeys',
      'Admin · models',
    ])
  })

  it('send what is no length of time as a length that the contract refuses', () => {
    expect(
      updateOf(settings, { ...draft, limits: draft.limits.map((one) => ({ ...one, sessionIdleSeconds: 'soon' })) })
        .roleLimits?.[0]?.sessionIdleSeconds,
    ).toBe(0)
  })
})
