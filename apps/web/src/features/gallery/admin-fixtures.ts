import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'
import { me, users } from './people-fixtures.ts'

const day = 1440

/** An administrator of the gallery. */
export const admin: Wire<'auth.whoami'> = {
  ...me,
  id: 'u2',
  username: 'grace',
  displayName: 'Grace Hopper',
  roles: ['Admin'],
  teams: ['platform-admin'],
  sessionId: 's9',
}

type Approval = Wire<'approval.get'>
const approval = (id: string, over: Partial<Approval>): Approval => ({
  id,
  action: 'mfa.reset',
  resourceType: 'User',
  resource: 'u7',
  resourceName: 'vera',
  workspace: null,
  parameters: [],
  risk: 'high',
  requester: 'u8',
  requesterName: 'katherine',
  reason: 'lost their phone; identity verified in a video call',
  ticket: 'OPS-1207',
  state: 'pending',
  approverName: null,
  decisionReason: null,
  createdAt: inMinutes(-40),
  expiresAt: inMinutes(1400),
  decidedAt: null,
  ...over,
})

/** Approvals of the gallery: to judge, one's own, about oneself, decided. */
export const approvals: readonly Approval[] = [
  approval('ap1', {}),
  approval('ap2', {
    requester: 'u2',
    requesterName: 'grace',
    resource: 'u1',
    resourceName: 'ada',
    reason: 'new phone, the old one was wiped',
    ticket: null,
    createdAt: inMinutes(-90),
    expiresAt: inMinutes(1350),
  }),
  approval('ap3', {
    resource: 'u2',
    resourceName: 'grace',
    reason: 'requested by email',
    ticket: null,
    createdAt: inMinutes(-300),
    expiresAt: inMinutes(1140),
  }),
  approval('ap6', {
    action: 'deploy',
    resourceType: 'Cluster',
    resource: 'web',
    resourceName: 'Cluster web in shop, version=1.4.2, region=eu-north',
    workspace: 'shop',
    parameters: ['version=1.4.2', 'region=eu-north'],
    risk: 'high',
    reason: 'release 1.4.2',
    ticket: 'OPS-31',
    createdAt: inMinutes(-12),
    expiresAt: inMinutes(1428),
  }),
  approval('ap4', {
    state: 'denied',
    approverName: 'grace',
    decisionReason: 'identity could not be verified',
    decidedAt: inMinutes(-2000),
    createdAt: inMinutes(-2100),
    expiresAt: inMinutes(-660),
  }),
  approval('ap5', {
    state: 'used',
    approverName: 'grace',
    decisionReason: 'verified in person',
    decidedAt: inMinutes(-5000),
    createdAt: inMinutes(-5100),
    expiresAt: inMinutes(-3660),
    ticket: 'OPS-1190',
  }),
]

const ofPlatform = { action: 'deploy', resourceType: 'Cluster', workspace: 'shop', risk: 'medium' } as const
const ofMe = { ...ofPlatform, requester: me.id, requesterName: me.username, reason: 'release 2.0.1' } as const

/** What somebody of the gallery who is no administrator has asked for. */
export const ownApprovals: readonly Approval[] = [
  approval('ap7', {
    ...ofMe,
    resource: 'api',
    resourceName: 'Cluster api in shop, version=2.0.1',
    parameters: ['version=2.0.1'],
    ticket: 'OPS-40',
    createdAt: inMinutes(-25),
    expiresAt: inMinutes(1415),
  }),
  approval('ap8', {
    ...ofMe,
    resource: 'web',
    resourceName: 'Cluster web in shop, version=1.4.1',
    parameters: ['version=1.4.1'],
    reason: 'release 1.4.1',
    ticket: 'OPS-29',
    state: 'denied',
    approverName: 'katherine',
    decisionReason: 'not on a Friday',
    decidedAt: inMinutes(-3000),
    createdAt: inMinutes(-3100),
    expiresAt: inMinutes(-1660),
  }),
]

/** What waits where they may approve, and what they asked for themselves. */
export const platformApprovals: readonly Approval[] = [
  ...approvals.filter(({ workspace }) => workspace !== null),
  ...ownApprovals,
]

type Account = Wire<'serviceAccount.get'>
const account = (id: string, name: string, over: Partial<Account>): Account => ({
  id,
  name,
  description: '',
  teams: ['developers'],
  status: 'active',
  tokens: 1,
  createdAt: inMinutes(-60 * day),
  ...over,
})

/** Programs of the gallery. */
export const serviceAccounts: readonly Account[] = [
  account('sa1', 'ci-deploy', { description: 'deploys from the pipeline', teams: ['developers', 'sre'], tokens: 3 }),
  account('sa2', 'nightly-report', { description: 'generates the weekly access report' }),
  account('sa3', 'old-backup', { status: 'disabled', tokens: 0, teams: [] }),
]

type Token = Wire<'apiToken.get'>
const token = (id: string, over: Partial<Token>): Token => ({
  id,
  name: 'pipeline',
  ownerType: 'Service',
  owner: 'sa1',
  ownerName: 'ci-deploy',
  purpose: 'deploys to web hosts',
  hint: 'ghs_7Hq2',
  scopes: ['lease.*', 'sshCertificate.sign'],
  sourceAddresses: ['192.0.2.0/24'],
  bound: true,
  state: 'active',
  createdAt: inMinutes(-20 * day),
  expiresAt: inMinutes(70 * day),
  lastUsedAt: inMinutes(-4),
  lastUsedAddress: '192.0.2.17',
  endedAt: null,
  reason: null,
  ...over,
})

/** Tokens of the gallery: at work, ending soon, unused, revoked. */
export const apiTokens: readonly Token[] = [
  token('tk1', {}),
  token('tk2', {
    name: 'smoke test',
    purpose: 'checks that hosts are reachable',
    scopes: ['read'],
    sourceAddresses: [],
    bound: false,
    hint: 'ghs_b2Lm',
    expiresAt: inMinutes(9 * day),
    lastUsedAt: inMinutes(-600),
    lastUsedAddress: '198.51.100.4',
  }),
  token('tk3', {
    name: 'trial',
    purpose: 'testing',
    hint: 'ghs_Qp90',
    createdAt: inMinutes(-50 * day),
    lastUsedAt: null,
    lastUsedAddress: null,
  }),
  token('tk4', {
    name: 'leaked',
    hint: 'ghs_0aXw',
    state: 'revoked',
    endedAt: inMinutes(-day),
    reason: 'leaked in a build log',
  }),
]

/** A token as it is made; it opens nothing. */
export const createdToken: Wire<'apiToken.create'> = {
  ...token('tk9', { lastUsedAt: null, lastUsedAddress: null }),
  token: 'ghs_this-is-the-gallery-and-no-token',
}

const limits = {
  sessionAbsoluteSeconds: 2_592_000,
  sessionIdleSeconds: 604_800,
  accessTokenTtlSeconds: 900,
  refreshTokenTtlSeconds: 604_800,
}
const rules = { attestation: 'none' as const, aaguids: [], backupEligibleAllowed: true }

/** Settings of the gallery. */
export const settings: Wire<'settings.get'> = {
  requiredRoles: ['Admin', 'Operator', 'Auditor'],
  roleLimits: [
    { role: 'Admin', ...limits, sessionAbsoluteSeconds: 43_200, sessionIdleSeconds: 1800 },
    { role: 'Developer', ...limits },
    { role: 'Operator', ...limits },
    { role: 'Viewer', ...limits },
    { role: 'Auditor', ...limits },
  ],
  authenticatorRules: [
    {
      role: 'Admin',
      attestation: 'required',
      aaguids: ['cb69481e-8ff7-4039-93ec-0a2729a154a8'],
      backupEligibleAllowed: false,
    },
    { role: 'Developer', ...rules },
    { role: 'Operator', ...rules },
    { role: 'Viewer', ...rules },
    { role: 'Auditor', ...rules },
  ],
  authFailuresAlert: 5,
  revocationSpikeAlert: 50,
  alertQuietMinutes: 60,
  leaseExpiryAlertMinutes: 15,
  updatedAt: inMinutes(-3 * day),
  updatedBy: 'grace',
}

const counts = [0, 1, 0, 0, 2, 1, 0, 3, 1, 0, 0, 0, 1, 2, 4, 2, 1, 0, 31, 9, 2, 0, 1, 1]
const hours = counts.map((count, index) => ({ hour: inMinutes(-60 * (counts.length - 1 - index)), count }))

/** The dashboard of the gallery, on a day with something to look at. */
export const dashboard: Wire<'system.dashboard'> = {
  at: inMinutes(0),
  peopleActive: 24,
  peopleDisabled: 3,
  peopleEnrolled: 21,
  coverage: [
    { role: 'Admin', people: 3, enrolled: 3, phishingResistant: 3 },
    { role: 'Developer', people: 9, enrolled: 7, phishingResistant: 4 },
    { role: 'Operator', people: 6, enrolled: 6, phishingResistant: 2 },
    { role: 'Viewer', people: 6, enrolled: 5, phishingResistant: 0 },
    { role: 'Auditor', people: 0, enrolled: 0, phishingResistant: 0 },
  ],
  failedLogins: counts.reduce((sum, count) => sum + count, 0),
  failedLoginsByHour: hours,
  accountsLocked: 1,
  sessionsActive: 31,
  sessionsWithoutMfa: 2,
  apiTokensActive: 12,
  apiTokensExpiring: 2,
  apiTokensUnused: 3,
  approvalsPending: 2,
  backupCodesLow: 4,
  serviceAccountsActive: 5,
}

/** The same on a day when all is well, in a house with nobody in it yet. */
export const calmDashboard: Wire<'system.dashboard'> = {
  ...dashboard,
  peopleActive: 1,
  peopleDisabled: 0,
  peopleEnrolled: 1,
  coverage: dashboard.coverage.map(({ role }) => ({
    role,
    people: role === 'Admin' ? 1 : 0,
    enrolled: role === 'Admin' ? 1 : 0,
    phishingResistant: 0,
  })),
  failedLogins: 0,
  failedLoginsByHour: hours.map(({ hour }) => ({ hour, count: 0 })),
  accountsLocked: 0,
  sessionsActive: 1,
  sessionsWithoutMfa: 0,
  apiTokensActive: 0,
  apiTokensExpiring: 0,
  apiTokensUnused: 0,
  approvalsPending: 0,
  backupCodesLow: 0,
  serviceAccountsActive: 0,
}

const invited = {
  ...firstUser(),
  id: 'u9',
  username: 'mary',
  displayName: 'Mary Jackson',
  email: 'mary@example.org',
  locked: false,
  hasAuthenticator: false,
  lastLoginAt: null,
}
function firstUser(): Wire<'user.get'> {
  const [user] = users
  if (user === undefined) throw new TypeError('the gallery has no people')
  return user
}

/** An invitation that is shown; its link leads nowhere. */
export const invitation: Wire<'user.invite'> = {
  ...invited,
  invitationUrl: 'https://gatehouse.example.org/invite#this-is-the-gallery-and-no-link',
  sentTo: null,
  expiresAt: inMinutes(3 * day),
}
