export { withIncidents } from './alert-rules.ts'
export { incidentsDomain, type IncidentsNeeds } from './domain.ts'
export type { EmergencyStep, EmergencySteps } from './emergency-steps.ts'
export { nameIncident, type NamedIncident } from './name-incident.ts'
export {
  createOpenIncident,
  type IncidentToOpen,
  type OpenDeps,
  type OpenedIncident,
  type OpenIncident,
} from './open-incident.ts'
