import { operations, type OperationName } from '@gatehouse/contract'
import { z } from 'zod'

type Sample = Readonly<Record<string, unknown>>

const id = '01939fd4-7a3e-7c52-9c0b-2f6d1a4e8b70'
const aWeekAgo = '2026-11-20T00:00:00Z'

/** As `ssh-keygen -l` prints that of a key of zeros. */
const hostFingerprint = 'SHA256:hkhtVsJOdMmjJAq2HTWOCkd0MIWuh+K9CIJjF3wSpGc'

/** bcrypt's form, of no password. */
const passwordHash = '$2b$10$abcdefghijklmnopqrstuuPVhzn6IGgFVhzYz5Kz8i1Yt0GQyYh5e'

const candidate = '@id("nobody")\nforbid (principal, action == Action::"lease.list", resource);'

/** What a browser's ceremony makes, cut to its frame. */
const ceremony = {
  id: 'bW9ydGFyLWFuZC1icmljaw',
  rawId: 'bW9ydGFyLWFuZC1icmljaw',
  type: 'public-key',
  clientExtensionResults: {},
}
const assertion = { ...ceremony, response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' } }
const credential = { ...ceremony, response: { clientDataJSON: 'e30', attestationObject: 'oA' } }

/** What `kms.encrypt` gives out: the second of docs/envelope-vectors.json. */
const ciphertext =
  'R0hFAQEBmAAAAABwAIAAAAAAAAABAAAAAQ+PrVvZy0afoWVwhncolQ4AAQID' +
  'BAUGBwgJCgsKF80rT+Gt1oZwIGB5gqSqjFuPCd0zBoxk2EmgKIuvzs0AXkTdknv774AyqQ=='

/** Right values for fields of these names, wherever they stand. */
const byField: Sample = {
  id,
  challengeId: id,
  username: 'ada',
  user: 'ada',
  role: 'Operator',
  password: 'granite ferry saddle orbit',
  currentPassword: 'granite ferry saddle orbit',
  newPassword: 'copper lantern meadow violin',
  code: '123456',
  totp: '123456',
  token: 'ACCESS_TOKEN',
  refreshToken: 'REFRESH_TOKEN',
  deviceCode: 'DEVICE_CODE',
  userCode: 'BCDF-GHJK',
  pseudonym: 'person-0011223344556677',
  invitation: 'INVITATION',
  decision: 'approve',
  reason: 'the migration is done',
  purpose: 'move the database',
  scopes: ['read'],
  host: 'db-1',
  address: '10.0.0.5',
  access: 'ca',
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChPoT4WIzGpvCDVQkZD9QHGT0z6BzYJfnJ1m0L0x ada@laptop',
  incident: 'INC-7',
  severity: 'critical',
  justification: 'payments fail, the database host does not answer',
  workspace: 'shop',
  actions: ['sshCertificate.sign', 'sshHost.list'],
  hash: '9f2feb0f1ef425b292f2f94bdae2b4b8a8ef4d1d15e06f6a2bb62b2d1d4b6a3f',
  assertion,
  credential,
}

/** Where a field's name does not say enough, or a field that may be left out is what the operation is about. */
const byOperation: Readonly<Partial<Record<OperationName, Sample>>> = {
  'auth.completeMfa': { totp: '123456' },
  'auth.refresh': { refreshToken: 'REFRESH_TOKEN' },
  'auth.stepUpComplete': { totp: '123456' },
  'auth.deviceStart': { client: 'nightly report' },
  'session.revoke': { reason: 'lost laptop' },
  'totp.enroll': { name: 'phone' },
  'user.create': { email: 'ada@example.org', teams: ['sre'] },
  'workflow.decode': { payloads: ['AQAB'] },
  'user.list': { role: 'Operator', sort: 'name' },
  'user.get': { id: 'ada' },
  'user.disable': { id: 'ada', reason: 'left the company' },
  'user.enable': { id: 'ada' },
  'user.unlock': { id: 'ada' },
  'user.resetPassword': { id: 'ada' },
  'user.update': { id: 'ada', displayName: 'Ada Lovelace' },
  'user.delete': { id: 'ada', reason: 'left the company' },
  'user.invite': { email: 'ada@example.org', teams: ['sre'] },
  'sshHost.import': { hosts: [{ name: 'db-1', address: '10.0.0.5', user: 'deploy' }] },
  'user.import': { users: [{ username: 'ada', role: 'Operator', passwordHash }] },
  'team.create': { name: 'sre', description: 'site reliability' },
  'team.get': { id: 'sre' },
  'team.addMember': { id: 'sre' },
  'team.update': { id: 'sre', description: 'site reliability' },
  'team.remove': { id: 'sre' },
  'team.removeMember': { id: 'sre' },
  'workspace.get': { id: 'default' },
  'workspace.create': { name: 'shop', environment: 'production', teams: ['sre'] },
  'workspace.update': { id: 'shop', teams: ['sre', 'developers'] },
  'workspace.archive': { id: 'shop', reason: 'moved to web-shop' },
  'environment.update': { id: 'production', timeZone: 'Europe/Helsinki' },
  'calendar.get': { id: 'default' },
  'calendar.set': { id: 'default', businessHours: ['mon-fri 08:00-18:00'], holidays: ['2026-12-24'] },
  'authenticator.rename': { name: 'old phone' },
  'webauthn.registerBegin': { name: 'blue key' },
  'serviceAccount.create': { name: 'ci-deploy', teams: ['developers'] },
  'serviceAccount.get': { id: 'ci-deploy' },
  'serviceAccount.update': { id: 'ci-deploy', teams: ['developers'] },
  'serviceAccount.disable': { id: 'ci-deploy', reason: 'leaked' },
  'serviceAccount.delete': { id: 'ci-deploy', reason: 'no longer used' },
  'apiToken.create': { name: 'nightly-report', purpose: 'nightly report', ttlSeconds: 2_592_000 },
  'apiToken.revoke': { reason: 'leaked' },
  'approval.request': { action: 'mfa.reset', resource: 'ada', reason: 'lost phone and codes' },
  'approval.use': {
    action: 'deploy',
    resourceType: 'Cluster',
    resource: 'web',
    workspace: 'default',
    parameters: ['version=1.4.2'],
  },
  'settings.update': { requiredRoles: ['Admin', 'Operator'] },
  'lease.issue': { role: 'shop-read', purpose: 'look at an order', workspace: 'shop', ttlSeconds: 900 },
  'lease.renew': { ttlSeconds: 1800 },
  'lease.revokeMany': { principal: 'ada', reason: 'left the company' },
  'lease.expiring': { withinSeconds: 900 },
  'lease.list': { state: 'active' },
  'secretBackend.configure': {
    name: 'shop-db',
    postgres: { url: 'postgresql://gatehouse:PASSWORD@db.example.org/shop' },
  },
  'secretBackend.probe': { id: 'shop-db' },
  'secretBackend.rotate': { id: 'shop-db' },
  'secretBackend.remove': { id: 'shop-db', reason: 'decommissioned' },
  'secretRole.create': {
    name: 'shop-read',
    backend: 'shop-db',
    workspace: 'shop',
    postgres: { grants: ['shop_reader'] },
  },
  'secretRole.update': { id: 'shop-read', ttlSecondsMax: 28_800 },
  'secretRole.delete': { id: 'shop-read', reason: 'nobody uses it' },
  'secretRole.list': { workspace: 'shop' },
  'secretRole.get': { id: 'shop-read' },
  'lock.create': { host: 'db-1', ttlSeconds: 7200, reason: 'forensics on the server' },
  'lock.remove': { reason: 'the server was rebuilt' },
  'lease.watch': { workspace: 'default' },
  'sshHost.register': { name: 'db-1', user: 'deploy', sourceAddresses: ['10.0.0.0/24'] },
  'sshHost.get': { id: 'db-1' },
  'sshHost.check': { id: 'db-1' },
  'sshHost.update': { id: 'db-1', address: '10.0.0.6' },
  'sshHost.report': {
    fingerprint: hostFingerprint,
    listVersion: 1_795_500_000,
    trusts: [hostFingerprint],
    heardAt: aWeekAgo,
    signature: 'U1NIU0lH',
  },
  'sshHostCertificate.sign': { names: ['db-1.example.org'], purpose: 'known to clients' },
  'sshHostCertificate.renew': { fingerprint: hostFingerprint, heardAt: aWeekAgo, signature: 'U1NIU0lH' },
  'sshCa.rotate': { reason: 'once a year' },
  'sshAuthority.configure': {
    name: 'vault-1',
    address: 'https://vault.example.org:8200',
    role: 'gatehouse',
    token: 'VAULT_TOKEN',
  },
  'sshAuthority.probe': { id: 'vault-1' },
  'sshAuthority.rotate': { id: 'vault-1' },
  'sshAuthority.remove': { id: 'vault-1', reason: 'decommissioned' },
  'sshHost.repin': { id: 'db-1', reason: 'reinstalled' },
  'sshHost.remove': { id: 'db-1', reason: 'decommissioned' },
  'sshKey.generate': { ttlSeconds: 3600 },
  'sshCertificate.sign': { ttlSeconds: 900 },
  'sshOtp.verify': { otp: 'k3fd-9xq2-7w0m-rt4a-8zch-n5pv', account: 'deploy', clientAddress: '192.0.2.7' },
  'lease.unwrap': { token: `gatehouse_wrap_${id.replaceAll('-', '')}${'5e'.repeat(32)}`, role: 'shop-read' },
  'kmsKey.create': { name: 'shop-config', workspace: 'shop' },
  'kmsKey.get': { id: 'shop-config' },
  'kms.encrypt': {
    key: 'shop-config',
    plaintext: 'Y29ycmVjdCBob3JzZQ==',
    context: { app: 'shop' },
    location: 'config/shop.yaml',
  },
  'kms.generateDataKey': { key: 'shop-config', context: { app: 'shop' }, location: 's3://backups/shop' },
  'kms.facadeToken': { keys: ['shop-config'] },
  'kms.rewrap': { items: [{ ciphertext, context: { app: 'shop' } }] },
  'kmsKey.rotate': { id: 'shop-config' },
  'kmsKey.replicate': { id: 'shop-config', region: 'west' },
  'kmsKey.withdraw': { id: 'shop-config', region: 'west', reason: 'the site was closed' },
  'kmsKey.disable': { id: 'shop-config', reason: 'a copy of it got away' },
  'kmsKey.enable': { id: 'shop-config' },
  'kmsKey.update': { id: 'shop-config', minimumVersion: 3 },
  'kmsKey.revokeVersion': { id: 'shop-config', version: 3, reason: 'in a build log' },
  'kmsKey.scheduleDeletion': { id: 'shop-config', reason: 'replaced by shop-config-2', days: 30 },
  'kmsKey.cancelDeletion': { id: 'shop-config', reason: 'the backups still need it' },
  'kmsKey.usage': { key: 'shop-config' },
  'kmsKey.ciphertexts': { id: 'shop-config', version: 3 },
  'kmsKey.forget': { id: 'shop-config', ciphertexts: [id], reason: 'the file was deleted' },
  'kms.decrypt': { ciphertext, context: { app: 'shop' } },
  'audit.search': { action: 'lease', from: aWeekAgo },
  'decision.list': { effect: 'deny', from: aWeekAgo },
  'policy.evaluate': {
    principal: { type: 'User', id: 'ada' },
    action: 'deploy',
    resource: { type: 'Cluster', id: 'web' },
    workspace: 'default',
  },
  'policy.explain': { action: 'ssh', resource: { type: 'Server', id: 'web-1' } },
  'policy.whoCould': { action: 'deploy', resource: { type: 'Cluster', id: 'web' } },
  'policy.test': { files: [{ path: 'admin/more.cedar', text: candidate }] },
  'policy.simulate': { files: [{ path: 'admin/more.cedar', text: candidate }], from: aWeekAgo },
  'policy.shadowPublish': { files: [{ path: 'admin/more.cedar', text: candidate }] },
  'audit.stats': { from: aWeekAgo },
  'audit.export': { format: 'jsonl', from: aWeekAgo },
  'audit.retentionSet': { days: 730 },
  'audit.holdPlace': { user: 'ada' },
  'auditSink.create': {
    name: 'siem',
    kind: 'hec',
    url: 'https://splunk.example.org:8088/services/collector/event',
    secret: 'COLLECTOR_TOKEN',
  },
  'alert.list': { state: 'open', severity: 'high' },
  'alert.acknowledge': { note: 'they mistyped a new password' },
  'alert.stream': { severity: 'high' },
  'alertChannel.create': {
    name: 'on call',
    webhook: {
      url: 'https://hooks.example.org/gatehouse',
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr',
    },
  },
  'alertChannel.update': { severity: 'high', webhook: { url: 'https://hooks.example.org/new' } },
  'alertChannel.drop': { reason: 'a day old, and read in the control center' },
  'alertChannel.remove': { reason: 'moved to PagerDuty' },
  'breakGlass.update': { actions: ['sshCertificate.sign'] },
  'breakGlass.ruleSet': { rule: { people: 2, roles: ['Admin'] }, reason: 'Admins only' },
  'breakGlass.review': { needed: true, summary: 'the database had lost its disk, and was restored' },
  'incident.open': {
    title: 'keys of the shop on a public page',
    severity: 'critical',
    kind: 'credential',
    breach: true,
  },
  'incident.list': { open: true },
  'incident.update': { note: 'the key was in a build log' },
  'incident.transition': { to: 'triaged', note: 'the key is real' },
  'incident.close': { resolution: 'the keys are revoked, and build logs are masked' },
  'incident.addEvidence': {
    name: 'build.log',
    sha256: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    location: 's3://evidence/build.log',
  },
  'incident.notifyBreach': { nature: 'keys were published', contact: 'dpo@example.org' },
  'leaseView.save': { name: 'mine, active', principal: 'ada', state: 'active' },
  'auditView.save': { name: 'refused today', outcome: 'refused', from: '1d' },
}

/** Enough for a screen. */
const pageSize = 20

/** An input of the operation as somebody might send it: what it needs, and what makes it worth calling. */
export function sampleInput(name: OperationName): Sample {
  const { input, list } = operations[name]
  const own = byOperation[name] ?? {}
  const needed = Object.entries(input.shape).filter(([field, type]) => type._zod.optin === undefined && !(field in own))
  return {
    ...(list === undefined ? {} : { first: pageSize }),
    ...Object.fromEntries(needed.map(([field, type]) => [field, byField[field] ?? byType(field, type)])),
    ...own,
  }
}

function byType(field: string, type: z.core.$ZodType): unknown {
  if (type instanceof z.ZodEnum) return type.options[0]
  if (type instanceof z.ZodArray) return [byType(field, type.element)]
  if (type instanceof z.ZodBoolean) return true
  if (type instanceof z.ZodNumber) return 1
  throw new TypeError(`the reference page needs a sample of ${field}`)
}
