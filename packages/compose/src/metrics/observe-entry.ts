import { kindOf } from '@gatehouse/audit'
import type { AuditDraft } from '@gatehouse/enforcement'
import type { Metrics } from '@gatehouse/kit'
import type { MetricName } from './declared.ts'

type Counts = Metrics<MetricName>

/** Log-ins by the operation that completes or refuses them. */
const logins: Readonly<Record<string, string>> = {
  'auth.login': 'password',
  'auth.passkeyComplete': 'passkey',
  'auth.devicePoll': 'device',
}

const factorChecks: ReadonlySet<string> = new Set(['auth.completeMfa', 'auth.stepUpComplete', 'mfa.verify'])

const issuing: Readonly<Record<string, string>> = {
  'sshCertificate.sign': 'ssh-certificate',
  'sshKey.generate': 'ssh-key',
  'sshOtp.issue': 'ssh-otp',
}

/** Acts that end sessions or tokens, by what they are about. */
const revoking: Readonly<Record<string, string>> = {
  'auth.logout': 'logout',
  'session.revoke': 'session',
  'session.revokeOthers': 'session',
  'user.disable': 'person',
  'password.change': 'person',
  'apiToken.revoke': 'api-token',
  'refreshToken.reused': 'reuse',
}

const reloads: Readonly<Record<string, string>> = { 'policy.reloaded': 'loaded', 'policy.reloadRefused': 'refused' }

const sweepFailures: ReadonlySet<string> = new Set(['sshKey.sweep', 'sshHost.reconcile'])

/** What can be issued by the one operation for all kinds; its entry names the kind. */
const issuedOf = ({ action, detail }: AuditDraft): string | undefined =>
  action === 'lease.issue' ? String(detail?.['kind']) : issuing[action]

/**
 * Counts one outcome as the audit log was given it: there is no outcome that the audit log is not given, so nothing
 * has to remember to count.
 */
export function observeEntry(metrics: Counts, draft: AuditDraft, seconds: number | null): void {
  metrics.add('gatehouse_audit_entries_total', [kindOf(draft), draft.outcome])
  if (seconds !== null) metrics.observe('gatehouse_audit_append_seconds', [], seconds)
  if (draft.refusal === 'rate-limited') metrics.add('gatehouse_rate_limited_total', [])
  if (draft.outcome === 'intent') return // its outcome comes, and is counted then
  countDecision(metrics, draft)
  countProof(metrics, draft)
  countCredentials(metrics, draft)
  countEmergency(metrics, draft)
  countKeys(metrics, draft)
  if (draft.action === 'alert.raised') metrics.add('gatehouse_alerts_raised_total', [String(draft.detail?.['kind'])])
}

function countDecision(metrics: Counts, { action, decision }: AuditDraft): void {
  if (reloads[action] !== undefined) metrics.add('gatehouse_policy_reloads_total', [reloads[action]])
  if (decision === null) return
  metrics.add('gatehouse_authz_decisions_total', [decision.effect, action])
  if (decision.effect === 'allow') return
  const policies = decision.policies.length === 0 ? ['none'] : decision.policies
  for (const policy of policies) metrics.add('gatehouse_authz_denials_total', [policy])
}

function countProof(metrics: Counts, draft: AuditDraft): void {
  const { action, detail } = draft
  const login = logins[action]
  // a device that asks again whether somebody has let it in has not tried anything
  const tried = action !== 'auth.devicePoll' || draft.outcome !== 'allowed' || detail?.['state'] === 'used'
  if (login !== undefined && tried) metrics.add('gatehouse_auth_attempts_total', [login, resultOf(draft)])
  if (factorChecks.has(action)) metrics.add('gatehouse_mfa_attempts_total', [methodOf(draft), resultOf(draft)])
}

function countCredentials(metrics: Counts, draft: AuditDraft): void {
  const { action, outcome, detail } = draft
  if (sweepFailures.has(action) && outcome !== 'allowed') metrics.add('gatehouse_ssh_sweep_failures_total', [])
  if (action === 'lease.revocationFailed' && detail?.['backend'] !== 'postgres')
    metrics.add('gatehouse_ssh_sweep_failures_total', [])
  if (action === 'audit.exported' || (action.startsWith('audit.export') && outcome === 'failed'))
    metrics.add('gatehouse_audit_exports_total', [resultOf(draft)])
  if (outcome !== 'allowed') return
  if (revoking[action] !== undefined) metrics.add('gatehouse_auth_tokens_revoked_total', [revoking[action]])
  if (action === 'refreshToken.reused') metrics.add('gatehouse_auth_refresh_reuse_total', [])
  if (action === 'lease.proved' && typeof detail?.['seconds'] === 'number')
    metrics.observe('gatehouse_leases_dead_seconds', [String(detail['backend'])], detail['seconds'])
  const issued = issuedOf(draft)
  if (issued !== undefined) metrics.add('gatehouse_secrets_issued_total', [issued])
  if (action === 'lease.expired' || action === 'lease.revoked')
    metrics.add('gatehouse_secrets_revoked_total', [String(detail?.['backend']), action.slice('lease.'.length)])
}

/** Each of them once, by the entry of what made it so. A denial ends a request only when it is of the second team. */
function countEmergency(metrics: Counts, draft: AuditDraft): void {
  const event = draft.outcome === 'allowed' ? emergencyEventOf(draft) : null
  if (event === null) return
  metrics.add('gatehouse_break_glass_sessions_total', [event])
  const seconds = draft.detail?.['seconds']
  if (event === 'ended' && typeof seconds === 'number')
    metrics.observe('gatehouse_break_glass_session_seconds', [], seconds)
}

function emergencyEventOf({ action, detail }: AuditDraft): string | null {
  if (action === 'breakGlass.deny') return detail?.['state'] === 'denied' ? 'denied' : null
  return emergencyEvents[action] ?? null
}

const emergencyEvents: Readonly<Record<string, string>> = {
  'breakGlass.activate': 'activated',
  'emergencySession.ended': 'ended',
  'breakGlass.lapsed': 'lapsed',
}

const kmsPrefix = 'kms.'

/** The calls of the data plane; what becomes of keys themselves is rare, and stands in the audit log. */
function countKeys(metrics: Counts, draft: AuditDraft): void {
  if (draft.action === 'kmsKey.backendPassedOver')
    metrics.add('gatehouse_kms_failovers_total', [String(draft.detail?.['backend'])])
  if (draft.action.startsWith(kmsPrefix))
    metrics.add('gatehouse_kms_calls_total', [draft.action.slice(kmsPrefix.length), resultOf(draft)])
}

/** `success`, or the refusal; a fault is `failed`. Refusals are a closed set. */
const resultOf = ({ outcome, refusal }: AuditDraft): string =>
  outcome === 'allowed' ? 'success' : (refusal ?? 'failed')

const methodOf = ({ detail }: AuditDraft): string =>
  typeof detail?.['method'] === 'string' ? detail['method'] : 'unknown'
