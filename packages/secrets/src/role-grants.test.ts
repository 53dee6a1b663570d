import { expect, test } from 'vitest'
import { grantsOf } from './role-grants.ts'

test.each([
  ['postgres', { grants: ['shop_reader', 'shop_writer'], connectionsMax: 5 }, ['shop_reader', 'shop_writer']],
  ['vault', { path: 'creds/shop-read' }, ['creds/shop-read']],
  [
    'aws',
    { roleArn: 'arn:aws:iam::1:role/shop', policy: null, externalId: null, tags: [] },
    ['arn:aws:iam::1:role/shop'],
  ],
  ['aws', { roleArn: 'arn', policy: '{}', externalId: null, tags: [] }, ['arn', 'no more than {}']],
  ['upcloud', { permissions: [{ targetType: 'server', target: '00a1' }], addresses: [] }, ['server 00a1']],
] as const)('who approves reads what a credential of %s may do', (kind, form, grants) => {
  expect(grantsOf({ kind, form })).toEqual(grants)
})
