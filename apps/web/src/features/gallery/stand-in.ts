import { publicOperationNames, type RefusalDetails, type Wire } from '@gatehouse/contract'
import { exactTime } from '@gatehouse/kit'
import { documentOf, wireAnswerOf, type CallName } from '../../wire.ts'
import * as account from './account-fixtures.ts'
import * as administration from './admin-fixtures.ts'
import * as alerting from './alert-fixtures.ts'
import { incidents } from './incident-fixtures.ts'
import * as auditing from './audit-fixtures.ts'
import * as encrypting from './encryption-fixtures.ts'
import * as emergency from './emergency-fixtures.ts'
import * as explaining from './explain-fixtures.ts'
import * as leasing from './lease-fixtures.ts'
import * as locking from './lock-fixtures.ts'
import { inMinutes } from './moments.ts'
import * as people from './people-fixtures.ts'
import * as places from './place-fixtures.ts'
import * as ruling from './policy-fixtures.ts'
import { checkpointOf, proofOf } from './proof-fixtures.ts'
import * as secrets from './secret-fixtures.ts'
import * as ssh from './ssh-fixtures.ts'
import { systemStatus } from './system-fixtures.ts'

/** What the gallery's stand-in plays. */
export const scenarios = [
  'full',
  'empty',
  'denied',
  'failing',
  'slow',
  'offline',
  'anonymous',
  'challenge',
  'first-password',
  'first-totp',
  'step-up',
  'ended',
  'tampered',
  'invalid-policies',
  'emergency',
  'export-done',
  'export-broken',
  'partly',
  'admin',
  'admin-empty',
  'first-codes',
  'ending',
  'timed-out',
  'one',
  'recovered',
  'keys',
  'throttled',
  'unknown-code',
  'spent-token',
  'waiting',
  'viewer',
  'auditor',
  'operator',
  'developer',
  'developer-empty',
] as const
export type Scenario = (typeof scenarios)[number]

type Answers = { readonly [N in CallName]?: (input: Readonly<Record<string, unknown>>) => Wire<N> | Promise<Wire<N>> }
type Refused = { readonly code: string } & RefusalDetails

/** Nouns that the gallery's Operator only reads. */
const administeredNouns: ReadonlySet<string> = new Set([
  'user',
  'role',
  'team',
  'serviceAccount',
  'settings',
  'policy',
  'lock',
  'secretBackend',
  'secretRole',
])

/** What of keys is left to an administrator. */
const administeredKeyOps: ReadonlySet<string> = new Set([
  'kmsKey.enable',
  'kmsKey.update',
  'kmsKey.scheduleDeletion',
  'kmsKey.replicate',
  'kmsKey.withdraw',
])

const operatorOps = (name: CallName): boolean =>
  documentOf(name).kind !== 'mutation' ||
  !(administeredNouns.has(name.split('.')[0] ?? '') || administeredKeyOps.has(name))

/** Nouns of a person's own account. */
const ownNouns: ReadonlySet<string> = new Set([
  'auth',
  'access',
  'session',
  'authenticator',
  'totp',
  'webauthn',
  'backupCode',
  'password',
  'mfa',
  'notification',
  'apiToken',
])
/** Reads of the gallery's Viewer beside their own account. */
const viewerReads: ReadonlySet<string> = new Set([
  'lease.list',
  'lease.get',
  'lease.proof',
  'lease.stats',
  'lease.watch',
  'sshKey.list',
  'sshKey.get',
  'sshCertificate.list',
  'sshHost.list',
  'sshHost.get',
  'secretRole.list',
  'secretRole.get',
  'system.status',
  'workspace.list',
  'kms.status',
  'kmsKey.list',
  'kmsKey.get',
  'kmsKey.usage',
  'kmsKey.ciphertexts',
])

const isOwn = (name: CallName): boolean => ownNouns.has(name.split('.')[0] ?? '')
const auditorOps = (name: CallName): boolean => isOwn(name) || documentOf(name).kind !== 'mutation'
const viewerOps = (name: CallName): boolean => isOwn(name) || viewerReads.has(name)

const accessOf = (allowed: (name: CallName) => boolean): Wire<'access.mine'> => ({
  at: inMinutes(0),
  expiresAt: inMinutes(1),
  policyVersion: 'gallery',
  operations: publicOperationNames.map((operation) => ({
    operation,
    // documents exist for all public names
    access: allowed(operation as CallName) ? ('allowed' as const) : ('denied' as const),
    workspaces: [],
  })),
})

const page = <T>(items: readonly T[]): { items: T[]; nextCursor: null } => ({ items: [...items], nextCursor: null })
const named =
  <T extends { readonly id: string }>(items: readonly T[]) =>
  ({ id }: Readonly<Record<string, unknown>>): T => {
    const found = items.find((item) => item.id === id) ?? items[0]
    if (found === undefined) throw new TypeError('the gallery has no such thing')
    return found
  }
const tokens = { tokens: { accessExpiresAt: inMinutes(15) } }

/** What an administrator does, answered as it would be. */
const administered: Answers = {
  'team.get': named(people.teams),
  'approval.list': ({ state }) =>
    page(administration.approvals.filter((one) => state === undefined || one.state === String(state).toLowerCase())),
  'approval.get': named(administration.approvals),
  'serviceAccount.list': () => page(administration.serviceAccounts),
  'serviceAccount.get': named(administration.serviceAccounts),
  'apiToken.list': () => page(administration.apiTokens),
  'apiToken.create': () => administration.createdToken,
  'settings.get': () => administration.settings,
  'system.dashboard': () => administration.dashboard,
  'user.invite': () => administration.invitation,
  'user.create': () => ({ ...named(people.users)({ id: 'u7' }), oneTimePassword: 'this-is-the-gallery' }),
  'user.disable': (input) => ({ ...named(people.users)(input), status: 'disabled' }),
  'user.resetPassword': (input) => ({ ...named(people.users)(input), oneTimePassword: 'this-is-the-gallery' }),
}
const nothingAdministered: Answers = {
  ...administered,
  'approval.list': () => page([]),
  'serviceAccount.list': () => page([]),
  'apiToken.list': () => page([]),
  'system.dashboard': () => administration.calmDashboard,
}

function stateAfter(decision: unknown): Wire<'auth.deviceApprove'>['state'] {
  if (decision === 'APPROVE') return 'approved'
  return decision === 'DENY' ? 'denied' : 'waiting'
}

/** What a person does with their own account. */
const ownAccount: Answers = {
  'authenticator.list': () => page(account.authenticators),
  'authenticator.rename': named(account.authenticators),
  'authenticator.remove': (input) => ({ id: String(input['id']), authenticatorsLeft: 2 }),
  'mfa.status': () => account.mfaStatus,
  'totp.confirm': () => named(account.authenticators)({ id: 'a1' }),
  'backupCode.status': () => account.backupCodeStatus,
  'backupCode.regenerate': () => account.backupCodes,
  'backupCode.confirm': () => account.backupCodeStatus,
  'notification.list': ({ unread }) => page(account.notices.filter(({ readAt }) => unread !== true || readAt === null)),
  'notification.markRead': () => ({ marked: 2 }),
  'auth.deviceApprove': ({ decision }) => ({ ...account.deviceGrant, state: stateAfter(decision) }),
  'auth.stepUpBegin': () => ({ methods: ['totp', 'webauthn'], options: null, browser: null }),
  'auth.acceptInvite': () => tokens,
  'apiToken.list': ({ serviceAccount }) =>
    page(serviceAccount === undefined ? account.tokens : administration.apiTokens),
}
const nothingOwned: Answers = {
  'authenticator.list': () => page([]),
  'mfa.status': () => account.mfaNone,
  'backupCode.status': () => account.backupCodesNone,
  'notification.list': () => page([]),
}

/** What of policies is looked at and tried. */
const policed: Answers = {
  'policy.list': () => page(ruling.policies),
  'policy.status': () => ruling.policyStatus,
  'policy.reload': () => ruling.policyStatus,
  'policy.publish': () => ruling.policyStatus,
  'policy.rollback': () => ruling.policyStatus,
  'policy.history': () => page(ruling.history),
  'policy.files': ({ change }) => (change === 'pc2' || change === 'pc1' ? ruling.olderFiles : ruling.files),
  'policy.matrix': () => ruling.matrix,
  'policy.simulate': () => ruling.simulation,
  'policy.shadowReport': () => ruling.shadowReport,
  'decision.list': ({ effect }) =>
    page(ruling.decisions.filter((one) => effect === undefined || one.effect === String(effect).toLowerCase())),
  'decision.get': ({ id }) => (id === 'explained' ? explaining.explainedReceipt() : ruling.receiptOf(id)),
  'policy.explain': explaining.explained,
  'policy.whoCould': ({ action }) => (action === 'kms.decrypt' ? encrypting.decrypters : explaining.whoCould),
}

const keyed = named(encrypting.encryptionKeys)

/** Keys of the key service, and what is encrypted under them. */
const encrypted: Answers = {
  'kmsBackend.list': () => ({ backends: [...encrypting.backends] }),
  'kms.status': () => encrypting.status,
  'kms.health': () => ({ health: 'degraded', at: inMinutes(0), backends: [...encrypting.backends] }),
  'kmsKey.list': ({ workspace }) =>
    page(encrypting.encryptionKeys.filter((key) => workspace === undefined || key.workspace === workspace)),
  'kmsKey.get': keyed,
  'kmsKey.usage': (input) => encrypting.usageOf(keyed({ id: input.key })),
  'kmsKey.ciphertexts': encrypting.ciphertextsOf,
  'kmsKey.create': () => keyed({ id: 'ek6' }),
  'kmsKey.revokeVersion': (input) => encrypting.usageOf(keyed(input)),
}

/** The entry that is looked at in the gallery, whose log the checkpoint is of. */
const provenEntry = 'e1197'

/** Where things belong, and where the audit log goes. */
const placed: Answers = {
  'workspace.list': () => page(places.workspaces),
  'workspace.get': named(places.workspaces),
  'workspace.create': () => named(places.workspaces)({ id: 'lab' }),
  'calendar.get': () => places.calendar,
  'environment.list': () => places.environments,
  'audit.retentionGet': () => explaining.retention,
  'audit.retentionSet': () => explaining.retention,
  'audit.holdPlace': () => named(explaining.retention.holds)({ id: 'hold1' }),
  'audit.holdRelease': named(explaining.retention.holds),
  'auditSink.list': () => page(places.sinks),
  'lock.list': ({ id, kind, all }) =>
    page(
      locking.locks.filter(
        (one) =>
          (all === true || one.holds) &&
          (id === undefined || one.id === id) &&
          (kind === undefined || one.kind === String(kind).toLowerCase()),
      ),
    ),
  'auditSink.deadLetters': ({ id }) => page(id === 'archive' ? places.deadLetters : []),
  'auditSink.retry': ({ id }) => ({ id: String(id), retried: 1 }),
  'alert.list': ({ state }) =>
    page(alerting.alerts.filter((alert) => state === undefined || alert.state === String(state).toLowerCase())),
  'alert.get': named(alerting.alerts),
  'alert.acknowledge': (input) => ({ ...named(alerting.alerts)(input), state: 'acknowledged' }),
  'incident.list': ({ state }) =>
    page(incidents.filter((one) => state === undefined || one.state === String(state).toLowerCase())),
  'incident.get': named(incidents),
  'incident.open': () => ({ id: 'in2', state: 'detected', severity: 'high', fresh: true }),
  'incident.transition': named(incidents),
  'incident.update': named(incidents),
  'incident.close': named(incidents),
  'alertChannel.list': () => page(alerting.alertChannels),
  'alertChannel.update': named(alerting.alertChannels),
  'alertChannel.deadLetters': ({ id }) => page(id === 'ch2' ? alerting.deadLetters : []),
  'alertChannel.retry': ({ id }) => ({ id: String(id), retried: 1 }),
  'alertChannel.drop': ({ id }) => ({ id: String(id), dropped: 1 }),
  'alertChannel.create': () => named(alerting.alertChannels)({ id: 'ch3' }),
  'alertChannel.test': ({ id }) =>
    id === 'ch2'
      ? { id: 'ch2', delivered: false, answer: 'status 503: upstream is busy', milliseconds: 412 }
      : { id: String(id), delivered: true, answer: 'status 202: {"status":"success"}', milliseconds: 180 },
  'audit.export': () => places.auditExport,
  'audit.proof': ({ id }) => proofOf(String(id)),
  'audit.checkpoint': () => checkpointOf(provenEntry),
}

/** Emergency access: an own session is active only for who administers, so that the banner is on their pages alone. */
const emergencies: Answers = {
  'breakGlass.list': ({ state, drill }) =>
    page(
      emergency.requests.filter(
        (one) => one.drill === (drill === true) && (state === undefined || one.state === String(state).toLowerCase()),
      ),
    ),
  'breakGlass.get': ({ id }) => emergency.requestOf(id),
  'breakGlass.approveOptions': async () => ({
    hash: (await emergency.requestOf('bg1')).hash,
    options: {},
    totpAdmitted: true,
    expiresAt: inMinutes(5),
  }),
  'breakGlass.ruleGet': () => emergency.rule,
  'emergencySession.list': ({ state }) => page(state === undefined ? emergency.sessions : []),
  'emergencySession.get': named(emergency.sessions),
  'emergencySession.audit': () => emergency.deeds,
}
const noEmergencies: Answers = {
  'breakGlass.list': () => page([]),
  'emergencySession.list': () => page([]),
  'breakGlass.ruleGet': () => ({
    ...emergency.rule,
    satisfiable: false,
    problem: 'only one team has an Admin or Operator',
  }),
}

const roled = named(secrets.secretRoles)
const backend = named(secrets.secretBackends)

/** Credentials of databases, clouds and Vaults. */
const secretive: Answers = {
  'secretBackend.list': () => page(secrets.secretBackends),
  'secretRole.list': ({ backend: of, workspace }) =>
    page(
      secrets.secretRoles.filter(
        (role) => (of ?? role.backendId) === role.backendId && (workspace ?? role.workspace) === role.workspace,
      ),
    ),
  'secretBackend.configure': () => backend({ id: 'sb1' }),
  'secretBackend.probe': (input) => secrets.probed(backend(input)),
  'secretBackend.rotate': backend,
  'secretRole.get': roled,
  'secretRole.create': () => roled({ id: 'sr1' }),
  'secretRole.update': roled,
  'secretRole.delete': (input) => ({ id: String(input['id']), name: roled(input).name, livingLeases: 1 }),
  'lease.revokeMany': (input) => (input['dryRun'] === true ? secrets.lookedAt(input) : secrets.revokedMany(input)),
  'lease.unwrap': () => secrets.opened,
  'lease.issue': (input) => secrets.issuedOf(roled({ id: input['role'] }), input),
}

const full: Answers = {
  'auth.whoami': () => people.me,
  'access.mine': () => accessOf((name) => operatorOps(name)),
  'auth.login': () => ({
    tokens: null,
    challenge: { id: 'c', methods: ['totp', 'webauthn', 'backupCode'], expiresAt: inMinutes(5) },
  }),
  'auth.completeMfa': () => tokens,
  'auth.refresh': () => tokens,
  'auth.logout': () => ({ ended: 1 }),
  'auth.stepUpComplete': () => people.me,
  'password.change': () => tokens,
  'totp.enroll': () => people.enrolment,
  'lease.list': ({ state }) =>
    page(leasing.leases.filter((lease) => state === undefined || lease.state === String(state).toLowerCase())),
  'lease.get': named(leasing.leases),
  'lease.proof': () => leasing.leaseProof,
  'lease.stats': () => leasing.leaseStats,
  'leaseView.list': () => page(leasing.leaseViews),
  'leaseView.save': () => named(leasing.leaseViews)({ id: 'lv1' }),
  'leaseView.remove': ({ id }) => ({ id: String(id) }),
  'lease.revoke': (input) => ({ ...named(leasing.leases)(input), state: 'revoked', endedAt: inMinutes(0) }),
  'sshHost.list': ({ unbound }) => page(ssh.hosts.filter((host) => unbound === undefined || host.unbound)),
  'sshHost.get': named(ssh.hosts),
  'sshHost.check': named(ssh.hosts),
  'sshHost.register': named(ssh.hosts),
  'sshHostCertificate.sign': (input) => ssh.hostCertificate(named(ssh.hosts)({ id: input['host'] })),
  'sshHost.import': ({ dryRun }) => ssh.importedHosts(dryRun === true),
  'sshKey.list': () => page(ssh.keys),
  'sshKey.stats': () => ssh.keyStats,
  'sshKey.get': named(ssh.keys),
  'sshKey.generate': () => ssh.generatedKey,
  'sshKey.deploy': () => ({ ...ssh.generatedKey, state: 'deployed', deployedAt: inMinutes(0) }),
  'sshCertificate.sign': () => ssh.signedCertificate,
  'sshCertificate.list': () => page(ssh.certificates),
  'sshOtp.issue': () => ssh.issuedPassword,
  'sshCa.get': () => ({
    caPublicKey: 'ssh-ed25519 AAAA…ca',
    listSignerPublicKey: 'ssh-ed25519 AAAA…list',
    hostCaPublicKey: 'ssh-ed25519 AAAA…host',
    nextCaPublicKey: 'ssh-ed25519 AAAA…next',
    previousCaPublicKey: null,
    caFingerprint: 'SHA256:ca',
    managementPublicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIManagementManagement gatehouse',
  }),
  'audit.search': () => page(auditing.entries),
  'audit.get': named(auditing.entries),
  'audit.stats': ({ outcome }) => (outcome === 'REFUSED' ? auditing.refusedStats : auditing.auditStats),
  'auditView.list': () => page(auditing.auditViews),
  'auditView.save': () => named(auditing.auditViews)({ id: 'v1' }),
  'auditView.remove': ({ id }) => ({ id: String(id) }),
  'audit.verify': () => ({
    ok: true,
    size: 1199,
    root: 'Vx3k1l4m0p9q8r7s6t5u4v3w2x1y0z',
    checkpoint: null,
    pending: 1,
    pruned: 0,
    problems: [],
  }),
  ...policed,
  ...placed,
  ...encrypted,
  ...secretive,
  'system.status': () => systemStatus,
  'session.list': () => page(people.sessions),
  'user.list': () => page(people.users),
  'user.get': named(people.users),
  'team.list': () => page(people.teams),
  'role.list': () => ({ roles: people.roles }),
  ...administered,
  ...ownAccount,
  ...emergencies,
}

const calm: Wire<'system.status'> = {
  ...systemStatus,
  health: 'ok',
  leasesOverdue: 0,
  parts: systemStatus.parts.map((part) => ({ ...part, health: 'ok', message: '' })),
}

const empty: Answers = {
  ...full,
  'lease.list': () => page([]),
  'sshHost.list': () => page([]),
  'sshKey.list': () => page([]),
  'sshCertificate.list': () => page([]),
  'audit.search': () => page([]),
  'audit.stats': () => auditing.noStats,
  'auditView.list': () => page([]),
  'team.list': () => page([]),
  'user.list': () => page([]),
  'policy.list': () => page([]),
  'policy.status': () => ({
    ...ruling.policyStatus,
    lastError: null,
    lastErrorAt: null,
    warnings: [],
    nodes: ruling.policyStatus.nodes.slice(0, 1),
  }),
  'policy.history': () => page([]),
  'policy.shadowReport': () => ruling.noShadow,
  'decision.list': () => page([]),
  'audit.retentionGet': () => explaining.retentionUnset,
  'workspace.list': () => page([]),
  'auditSink.list': () => page([]),
  'lock.list': () => page([]),
  'alert.list': () => page([]),
  'incident.list': () => page([]),
  'alertChannel.list': () => page([]),
  'kmsKey.list': () => page([]),
  'secretBackend.list': () => page([]),
  'secretRole.list': () => page([]),
  'lease.revokeMany': () => secrets.noneToRevoke,
  'lease.stats': () => leasing.noLeaseStats,
  'leaseView.list': () => page([]),
  'sshKey.stats': () => ssh.noKeyStats,
  'kmsBackend.list': () => ({ backends: encrypting.backends.slice(0, 1) }),
  'kms.status': () => encrypting.freshStatus,
  'system.status': () => calm,
  ...nothingAdministered,
  ...nothingOwned,
  ...noEmergencies,
}

const missing = (what: 'passwordChange' | 'authenticator'): Answers => ({
  ...full,
  'auth.whoami': () => ({ ...people.me, assurance: 'pw', missing: [what] }),
})

/** Something is missing at first, and nothing once it was asked again: as after the step that brought it. */
function firstThen(what: Wire<'auth.whoami'>['missing']): () => Wire<'auth.whoami'> {
  let asked = 0
  return () => {
    asked += 1
    return { ...people.me, missing: asked === 1 ? what : [] }
  }
}

/** Whoever administers may do everything. */
const asAdmin: Answers = { 'auth.whoami': () => administration.admin, 'access.mine': () => accessOf(() => true) }

/** Somebody with one role: their calls beyond it are refused, as they would be. */
const playOf = (role: 'Viewer' | 'Auditor', allowed: (name: CallName) => boolean): Play => ({
  answers: {
    ...full,
    'auth.whoami': () => ({ ...people.me, id: 'u7', username: 'vera', displayName: 'Vera Molnár', roles: [role] }),
    'access.mine': () => accessOf(allowed),
  },
  refuse: (name) =>
    allowed(name)
      ? null
      : {
          code: 'forbidden',
          reason: 'forbid',
          decisionId: '01a22c8c-62fc-79d1-a208-e55b0f829324',
          policies: [`${role.toLowerCase()}-read-only`],
        },
})

/** Calls that are answered the same in every scenario: without them no screen comes up at all. */
const always: ReadonlySet<CallName> = new Set<CallName>(['auth.whoami', 'auth.refresh', 'policy.list', 'access.mine'])

interface Play {
  readonly answers: Answers
  readonly refuse?: (name: CallName) => Refused | null
  readonly delayMs?: number
  /** Which calls are late; absent: all but those that every screen needs. */
  readonly late?: readonly CallName[]
}

/** Somebody whose list of approvals holds those of some workspaces, or their own alone. */
const playOfAsking = (
  role: 'Operator' | 'Developer',
  approvals: readonly Wire<'approval.get'>[],
  allowed: (name: CallName) => boolean = operatorOps,
): Play => ({
  answers: {
    ...full,
    'auth.whoami': () => ({ ...people.me, roles: [role] }),
    'access.mine': () => {
      const access = accessOf(allowed)
      const [some, others] = [['approval.list', 'approval.get'], access.operations]
      return {
        ...access,
        operations: others.map((one) => (some.includes(one.operation) ? { ...one, access: 'depends' as const } : one)),
      }
    },
    'approval.list': ({ state }) =>
      page(approvals.filter((one) => state === undefined || one.state === String(state).toLowerCase())),
    'approval.get': named(approvals),
  },
})
const developerOps = (name: CallName): boolean =>
  operatorOps(name) && name !== 'approval.approve' && name !== 'approval.deny'

/** Longer than anybody looks. */
const slowMs = 60_000

const unauthenticated: Refused = { code: 'unauthenticated' }
const invalidPolicies: Refused = {
  code: 'invalid-input',
  fields: [
    { path: 'files', message: 'policies that are valid: admin/night-shift.cedar:2: expected `@doc` and `@severity`' },
  ],
}
const openedBefore: Refused = {
  code: 'conflict',
  hint:
    `this credential was opened at ${exactTime(new Date(inMinutes(-7)))}; if that was not you, ` +
    'have its lease revoked: 019a6f1e-5c1c-7d5f-9d0e-2f4f5c8e9a10',
}
const stepUp: Refused = { code: 'step-up-required', assurance: 'su', maxAgeSeconds: 300 }

const plays: Readonly<Record<Scenario, Play>> = {
  full: { answers: full },
  empty: { answers: empty },
  denied: {
    answers: full,
    refuse: (name) =>
      always.has(name) ? null : { code: 'forbidden', reason: 'forbid', policies: ['viewer-read-only'] },
  },
  failing: { answers: full, refuse: (name) => (always.has(name) ? null : { code: 'INTERNAL_SERVER_ERROR' }) },
  slow: { answers: full, delayMs: slowMs },
  offline: { answers: full },
  anonymous: { answers: full, refuse: (name) => (name === 'lease.unwrap' ? null : unauthenticated) },
  challenge: {
    answers: full,
    refuse: (name) => {
      if (name === 'auth.login') return null
      return name === 'auth.completeMfa' ? { code: 'invalid-credentials', retryAfterSeconds: 17 } : unauthenticated
    },
  },
  'first-password': { answers: missing('passwordChange') },
  'first-totp': { answers: missing('authenticator') },
  'step-up': {
    answers: full,
    refuse: (name) => {
      if (documentOf(name).kind === 'mutation' && !name.startsWith('auth.')) return stepUp
      return name === 'auth.stepUpComplete' ? { code: 'invalid-credentials', retryAfterSeconds: 12 } : null
    },
  },
  ended: {
    answers: full,
    refuse: (name) =>
      ['auth.whoami', 'access.mine', 'policy.status'].includes(name) || name.startsWith('sshHost')
        ? null
        : unauthenticated,
  },
  admin: { answers: { ...full, ...asAdmin } },
  'admin-empty': { answers: { ...empty, ...asAdmin } },
  emergency: {
    answers: {
      ...full,
      'access.mine': () => accessOf(() => true),
      'emergencySession.list': ({ state }) =>
        page(emergency.sessions.filter((one) => state === undefined || one.state === String(state).toLowerCase())),
    },
  },
  'first-codes': { answers: { ...full, 'auth.whoami': firstThen(['authenticator']) } },
  ending: { answers: { ...full, 'auth.whoami': () => ({ ...people.me, sessionExpiresAt: inMinutes(4.4) }) } },
  'timed-out': {
    answers: { ...full, 'auth.whoami': () => ({ ...people.me, sessionExpiresAt: inMinutes(-1) }) },
    refuse: (name) => (name === 'auth.passkeyBegin' ? unauthenticated : null),
  },
  one: {
    answers: {
      ...full,
      'authenticator.list': () => page(account.authenticators.slice(2)),
      'backupCode.status': () => account.backupCodesLow,
    },
  },
  recovered: {
    answers: {
      ...full,
      'session.list': () =>
        page(
          people.sessions.map((session) =>
            session.current ? { ...session, methods: ['password', 'backupCode'], createdAt: inMinutes(-2) } : session,
          ),
        ),
      'backupCode.status': () => account.backupCodesNone,
    },
  },
  keys: { answers: full, refuse: (name) => (name === 'auth.login' ? null : unauthenticated) },
  'unknown-code': { answers: full, refuse: (name) => (name === 'auth.deviceApprove' ? { code: 'not-found' } : null) },
  'spent-token': { answers: full, refuse: (name) => (name === 'lease.unwrap' ? openedBefore : unauthenticated) },
  throttled: {
    answers: full,
    refuse: (name) => (name === 'auth.login' ? { code: 'rate-limited', retryAfterSeconds: 252 } : unauthenticated),
  },
  viewer: playOf('Viewer', viewerOps),
  auditor: playOf('Auditor', auditorOps),
  operator: playOfAsking('Operator', administration.platformApprovals),
  developer: playOfAsking('Developer', administration.ownApprovals, developerOps),
  'developer-empty': playOfAsking('Developer', [], developerOps),
  'export-done': { answers: { ...full, ...asAdmin } },
  'export-broken': { answers: { ...full, ...asAdmin } },
  partly: {
    answers: {
      ...full,
      'access.mine': () => accessOf((name) => operatorOps(name) && name !== 'audit.checkpoint'),
      'audit.proof': async ({ id }) => ({ ...(await proofOf(String(id))), entry: null }),
    },
  },
  'invalid-policies': {
    answers: { ...full, ...asAdmin },
    refuse: (name) => (name === 'policy.simulate' ? invalidPolicies : null),
  },
  waiting: { answers: full, delayMs: slowMs, late: ['access.mine'] },
  tampered: {
    answers: {
      ...full,
      'audit.verify': () => auditing.brokenRecord,
      'audit.proof': async ({ id }) => {
        const proof = await proofOf(String(id))
        return { ...proof, entry: proof.entry?.replace('u7', 'u2') ?? null }
      },
    },
  },
}

const json = (body: unknown): Response =>
  new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })

function nameOf(query: string): CallName {
  const field = /\{ (\w+)/.exec(query)?.[1]
  // documents exist for all public names
  const name = publicOperationNames.find((candidate) => documentOf(candidate as CallName).field === field)
  if (name === undefined) throw new TypeError('the gallery was asked for nothing it knows')
  return name as CallName
}

/** An export that comes to its end, breaks off, or is still coming. */
function exportOf(scenario: Scenario): Response {
  const parts = scenario === 'export-done' ? places.allParts : places.someParts
  return streamOf('audit.exportStream', parts, scenario === 'export-broken' ? 'ended' : 'open')
}

function streamOf(name: CallName, items: readonly unknown[], end: 'open' | 'ended' = 'open'): Response {
  const { field } = documentOf(name)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const events = items.map(
        (item) => `event: next\ndata: ${JSON.stringify({ data: { [field]: wireAnswerOf(name, item) } })}\n\n`,
      )
      controller.enqueue(new TextEncoder().encode(`:\n\n${events.join('')}`))
      if (end === 'ended') controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** Answers as a gateway would, from fixtures: the whole page above it is the real one. */
export function standIn(scenario: Scenario): typeof fetch {
  const { answers, refuse, delayMs, late } = plays[scenario]
  const isLate = (name: CallName): boolean => (late === undefined ? !always.has(name) : late.includes(name))
  let calls = 0
  return async (_path, init) => {
    const { query, variables } = JSON.parse(String(init?.body)) as {
      query: string
      variables: { input?: Record<string, unknown>; first?: number; after?: string }
    } // our own api.ts sent it
    const name = nameOf(query)
    calls += 1
    if (scenario === 'offline' && calls > 12) throw new TypeError('Failed to fetch')
    if (delayMs !== undefined && isLate(name)) await new Promise((resolve) => setTimeout(resolve, delayMs))
    const refused = refuse?.(name) ?? null
    if (refused !== null)
      return json({
        errors: [
          { message: refused.code, extensions: { ...refused, requestId: '0198c1f2-77aa-7d10-b0a2-1f61b3f5a001' } },
        ],
      })
    if (name === 'lease.watch') return streamOf(name, scenario === 'empty' ? [] : leasing.leases.slice(0, 5))
    if (name === 'breakGlass.watch') return streamOf(name, [await emergency.requestOf(variables.input?.['id'])])
    if (name === 'alert.stream') return streamOf(name, scenario === 'empty' ? [] : alerting.alerts.slice(0, 2))
    if (name === 'audit.exportStream') return exportOf(scenario)
    if (name === 'audit.tail') return streamOf(name, [{ entries: [], cursor: '0' }])
    // one entry of a table typed per name
    const answer = await (answers[name] as ((input: Record<string, unknown>) => unknown) | undefined)?.({
      ...variables.input,
      first: variables.first,
      after: variables.after,
    })
    return json({ data: { [documentOf(name).field]: wireAnswerOf(name, answer) } })
  }
}
