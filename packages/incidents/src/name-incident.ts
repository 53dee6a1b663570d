import { invalidField } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { isUuid } from '@gatehouse/kit'
import { refuseAlertReference } from './alert-rules.ts'
import { holdByReference, holdIncident } from './incident.queries.ts'
import type { IncidentToOpen, OpenIncident } from './open-incident.ts'
import { isOver } from './transitions.ts'

/** An incident that somebody names. */
export interface NamedIncident {
  readonly id: string
  /** True: it was opened because it was named. */
  readonly fresh: boolean
}

/**
 * The incident that a text names, in the caller's transaction: by its id, or by a reference of one's own. A reference
 * that is not open is opened as `incident` says; of many at once one opens it. An id that is none, or of an incident
 * that is over, is refused: who copied it means another.
 */
export async function nameIncident(
  openIncident: OpenIncident,
  tx: Transaction,
  { named, incident }: { readonly named: string; readonly incident: Omit<IncidentToOpen, 'reference'> },
): Promise<NamedIncident> {
  if (isUuid(named)) return requireOpen(tx, named)
  refuseAlertReference('incident', named)
  const known = await holdByReference(tx, named)
  if (known !== null) return { id: known.id, fresh: false }
  const { id, fresh } = await openIncident(tx, { ...incident, reference: named })
  return { id, fresh }
}

async function requireOpen(tx: Transaction, id: string): Promise<NamedIncident> {
  const row = await holdIncident(tx, id)
  if (row === null) throw invalidField('incident', 'the id of an incident that exists, or a number of your own')
  if (isOver(row.state))
    throw invalidField('incident', `an incident that is not over; this one is ${row.state}: name a new number instead`)
  return { id, fresh: false }
}
