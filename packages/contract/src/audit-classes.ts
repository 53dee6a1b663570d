import { events, type EventName } from './events.ts'
import type { AuditCategory, AuditOutcome, AuditSeverity } from './audit-outputs.ts'
import { isOperationName, operationNames, operations, type OperationName } from './registry.ts'
import type { z } from 'zod'

export type AuditCategoryName = z.output<typeof AuditCategory>
export type AuditSeverityName = z.output<typeof AuditSeverity>
type OutcomeName = z.output<typeof AuditOutcome>

type NounOf<N extends string> = N extends `${infer Noun}.${string}` ? Noun : never

/** What the actions of each noun are about. Total: a noun without a category does not compile. */
const categoryOfNoun = {
  auth: 'authentication',
  session: 'authentication',
  refreshToken: 'authentication',
  password: 'authentication',
  totp: 'authenticators',
  mfa: 'authenticators',
  authenticator: 'authenticators',
  backupCode: 'authenticators',
  webauthn: 'authenticators',
  user: 'people',
  team: 'people',
  role: 'people',
  approval: 'approvals',
  notification: 'people',
  admin: 'people',
  serviceAccount: 'programs',
  apiToken: 'programs',
  workspace: 'workspaces',
  environment: 'workspaces',
  calendar: 'workspaces',
  lease: 'credentials',
  leaseView: 'credentials',
  secretBackend: 'credentials',
  secretRole: 'credentials',
  lock: 'authorization',
  sshHost: 'hosts',
  sshHostCertificate: 'hosts',
  sshKey: 'credentials',
  sshCertificate: 'credentials',
  sshOtp: 'credentials',
  sshCa: 'credentials',
  sshAuthority: 'credentials',
  sshKrl: 'credentials',
  policy: 'authorization',
  decision: 'authorization',
  access: 'authorization',
  request: 'authorization',
  refusals: 'authorization',
  audit: 'audit',
  auditView: 'audit',
  auditSink: 'audit',
  auditWitness: 'audit',
  reads: 'audit',
  alert: 'system',
  alertChannel: 'system',
  incident: 'system',
  settings: 'system',
  system: 'system',
  workflow: 'system',
  signingKey: 'keys',
  keyBackend: 'keys',
  kms: 'keys',
  kmsKey: 'keys',
  kmsBackend: 'keys',
  revocation: 'authentication',
  breakGlass: 'approvals',
  emergencySession: 'approvals',
} as const satisfies Record<NounOf<OperationName | EventName>, AuditCategoryName>

/** What an action is about. One that is declared no more, in an old entry, is the system's. */
export function categoryOf(action: string): AuditCategoryName {
  const [noun = ''] = action.split('.')
  // a noun from outside may be none of them
  return (categoryOfNoun as Readonly<Record<string, AuditCategoryName>>)[noun] ?? 'system'
}

/** From what nobody needs to look at to what somebody has to act on. */
export const severityOrder = ['info', 'low', 'medium', 'high', 'critical'] as const satisfies AuditSeverityName[]

/** Where it is another than what the kind of an action makes it. */
const ownSeverity: Readonly<Partial<Record<OperationName | EventName, AuditSeverityName>>> = {
  'lease.expired': 'info',
  'lease.revoked': 'low',
  'lease.revocationFailed': 'medium',
  'lease.irrevocable': 'high',
  'lease.proved': 'info',
  'lease.unproved': 'high',
  'lease.notProvable': 'low',
  'lease.forced': 'high',
  'refreshToken.reused': 'high',
  'sshOtp.misused': 'high',
  'lease.wrapMisused': 'high',
  'lease.endsSoon': 'info',
  'lease.manyEndSoon': 'low',
  'authenticator.suspected': 'high',
  'authenticator.backupChanged': 'medium',
  'policy.decided': 'info',
  'policy.reloaded': 'medium',
  'policy.reloadRefused': 'high',
  'audit.exported': 'high',
  'audit.retentionSet': 'high',
  'audit.holdPlace': 'high',
  'audit.holdRelease': 'high',
  'auditSink.failing': 'high',
  'auditSink.recovered': 'low',
  'auditWitness.failing': 'high',
  'auditWitness.recovered': 'low',
  'auditWitness.refuted': 'critical',
  'alert.raised': 'medium',
  'alert.undelivered': 'high',
  'incident.opened': 'medium',
  'secretBackend.configure': 'high',
  'lock.create': 'high',
  'lock.remove': 'high',
  'secretBackend.remove': 'high',
  'sshAuthority.configure': 'high',
  'sshAuthority.remove': 'high',
  'kmsKey.scheduleDeletion': 'high',
  'kmsKey.destroyed': 'high',
  'kmsKey.backendPassedOver': 'medium',
  'kmsKey.withdraw': 'high',
  'kmsKey.rotated': 'low',
  'kmsKey.versionsClosed': 'medium',
  'alertChannel.failing': 'high',
  'alertChannel.recovered': 'low',
  'auditSink.create': 'high',
  'auditSink.remove': 'high',
  'auditSink.pause': 'high',
  'auditSink.require': 'high',
  'audit.intentClosed': 'medium',
  'request.refused': 'low',
  'refusals.aggregated': 'medium',
  'reads.aggregated': 'info',
  'keyBackend.added': 'high',
  'keyBackend.left': 'critical',
  'admin.initialised': 'high',
  'admin.recovered': 'critical',
  'mfa.disable': 'high',
  'mfa.reset': 'high',
  'role.assign': 'high',
  'settings.update': 'high',
  'breakGlass.request': 'high',
  'breakGlass.activate': 'critical',
  'breakGlass.ruleSet': 'critical',
  'emergencySession.revoke': 'high',
  'emergencySession.ended': 'high',
  'emergencySession.expire': 'info',
  'breakGlass.lapsed': 'medium',
}

/** How much an action weighs when it was done: reads nothing, changes little, those that need a fresh proof more. */
function severityWhenDone(action: string): AuditSeverityName {
  const own = (ownSeverity as Readonly<Record<string, AuditSeverityName>>)[action]
  if (own !== undefined) return own
  if (!isOperationName(action)) return 'low'
  const { kind, assurance } = operations[action]
  if (kind !== 'mutation') return 'info'
  return assurance === 'su' ? 'medium' : 'low'
}

/** What is refused or fails weighs at least this much, and what was refused never as much as if it had been done. */
const atLeast: Readonly<Partial<Record<OutcomeName, AuditSeverityName>>> = { refused: 'low', failed: 'medium' }
const refusedAtMost: AuditSeverityName = 'medium'

/** How much an entry weighs. Of its action and outcome alone, so that it can be said of entries of any age. */
export function severityOf(action: string, outcome: string): AuditSeverityName {
  const done = rankOf(severityWhenDone(action))
  const floor = rankOf((atLeast as Readonly<Record<string, AuditSeverityName>>)[outcome] ?? 'info')
  const rank = Math.max(done, floor)
  // events that tell of refusals are named by their own weight
  const capped = outcome === 'refused' && isOperationName(action) ? Math.min(rank, rankOf(refusedAtMost)) : rank
  return severityOrder[capped] ?? 'critical'
}

const rankOf = (severity: AuditSeverityName): number => severityOrder.indexOf(severity)

/** True when the first weighs at least as much as the second. */
export const weighsAtLeast = (severity: AuditSeverityName, least: AuditSeverityName): boolean =>
  rankOf(severity) >= rankOf(least)

/** Every action that an entry written today can have. */
export const auditActions: readonly (OperationName | EventName)[] = [
  ...operationNames,
  ...(Object.keys(events) as EventName[]), // the keys of a literal object
]
