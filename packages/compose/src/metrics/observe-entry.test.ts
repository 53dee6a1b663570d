import { anonymous, uid, type AuditDraft, type AuditOutcome } from '@gatehouse/enforcement'
import { createMetrics } from '@gatehouse/kit'
import { expect, test } from 'vitest'
import { metrics as declared } from './declared.ts'
import { observeEntry } from './observe-entry.ts'

const draftOf = (action: AuditDraft['action'], outcome: AuditOutcome, more: Partial<AuditDraft> = {}): AuditDraft => ({
  action,
  outcome,
  call: { requestId: 'r', at: new Date(0), address: '192.0.2.1', userAgent: 'somebody', transport: 'trpc' },
  principal: anonymous,
  resource: uid('System', 'gatehouse'),
  workspace: null,
  decision: null,
  refusal: null,
  input: { username: 'ada' },
  ...more,
})

/** Which rows are not zero after these outcomes. */
function counted(...drafts: readonly AuditDraft[]): string[] {
  const metrics = createMetrics(declared)
  for (const draft of drafts) observeEntry(metrics, draft, 0.001)
  return metrics
    .text()
    .split('\n')
    .filter((line) => line.startsWith('gatehouse_') && !line.endsWith(' 0') && !/_(bucket|sum|count)/.test(line))
}

const deny = (policies: readonly string[]) => ({ effect: 'deny', policies, version: 'v' }) as const

test.each([
  [draftOf('kms.decrypt', 'allowed'), 'gatehouse_kms_calls_total{operation="decrypt",result="success"} 1'],
  [
    draftOf('kmsKey.backendPassedOver', 'allowed', { detail: { backend: 'west' } }),
    'gatehouse_kms_failovers_total{backend="west"} 1',
  ],
  [draftOf('auth.login', 'allowed'), 'gatehouse_auth_attempts_total{method="password",result="success"} 1'],
  [
    draftOf('auth.login', 'refused', { refusal: 'invalid-credentials' }),
    'gatehouse_auth_attempts_total{method="password",result="invalid-credentials"} 1',
  ],
  [
    draftOf('auth.completeMfa', 'allowed', { detail: { method: 'totp' } }),
    'gatehouse_mfa_attempts_total{method="totp",result="success"} 1',
  ],
  [draftOf('auth.logout', 'allowed'), 'gatehouse_auth_tokens_revoked_total{reason="logout"} 1'],
  [draftOf('refreshToken.reused', 'allowed'), 'gatehouse_auth_refresh_reuse_total 1'],
  [
    draftOf('lease.list', 'refused', { decision: deny(['no-list']) }),
    'gatehouse_authz_denials_total{policy="no-list"} 1',
  ],
  [draftOf('lease.list', 'refused', { decision: deny([]) }), 'gatehouse_authz_denials_total{policy="none"} 1'],
  [
    draftOf('lease.list', 'refused', { decision: deny([]) }),
    'gatehouse_authz_decisions_total{decision="deny",action="lease.list"} 1',
  ],
  [draftOf('policy.reloadRefused', 'allowed'), 'gatehouse_policy_reloads_total{result="refused"} 1'],
  [draftOf('lease.list', 'refused', { refusal: 'rate-limited' }), 'gatehouse_rate_limited_total 1'],
  [draftOf('sshCertificate.sign', 'allowed'), 'gatehouse_secrets_issued_total{type="ssh-certificate"} 1'],
  [
    draftOf('lease.expired', 'allowed', { detail: { backend: 'ssh-key' } }),
    'gatehouse_secrets_revoked_total{type="ssh-key",reason="expired"} 1',
  ],
  [draftOf('breakGlass.activate', 'allowed'), 'gatehouse_break_glass_sessions_total{event="activated"} 1'],
  [
    draftOf('breakGlass.deny', 'allowed', { detail: { state: 'denied' } }),
    'gatehouse_break_glass_sessions_total{event="denied"} 1',
  ],
  [draftOf('breakGlass.lapsed', 'allowed'), 'gatehouse_break_glass_sessions_total{event="lapsed"} 1'],
  [
    draftOf('emergencySession.ended', 'allowed', { detail: { seconds: 600 } }),
    'gatehouse_break_glass_sessions_total{event="ended"} 1',
  ],
  [draftOf('lease.revocationFailed', 'allowed'), 'gatehouse_ssh_sweep_failures_total 1'],
])('an outcome is counted where its alert looks: $action $outcome', (draft, line) => {
  expect(counted(draft)).toContain(line)
  expect(counted(draft)).toContainEqual(expect.stringMatching(/^gatehouse_audit_entries_total\{.*\} 1$/))
})

test('an intent counts no credential before its outcome does', () => {
  const counts = counted(draftOf('sshKey.generate', 'intent'), draftOf('sshKey.generate', 'allowed'))
  expect(counts).toContain('gatehouse_secrets_issued_total{type="ssh-key"} 1')
})

test('an emergency session is counted with how long it was, and only the denial that ends a request', () => {
  const metrics = createMetrics(declared)
  observeEntry(metrics, draftOf('emergencySession.ended', 'allowed', { detail: { seconds: 600 } }), null)
  observeEntry(metrics, draftOf('breakGlass.deny', 'allowed', { detail: { state: 'pending' } }), null)
  observeEntry(metrics, draftOf('breakGlass.activate', 'refused', { refusal: 'approval-pending' }), null)
  const lines = metrics.text().split('\n')
  expect(lines).toContain('gatehouse_break_glass_session_seconds_bucket{le="300"} 0')
  expect(lines).toContain('gatehouse_break_glass_session_seconds_bucket{le="900"} 1')
  for (const event of ['activated', 'denied'])
    expect(lines).toContain(`gatehouse_break_glass_sessions_total{event="${event}"} 0`)
})

test('a device that still waits has tried no log-in', () => {
  const waiting = draftOf('auth.devicePoll', 'allowed', { detail: { state: 'pending' } })
  expect(counted(waiting).filter((line) => line.includes('auth_attempts'))).toEqual([])
})

test('no name and no address is a label', () => {
  const everything = counted(draftOf('auth.login', 'refused', { refusal: 'invalid-credentials' })).join('\n')
  expect(everything).not.toMatch(/ada|192\.0\.2\.1|somebody/)
})
