import { describe, expect, it } from 'vitest'
import { createInput, emptyRole, roleTexts, ttlOptions, updateInput, type Role } from './role-draft.ts'

const role: Role = {
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
  leasesMax: 10,
  leasesEachMax: null,
  postgres: { grants: ['reader', 'writer'], connectionsMax: 5 },
  vault: null,
  aws: null,
  upcloud: null,
  createdAt: '2026-11-29T10:00:00Z',
}

describe('a new role', () => {
  it('says only what belongs to the kind of its backend', () => {
    const values = { ...emptyRole, name: ' r ', backend: 'b', 'postgres.grants': 'reader, writer', 'vault.path': 'x' }
    expect(createInput(values, 'postgres')).toEqual({
      name: 'r',
      backend: 'b',
      workspace: 'default',
      ttlSecondsMax: 3600,
      leasesMax: undefined,
      leasesEachMax: undefined,
      postgres: { grants: ['reader', 'writer'], connectionsMax: 5 },
    })
  })

  it('takes tags and permissions line by line', () => {
    const values = {
      ...emptyRole,
      'aws.tags': 'team=shop\n\ncost = a=b',
      'upcloud.permissions': 'server:0079\nstorage',
    }
    expect(createInput(values, 'aws').aws?.tags).toEqual([
      { key: 'team', value: 'shop' },
      { key: 'cost', value: 'a=b' },
    ])
    expect(createInput(values, 'upcloud').upcloud?.permissions).toEqual([
      { targetType: 'server', target: '0079' },
      { targetType: 'storage', target: '' },
    ])
  })
})

describe('a change of a role', () => {
  it('is nothing but whose role it is while nothing is changed', () => {
    expect(Object.entries(updateInput(role, roleTexts(role))).filter(([, value]) => value !== undefined)).toEqual([
      ['id', 'r1'],
    ])
  })

  it('takes a quota away by zero, and says the whole form once a part of it is another', () => {
    const values = { ...roleTexts(role), leasesMax: '', leasesEachMax: '2', 'postgres.grants': 'reader' }
    expect(updateInput(role, values)).toMatchObject({
      leasesMax: 0,
      leasesEachMax: 2,
      postgres: { grants: ['reader'], connectionsMax: 5 },
    })
  })

  it.each([
    [
      'aws',
      { roleArn: 'arn:aws:iam::123456789012:role/deploy', policy: '{}', externalId: 'shop-1', tags: [] },
      { 'aws.policy': '', 'aws.externalId': '' },
      { policy: '', externalId: '', tags: [] },
    ],
    [
      'upcloud',
      { permissions: [{ targetType: 'server', target: 'web-1' }], addresses: ['192.0.2.0/24'] },
      { 'upcloud.addresses': '' },
      { addresses: [] },
    ],
  ] as const)('has what was emptied taken away, of %s', (kind, form, emptied, sent) => {
    const other = { ...role, kind, postgres: null, [kind]: form } as Role // of this kind
    expect(updateInput(other, { ...roleTexts(other), ...emptied })[kind]).toMatchObject(sent)
  })

  it('is read as it is written, of each kind', () => {
    const aws = {
      roleArn: 'arn:aws:iam::123456789012:role/deploy',
      policy: '{}',
      externalId: 'shop-1',
      tags: [{ key: 'team', value: 'a=b' }],
    }
    const other: Role = { ...role, kind: 'aws', postgres: null, aws }
    expect(createInput(roleTexts(other), 'aws').aws).toEqual(aws)
  })
})

it('offers the time that a role has beside those that most have', () => {
  expect(ttlOptions(5400).map(([seconds]) => seconds)).toContain('5400')
})
