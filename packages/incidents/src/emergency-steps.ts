import type { Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { selectUsernames } from '@gatehouse/identity'

type Step = Output<'incident.get'>['timeline'][number]

/** A step of emergency access that belongs to an incident. */
export interface EmergencyStep {
  readonly id: string
  readonly at: Date
  readonly text: string
  /** Null: a clock did it. */
  readonly authorId: string | null
  readonly request: string
  readonly session: string | null
}

/** Knows the emergency access that was asked for because of an incident. Read, never copied: it cannot differ. */
export interface EmergencySteps {
  of(db: Store, incidentId: string): Promise<readonly EmergencyStep[]>
}

/** A timeline with the emergency access between its own steps. */
export async function withEmergencies(
  db: Store,
  own: readonly Step[],
  emergencies: readonly EmergencyStep[],
): Promise<Step[]> {
  const authors = emergencies.flatMap(({ authorId }) => (authorId === null ? [] : [authorId]))
  const names = await selectUsernames(db, [...new Set(authors)])
  const steps = emergencies.map(({ authorId, ...step }): Step => ({
    ...step,
    kind: 'emergency',
    state: null,
    by: authorId === null ? null : (names.get(authorId) ?? null),
    entry: null,
  }))
  // a stable sort: what stands at the same moment stays in the order in which it was written
  return [...own, ...steps].toSorted((one, other) => one.at.getTime() - other.at.getTime())
}
