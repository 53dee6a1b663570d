import { alertKinds, invalidField, type AlertKind, type IncidentKindName } from '@gatehouse/contract'
import type { RaiseAlert } from '@gatehouse/alerts'
import type { OpenIncident } from './open-incident.ts'

/** Kinds of alert that are an incident by themselves: each of them means that somebody may have got in. */
const rules: Readonly<Partial<Record<AlertKind, IncidentKindName>>> = {
  'audit-witness-refuted': 'integrity',
  'webauthn-counter-rollback': 'credential',
  'lease-wrap-misused': 'credential',
}

/** With this begins the reference of an incident that an alert opens. */
const alertReference = 'alert/'

/**
 * Refuses a reference by which somebody would be the one who opened the incident of an alert that is to come: they
 * would read it, and it may be about them.
 */
export function refuseAlertReference(field: string, reference: string | undefined): void {
  if (reference?.startsWith(alertReference) === true)
    throw invalidField(field, `a number of your own; what begins with ${alertReference} is opened by alerts alone`)
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
      reference: `${alertReference}${alert.kind}/${alert.dedupeKey}`,
    })
    return raised
  }
