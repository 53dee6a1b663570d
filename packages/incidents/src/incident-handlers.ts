import { alertSeverities, decodeUuidCursor, pageOf, Refusal, type Input } from '@gatehouse/contract'
import { followed, type ChangedRow, type Handler, type HandlersOf } from '@gatehouse/enforcement'
import { callingUser, selectUsernames } from '@gatehouse/identity'
import { refuseAlertReference } from './alert-rules.ts'
import { authorOf, findOwner, idOf, pastOf, requireHeld, type IncidentDeps } from './incident-calls.ts'
import { tick } from './incident-clocks.ts'
import { selectIncidents } from './incident-reads.queries.ts'
import { moveIncident } from './move-incident.ts'
import { notifyBreach } from './notify-breach.ts'
import { createOpenIncident } from './open-incident.ts'
import { insertEvidence, insertStep } from './parts.queries.ts'
import { evidenceOf, presentIncident, presentSummaries } from './present-incident.ts'
import { asSeenBy } from './seen-incident.ts'
import { updateIncident } from './update-incident.ts'

/** Incidents, from the first alert to the closed review. */
export const incidentHandlers = (deps: IncidentDeps): HandlersOf<'incident'> => ({
  'incident.open': followed(deps, open(deps), itself),
  'incident.list': list(deps),
  'incident.get': get(deps),
  'incident.update': followed(deps, updateIncident(deps), itself),
  'incident.transition': followed(deps, transition(deps), itself),
  'incident.close': followed(deps, close(deps), itself),
  'incident.addEvidence': addEvidence(deps),
  'incident.notifyBreach': followed(deps, notifyBreach(deps), ({ incident }) => itself({ id: incident })),
  'incident.tick': tick(deps),
})

const itself = ({ id }: { readonly id: string }): ChangedRow[] => [['incident', id]]

const open = (deps: IncidentDeps): Handler<'incident.open'> => {
  const openIncident = createOpenIncident(deps)
  return async (permit) => {
    const { owner, detectedAt: detected, ...said } = permit.input
    refuseAlertReference('reference', said.reference)
    const ownerId = await findOwner(deps, { field: 'owner', reference: owner })
    const detectedAt = pastOf('detectedAt', detected, deps.clock.now())
    return deps.change(
      permit,
      (tx) => openIncident(tx, { ...said, ownerId, by: authorOf(permit), ...(detectedAt !== null && { detectedAt }) }),
      ({ id, fresh }) => ({ detail: { id, fresh } }),
    )
  }
}

const get =
  (deps: IncidentDeps): Handler<'incident.get'> =>
  async (permit) =>
    asSeenBy(callingUser(permit), await presentIncident(deps, idOf(permit.input.id)))

const list =
  ({ db }: IncidentDeps): Handler<'incident.list'> =>
  async ({ principal, input: { first, after, state, severity, open: isOpen, mine } }) => {
    const from = severity === undefined ? alertSeverities.length : alertSeverities.indexOf(severity) + 1
    const severities = alertSeverities.slice(0, from)
    const ofPerson = mine ? principal.id : null
    const filters = { state: state ?? null, severities, open: isOpen ?? null, ofPerson }
    const place = { after: after === undefined ? null : decodeUuidCursor(after), limit: first + 1 }
    const rows = await selectIncidents(db, filters, place)
    return pageOf(await presentSummaries(db, rows), first, (incident) => [incident.openedAt, incident.id])
  }

const transition =
  (deps: IncidentDeps): Handler<'incident.transition'> =>
  async (permit) => {
    const { id, to, note, at } = permit.input
    const moving = { id, to, note: note ?? '', at: pastOf('at', at, deps.clock.now()), by: authorOf(permit) }
    await deps.change(
      permit,
      (tx) => moveIncident(deps, tx, { ...moving, resolution: null, unfinished: null }),
      (from) => ({ detail: { from } }),
    )
    return presentIncident(deps, id)
  }

const close =
  (deps: IncidentDeps): Handler<'incident.close'> =>
  async (permit) => {
    const { id, resolution, unfinished } = permit.input
    const moving = { id, to: 'closed', note: resolution, at: null, by: authorOf(permit), resolution } as const
    await deps.change(permit, (tx) => moveIncident(deps, tx, { ...moving, unfinished: unfinished ?? null }))
    return presentIncident(deps, id)
  }

const addEvidence =
  (deps: IncidentDeps): Handler<'incident.addEvidence'> =>
  async (permit) => {
    const { id: incidentId, ...said } = permit.input
    const [by, now] = [callingUser(permit).id, deps.clock.now()]
    const evidence = { ...evidenceFrom(said), id: deps.random.id(), incidentId, addedBy: by, now }
    await deps.change(
      permit,
      async (tx) => {
        await requireHeld(tx, incidentId)
        if (!(await insertEvidence(tx, evidence)))
          throw new Refusal('conflict', { hint: 'the incident has evidence with this hash already' })
        const step = { id: deps.random.id(), incidentId, at: now, kind: 'evidence', state: null } as const
        const text = `${said.name}, SHA-256 ${said.sha256}`
        await insertStep(tx, { ...step, text, entryId: null, by: authorOf(permit), now })
      },
      () => ({ detail: { evidence: evidence.id } }),
    )
    const { id, name, sha256, size, location, description } = evidence
    const row = { id, name, sha256, location, description, added_by: by, added_at: now }
    return evidenceOf({ ...row, size: size === null ? null : String(size) }, await selectUsernames(deps.db, [by]))
  }

const evidenceFrom = (said: Omit<Input<'incident.addEvidence'>, 'id'>) => ({
  name: said.name,
  sha256: said.sha256,
  size: said.size ?? null,
  location: said.location,
  description: said.description ?? '',
})
