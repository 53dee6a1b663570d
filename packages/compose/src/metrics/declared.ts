import { alertKindNames, alertSeverities as severities, BackendName } from '@gatehouse/contract'
import type { Metric } from '@gatehouse/kit'

const methods = ['password', 'passkey', 'device'] as const
const factors = ['totp', 'webauthn', 'backupCode'] as const
const ended = ['activated', 'ended', 'denied', 'lapsed'] as const

const labelled = (values: readonly string[], ...rest: readonly string[]): string[][] =>
  values.map((value) => [value, ...rest])

/**
 * What `/metrics` holds; alert rules and dashboards know it by these names (docs/interfaces.md). Those of parts that
 * are not there yet stand at nothing, which is what there is.
 */
export const metrics = {
  gatehouse_auth_attempts_total: {
    kind: 'counter',
    help: 'Log-ins that were tried, by method, and what came of them: success, or the refusal.',
    labels: ['method', 'result'],
    from: [...labelled(methods, 'success'), ...labelled(methods, 'invalid-credentials')],
  },
  gatehouse_auth_tokens_revoked_total: {
    kind: 'counter',
    help: 'Acts that ended sessions or tokens before their time.',
    labels: ['reason'],
    from: labelled(['logout', 'session', 'person', 'api-token', 'reuse']),
  },
  gatehouse_auth_refresh_reuse_total: {
    kind: 'counter',
    help: 'Refresh tokens that were used twice; each ended a family.',
    labels: [],
  },
  gatehouse_mfa_attempts_total: {
    kind: 'counter',
    help: 'Second factors that were shown, by method where one was proved, and what came of them.',
    labels: ['method', 'result'],
    from: [...labelled(factors, 'success'), ['unknown', 'invalid-credentials']],
  },
  gatehouse_authz_decisions_total: {
    kind: 'counter',
    help: 'Calls that were decided.',
    labels: ['decision', 'action'],
  },
  gatehouse_authz_denials_total: {
    kind: 'counter',
    help: 'Denied calls by the policy that denied; `none` where no policy permitted.',
    labels: ['policy'],
    from: [['none']],
  },
  gatehouse_authz_decision_seconds: { kind: 'histogram', help: 'Time of one decision.', labels: [] },
  gatehouse_policy_reloads_total: {
    kind: 'counter',
    help: 'Policy sets that came, and whether they are in force or were refused.',
    labels: ['result'],
    from: labelled(['loaded', 'refused']),
  },
  gatehouse_policy_shadow_decisions_total: {
    kind: 'counter',
    help: 'Decisions of a shadow set, and what came of them; of those decided some erred, and some were others.',
    labels: ['result'],
    from: labelled(['decided', 'dropped', 'errored', 'newly-allowed', 'newly-denied']),
  },
  gatehouse_rate_limited_total: { kind: 'counter', help: 'Calls that were too many.', labels: [] },
  gatehouse_audit_entries_total: {
    kind: 'counter',
    help: 'Outcomes that the audit log was given, those that it counts together included.',
    labels: ['category', 'outcome'],
  },
  gatehouse_audit_append_seconds: {
    kind: 'histogram',
    help: 'Time until a read or a refusal stood in the audit log.',
    labels: [],
  },
  gatehouse_audit_sequencer_lag_seconds: {
    kind: 'gauge',
    help: 'How long the oldest entry has waited for its place in the tree.',
    labels: [],
  },
  gatehouse_audit_sink_lag_seconds: {
    kind: 'gauge',
    help: 'How long the oldest entry has waited for the sink that is furthest behind.',
    labels: [],
  },
  gatehouse_audit_sink_dead_letters: { kind: 'gauge', help: 'Entries that a sink would not take.', labels: [] },
  gatehouse_audit_required_sinks_down: {
    kind: 'gauge',
    help: 'Required sinks that do not take the audit log: nothing is changed meanwhile.',
    labels: [],
  },
  gatehouse_audit_prune_last_run_seconds: {
    kind: 'gauge',
    help: 'How long ago entries whose time is over were last looked for; 0 until it first happened.',
    labels: [],
  },
  gatehouse_audit_holds: { kind: 'gauge', help: 'Legal holds that keep entries from being removed.', labels: [] },
  gatehouse_audit_witness_lag_seconds: {
    kind: 'gauge',
    help: 'How long the oldest checkpoint has waited for the witness that is furthest behind.',
    labels: [],
  },
  gatehouse_audit_witnesses_failing: {
    kind: 'gauge',
    help: 'Witnesses that do not co-sign the audit log.',
    labels: [],
  },
  gatehouse_audit_exports_total: {
    kind: 'counter',
    help: 'Exports of the audit log.',
    labels: ['result'],
    from: labelled(['success', 'failed']),
  },
  gatehouse_secrets_issued_total: {
    kind: 'counter',
    help: 'Credentials that were issued.',
    labels: ['type'],
    from: labelled(BackendName.options),
  },
  gatehouse_secrets_revoked_total: {
    kind: 'counter',
    help: 'Credentials that were taken away.',
    labels: ['type', 'reason'],
    from: [...labelled(BackendName.options, 'revoked'), ...labelled(BackendName.options, 'expired')],
  },
  gatehouse_leases_active: { kind: 'gauge', help: 'Leases whose credential works.', labels: ['type'] },
  gatehouse_leases_overdue: { kind: 'gauge', help: 'Leases whose credential should be gone by now.', labels: [] },
  gatehouse_leases_dead_seconds: {
    kind: 'histogram',
    help: 'From a revocation to the refusal of whoever would have to take the credential.',
    labels: ['type'],
    bounds: [1, 2, 5, 10, 30, 60, 120, 300, 900, 3600],
  },
  gatehouse_leases_dead_goal_seconds: {
    kind: 'gauge',
    help: 'In which time 19 of 20 revoked credentials of a kind are to be dead, by what the kind declares.',
    labels: ['type'],
  },
  gatehouse_leases_unproved_seconds: {
    kind: 'gauge',
    help: 'For how long the oldest revoked credential has not been refused yet.',
    labels: ['type'],
  },
  gatehouse_ssh_keys_active: { kind: 'gauge', help: 'SSH keys that lie on hosts.', labels: [] },
  gatehouse_ssh_sweep_failures_total: {
    kind: 'counter',
    help: 'SSH credentials that could not be taken away yet, and comparisons with hosts that failed.',
    labels: [],
  },
  gatehouse_kms_calls_total: {
    kind: 'counter',
    help: 'Calls that encrypt, decrypt or rewrap under keys, and what came of them: success, or the refusal.',
    labels: ['operation', 'result'],
    from: labelled(['encrypt', 'decrypt', 'generateDataKey', 'rewrap'], 'success'),
  },
  gatehouse_kms_operations_total: {
    kind: 'counter',
    help: 'Uses of the key encryption key.',
    labels: ['backend', 'operation', 'result'],
    from: ['wrap', 'unwrap'].flatMap((operation) => [
      ['age', operation, 'success'],
      ['age', operation, 'failed'],
    ]),
  },
  gatehouse_kms_failovers_total: {
    kind: 'counter',
    help: 'Versions of keys that another backend opened because this one did not, by its name in the settings.',
    labels: ['backend'],
    from: [['installation']],
  },
  gatehouse_kms_backend_usable: {
    kind: 'gauge',
    help: 'Whether a key encryption key of the settings can be used; without a row nobody has looked since the start.',
    labels: ['section', 'backend'],
  },
  gatehouse_kms_backend_circuit_open: {
    kind: 'gauge',
    help: 'Whether a key encryption key is left alone for some seconds, since it has not answered for a while.',
    labels: ['section', 'backend'],
  },
  gatehouse_kms_database_keys: {
    kind: 'gauge',
    help: 'Key encryption keys that open the database; with one, losing it is losing all that is sealed.',
    labels: [],
  },
  gatehouse_kms_keys: {
    kind: 'gauge',
    help: 'Keys of the key service, by what they may be used for.',
    labels: ['state'],
  },
  gatehouse_kms_rotations_overdue: {
    kind: 'gauge',
    help: 'Keys that were due more than two hours ago and were not rotated.',
    labels: [],
  },
  gatehouse_break_glass_sessions_total: {
    kind: 'counter',
    help: 'Emergency sessions that were activated and that ended; requests that were denied and that ran out of time.',
    labels: ['event'],
    from: labelled(ended),
  },
  gatehouse_break_glass_session_seconds: {
    kind: 'histogram',
    help: 'How long emergency sessions were.',
    labels: [],
    bounds: [60, 300, 900, 1800, 3600, 7200, 14_400],
  },
  gatehouse_incidents_open: {
    kind: 'gauge',
    help: 'Incidents that are open.',
    labels: ['severity'],
    from: labelled(severities),
  },
  gatehouse_alerts_raised_total: {
    kind: 'counter',
    help: 'Alerts that channels were told of, by kind; the same within its quiet time is one.',
    labels: ['kind'],
    from: labelled(alertKindNames),
  },
  gatehouse_alerts_open: {
    kind: 'gauge',
    help: 'Alerts that nobody has acknowledged.',
    labels: ['severity'],
    from: labelled(severities),
  },
  gatehouse_alerts_undelivered: { kind: 'gauge', help: 'Open alerts that no channel took.', labels: [] },
  gatehouse_alert_channels_failing: { kind: 'gauge', help: 'Channels that do not take alerts.', labels: [] },
  gatehouse_alert_messages_waiting: { kind: 'gauge', help: 'Messages that wait for their channel.', labels: [] },
  gatehouse_alert_messages_dead: { kind: 'gauge', help: 'Messages that were given up.', labels: [] },
  gatehouse_telemetry_spans_total: {
    kind: 'counter',
    help: 'Spans of traces: sent to the collector, or lost, and why.',
    labels: ['result'],
    from: labelled(['sent', 'queue-full', 'request-too-long', 'not-sent']),
  },
  gatehouse_compliance_controls: {
    kind: 'gauge',
    help: 'Controls by framework and status.',
    labels: ['framework', 'status'],
  },
} as const satisfies Readonly<Record<string, Metric>>

/** A declared name. */
export type MetricName = keyof typeof metrics
