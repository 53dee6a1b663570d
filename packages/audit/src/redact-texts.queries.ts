import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { strangers } from './subject.ts'
import type { KeptPart } from './subject-keys.queries.ts'

/** Where a part of an entry's personal values stands. */
export interface PartPlace {
  readonly entryId: string
  readonly part: string
}

/** A part with its place. */
export interface PlacedPart {
  readonly entryId: string
  readonly kept: KeptPart
}

interface PartRow extends KeptPart {
  readonly entryId: string
}

const placed = ({ entryId, ...kept }: PartRow): PlacedPart => ({ entryId, kept })

const columns = sql`entry_id as "entryId", part, key_id as "keyId", encode(key.sealed, 'hex') as key,
  encode(kept.sealed, 'hex') as sealed`

/** Parts opened at once: a few milliseconds, between which others have their turn. */
const partsAtOnce = 500

export interface PartsLook {
  /** Null: from the first one on. */
  readonly after: PartPlace | null
  /** Behind `lockPersonal`, where none wait in the queue. */
  readonly areLocked: boolean
}

/**
 * What entries keep of what was said by others than somebody, in order, behind a place. INVARIANT: each of both tables
 * is asked for its own page, since only so is it read in the order of its index: together they were sorted as a whole
 * for each page.
 */
export async function selectPartsAfter(
  tx: Transaction,
  subject: string,
  { after, areLocked }: PartsLook,
): Promise<PlacedPart[]> {
  const behind =
    after === null
      ? sql`true`
      : sql`entry_id >= ${after.entryId}::uuid and (entry_id, part) > (${after.entryId}::uuid, ${after.part})`
  const pageOf = (table: string) => sql`
    (select ${columns} from ${sql.table(table)} as kept join audit_subject_key as key on key.id = key_id
      where ${behind} and (part = 'input' or key.subject = ${strangers}) and key.subject <> ${subject}
      order by entry_id, part limit ${partsAtOnce}::int)`
  const waiting = areLocked ? sql`` : sql`union all ${pageOf('audit_waiting_part')}`
  const { rows } = await sql<PartRow>`
    select * from (${pageOf('audit_personal')} ${waiting}) as page
    order by "entryId", part limit ${partsAtOnce}::int`.execute(tx)
  return rows.map(placed)
}

/** Entries about somebody in which their names may stand: far more than anybody is renamed. */
const entriesAboutMax = 1000

/** Parts in which somebody's own names stand: one for each key, and what was said where their account was changed. */
export async function selectOwnParts(tx: Transaction, subject: string): Promise<PlacedPart[]> {
  const { rows } = await sql<PartRow>`
    (select distinct on (key_id) ${columns} from audit_kept_part as kept
        join audit_subject_key as key on key.id = key_id
      where key.subject = ${subject} and key.name is not null and part <> 'input' order by key_id, entry_id)
    union all
    (select ${columns} from audit_entry join audit_kept_part as kept on entry_id = audit_entry.id
        join audit_subject_key as key on key.id = key_id
      where resource_type = 'User' and resource_id = ${subject} and action like 'user.%' and part = 'input'
        and key.subject = ${subject}
      order by at desc limit ${entriesAboutMax}::int)`.execute(tx)
  return rows.map(placed)
}

/** A part as it is from now on; null: nothing is left of it. */
export interface ReplacedPart extends PartPlace {
  /** What was taken out: nobody is found by it any more. */
  readonly fields: readonly string[]
  readonly sealed: Buffer | null
}

/** Puts parts in the place of those that were there. */
export async function replaceParts(tx: Transaction, parts: readonly ReplacedPart[]): Promise<void> {
  if (parts.length === 0) return
  const gone = parts.flatMap(({ entryId, fields }) => fields.map((field) => ({ entryId, field })))
  await sql`
    with given as (
      select * from unnest(${parts.map(({ entryId }) => entryId)}::uuid[], ${parts.map(({ part }) => part)}::text[],
        ${parts.map(({ sealed }) => sealed)}::bytea[]) as given (entry_id, part, sealed)),
    was as (
      delete from audit_personal using given
      where audit_personal.entry_id = given.entry_id and audit_personal.part = given.part
      returning audit_personal.entry_id, audit_personal.part, audit_personal.key_id, audit_personal.ip),
    unnamed as (
      delete from audit_mention using unnest(${gone.map(({ entryId }) => entryId)}::uuid[],
        ${gone.map(({ field }) => field)}::text[]) as gone (entry_id, field)
      where audit_mention.entry_id = gone.entry_id and audit_mention.field = gone.field)
    insert into audit_personal (entry_id, part, key_id, sealed, ip)
    select was.entry_id, was.part, was.key_id, given.sealed, was.ip
    from was join given on given.entry_id = was.entry_id and given.part = was.part
    where given.sealed is not null`.execute(tx)
}
