import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'
import { hosts } from './ssh-fixtures.ts'

type Lease = Wire<'lease.get'>

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
  issuedAt: inMinutes(-18),
  expiresAt: inMinutes(42),
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
    issuedAt: inMinutes(-11),
    expiresAt: inMinutes(3.5),
  }),
  lease('l8', {
    ...certified,
    role: 'deploy@legacy-1',
    purpose: 'read an old log',
    issuedAt: inMinutes(-12),
    expiresAt: inMinutes(18),
  }),
  lease('l9', {
    backend: 'postgres',
    role: 'shop-read',
    workspace: 'shop',
    purpose: 'first start of web-7',
    expiresAt: inMinutes(50),
    renewableUntil: inMinutes(170),
    wrappedUntil: inMinutes(4),
    workflowUrl: 'http://localhost:8423/namespaces/default/workflows/lease-expiry%2Fpostgres',
  }),
  lease('l3', {
    principal: 'u2',
    principalName: 'grace',
    role: 'backup@db-1',
    purpose: 'nightly restore test',
    issuedAt: inMinutes(-50),
    expiresAt: inMinutes(0.7),
  }),
  lease('l4', {
    principal: 'u3',
    principalName: 'linus',
    role: 'deploy@build-7',
    purpose: 'disk full',
    state: 'irrevocable',
    issuedAt: inMinutes(-200),
    expiresAt: inMinutes(-140),
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
    expiresAt: inMinutes(31),
    workflowUrl: 'http://localhost:8423/namespaces/default/workflows/lease-revocation%2Fl7',
  }),
  lease('l5', {
    ...certified,
    principal: 'u2',
    principalName: 'grace',
    role: 'deploy@web-1',
    purpose: 'roll out 4.2',
    state: 'revoked',
    issuedAt: inMinutes(-300),
    expiresAt: inMinutes(-240),
    endedAt: inMinutes(-260),
    reason: 'done',
  }),
  lease('l6', {
    ...certified,
    role: 'deploy@db-1',
    purpose: 'vacuum',
    state: 'expired',
    issuedAt: inMinutes(-1500),
    expiresAt: inMinutes(-1485),
    endedAt: inMinutes(-1485),
    reason: 'expired',
  }),
  lease('l12', {
    principal: 'u2',
    principalName: 'grace',
    role: 'deploy@web-1',
    purpose: 'rotate the logs',
    state: 'revoked',
    issuedAt: inMinutes(-320),
    expiresAt: inMinutes(-260),
    endedAt: inMinutes(-290),
    reason: 'done',
  }),
  lease('l10', {
    backend: 'postgres',
    role: 'shop-read',
    workspace: 'shop',
    purpose: 'count the orders of November',
    issuedAt: inMinutes(-25),
    expiresAt: inMinutes(35),
    renewableUntil: inMinutes(215),
  }),
  lease('l11', {
    backend: 'aws',
    principal: 'sa1',
    principalType: 'Service',
    principalName: 'ci-deploy',
    role: 'deploy-web',
    workspace: 'shop',
    purpose: 'release 4.2.1',
    issuedAt: inMinutes(-8),
    expiresAt: inMinutes(22),
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
  refusedAt: inMinutes(-259.9),
  secondsToDead: 6.4,
  evidence: {
    kind: 'lease-proof',
    statement: '{"v":1,"lease":"l5","provider":"sshd of web-1","secondsToDead":6.4}',
    signature: 'dGhpcyBpcyB0aGUgZ2FsbGVyeQ==',
    signedBy: 'gatehouse.example+4f2a9c1e+AVhcQ0sMmGtH1aQf0nVwUOZ0l2Tn3hXyq0mQd1nqQ8pQ',
  },
  askedAt: inMinutes(-259.9),
  attempts: 2,
  lastAnswer: 'the host refuses it, and takes another certificate of the same CA for the same account',
}

/** Views of leases that the gallery's Operator keeps. */
export const leaseViews: readonly Wire<'leaseView.save'>[] = [
  { id: 'lv1', name: 'mine, active', filters: '{"principal":"ada","state":"active"}', createdAt: inMinutes(-60) },
  { id: 'lv2', name: 'next to end', filters: '{"state":"active","sort":"expiry"}', createdAt: inMinutes(-900) },
]
