import type { RaiseAlert } from '@gatehouse/alerts'
import type { Change } from '@gatehouse/audit'
import { alertSeverities } from '@gatehouse/contract'
import { forgetNames, type Schema, type Store, type Transaction } from '@gatehouse/database'
import type {
  Clock,
  Directory,
  Domain,
  DomainStatus,
  Eraser,
  GaugeReading,
  Random,
  TemporalWeb,
  Workflows,
} from '@gatehouse/enforcement'
import type { EmergencySteps } from './emergency-steps.ts'
import { clockSweep, incidentClock } from './incident-clocks.ts'
import { incidentHandlers } from './incident-handlers.ts'
import { countIncidents, forgetPerson } from './incident-reads.queries.ts'
import { loadIncidentSlice } from './incident-slice.ts'
import { createOpenIncident } from './open-incident.ts'

/** What incidents are opened with. */
export interface IncidentsNeeds {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly change: Change
  readonly raiseAlert: RaiseAlert
  readonly directory: Directory<Store>
  readonly temporalWeb: TemporalWeb
}

/** What they ask of others. */
export interface IncidentsPorts {
  readonly workflows: Pick<Workflows, 'follow'>
  readonly emergencies: EmergencySteps
}

/** Incidents, as one value. */
export const incidentsDomain = {
  slices: { Incident: loadIncidentSlice },
  parents: [],
  schedules: [],
  tables: {
    incident: {
      rows: 'kept',
      personal: [
        'title',
        'description',
        'affected',
        'data_subjects',
        'owner_id',
        'opened_by',
        'resolution',
        'unfinished',
      ],
    },
    incident_step: { rows: 'parent', personal: ['text', 'author_id'] },
    incident_clock: { rows: 'parent', personal: [] },
    incident_evidence: { rows: 'parent', personal: ['name', 'location', 'description', 'added_by'] },
    incident_action: { rows: 'parent', personal: ['what', 'owner_id', 'done_by'] },
    incident_notice: { rows: 'parent', personal: ['parts', 'document', 'sent_to', 'written_by'] },
  },
  alerts: ['incident-severe', 'incident-clock'],
  open: (needs) =>
    Promise.resolve({
      backends: {},
      handlers: ({ workflows, emergencies }: IncidentsPorts) => incidentHandlers({ ...needs, workflows, emergencies }),
      sweeps: () => [clockSweep(needs)],
      clocks: () => [incidentClock(needs)],
      eraser: () => incidentEraser,
      status: () => statusOf(needs.db),
      figures: () => Promise.resolve({}),
      gauges: () => gaugesOf(needs.db),
      openIncident: createOpenIncident(needs),
    }),
} as const satisfies Domain<Store, Schema, IncidentsNeeds, IncidentsPorts>

/** Leaves of an incident what happened when, and nothing that says who it named or who led it. */
const incidentEraser = {
  erase: async (tx: Transaction, { id }) => {
    await forgetPerson(tx, id)
    return []
  },
  forgetNames: (tx: Transaction, names) =>
    forgetNames(tx, names, {
      incident: ['title', 'description', 'affected', 'data_subjects', 'resolution', 'unfinished'],
      incident_step: ['text'],
      incident_evidence: ['name', 'location', 'description'],
      incident_action: ['what'],
      incident_notice: ['parts', 'document', 'sent_to'],
    }),
} satisfies Eraser

async function statusOf(db: Store): Promise<DomainStatus> {
  const { total, unowned, late } = await countIncidents(db)
  const faults = [
    ...(late > 0 ? [`${late} with a clock that has run out`] : []),
    ...(unowned > 0 ? [`${unowned} without an owner`] : []),
  ]
  const message = [total === 0 ? 'none open' : `${total} open`, ...faults].join(', ')
  return { parts: [{ name: 'incidents', health: late > 0 ? 'degraded' : 'ok', message }], facts: {} }
}

async function gaugesOf(db: Store): Promise<GaugeReading[]> {
  const { open } = await countIncidents(db)
  const rows = alertSeverities.map((severity) => ({ labels: [severity], value: open[severity] ?? 0 }))
  return [{ name: 'gatehouse_incidents_open', rows }]
}
