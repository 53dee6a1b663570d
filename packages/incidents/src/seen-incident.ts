import type { Output, Role } from '@gatehouse/contract'

type Incident = Output<'incident.get'>

/** Who leads incidents and who audits that: every policy set of ours lets these roles read them. */
const readingRoles: ReadonlySet<Role> = new Set(['Admin', 'Operator', 'Auditor'])

/** What somebody says of an incident while they work on it. */
const working: ReadonlySet<Incident['timeline'][number]['kind']> = new Set(['note', 'evidence', 'entry', 'action'])

/** A person who reads, by the name that they have now. */
export interface IncidentReader {
  readonly username: string
  readonly roles: readonly Role[]
}

/**
 * An incident as somebody reads it. Who only opened it sees where it stands and what they did themselves, and not what
 * others noted, found and will send: they may be whom it is about.
 */
export function asSeenBy({ username, roles }: IncidentReader, incident: Incident): Incident {
  const isOpenerAlone = incident.openedBy === username && incident.owner !== username
  if (!isOpenerAlone || roles.some((role) => readingRoles.has(role))) return incident
  const isOwn = ({ by }: { readonly by: string | null }): boolean => by === username
  return {
    ...incident,
    whole: false,
    dataSubjects: '',
    timeline: incident.timeline
      .filter((step) => isOwn(step) || !working.has(step.kind))
      .map((step) => (step.kind === 'moved' && !isOwn(step) ? { ...step, text: '' } : step)),
    evidence: incident.evidence.filter(({ addedBy }) => addedBy === username),
    actions: incident.actions.filter(({ owner }) => owner === username),
    notices: [],
  }
}
