import type { AlertSeverity, IncidentClockName, IncidentStateName } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { DueClock } from './transitions.ts'

/** An incident, as it is stored. */
export interface IncidentRow {
  readonly id: string
  readonly title: string
  readonly kind: string
  readonly severity: AlertSeverity
  readonly state: IncidentStateName
  readonly description: string
  readonly classification: string
  /** One on each line. */
  readonly affected: string
  readonly data_subjects: string
  readonly functions: readonly string[]
  readonly owner_id: string | null
  readonly breach: boolean
  readonly detected_at: Date
  readonly state_since: Date
  readonly created_at: Date
  readonly opened_by_type: string
  readonly opened_by: string | null
  readonly notified_at: Date | null
  readonly resolution: string | null
  readonly unfinished: string | null
  readonly closed_at: Date | null
}

/** An incident that is opened. */
export interface NewIncident {
  readonly id: string
  readonly title: string
  readonly kind: string
  readonly severity: AlertSeverity
  readonly description: string
  readonly classification: string
  readonly affected: readonly string[]
  readonly dataSubjects: string
  readonly functions: readonly string[]
  readonly ownerId: string | null
  readonly breach: boolean
  readonly reference: string | null
  readonly detectedAt: Date
  readonly by: Author
  readonly now: Date
}

/** Who did something: a person, a program, or Gatehouse itself. */
export interface Author {
  readonly type: 'User' | 'Service' | 'System'
  readonly id: string | null
}

/** Adds it. False: one with its reference is open. */
export async function insertIncident(tx: Transaction, one: NewIncident): Promise<boolean> {
  const { rows } = await sql`
    insert into incident (id, title, kind, severity, state, description, classification, affected, data_subjects,
      functions, owner_id, breach, dedupe_key, detected_at, state_since, created_at, opened_by_type, opened_by)
    values (${one.id}, ${one.title}, ${one.kind}, ${one.severity}, 'detected', ${one.description},
      ${one.classification}, ${one.affected.join('\n')}, ${one.dataSubjects},
      ${sql.val([...one.functions])}::text[], ${one.ownerId}::uuid, ${one.breach}::boolean, ${one.reference},
      ${one.detectedAt}, ${one.detectedAt}, ${one.now}, ${one.by.type}, ${one.by.id})
    on conflict (dedupe_key) where state not in ('closed', 'false-positive') do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** The open incident with a reference, held until the transaction ends; null: there is none. */
export async function holdByReference(tx: Transaction, reference: string): Promise<IncidentRow | null> {
  const { rows } = await sql<IncidentRow>`
    select * from incident where dedupe_key = ${reference} and state not in ('closed', 'false-positive')
    for update`.execute(tx)
  return rows[0] ?? null
}

/** How many severe incidents somebody, or a program, has opened since a moment. */
export async function countSevereOf(tx: Transaction, by: Author, since: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from incident where opened_by_type = ${by.type} and opened_by = ${by.id}
      and severity in ('high', 'critical') and created_at > ${since}`.execute(tx)
  return rows[0]?.count ?? 0
}

/** An incident, held until the transaction ends; null: there is none. */
export async function holdIncident(tx: Transaction, id: string): Promise<IncidentRow | null> {
  const { rows } = await sql<IncidentRow>`select * from incident where id = ${id}::uuid for update`.execute(tx)
  return rows[0] ?? null
}

/** What of an incident is said anew; null: it stays. */
export interface Saying {
  readonly title: string | null
  readonly severity: AlertSeverity | null
  readonly description: string | null
  readonly classification: string | null
  readonly affected: readonly string[] | null
  readonly dataSubjects: string | null
  readonly functions: readonly string[] | null
  readonly ownerId: string | null
  readonly breach: boolean | null
}

/** Says it. */
export async function setKnown(tx: Transaction, id: string, said: Saying): Promise<void> {
  await sql`
    update incident set title = coalesce(${said.title}, title), severity = coalesce(${said.severity}, severity),
      description = coalesce(${said.description}, description),
      classification = coalesce(${said.classification}, classification),
      affected = coalesce(${said.affected === null ? null : said.affected.join('\n')}, affected),
      functions = coalesce(${said.functions === null ? null : sql.val([...said.functions])}::text[], functions),
      data_subjects = coalesce(${said.dataSubjects}, data_subjects),
      owner_id = coalesce(${said.ownerId}::uuid, owner_id), breach = coalesce(${said.breach}::boolean, breach)
    where id = ${id}::uuid`.execute(tx)
}

/** Where an incident goes. */
export interface Move {
  readonly id: string
  readonly from: IncidentStateName
  readonly to: IncidentStateName
  readonly at: Date
  readonly resolution: string | null
  readonly unfinished: string | null
}

/** Moves it, if it still stands where it was. False: another was there first. */
export async function setState(tx: Transaction, one: Move): Promise<boolean> {
  const { rows } = await sql`
    update incident set state = ${one.to}, state_since = ${one.at}::timestamptz,
      resolution = coalesce(${one.resolution}, resolution), unfinished = coalesce(${one.unfinished}, unfinished),
      closed_at = case when ${one.to}::text in ('closed', 'false-positive') then ${one.at}::timestamptz end
    where id = ${one.id}::uuid and state = ${one.from} returning id`.execute(tx)
  return rows.length > 0
}

/** Notes when the authority was told; the first time stays. */
export const setNotified = async (tx: Transaction, id: string, at: Date): Promise<void> =>
  void (await sql`
    update incident set notified_at = least(coalesce(notified_at, ${at}::timestamptz), ${at}::timestamptz)
    where id = ${id}::uuid`.execute(tx))

/** Sets clocks; one that has been fired or met, and is due at the same time, stays so. */
export async function setClocks(tx: Transaction, id: string, clocks: readonly DueClock[]): Promise<void> {
  for (const { name, dueAt } of clocks)
    await sql`
      insert into incident_clock as known (incident_id, name, due_at, state)
      values (${id}::uuid, ${name}, ${dueAt}, 'waiting')
      on conflict (incident_id, name) do update set due_at = excluded.due_at,
        state = case when known.due_at = excluded.due_at and known.state = 'fired' then 'fired' else 'waiting' end
    `.execute(tx)
}

/** Ends the clocks whose name begins so and that still run: what they are about was done, or falls away. */
export const meetClocks = async (tx: Transaction, id: string, prefix: string): Promise<void> =>
  void (await sql`
    update incident_clock set state = 'met'
    where incident_id = ${id}::uuid and state = 'waiting' and starts_with(name, ${prefix})`.execute(tx))

/** A clock that has just run out. */
export interface FiredClock {
  readonly incident_id: string
  readonly name: IncidentClockName
  readonly due_at: Date
}

/**
 * Takes the clocks that have run out, of one incident or of all; each of them once, whoever looks at the same time.
 * INVARIANT: the incident is held first, as by everybody who changes it and then its clocks; one that somebody else
 * holds is for the next look. So who leads an incident never waits for its clock in a circle.
 */
export async function fireClocks(
  tx: Transaction,
  { now, limit, incidentId }: { readonly now: Date; readonly limit: number; readonly incidentId: string | null },
): Promise<FiredClock[]> {
  const { rows } = await sql<FiredClock>`
    update incident_clock set state = 'fired' where (incident_id, name) in (
      select one.incident_id, one.name from incident_clock as one join incident on incident.id = one.incident_id
      where one.state = 'waiting' and due_at <= ${now}
        and (${incidentId}::uuid is null or one.incident_id = ${incidentId}::uuid)
      order by due_at limit ${limit}::int for update of incident, one skip locked)
    returning incident_id, name, due_at`.execute(tx)
  return rows
}

/** Seconds until a clock runs out, of one incident or of all, below zero when that is late; null: none is set. */
export async function nextClockInSeconds(
  db: Store,
  { now, incidentId }: { readonly now: Date; readonly incidentId: string | null },
): Promise<number | null> {
  const { rows } = await sql<{ due: Date | null }>`
    select min(due_at) as due from incident_clock where state = 'waiting'
      and (${incidentId}::uuid is null or incident_id = ${incidentId}::uuid)`.execute(db)
  const due = rows[0]?.due ?? null
  return due === null ? null : (due.getTime() - now.getTime()) / 1000
}
