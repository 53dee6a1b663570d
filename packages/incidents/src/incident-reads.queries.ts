import {
  alertSeverities,
  type AlertSeverity,
  type IncidentClockName,
  type IncidentStateName,
} from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { IncidentRow } from './incident.queries.ts'
import type { NoticeRow } from './parts.queries.ts'

/** Which incidents are listed; null: whatever it is. */
export interface IncidentFilters {
  readonly state: IncidentStateName | null
  readonly severities: readonly AlertSeverity[]
  readonly open: boolean | null
  /** Only those that this person opened or leads. */
  readonly ofPerson: string | null
}

/** Where a list goes on. */
export interface Place {
  readonly after: { readonly at: Date; readonly id: string } | null
  readonly limit: number
}

const isOf = (person: string) =>
  sql`((opened_by_type = 'User' and opened_by = ${person}) or owner_id = ${person}::uuid)`

/** Incidents, newest first. */
export async function selectIncidents(
  db: Store,
  { state, severities, open, ofPerson }: IncidentFilters,
  { after, limit }: Place,
): Promise<IncidentRow[]> {
  const { rows } = await sql<IncidentRow>`
    select * from incident
    where severity = any (${sql.val([...severities])}::text[])
      and ${state === null ? sql`true` : sql`state = ${state}`}
      and ${open === null ? sql`true` : sql`(state not in ('closed', 'false-positive')) = ${open}::boolean`}
      and ${ofPerson === null ? sql`true` : isOf(ofPerson)}
      and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by created_at desc, id desc limit ${limit}::int`.execute(db)
  return rows
}

/** One incident; null: there is none. */
export async function selectIncident(db: Store, id: string): Promise<IncidentRow | null> {
  const { rows } = await sql<IncidentRow>`select * from incident where id = ${id}::uuid`.execute(db)
  return rows[0] ?? null
}

/** An incident as decisions see it; null: there is none. */
export async function selectIncidentVersion(
  db: Store,
  id: string,
): Promise<(Pick<IncidentRow, 'id' | 'opened_by_type' | 'opened_by' | 'owner_id'> & { version: string }) | null> {
  const { rows } = await sql<NonNullable<Awaited<ReturnType<typeof selectIncidentVersion>>>>`
    select id, opened_by_type, opened_by, owner_id, xmin::text as version
    from incident where id = ${id}::uuid`.execute(db)
  return rows[0] ?? null
}

/** Incidents that are not over, the newest first. */
export async function selectLivingIds(db: Store, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from incident where state not in ('closed', 'false-positive')
    order by created_at desc limit ${limit}::int`.execute(db)
  return rows.map(({ id }) => id)
}

/** A clock, as it is stored. */
export interface ClockRow {
  readonly incident_id: string
  readonly name: IncidentClockName
  readonly due_at: Date
  readonly state: 'waiting' | 'fired' | 'met'
}

/** Clocks of some incidents, the next first. */
export async function selectClocks(db: Store, ids: readonly string[]): Promise<ClockRow[]> {
  const { rows } = await sql<ClockRow>`
    select * from incident_clock where incident_id = any (${sql.val([...ids])}::uuid[])
    order by due_at, name`.execute(db)
  return rows
}

/** A line of the timeline, as it is stored. */
export interface StepRow {
  readonly id: string
  readonly at: Date
  readonly kind: string
  readonly state: IncidentStateName | null
  readonly text: string
  readonly entry_id: string | null
  readonly author_type: string
  readonly author_id: string | null
}

/** A piece of evidence, as it is stored. */
export interface EvidenceRow {
  readonly id: string
  readonly name: string
  readonly sha256: string
  readonly size: string | null
  readonly location: string
  readonly description: string
  readonly added_by: string | null
  readonly added_at: Date
}

/** An action, as it is stored. */
export interface ActionRow {
  readonly id: string
  readonly what: string
  readonly owner_id: string | null
  readonly due_at: Date | null
  readonly done_at: Date | null
  readonly done_by: string | null
}

/** A timeline shows so many lines at most, the newest of them: more of them are a loop that somebody wrote. */
const stepsMax = 1000
/** Of those that say that it was found again so many: who tells of it in a loop covers nothing up. */
const foundAgainMax = 100

/** What belongs to one incident. */
export async function selectParts(db: Store, id: string) {
  const steps = await sql<StepRow>`
    select * from (select *, row_number() over (partition by kind = 'found-again'
      order by at desc, created_at desc, id desc) as place from incident_step where incident_id = ${id}::uuid) as newest
    where place <= case kind when 'found-again' then ${foundAgainMax}::int else ${stepsMax}::int end
    order by at, created_at, id`.execute(db)
  const evidence = await sql<EvidenceRow>`
    select * from incident_evidence where incident_id = ${id}::uuid order by added_at, id`.execute(db)
  const actions = await sql<ActionRow>`
    select * from incident_action where incident_id = ${id}::uuid order by created_at, id`.execute(db)
  const notices = await sql<NoticeRow>`
    select * from incident_notice where incident_id = ${id}::uuid order by version desc`.execute(db)
  return { steps: steps.rows, evidence: evidence.rows, actions: actions.rows, notices: notices.rows }
}

/** Open incidents by severity, those without an owner, and clocks that have run out while nobody did what is due. */
export async function countIncidents(db: Store) {
  const { rows } = await sql<{ severity: AlertSeverity; count: number; unowned: number; late: number }>`
    select severity, count(*)::int as count, (count(*) filter (where owner_id is null))::int as unowned,
      (count(*) filter (where exists (select from incident_clock where incident_id = incident.id
        and incident_clock.state = 'fired' and ((name = 'respond' and incident.state = 'detected')
          or (name = 'authority-72h' and breach and notified_at is null)))))::int as late
    from incident where state not in ('closed', 'false-positive') group by severity`.execute(db)
  const sum = (field: 'count' | 'unowned' | 'late'): number => rows.reduce((total, row) => total + row[field], 0)
  const open = Object.fromEntries(
    alertSeverities.map((severity) => [severity, rows.find((row) => row.severity === severity)?.count ?? 0]),
  )
  return { open, total: sum('count'), unowned: sum('unowned'), late: sum('late') }
}

/** What is left of an erased person: that somebody did it. */
export async function forgetPerson(tx: Transaction, id: string): Promise<void> {
  const person = sql`${id}::uuid`
  await sql`update incident set owner_id = null where owner_id = ${person}`.execute(tx)
  await sql`update incident set opened_by = null where opened_by = ${id} and opened_by_type = 'User'`.execute(tx)
  await sql`update incident_step set author_id = null where author_id = ${id} and author_type = 'User'`.execute(tx)
  await sql`update incident_evidence set added_by = null where added_by = ${person}`.execute(tx)
  await sql`update incident_action set owner_id = null where owner_id = ${person}`.execute(tx)
  await sql`update incident_action set done_by = null where done_by = ${person}`.execute(tx)
  await sql`update incident_notice set written_by = null where written_by = ${person}`.execute(tx)
}
