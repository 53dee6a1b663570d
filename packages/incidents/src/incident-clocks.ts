import { systemId } from '@gatehouse/contract'
import type { RaiseAlert } from '@gatehouse/alerts'
import type { Change } from '@gatehouse/audit'
import type { Store, Transaction } from '@gatehouse/database'
import {
  rowLookSeconds,
  type Clock,
  type Handler,
  type Random,
  type RowClock,
  type Sweep,
} from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { fireClocks, nextClockInSeconds, type FiredClock } from './incident.queries.ts'
import { selectIncident, selectLivingIds } from './incident-reads.queries.ts'
import { insertStep } from './parts.queries.ts'
import { clockSeverity, isOver } from './transitions.ts'

/** What the clocks of incidents need. */
export interface ClockDeps {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly change: Change
  readonly raiseAlert: RaiseAlert
}

/** So many clocks are fired in one transaction; the rest come at once in the next. */
const firedAtOnce = 100

/** Clocks of incidents: Temporal's workflow and the worker's own look wait for the next, and call the operation. */
export const clockSweep = ({ db, clock }: Pick<ClockDeps, 'db' | 'clock'>): Sweep => {
  const run: Sweep['run'] = async (internal) => (await internal('incident.tick', {})).nextDueInSeconds
  return {
    name: 'incident-clocks',
    nextDueInSeconds: () => nextClockInSeconds(db, { now: clock.now(), incidentId: null }),
    run,
    retry: run,
  }
}

/** The clocks of one incident, for as long as it is not over. */
export const incidentClock = (deps: Pick<ClockDeps, 'db' | 'clock'>): RowClock => ({
  kind: 'incident',
  livingIds: (limit) => selectLivingIds(deps.db, limit),
  dueInSeconds: (id) => dueIn(deps, id),
  run: async (internal, id) => {
    if (!isUuid(id)) return null
    await internal('incident.tick', { incident: id })
    return dueIn(deps, id)
  },
})

async function dueIn({ db, clock }: Pick<ClockDeps, 'db' | 'clock'>, id: string): Promise<number | null> {
  const row = isUuid(id) ? await selectIncident(db, id) : null
  if (row === null || isOver(row.state)) return null
  return (await nextClockInSeconds(db, { now: clock.now(), incidentId: id })) ?? rowLookSeconds
}

/** Fires what has run out. Clock, alert and timeline are one transaction: neither is there without the others. */
export const tick =
  (deps: ClockDeps): Handler<'incident.tick'> =>
  async (permit) => {
    const { incident = null } = permit.input
    const fired = await deps.change(
      permit,
      async (tx) => {
        const clocks = await fireClocks(tx, { now: deps.clock.now(), limit: firedAtOnce, incidentId: incident })
        for (const clock of clocks) await tell(deps, tx, clock)
        return clocks.length
      },
      (count) => ({ detail: { fired: count } }),
    )
    return { fired, nextDueInSeconds: await nextClockInSeconds(deps.db, { now: deps.clock.now(), incidentId: null }) }
  }

async function tell({ raiseAlert, random, clock }: ClockDeps, tx: Transaction, fired: FiredClock): Promise<void> {
  const { incident_id: id, name, due_at: dueAt } = fired
  const incident = await selectIncident(tx, id)
  if (incident === null) return
  await raiseAlert(tx, {
    kind: 'incident-clock',
    severity: clockSeverity(name, incident.severity),
    about: { type: 'System', id: systemId },
    // one alert for each escalation: what was acknowledged at 24 hours says nothing of 66
    dedupeKey: `${id}/${name}`,
    facts: { incident: id, clock: name, title: incident.title, dueAt: dueAt.toISOString() },
  })
  const now = clock.now()
  const step = { id: random.id(), incidentId: id, kind: 'clock', state: null, entryId: null } as const
  await insertStep(tx, { ...step, at: dueAt, text: clockText[name], by: { type: 'System', id: null }, now })
}

const clockText = {
  respond: 'nobody has responded in time',
  'authority-24h': '24 of the 72 hours to tell the authority are over',
  'authority-48h': '48 of the 72 hours to tell the authority are over',
  'authority-66h': '66 of the 72 hours to tell the authority are over: six are left',
  'authority-72h': 'the 72 hours to tell the authority are over: say in the notice why it is late',
} as const
