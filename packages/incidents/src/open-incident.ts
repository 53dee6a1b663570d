import { alertSeverities, systemId, type AlertSeverity, type IncidentKindName } from '@gatehouse/contract'
import type { RaiseAlert } from '@gatehouse/alerts'
import type { Change } from '@gatehouse/audit'
import type { Transaction } from '@gatehouse/database'
import { uid, type Clock, type Random } from '@gatehouse/enforcement'
import { selectUsernames } from '@gatehouse/identity'
import {
  countSevereOf,
  holdByReference,
  insertIncident,
  meetClocks,
  setClocks,
  setKnown,
  type Author,
  type IncidentRow,
  type NewIncident,
} from './incident.queries.ts'
import { insertStep } from './parts.queries.ts'
import { breachClocks, isSevere, respondBy } from './transitions.ts'

/** What opening an incident needs. */
export interface OpenDeps {
  readonly clock: Clock
  readonly random: Random
  readonly change: Pick<Change, 'event'>
  readonly raiseAlert: RaiseAlert
}

/** An incident that is opened; what is left out is not known yet. */
export interface IncidentToOpen {
  readonly title: string
  readonly severity: AlertSeverity
  readonly kind: IncidentKindName
  readonly by: Author
  readonly description?: string | undefined
  readonly classification?: string | undefined
  readonly affected?: readonly string[] | undefined
  readonly dataSubjects?: string | undefined
  readonly functions?: readonly string[] | undefined
  readonly ownerId?: string | null
  readonly breach?: boolean | undefined
  readonly detectedAt?: Date
  /** Two with the same reference are one while it is open. */
  readonly reference?: string | undefined
  /** The alert that tells of it: people are told by that one, and not twice. */
  readonly alert?: string
}

/** What came of it. */
export interface OpenedIncident {
  readonly id: string
  readonly state: IncidentRow['state']
  readonly severity: AlertSeverity
  /** False: one with its reference is open already; it was found again. */
  readonly fresh: boolean
}

/**
 * Opens an incident in the caller's transaction, with its clocks, the first line of its timeline and, where it is
 * severe, the alert. May be done again with the transaction.
 */
export type OpenIncident = (tx: Transaction, incident: IncidentToOpen) => Promise<OpenedIncident>

/** The reference's incident may be closed between our looks at it; more often is a fault. */
const looksMax = 5

/** Opens it. */
export const createOpenIncident =
  (deps: OpenDeps): OpenIncident =>
  async (tx, incident) => {
    const fresh = newIncident(deps, incident)
    for (let looks = 0; looks < looksMax; looks++) {
      if (await insertIncident(tx, fresh)) {
        await begin(deps, tx, { one: fresh, alert: incident.alert ?? null })
        return { id: fresh.id, state: 'detected', severity: fresh.severity, fresh: true }
      }
      const known = await holdByReference(tx, fresh.reference ?? '')
      if (known === null) continue
      const severity = await noteAgain(deps, tx, { known, fresh, alert: incident.alert ?? null })
      return { id: known.id, state: known.state, severity, fresh: false }
    }
    throw new Error('the same incident was opened and closed again and again while it was opened')
  }

function newIncident({ clock, random }: OpenDeps, incident: IncidentToOpen): NewIncident {
  const now = clock.now()
  return {
    id: random.id(),
    title: incident.title,
    kind: incident.kind,
    severity: incident.severity,
    description: incident.description ?? '',
    classification: incident.classification ?? 'internal',
    affected: incident.affected ?? [],
    dataSubjects: incident.dataSubjects ?? '',
    functions: incident.functions ?? [],
    ownerId: incident.ownerId ?? null,
    breach: incident.breach ?? false,
    reference: incident.reference ?? null,
    detectedAt: incident.detectedAt ?? now,
    by: incident.by,
    now,
  }
}

async function begin(
  deps: OpenDeps,
  tx: Transaction,
  { one, alert }: { readonly one: NewIncident; readonly alert: string | null },
): Promise<void> {
  const { id, severity, detectedAt, now } = one
  const respond = { name: 'respond', dueAt: respondBy(severity, detectedAt) } as const
  await setClocks(tx, id, [respond, ...(one.breach ? breachClocks(detectedAt, now) : [])])
  const step = { incidentId: id, at: detectedAt, kind: 'opened', state: 'detected', entryId: null } as const
  await insertStep(tx, { ...step, id: deps.random.id(), text: textOf(one, alert), by: one.by, now })
  if (one.by.type === 'System')
    await deps.change.event(tx, {
      name: 'incident.opened',
      resource: uid('System', systemId),
      detail: { id, severity, kind: one.kind },
    })
  if (isSevere(severity) && alert === null)
    await tellSevere(deps, tx, { ...one, owner_id: one.ownerId, detected_at: detectedAt })
}

const textOf = ({ title }: NewIncident, alert: string | null): string =>
  alert === null ? title : `${title} Alert ${alert}.`

/**
 * Found again: it is the same incident, and its timeline says so. What is told of it now may be worse than what was
 * known: whoever opens one first, with a reference that others will use, takes neither a breach nor a severity from it.
 */
async function noteAgain(
  deps: OpenDeps,
  tx: Transaction,
  { known, fresh, alert }: { readonly known: IncidentRow; readonly fresh: NewIncident; readonly alert: string | null },
): Promise<AlertSeverity> {
  const { by, now } = fresh
  const step = { incidentId: known.id, at: now, state: null, entryId: null, by, now } as const
  await insertStep(tx, { ...step, kind: 'found-again', id: deps.random.id(), text: textOf(fresh, alert) })
  const severity = worseOf(known.severity, fresh.severity)
  const breach = known.breach || fresh.breach
  if (severity === known.severity && breach === known.breach) return severity
  await setKnown(tx, known.id, { ...nothingSaid, severity, breach })
  await followClocks(deps, tx, { before: known, now: { ...known, severity, breach }, alert })
  const text = changedText(known, { severity, breach }).join(', ')
  await insertStep(tx, { ...step, kind: 'changed', id: deps.random.id(), text })
  return severity
}

const nothingSaid = {
  title: null,
  description: null,
  classification: null,
  affected: null,
  dataSubjects: null,
  functions: null,
  ownerId: null,
} as const

const worseOf = (one: AlertSeverity, other: AlertSeverity): AlertSeverity =>
  alertSeverities.indexOf(other) < alertSeverities.indexOf(one) ? other : one

type Gravity = Pick<IncidentRow, 'severity' | 'breach'>

/** What the timeline says of a severity and a breach that are other than before. */
export function changedText(before: Gravity, now: Gravity): readonly string[] {
  const said: string[] = []
  if (before.severity !== now.severity) said.push(`severity ${before.severity} → ${now.severity}`)
  if (before.breach !== now.breach) said.push(now.breach ? 'a breach of personal data' : 'no breach after all')
  return said
}

/**
 * Clocks follow severity and breach; and whoever is on call hears of what has become severe. `alert`: the one that
 * tells of it already; null: none does.
 */
export async function followClocks(
  deps: Pick<OpenDeps, 'raiseAlert' | 'clock'>,
  tx: Transaction,
  { before, now, alert }: { readonly before: IncidentRow; readonly now: IncidentRow; readonly alert: string | null },
): Promise<void> {
  const { id, severity, state, detected_at: detectedAt } = now
  if (severity !== before.severity && state === 'detected')
    await setClocks(tx, id, [{ name: 'respond', dueAt: respondBy(severity, detectedAt) }])
  if (isSevere(severity) && severity !== before.severity && alert === null)
    await tellSevere(deps, tx, { ...now, by: openerOf(now) })
  if (now.breach && !before.breach && now.notified_at === null)
    await setClocks(tx, id, breachClocks(detectedAt, deps.clock.now()))
  if (!now.breach && before.breach) await meetClocks(tx, id, 'authority')
}

/** So many severe incidents of one person or program within an hour are told by themselves. */
const toldAloneMax = 10
const hourMs = 3_600_000

const openerOf = ({ opened_by_type: type, opened_by: id }: IncidentRow): Author => ({
  type: type as Author['type'], // only these are ever written
  id,
})

/** What a severe incident is told as: one of very many is counted, so that other alerts are still seen. */
async function toldAs(
  tx: Transaction,
  { id, by }: { readonly id: string; readonly by: Author },
  now: Date,
): Promise<{ readonly dedupeKey: string; readonly quietMinutes?: number }> {
  const many = by.id !== null && (await countSevereOf(tx, by, new Date(now.getTime() - hourMs))) > toldAloneMax
  return many ? { dedupeKey: `many/${by.type}/${by.id}`, quietMinutes: 60 } : { dedupeKey: id }
}

/** Tells everybody who is on call of a severe incident. */
async function tellSevere(
  { raiseAlert, clock }: Pick<OpenDeps, 'raiseAlert' | 'clock'>,
  tx: Transaction,
  one: Pick<IncidentRow, 'id' | 'severity' | 'title' | 'owner_id' | 'detected_at'> & { readonly by: Author },
): Promise<void> {
  const { id, severity, title, owner_id: owner, detected_at: detectedAt } = one
  const names = owner === null ? null : await selectUsernames(tx, [owner])
  await raiseAlert(tx, {
    kind: 'incident-severe',
    severity,
    about: { type: 'System', id: systemId },
    ...(await toldAs(tx, one, clock.now())),
    facts: {
      incident: id,
      severity,
      title,
      owner: owner === null ? null : (names?.get(owner) ?? null),
      respondBy: respondBy(severity, detectedAt).toISOString(),
    },
  })
}
