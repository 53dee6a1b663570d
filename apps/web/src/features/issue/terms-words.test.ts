import type { Wire } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { canWords, firstRoleTtl, roleTerms, roleTtls, sshTerms, sshTtls, whyNoOtp } from './terms-words.ts'

const role: Wire<'secretRole.get'> = {
  id: 'r1',
  name: 'shop-read',
  workspace: 'shop',
  backendId: 'b1',
  backend: 'shop-db',
  kind: 'postgres',
  revocability: 'deletes',
  revokedWithinSeconds: 0,
  ttlSecondsMin: 60,
  ttlSecondsMax: 14_400,
  renewable: true,
  leasesMax: null,
  leasesEachMax: null,
  postgres: { grants: ['reader', 'writer'], connectionsMax: 5 },
  vault: null,
  aws: null,
  upcloud: null,
  createdAt: '2026-11-29T10:00:00Z',
}
const aws = { roleArn: 'arn:aws:iam::123456789012:role/deploy', policy: null, externalId: null, tags: [] }

describe('what a credential will be able to do, before there is one', () => {
  it('is said of each kind of backend by what its role says', () => {
    expect(canWords(role)).toBe(
      'Log in to the PostgreSQL server shop-db with the rights of reader and writer, ' +
        'with at most 5 connections at once.',
    )
    expect(canWords({ ...role, postgres: null, vault: { path: 'creds/orders' } })).toContain('Whatever creds/orders')
    expect(canWords({ ...role, postgres: null, aws })).toContain('with all its rights')
    expect(canWords({ ...role, postgres: null, aws: { ...aws, policy: '{}' } })).toContain('its session policy leaves')
    const upcloud = {
      permissions: [{ targetType: 'managed_database', target: 'db' }],
      addresses: ['192.0.2.0/24'],
    } as const
    expect(
      canWords({
        ...role,
        postgres: null,
        upcloud: { ...upcloud, permissions: [...upcloud.permissions], addresses: [...upcloud.addresses] },
      }),
    ).toBe('Use the API of UpCloud for managed database db, from 192.0.2.0/24.')
  })

  it('says of a host which account, how, and from where', () => {
    const wish = { host: { name: 'db-1', sourceAddresses: ['10.0.0.0/24'] }, account: 'deploy', ttlSeconds: 900 }
    expect(sshTerms({ ...wish, kind: 'otp' }).can).toBe(
      'Log in to db-1 as deploy once, with the password that you are shown, from 10.0.0.0/24.',
    )
    expect(sshTerms({ ...wish, kind: 'certificate' }).early).toContain('added to the revocation list')
  })
})

describe('how a credential ends, before there is one', () => {
  it('says whether it can be renewed, and how fast it dies when it is revoked', () => {
    expect(roleTerms(role, 3600).lives).toBe(
      '1 h, and not longer than your session. It can be renewed up to 4 h after it was issued.',
    )
    const denied = {
      ...role,
      kind: 'aws',
      revocability: 'denies',
      revokedWithinSeconds: 300,
      renewable: false,
    } as const
    expect(roleTerms(denied, 3600)).toMatchObject({ lives: '1 h, and not longer than your session.' })
    expect(roleTerms(denied, 3600).early).toContain('denies it, within 5 min.')
  })

  it('offers only times that are given', () => {
    expect(roleTtls({ ttlSecondsMin: 1800, ttlSecondsMax: 5400 }).map(([seconds]) => seconds)).toEqual([
      '1800',
      '3600',
      '5400',
    ])
    expect(sshTtls('otp').at(-1)?.[0]).toBe('3600')
    expect(firstRoleTtl({ ttlSecondsMax: 900 })).toBe('900')
  })

  it('says why a host takes no one-time password', () => {
    expect(whyNoOtp({ name: 'db-1', otpAddresses: [] })).toContain('takes no one-time passwords')
    expect(whyNoOtp({ name: 'db-1', otpAddresses: ['10.0.0.5/32'] })).toBeNull()
  })
})
