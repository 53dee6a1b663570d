import { expect, it } from 'vitest'
import { updateOf } from './host-update.ts'

const host = {
  id: 'h1',
  name: 'db-1',
  workspace: 'w',
  address: '10.0.0.5',
  port: 22,
  user: 'deploy',
  access: 'ca' as const,
  principals: ['deploy', 'backup'],
  sourceAddresses: ['10.0.0.0/8'],
  hostKey: 'k',
  hostKeyFingerprint: 'SHA256:k',
  authorizedKeysPath: null,
  checkedAt: null,
  reachable: null,
  lastError: null,
  otpAddresses: [],
  unbound: false,
  keySeenAt: null,
  contactWaiver: null,
  listVersion: null,
  listFreshAt: null,
  listBehindSeconds: null,
  reportedAt: null,
  trustsCa: null,
  followsCa: null,
  certifiedNames: null,
  certifiedUntil: null,
  formerHostKeys: [],
  authority: null,
  authorityPublicKey: null,
  trustsAuthority: null,
  createdAt: '2026-11-23T12:00:00Z',
}
const typed = {
  name: 'db-1',
  address: '10.0.0.5',
  port: '22',
  user: 'deploy',
  access: 'ca',
  principals: 'deploy, backup',
  sourceAddresses: '10.0.0.0/8',
  otpAddresses: '',
  authorizedKeysPath: '',
}

it('an edit of a host sends only what was changed', () => {
  expect(updateOf(host, typed)).toEqual({ id: 'h1' })
  expect(updateOf(host, { ...typed, address: ' 10.0.0.6 ', principals: 'deploy' })).toEqual({
    id: 'h1',
    address: '10.0.0.6',
    principals: ['deploy'],
  })
})

it('an edit takes the file of keys away by leaving it empty', () => {
  expect(updateOf({ ...host, authorizedKeysPath: '/etc/ssh/keys/%u' }, typed)).toEqual({
    id: 'h1',
    authorizedKeysPath: '',
  })
})

it('an edit takes one-time passwords away from a host by leaving their addresses empty', () => {
  const asking = { ...host, otpAddresses: ['10.0.0.5/32'] }
  expect(updateOf(asking, typed)).toEqual({ id: 'h1', otpAddresses: [] })
  expect(updateOf(asking, { ...typed, otpAddresses: '10.0.0.5/32' })).toEqual({ id: 'h1' })
})
