import type { IncidentStateName, IncidentStepKindName } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { Author } from './incident.queries.ts'

/** One line of the timeline that is added. */
export interface NewStep {
  readonly id: string
  readonly incidentId: string
  readonly at: Date
  readonly kind: IncidentStepKindName
  readonly state: IncidentStateName | null
  readonly text: string
  readonly entryId: string | null
  readonly by: Author
  readonly now: Date
}

/** Adds it. False: that entry of the audit log belongs to the incident already. */
export async function insertStep(tx: Transaction, one: NewStep): Promise<boolean> {
  const { rows } = await sql`
    insert into incident_step (id, incident_id, at, kind, state, text, entry_id, author_type, author_id, created_at)
    values (${one.id}, ${one.incidentId}::uuid, ${one.at}, ${one.kind}, ${one.state}, ${one.text},
      ${one.entryId}::uuid, ${one.by.type}, ${one.by.id}, ${one.now})
    on conflict (incident_id, entry_id) where entry_id is not null do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** A piece of evidence that is added. */
export interface NewEvidence {
  readonly id: string
  readonly incidentId: string
  readonly name: string
  readonly sha256: string
  readonly size: number | null
  readonly location: string
  readonly description: string
  readonly addedBy: string
  readonly now: Date
}

/** Adds it. False: the incident has evidence with that hash. */
export async function insertEvidence(tx: Transaction, one: NewEvidence): Promise<boolean> {
  const { rows } = await sql`
    insert into incident_evidence (id, incident_id, name, sha256, size, location, description, added_by, added_at)
    values (${one.id}, ${one.incidentId}::uuid, ${one.name}, ${one.sha256}, ${one.size}::bigint, ${one.location},
      ${one.description}, ${one.addedBy}::uuid, ${one.now})
    on conflict (incident_id, sha256) do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** An action that is added. */
export interface NewAction {
  readonly id: string
  readonly incidentId: string
  readonly what: string
  readonly ownerId: string | null
  readonly dueAt: Date | null
  readonly now: Date
}

/** Adds it. */
export const insertAction = async (tx: Transaction, one: NewAction): Promise<void> =>
  void (await sql`
    insert into incident_action (id, incident_id, what, owner_id, due_at, created_at) values (${one.id},
      ${one.incidentId}::uuid, ${one.what}, ${one.ownerId}::uuid, ${one.dueAt}::timestamptz, ${one.now})`.execute(tx))

/** Marks an action as done and answers what it was; null: there is none, or it is done already. */
export async function finishAction(
  tx: Transaction,
  one: { readonly id: string; readonly incidentId: string; readonly by: string; readonly now: Date },
): Promise<string | null> {
  const { rows } = await sql<{ what: string }>`
    update incident_action set done_at = ${one.now}, done_by = ${one.by}::uuid
    where id = ${one.id}::uuid and incident_id = ${one.incidentId}::uuid and done_at is null
    returning what`.execute(tx)
  return rows[0]?.what ?? null
}

/** How many actions of an incident are not done. */
export async function countOpenActions(tx: Transaction, incidentId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from incident_action
    where incident_id = ${incidentId}::uuid and done_at is null`.execute(tx)
  return rows[0]?.count ?? 0
}

/** A version of a notice, as it is stored. */
export interface NoticeRow {
  readonly id: string
  readonly incident_id: string
  readonly version: number
  readonly parts: string
  readonly document: string
  readonly missing: readonly string[]
  readonly sent_to: string | null
  readonly sent_at: Date | null
  readonly written_by: string | null
  readonly written_at: Date
}

/** The last version of an incident's notice; null: there is none. */
export async function selectLastNotice(db: Store, incidentId: string): Promise<NoticeRow | null> {
  const { rows } = await sql<NoticeRow>`
    select * from incident_notice where incident_id = ${incidentId}::uuid order by version desc limit 1`.execute(db)
  return rows[0] ?? null
}

/** Adds a version. The incident is held by whoever calls: no two get the same number. */
export const insertNotice = async (tx: Transaction, one: NoticeRow): Promise<void> =>
  void (await sql`
    insert into incident_notice (id, incident_id, version, parts, document, missing, sent_to, sent_at, written_by,
      written_at)
    values (${one.id}, ${one.incident_id}::uuid, ${one.version}, ${one.parts}, ${one.document},
      ${sql.val([...one.missing])}::text[], ${one.sent_to}, ${one.sent_at}::timestamptz, ${one.written_by}::uuid,
      ${one.written_at})`.execute(tx))
