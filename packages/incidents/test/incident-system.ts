import { createRaiseAlert, type RaiseAlert } from '@gatehouse/alerts'
import type { UserPrincipal } from '@gatehouse/enforcement'
import { directory } from '@gatehouse/identity'
import { startDomain, type DomainCalls, type DomainProcess } from '@gatehouse/testkit/domain-system'
import { incidentsDomain, withIncidents } from '../src/index.ts'

export { personOf } from '@gatehouse/testkit/domain-system'

/** Incidents over a database of their own: real rows, real audit log, a clock in the hand; every call is allowed. */
export interface IncidentSystem extends Omit<DomainProcess, 'serve'>, DomainCalls {
  readonly domain: Awaited<ReturnType<typeof incidentsDomain.open>>
  /** Raises alerts, and opens the incidents that they are. */
  readonly raiseAlert: RaiseAlert
  /** Workflows that were told of a change. */
  readonly told: readonly string[]
}

/** Starts it; `caller` calls. */
export async function startIncidentSystem(caller: UserPrincipal): Promise<IncidentSystem> {
  const started = await startDomain(incidentsDomain.slices)
  const { db, clock, random, change } = started
  const raiseAlert = createRaiseAlert({ clock, random, change, quietMinutes: () => Promise.resolve(60) })
  const told: string[] = []
  const workflows = { follow: (kind: string, id: string) => Promise.resolve(void told.push(`${kind}/${id}`)) }
  const emergencies = { of: () => Promise.resolve([]) }
  const domain = await incidentsDomain.open({ db, clock, random, change, raiseAlert, directory, temporalWeb: null })
  const calls = started.serve(domain.handlers({ workflows, emergencies }))
  calls.as(caller)
  return { ...started, ...calls, domain, raiseAlert: withIncidents(raiseAlert, domain.openIncident), told }
}
