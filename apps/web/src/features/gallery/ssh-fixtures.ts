import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

type Host = Wire<'sshHost.get'>
type Key = Wire<'sshKey.get'>
type Certificate = Wire<'sshCertificate.list'>['items'][number]

const host = (id: string, name: string, over: Partial<Host> = {}): Host => ({
  id,
  name,
  workspace: 'default',
  address: '10.0.0.5',
  port: 22,
  user: 'deploy',
  access: 'ca',
  principals: ['deploy', 'backup'],
  sourceAddresses: ['10.0.0.0/24'],
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMockMockMockMockMockMockMockMockMockMockMock',
  hostKeyFingerprint: 'SHA256:yvDbPsKwRqOE7bXaJTT8Xw0H0vD5g9vN0h8rF4mEw1s',
  authorizedKeysPath: null,
  checkedAt: inMinutes(-3),
  reachable: true,
  lastError: null,
  otpAddresses: [],
  unbound: false,
  keySeenAt: inMinutes(-9000),
  contactWaiver: null,
  listVersion: 1_795_460_000,
  listFreshAt: inMinutes(-0.4),
  listBehindSeconds: 24,
  reportedAt: inMinutes(-0.4),
  trustsCa: true,
  followsCa: true,
  certifiedNames: null,
  certifiedUntil: null,
  formerHostKeys: [],
  authority: null,
  authorityPublicKey: null,
  trustsAuthority: null,
  createdAt: inMinutes(-9000),
  ...over,
})

/** Hosts of the gallery. */
export const hosts: readonly Host[] = [
  host('h1', 'db-1', { certifiedNames: ['10.0.0.5', 'db-1'], certifiedUntil: inMinutes(30_000) }),
  host('h2', 'web-1', {
    address: 'web1.example.org',
    otpAddresses: ['10.0.0.21/32'],
    access: 'managementKey',
    authorizedKeysPath: '/home/deploy/.ssh/authorized_keys2',
  }),
  host('h3', 'build-7', {
    address: '2001:db8::17',
    reachable: false,
    lastError: 'connection to port 22 timed out after 10 s',
    checkedAt: inMinutes(-14),
    listFreshAt: inMinutes(-14),
    listBehindSeconds: 840,
    reportedAt: inMinutes(-14),
  }),
  host('h5', 'legacy-1', { address: '10.0.4.2', unbound: true, trustsCa: false, followsCa: false }),
  host('h4', 'edge-helsinki-1', {
    address: '10.0.9.2',
    reachable: null,
    checkedAt: null,
    workspace: 'edge',
    listVersion: null,
    listFreshAt: null,
    listBehindSeconds: null,
    reportedAt: null,
    trustsCa: null,
    followsCa: null,
  }),
]

/** What vouches for a host of the gallery. */
export const hostCertificate = ({ id, name, address, hostKeyFingerprint }: Host): Wire<'sshHostCertificate.sign'> => ({
  hostId: id,
  host: name,
  names: [address, name],
  fingerprint: hostKeyFingerprint,
  validAfter: inMinutes(0),
  validBefore: inMinutes(43_200),
  certificate: 'ssh-ed25519-cert-v01@openssh.com AAAAthisisthegalleryandnocertificate',
})

/** Hosts of a list that somebody brings to the gallery: as they are seen first, or once they are registered. */
export const importedHosts = (dryRun: boolean): Wire<'sshHost.import'> => ({
  registered: dryRun ? 0 : 3,
  hosts: [
    { name: 'db-2', address: '10.0.0.6', reachable: true },
    { name: 'web-2', address: 'web2.example.org', reachable: true },
    { name: 'edge-oulu-1', address: '2001:db8::21', reachable: false },
  ].map((one, index) => ({
    ...one,
    id: dryRun ? null : `h${index + 10}`,
    port: 22,
    hostKeyFingerprint: `SHA256:${['yvDb', '4xJ6', 'Vx3k'][index] ?? ''}PsKwRqOE7bXaJTT8Xw0H0vD5g9vN0h8rF4mEw1s`,
  })),
})

const key = (id: string, over: Partial<Key>): Key => ({
  id,
  leaseId: 'l1',
  hostId: 'h1',
  user: 'deploy',
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq3Jv1mOBGxV8yWlHn9nB0rZ2bRjPp8dq0Cw5a1 gatehouse-l1',
  fingerprint: 'SHA256:4xJ6q0bqv6qkq2oM3yqk0tq0w3QeF2n8YgYkS0q3x8I',
  sourceAddresses: ['10.0.0.0/24'],
  state: 'deployed',
  createdAt: inMinutes(-18),
  expiresAt: inMinutes(42),
  deployedAt: inMinutes(-17),
  ...over,
})

/** Keys of the gallery. */
export const keys: readonly Key[] = [
  key('k1', {}),
  key('k2', {
    leaseId: 'l3',
    state: 'generated',
    deployedAt: null,
    user: 'backup',
    createdAt: inMinutes(-50),
    expiresAt: inMinutes(0.7),
  }),
  key('k3', {
    leaseId: 'l4',
    hostId: 'h3',
    state: 'removing',
    createdAt: inMinutes(-200),
    expiresAt: inMinutes(-140),
    deployedAt: inMinutes(-199),
  }),
  key('k4', {
    leaseId: 'l12',
    hostId: 'h2',
    state: 'revoked',
    createdAt: inMinutes(-320),
    expiresAt: inMinutes(-260),
    deployedAt: inMinutes(-319),
  }),
]

/** How keys stand as a whole. */
export const keyStats: Wire<'sshKey.stats'> = {
  generated: 1,
  deployed: 2,
  removing: 1,
  revoked: 4,
  expired: 31,
  overdue: 1,
  hosts: 2,
  nextExpiry: inMinutes(22),
}

/** The same of a Gatehouse in which nothing was issued yet. */
export const noKeyStats: Wire<'sshKey.stats'> = {
  generated: 0,
  deployed: 0,
  removing: 0,
  revoked: 0,
  expired: 0,
  overdue: 0,
  hosts: 0,
  nextExpiry: null,
}

/** A key as it is issued: the only place where a private half stands. It opens nothing. */
export const generatedKey: Wire<'sshKey.generate'> = {
  ...key('k9', { state: 'generated', deployedAt: null }),
  privateKey:
    '-----BEGIN OPENSSH PRIVATE KEY-----\nthis-is-the-gallery-and-no-key\n-----END OPENSSH PRIVATE KEY-----\n',
}

const certificate = (id: string, over: Partial<Certificate>): Certificate => ({
  id,
  leaseId: 'l2',
  hostId: 'h2',
  serial: '8213377001',
  role: 'deploy@web-1',
  principalName: 'ada',
  purpose: 'look at the slow requests',
  keyId: 'lease=l2 user=ada purpose=look_at_the_slow_requests',
  sshPrincipals: ['deploy@SHA256:yvDbPsKwRqOE7bXaJTT8Xw0H0vD5g9vN0h8rF4mEw1s'],
  sourceAddresses: ['10.0.0.17/32'],
  fingerprint: 'SHA256:4xJ6q0bqv6qkq2oM3yqk0tq0w3QeF2n8YgYkS0q3x8I',
  validAfter: inMinutes(-11),
  validBefore: inMinutes(3.5),
  state: 'active',
  authority: null,
  ...over,
})

/** A certificate as it is issued. */
export const signedCertificate: Wire<'sshCertificate.sign'> = {
  ...certificate('c9', { validAfter: inMinutes(0), validBefore: inMinutes(15) }),
  certificate: 'ssh-ed25519-cert-v01@openssh.com AAAAthisisthegalleryandnocertificate ada',
}

/** A password for one log-in as it is issued; it opens nothing. */
export const issuedPassword: Wire<'sshOtp.issue'> = {
  leaseId: 'l1',
  hostId: 'h2',
  role: 'deploy@web-1',
  user: 'deploy',
  address: 'web1.example.org',
  port: 22,
  sourceAddresses: ['10.0.0.0/24'],
  createdAt: inMinutes(0),
  expiresAt: inMinutes(5),
  otp: 'this-is-the-gallery',
}

/** Certificates of the gallery. */
export const certificates: readonly Certificate[] = [
  certificate('c1', {}),
  certificate('c4', {
    leaseId: 'l8',
    hostId: 'h5',
    serial: '8213377002',
    role: 'deploy@legacy-1',
    purpose: 'read an old log',
    keyId: 'lease=l8 user=ada purpose=read_an_old_log',
    sshPrincipals: ['deploy'],
    validAfter: inMinutes(-12),
    validBefore: inMinutes(18),
  }),
  certificate('c2', {
    leaseId: 'l5',
    serial: '8213377000',
    principalName: 'grace',
    purpose: 'roll out 4.2',
    keyId: 'lease=l5 user=grace purpose=roll_out_4.2',
    state: 'revoked',
    validAfter: inMinutes(-300),
    validBefore: inMinutes(-240),
  }),
  certificate('c3', {
    leaseId: 'l6',
    hostId: 'h1',
    serial: '8213376999',
    role: 'deploy@db-1',
    purpose: 'vacuum',
    keyId: 'lease=l6 user=ada purpose=vacuum',
    validAfter: inMinutes(-1500),
    validBefore: inMinutes(-1485),
    state: 'expired',
  }),
]
