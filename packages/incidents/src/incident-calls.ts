import { invalidField, Refusal } from '@gatehouse/contract'
import { parseWhen } from '@gatehouse/audit'
import type { Store, Transaction } from '@gatehouse/database'
import type { AnyPermit, Directory, TemporalWeb, Workflows } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { EmergencySteps } from './emergency-steps.ts'
import type { ClockDeps } from './incident-clocks.ts'
import { holdIncident, type Author, type IncidentRow } from './incident.queries.ts'

/** What handlers of incidents need. */
export type IncidentDeps = ClockDeps & {
  readonly directory: Directory<Store>
  readonly temporalWeb: TemporalWeb
  readonly emergencies: EmergencySteps
  readonly workflows: Pick<Workflows, 'follow'>
}

/** An id of ours, or nothing that is there. */
export function idOf(id: string): string {
  if (!isUuid(id)) throw new Refusal('not-found')
  return id
}

/** Who calls, as a timeline names them. */
export function authorOf({ principal }: Pick<AnyPermit, 'principal'>): Author {
  if (principal.type === 'User') return { type: 'User', id: principal.id }
  if (principal.type === 'Service') return { type: 'Service', id: principal.name }
  throw new Refusal('unauthenticated')
}

/** The person that a field names; null: it names nobody. */
export async function findOwner(
  { db, directory }: Pick<IncidentDeps, 'db' | 'directory'>,
  { field, reference }: { readonly field: string; readonly reference: string | undefined },
): Promise<string | null> {
  if (reference === undefined) return null
  const id = await directory.findUserId(db, reference)
  if (id === null) throw invalidField(field, 'the name or id of a person')
  return id
}

/** An incident, held until the transaction ends. */
export async function requireHeld(tx: Transaction, id: string): Promise<IncidentRow> {
  const row = await holdIncident(tx, idOf(id))
  if (row === null) throw new Refusal('not-found')
  return row
}

/** A moment that has passed, as people write it; null: they did not. */
export function pastOf(field: string, text: string | undefined, now: Date): Date | null {
  if (text === undefined) return null
  const at = parseWhen(field, text, now)
  if (at > now) throw invalidField(field, 'a time that has passed')
  return at
}
