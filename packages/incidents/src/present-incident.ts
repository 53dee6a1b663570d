import { Refusal, workflowIds, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { workflowPage, type TemporalWeb } from '@gatehouse/enforcement'
import { selectUsernames } from '@gatehouse/identity'
import { withEmergencies, type EmergencySteps } from './emergency-steps.ts'
import type { IncidentRow } from './incident.queries.ts'
import {
  selectClocks,
  selectIncident,
  selectParts,
  type ActionRow,
  type ClockRow,
  type EvidenceRow,
  type StepRow,
} from './incident-reads.queries.ts'
import { noticePartNames, storedParts, type NoticeParts } from './breach-notice.ts'
import type { NoticeRow } from './parts.queries.ts'
import { authorityDueAt, nextStates } from './transitions.ts'

type Presented = Output<'incident.get'>
type Summary = Output<'incident.list'>['items'][number]
type Names = ReadonlyMap<string, string>

const nameOf = (names: Names, id: string | null): string | null => (id === null ? null : (names.get(id) ?? null))

/** Programs go by the name in their id; people by the name that they have today. */
const authorOf = (names: Names, { type, id }: { readonly type: string; readonly id: string | null }): string | null =>
  type === 'Service' ? id : nameOf(names, id)

const present = (ids: readonly (string | null)[]): string[] => ids.filter((id) => id !== null)

/** Incidents as a list shows them. */
export async function presentSummaries(db: Store, rows: readonly IncidentRow[]): Promise<Summary[]> {
  const clocks = await selectClocks(
    db,
    rows.map(({ id }) => id),
  )
  const names = await selectUsernames(db, present(rows.flatMap((row) => [row.owner_id, row.opened_by])))
  return rows.map((row) => summaryOf(row, { names, clocks: clocks.filter(({ incident_id: of }) => of === row.id) }))
}

/** What an incident is shown with. */
export interface PresentDeps {
  readonly db: Store
  readonly temporalWeb: TemporalWeb
  readonly emergencies: EmergencySteps
}

/** One incident with all that belongs to it. */
export async function presentIncident({ db, temporalWeb, emergencies }: PresentDeps, id: string): Promise<Presented> {
  const row = await selectIncident(db, id)
  if (row === null) throw new Refusal('not-found')
  const clocks = await selectClocks(db, [id])
  const parts = await selectParts(db, id)
  const people = [
    row.owner_id,
    row.opened_by,
    ...parts.steps.map(({ author_id: by }) => by),
    ...parts.evidence.map(({ added_by: by }) => by),
    ...parts.actions.flatMap((action) => [action.owner_id, action.done_by]),
    ...parts.notices.map(({ written_by: by }) => by),
  ]
  const names = await selectUsernames(db, [...new Set(present(people))])
  return {
    ...summaryOf(row, { names, clocks }),
    ...factsOf(row),
    clocks: clocks.map(clockOf),
    timeline: await withEmergencies(
      db,
      parts.steps.map((step) => stepOf(step, names)),
      await emergencies.of(db, id),
    ),
    evidence: parts.evidence.map((evidence) => evidenceOf(evidence, names)),
    actions: parts.actions.map((action) => actionOf(action, names)),
    notices: parts.notices.map((notice) => noticeOf(notice, { names, detectedAt: row.detected_at })),
    whole: true,
    workflowUrl: workflowPage(temporalWeb, workflowIds.rowClock('incident', id)),
  }
}

function summaryOf(row: IncidentRow, { names, clocks }: { names: Names; clocks: readonly ClockRow[] }): Summary {
  const next = clocks.find(({ state }) => state === 'waiting')
  return {
    id: row.id,
    title: row.title,
    kind: row.kind as Summary['kind'], // only the contract's kinds are written
    severity: row.severity,
    state: row.state,
    stateSince: row.state_since,
    owner: nameOf(names, row.owner_id),
    breach: row.breach,
    detectedAt: row.detected_at,
    openedAt: row.created_at,
    openedBy: authorOf(names, { type: row.opened_by_type, id: row.opened_by }),
    nextClock: next === undefined ? null : clockOf(next),
    closedAt: row.closed_at,
  }
}

const factsOf = (row: IncidentRow) => ({
  nextStates: [...nextStates[row.state]],
  description: row.description,
  classification: row.classification as Presented['classification'], // only the contract's are written
  affected: row.affected === '' ? [] : row.affected.split('\n'),
  dataSubjects: row.data_subjects,
  functions: [...row.functions] as Presented['functions'], // as above
  authorityDueAt: row.breach ? authorityDueAt(row.detected_at) : null,
  notifiedAt: row.notified_at,
  resolution: row.resolution,
  unfinished: row.unfinished,
})

const clockOf = ({ name, due_at: dueAt, state }: ClockRow): Presented['clocks'][number] => ({ name, dueAt, state })

const stepOf = (row: StepRow, names: Names): Presented['timeline'][number] => ({
  id: row.id,
  at: row.at,
  kind: row.kind as Presented['timeline'][number]['kind'], // only the contract's kinds are written
  state: row.state,
  text: row.text,
  by: authorOf(names, { type: row.author_type, id: row.author_id }),
  entry: row.entry_id,
  request: null,
  session: null,
})

/** A piece of evidence as people see it. */
export const evidenceOf = (row: EvidenceRow, names: Names): Output<'incident.addEvidence'> => ({
  id: row.id,
  name: row.name,
  sha256: row.sha256,
  size: row.size === null ? null : Number(row.size),
  location: row.location,
  description: row.description,
  addedBy: nameOf(names, row.added_by),
  addedAt: row.added_at,
})

const actionOf = (row: ActionRow, names: Names): Presented['actions'][number] => ({
  id: row.id,
  what: row.what,
  owner: nameOf(names, row.owner_id),
  dueAt: row.due_at,
  doneAt: row.done_at,
  doneBy: nameOf(names, row.done_by),
})

function shownParts(row: NoticeRow): Output<'incident.notifyBreach'>['parts'] {
  const parts: NoticeParts = storedParts(row.parts)
  const entries = noticePartNames.map((name) => [name, parts[name] ?? null] as const)
  return Object.fromEntries(entries) as Output<'incident.notifyBreach'>['parts'] // the names are those of the parts
}

/** A version of a notice as people see it. */
export const noticeOf = (
  row: NoticeRow,
  { names, detectedAt }: { readonly names: Names; readonly detectedAt: Date },
): Output<'incident.notifyBreach'> => ({
  id: row.id,
  incident: row.incident_id,
  version: row.version,
  document: row.document,
  parts: shownParts(row),
  missing: [...row.missing],
  sentTo: row.sent_to,
  sentAt: row.sent_at,
  by: nameOf(names, row.written_by),
  writtenAt: row.written_at,
  authorityDueAt: authorityDueAt(detectedAt),
})
