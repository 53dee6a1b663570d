import type { Wire } from '@gatehouse/contract'

const now = Date.now()
const minutes = (count: number): string => new Date(now + count * 60_000).toISOString()

type Host = Wire<'sshHost.get'>
type Lease = Wire<'lease.get'>
type Key = Wire<'sshKey.get'>
type Certificate = Wire<'sshCertificate.list'>['items'][number]
type Entry = Wire<'audit.get'>

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
  checkedAt: minutes(-3),
  reachable: true,
  lastError: null,
  otpAddresses: [],
  unbound: false,
  keySeenAt: minutes(-9000),
  contactWaiver: null,
  listVersion: 1_795_460_000,
  listFreshAt: minutes(-0.4),
  listBehindSeconds: 24,
  reportedAt: minutes(-0.4),
  trustsCa: true,
  followsCa: true,
  certifiedNames: null,
  certifiedUntil: null,
  formerHostKeys: [],
  authority: null,
  authorityPublicKey: null,
  trustsAuthority: null,
  createdAt: minutes(-9000),
  ...over,
})

/** Hosts of the gallery. */
export const hosts: readonly Host[] = [
  host('h1', 'db-1', { certifiedNames: ['10.0.0.5', 'db-1'], certifiedUntil: minutes(30_000) }),
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
    checkedAt: minutes(-14),
    listFreshAt: minutes(-14),
    listBehindSeconds: 840,
    reportedAt: minutes(-14),
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
  validAfter: minutes(0),
  validBefore: minutes(43_200),
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

/** The host that a role leads to: `deploy@db-1`. */
const hostOf = (role: string): string | null =>
  hosts.find(({ name }) => name === role.slice(role.lastIndexOf('@') + 1))?.id ?? null

const denied: ReadonlySet<Lease['backend']> = new Set(['ssh-certificate', 'ssh-otp', 'aws'])

const lease = (id: string, { backend = 'ssh-key', role = 'deploy@db-1', ...over }: Partial<Lease>): Lease => ({
  id,
  backend,
  revocability: denied.has(backend) ? 'denies' : 'deletes',
  revokedWithinSeconds: backend === 'aws' ? 300 : 0,
  role,
  hostId: hostOf(role),
  workspace: 'default',
  purpose: 'migrate the orders table',
  principal: 'u1',
  principalType: 'User',
  principalName: 'ada',
  state: 'active',
  issuedAt: minutes(-18),
  expiresAt: minutes(42),
  renewableUntil: null,
  wrappedUntil: null,
  endedAt: null,
  reason: null,
  attempts: 0,
  lastError: null,
  workflowUrl: 'http://localhost:8423/namespaces/default/workflows/lease-expiry%2Fssh-key',
  ...over,
})

const certified = { backend: 'ssh-certificate', revocability: 'denies', revokedWithinSeconds: 60 } as const

/** Leases of the gallery, alive and ended. */
export const leases: readonly Lease[] = [
  lease('l1', {}),
  lease('l2', {
    ...certified,
    role: 'deploy@web-1',
    purpose: 'look at the slow requests',
    issuedAt: minutes(-11),
    expiresAt: minutes(3.5),
  }),
  lease('l8', {
    ...certified,
    role: 'deploy@legacy-1',
    purpose: 'read an old log',
    issuedAt: minutes(-12),
    expiresAt: minutes(18),
  }),
  lease('l9', {
    backend: 'postgres',
    role: 'shop-read',
    workspace: 'shop',
    purpose: 'first start of web-7',
    expiresAt: minutes(50),
    renewableUntil: minutes(170),
    wrappedUntil: minutes(4),
    workflowUrl: 'http://localhost:8423/namespaces/default/workflows/lease-expiry%2Fpostgres',
  }),
  lease('l3', {
    principal: 'u2',
    principalName: 'grace',
    role: 'backup@db-1',
    purpose: 'nightly restore test',
    issuedAt: minutes(-50),
    expiresAt: minutes(0.7),
  }),
  lease('l4', {
    principal: 'u3',
    principalName: 'linus',
    role: 'deploy@build-7',
    purpose: 'disk full',
    state: 'irrevocable',
    issuedAt: minutes(-200),
    expiresAt: minutes(-140),
    attempts: 12,
    lastError: 'connection to port 22 timed out after 10 s',
    workflowUrl: 'http://localhost:8423/namespaces/default/workflows/lease-revocation%2Fl4',
  }),
  lease('l7', {
    role: 'deploy@build-7',
    purpose: 'replace a disk',
    attempts: 2,
    reason: 'done',
    lastError: 'connection to port 22 timed out after 10 s',
    expiresAt: minutes(31),
    workflowUrl: 'http://localhost:8423/namespaces/default/workflows/lease-revocation%2Fl7',
  }),
  lease('l5', {
    ...certified,
    principal: 'u2',
    principalName: 'grace',
    role: 'deploy@web-1',
    purpose: 'roll out 4.2',
    state: 'revoked',
    issuedAt: minutes(-300),
    expiresAt: minutes(-240),
    endedAt: minutes(-260),
    reason: 'done',
  }),
  lease('l6', {
    ...certified,
    role: 'deploy@db-1',
    purpose: 'vacuum',
    state: 'expired',
    issuedAt: minutes(-1500),
    expiresAt: minutes(-1485),
    endedAt: minutes(-1485),
    reason: 'expired',
  }),
  lease('l12', {
    principal: 'u2',
    principalName: 'grace',
    role: 'deploy@web-1',
    purpose: 'rotate the logs',
    state: 'revoked',
    issuedAt: minutes(-320),
    expiresAt: minutes(-260),
    endedAt: minutes(-290),
    reason: 'done',
  }),
  lease('l10', {
    backend: 'postgres',
    role: 'shop-read',
    workspace: 'shop',
    purpose: 'count the orders of November',
    issuedAt: minutes(-25),
    expiresAt: minutes(35),
    renewableUntil: minutes(215),
  }),
  lease('l11', {
    backend: 'aws',
    principal: 'sa1',
    principalType: 'Service',
    principalName: 'ci-deploy',
    role: 'deploy-web',
    workspace: 'shop',
    purpose: 'release 4.2.1',
    issuedAt: minutes(-8),
    expiresAt: minutes(22),
  }),
]

/** How the leases of the gallery stand. */
export const leaseStats: Wire<'lease.stats'> = {
  active: leases.filter(({ state, attempts }) => state === 'active' && attempts === 0).length,
  expiring: leases.filter(({ state, attempts }) => state === 'active' && attempts === 0).length,
  pending: 0,
  ending: leases.filter(({ state, attempts }) => state === 'active' && attempts > 0).length,
  overdue: 0,
  irrevocable: leases.filter(({ state }) => state === 'irrevocable').length,
  issued: leases.length,
  revoked: leases.filter(({ state }) => state === 'revoked').length,
  expired: 0,
  backends: [],
}

/** The same of a Gatehouse in which nothing was issued yet. */
export const noLeaseStats: Wire<'lease.stats'> = {
  ...leaseStats,
  active: 0,
  expiring: 0,
  ending: 0,
  irrevocable: 0,
  issued: 0,
  revoked: 0,
}

/** Of the lease that grace had revoked. */
export const leaseProof: Wire<'lease.proof'> = {
  lease: 'l5',
  state: 'refused',
  provider: 'sshd of web-1',
  refusedAt: minutes(-259.9),
  secondsToDead: 6.4,
  evidence: {
    kind: 'lease-proof',
    statement: '{"v":1,"lease":"l5","provider":"sshd of web-1","secondsToDead":6.4}',
    signature: 'dGhpcyBpcyB0aGUgZ2FsbGVyeQ==',
    signedBy: 'gatehouse.example+4f2a9c1e+AVhcQ0sMmGtH1aQf0nVwUOZ0l2Tn3hXyq0mQd1nqQ8pQ',
  },
  askedAt: minutes(-259.9),
  attempts: 2,
  lastAnswer: 'the host refuses it, and takes another certificate of the same CA for the same account',
}

const key = (id: string, over: Partial<Key>): Key => ({
  id,
  leaseId: 'l1',
  hostId: 'h1',
  user: 'deploy',
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq3Jv1mOBGxV8yWlHn9nB0rZ2bRjPp8dq0Cw5a1 gatehouse-l1',
  fingerprint: 'SHA256:4xJ6q0bqv6qkq2oM3yqk0tq0w3QeF2n8YgYkS0q3x8I',
  sourceAddresses: ['10.0.0.0/24'],
  state: 'deployed',
  createdAt: minutes(-18),
  expiresAt: minutes(42),
  deployedAt: minutes(-17),
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
    createdAt: minutes(-50),
    expiresAt: minutes(0.7),
  }),
  key('k3', {
    leaseId: 'l4',
    hostId: 'h3',
    state: 'removing',
    createdAt: minutes(-200),
    expiresAt: minutes(-140),
    deployedAt: minutes(-199),
  }),
  key('k4', {
    leaseId: 'l12',
    hostId: 'h2',
    state: 'revoked',
    createdAt: minutes(-320),
    expiresAt: minutes(-260),
    deployedAt: minutes(-319),
  }),
]

/** Views of leases that the gallery's Operator keeps. */
export const leaseViews: readonly Wire<'leaseView.save'>[] = [
  { id: 'lv1', name: 'mine, active', filters: '{"principal":"ada","state":"active"}', createdAt: minutes(-60) },
  { id: 'lv2', name: 'next to end', filters: '{"state":"active","sort":"expiry"}', createdAt: minutes(-900) },
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
  nextExpiry: minutes(22),
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
  validAfter: minutes(-11),
  validBefore: minutes(3.5),
  state: 'active',
  authority: null,
  ...over,
})

/** A certificate as it is issued. */
export const signedCertificate: Wire<'sshCertificate.sign'> = {
  ...certificate('c9', { validAfter: minutes(0), validBefore: minutes(15) }),
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
  createdAt: minutes(0),
  expiresAt: minutes(5),
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
    validAfter: minutes(-12),
    validBefore: minutes(18),
  }),
  certificate('c2', {
    leaseId: 'l5',
    serial: '8213377000',
    principalName: 'grace',
    purpose: 'roll out 4.2',
    keyId: 'lease=l5 user=grace purpose=roll_out_4.2',
    state: 'revoked',
    validAfter: minutes(-300),
    validBefore: minutes(-240),
  }),
  certificate('c3', {
    leaseId: 'l6',
    hostId: 'h1',
    serial: '8213376999',
    role: 'deploy@db-1',
    purpose: 'vacuum',
    keyId: 'lease=l6 user=ada purpose=vacuum',
    validAfter: minutes(-1500),
    validBefore: minutes(-1485),
    state: 'expired',
  }),
]

const entry = (seq: number | null, over: Partial<Entry>): Entry => ({
  id: `e${seq ?? 'pending'}`,
  seq,
  at: minutes(-(1200 - (seq ?? 1200)) / 10),
  kind: over.outcome === 'refused' ? 'refusal' : 'change',
  action: 'lease.list',
  category: 'credentials',
  severity: 'info',
  outcome: 'allowed',
  principal: { type: 'User', id: 'u1', name: 'ada' },
  resource: { type: 'Workspace', id: 'default' },
  workspace: 'default',
  ip: '10.0.0.17',
  sessionId: 's1',
  requestId: '0198c1f2-77aa-7d10-b0a2-1f61b3f5a001',
  decision: { effect: 'allow', policies: ['operator-access'] },
  refusal: null,
  detail: '{"input":{"first":50},"durationMs":4}',
  erased: [],
  pseudonyms: false,
  ...over,
})

/** Audit entries of the gallery, newest first. */
export const entries: readonly Entry[] = [
  entry(1200, {
    action: 'settings.update',
    category: 'system',
    severity: 'high',
    principal: { type: 'User', id: 'u2', name: 'grace' },
    resource: { type: 'System', id: 'gatehouse' },
    workspace: null,
    decision: { effect: 'allow', policies: ['admin-access'] },
    detail: JSON.stringify({
      input: { authFailuresAlert: 10, requiredRoles: ['Admin', 'Operator', 'Auditor'] },
      detail: {
        moved: [
          { field: 'authFailuresAlert', from: 5, to: 10 },
          { field: 'requiredRoles', from: ['Admin'], to: ['Admin', 'Operator', 'Auditor'] },
          { field: 'roleLimits.Viewer.sessionIdleSeconds', from: 604_800, to: 259_200 },
        ],
      },
      intent: null,
      transport: 'graphql',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/149.0',
      policyVersion: '5f1c0a9b77e3d2c8a1',
      v: 3,
    }),
  }),
  entry(null, { action: 'lease.revoke', outcome: 'intent', resource: { type: 'Lease', id: 'l1' } }),
  entry(1199, {
    action: 'sshKey.deploy',
    resource: { type: 'SshKey', id: 'k1' },
    detail: '{"input":{"id":"k1"},"host":"h1","line":"SHA256:4xJ6q0bq"}',
  }),
  entry(1198, {
    action: 'sshKey.generate',
    resource: { type: 'SshHost', id: 'h1' },
    detail: '{"input":{"host":"db-1","purpose":"migrate the orders table","ttlSeconds":3600,"workspace":"default"}}',
  }),
  entry(1197, {
    action: 'sshHost.register',
    outcome: 'refused',
    principal: { type: 'User', id: 'u7', name: 'vera' },
    refusal: 'forbidden',
    decision: { effect: 'deny', policies: ['viewer-read-only'] },
  }),
  entry(1196, {
    action: 'user.create',
    outcome: 'refused',
    refusal: 'step-up-required',
    resource: { type: 'System', id: 'gatehouse' },
    decision: { effect: 'deny', policies: ['sensitive-needs-fresh-factor'] },
  }),
  entry(1195, {
    action: 'auth.login',
    outcome: 'refused',
    principal: { type: 'Anonymous', id: 'anonymous', name: null },
    resource: { type: 'System', id: 'gatehouse' },
    refusal: 'invalid-credentials',
    decision: { effect: 'allow', policies: ['anyone-may-log-in'] },
    sessionId: null,
    workspace: null,
    ip: '203.0.113.9',
  }),
  entry(1194, {
    action: 'lease.expired',
    principal: { type: 'Service', id: 'worker', name: 'worker' },
    resource: { type: 'Lease', id: 'l6' },
    decision: null,
    ip: null,
    sessionId: null,
  }),
  entry(1193, { action: 'sshHost.check', outcome: 'failed', resource: { type: 'SshHost', id: 'h3' } }),
]

const policySource =
  '@id("viewer-read-only")\n@doc("Viewers have read-only access, except to their own ' +
  'account.")\n@severity("high")\nforbid (principal, action, resource)\n' +
  'when { principal.roles == ["Viewer"] }\n' +
  'unless { action in [Action::"readActions", Action::"selfActions"] };'

/** Policies of the gallery. */
export const policies: Wire<'policy.list'>['items'] = [
  {
    id: 'viewer-read-only',
    effect: 'forbid',
    doc: 'Viewers have read-only access, except to their own account.',
    severity: 'high',
    file: 'production/roles.cedar',
    source: policySource,
    actions: ['lease.revoke', 'sshKey.generate', 'sshHost.register', 'user.create', 'team.create'],
    loadedAt: minutes(-600),
  },
  {
    id: 'operator-access',
    effect: 'permit',
    doc: 'Operators issue and revoke credentials in the workspaces of their teams.',
    severity: 'medium',
    file: 'production/roles.cedar',
    source:
      '@id("operator-access")\n@doc("Operators issue and revoke credentials in the workspaces of their teams.")\n' +
      '// a lease is where its workspace is\npermit (\n  principal in Role::"Operator",\n' +
      '  action in [Action::"sshKey.generate", Action::"sshKey.deploy", Action::"lease.revoke"],\n  resource\n)\n' +
      'when { resource has workspace && resource.workspace in principal.teams && context.hour >= 8 };',
    actions: ['sshKey.generate', 'sshKey.deploy', 'lease.revoke'],
    loadedAt: minutes(-600),
  },
  {
    id: 'sensitive-needs-fresh-factor',
    effect: 'forbid',
    doc: 'Sensitive actions need a second factor proved in the last five minutes.',
    severity: 'critical',
    file: 'production/assurance.cedar',
    source: 'forbid (principal, action, resource);',
    actions: ['user.create', 'policy.publish'],
    loadedAt: minutes(-600),
  },
]

/** Whether the newest policies are in force, in the gallery. */
export const policyStatus: Wire<'policy.status'> = {
  version: '5f1c0a9b77e3d2',
  schemaVersion: '90ab12cd34ef56',
  loadedAt: minutes(-600),
  policies: 3,
  lastError: 'production/roles.cedar:14: unexpected token `permitt`',
  lastErrorAt: minutes(-2),
  warnings: [{ file: 'production/ssh.cedar', line: 12, message: 'string contains mixed scripts' }],
  pin: null,
  nodes: [
    {
      node: 'gateway-8420',
      version: '5f1c0a9b77e3d2',
      loadedAt: minutes(-600),
      seenAt: minutes(0),
      lastError: null,
      lastErrorAt: null,
    },
    {
      node: 'gateway-b',
      version: '0c33fe9a127b40',
      loadedAt: minutes(-6000),
      seenAt: minutes(-0.2),
      lastError: null,
      lastErrorAt: null,
    },
    {
      node: 'gateway-c',
      version: '5f1c0a9b77e3d2',
      loadedAt: minutes(-600),
      seenAt: minutes(-0.1),
      lastError: 'production/roles.cedar:14: unexpected token `permitt`',
      lastErrorAt: minutes(-2),
    },
  ],
}

/** How the house stands, in the gallery. */
export const systemStatus: Wire<'system.status'> = {
  health: 'degraded',
  leasesActive: 3,
  leasesOverdue: 1,
  auditPending: 1,
  temporalWebUrl: 'http://localhost:8423',
  untrustedForwarding: [],
  parts: [
    { name: 'PostgreSQL', health: 'ok', message: '0.4 ms' },
    { name: 'Temporal', health: 'ok', message: 'worker seen 2 s ago' },
    { name: 'audit sequencer', health: 'ok', message: '1 pending' },
    { name: 'policy', health: 'degraded', message: 'the latest policy set was rejected' },
  ],
}

/** People of the gallery. */
export const users: Wire<'user.list'>['items'] = [
  {
    id: 'u1',
    username: 'ada',
    displayName: 'Ada Lovelace',
    email: 'ada@example.org',
    status: 'active',
    locked: false,
    roles: ['Operator'],
    teams: ['sre'],
    hasAuthenticator: true,
    invitation: null,
    invitationExpiresAt: null,
    createdAt: minutes(-90_000),
    lastLoginAt: minutes(-20),
  },
  {
    id: 'u2',
    username: 'grace',
    displayName: 'Grace Hopper',
    email: null,
    status: 'active',
    locked: false,
    roles: ['Admin'],
    teams: ['platform-admin'],
    hasAuthenticator: true,
    invitation: null,
    invitationExpiresAt: null,
    createdAt: minutes(-90_000),
    lastLoginAt: minutes(-300),
  },
  {
    id: 'u7',
    username: 'vera',
    displayName: 'Vera Molnár',
    email: 'vera@example.org',
    status: 'active',
    locked: false,
    roles: ['Viewer'],
    teams: ['developers'],
    hasAuthenticator: false,
    invitation: 'refused',
    invitationExpiresAt: minutes(4000),
    createdAt: minutes(-30),
    lastLoginAt: null,
  },
]

/** Roles of the gallery. */
export const roles: Wire<'role.list'>['roles'] = [
  { name: 'Admin', description: 'runs Gatehouse: people, hosts and policies', holders: ['grace'], holderCount: 1 },
  { name: 'Operator', description: 'requests credentials where their teams work', holders: ['ada'], holderCount: 1 },
  { name: 'Viewer', description: 'looks, and changes nothing', holders: ['vera'], holderCount: 1 },
]

/** Teams of the gallery. */
export const teams: Wire<'team.list'>['items'] = [
  {
    id: 't1',
    name: 'sre',
    description: 'keeps it running',
    members: [{ id: 'u1', username: 'ada' }],
    createdAt: minutes(-90_000),
  },
  {
    id: 't2',
    name: 'platform-admin',
    description: '',
    members: [{ id: 'u2', username: 'grace' }],
    createdAt: minutes(-90_000),
  },
]

/** The person of the gallery. */
export const me: Wire<'auth.whoami'> = {
  id: 'u1',
  username: 'ada',
  displayName: 'Ada Lovelace',
  roles: ['Operator'],
  teams: ['sre'],
  assurance: 'mfa',
  assuranceAt: minutes(-20),
  sessionId: 's1',
  missing: [],
  sessionExpiresAt: minutes(10_000),
  sessionIdleExpiresAt: minutes(9000),
}

/** Sessions of the gallery. */
export const sessions: Wire<'session.list'>['items'] = [
  {
    id: 's1',
    current: true,
    user: 'u1',
    username: 'ada',
    methods: ['password', 'totp'],
    assurance: 'mfa',
    address: '10.0.0.17',
    device: 'Firefox on Linux',
    createdAt: minutes(-20),
    lastUsedAt: minutes(0),
    expiresAt: minutes(10_000),
  },
  {
    id: 's2',
    current: false,
    user: 'u1',
    username: 'ada',
    methods: ['password', 'totp'],
    assurance: 'mfa',
    address: '10.0.0.21',
    device: 'gatehouse CLI on Linux',
    createdAt: minutes(-2000),
    lastUsedAt: minutes(-47),
    expiresAt: minutes(8000),
  },
]

/** A verification that finds a changed entry. */
export const brokenRecord: Wire<'audit.verify'> = {
  ok: false,
  size: 1199,
  root: '8c3VyZUxrYm9vd2F0bm90aGluZ2lzaGVyZQ',
  checkpoint: null,
  pending: 1,
  pruned: 0,
  problems: [{ seq: 1011, kind: 'leaf-mismatch', message: 'the text of the entry has been changed' }],
}

/** An enrolment of the gallery; its secret opens nothing. */
export const enrolment: Wire<'totp.enroll'> = {
  id: 'a2',
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  otpauthUri:
    'otpauth://totp/Gatehouse:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Gatehouse' +
    '&algorithm=SHA1&digits=6&period=30',
}

/** A moment in minutes from now. */
export const inMinutes = minutes
