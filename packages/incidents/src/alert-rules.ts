import { alertKinds, type AlertKind, type IncidentKindName } from '@gatehouse/contract'
import type { RaiseAlert } from '@gatehouse/alerts'
import type { OpenIncident } from './open-incident.ts'

/** Kinds of alert that are an incident by themselves: each of them means that somebody may have got in. */
const rules: Readonly<Partial<Record<AlertKind, IncidentKindName>>> = {
  'audit-witness-refuted': 'integrity',
  'webauthn-counter-rollback': 'credential',
}

/**
 * Raises an alert and, where a rule says so, opens its incident in the same transaction. The same thing, told again, is
 * found again in the incident that is open; what is only counted is not.
 */
export const withIncidents =
  (raiseAlert: RaiseAlert, openIncident: OpenIncident): RaiseAlert =>
  async (tx, alert) => {
    const raised = await raiseAlert(tx, alert)
    const kind = rules[alert.kind]
    if (kind === undefined || !raised.told) return raised
    const { severity, summary } = alertKinds[alert.kind]
    await openIncident(tx, {
      title: summary,
      severity: alert.severity ?? severity,
      kind,
      by: { type: 'System', id: null },
      alert: raised.id,
      reference: `alert/${alert.kind}/${alert.dedupeKey}`,
    })
    return raised
  }
