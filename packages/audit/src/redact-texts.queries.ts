import type { Transaction } from '@gatehouse/database'
import { sql, type RawBuilder } from 'kysely'
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

/** Parts read at once, of which about half are opened: a few milliseconds, between which others have their turn. */
const partsAtOnce = 1_000

export interface PartsLook {
  /** Null: from the first one on. */
  readonly after: PartPlace | null
  /** Behind `lockPersonal`, where none wait in the queue. */
  readonly areLocked: boolean
}

/** Some parts, and the place of the last that was looked at; null: there are none behind that place. */
export interface PartsPage {
  readonly parts: readonly PlacedPart[]
  readonly last: PartPlace | null
}

/** What entries keep of what was said by others than somebody, in order, behind a place. */
export async function selectPartsAfter(tx: Transaction, subject: string, look: PartsLook): Promise<PartsPage> {
  const { rows } = await partsAfter(subject, look).execute(tx)
  const last = rows.at(-1)
  return {
    parts: rows.flatMap(({ entryId, part, keyId, key, sealed }) =>
      key === null || sealed === null ? [] : [placed({ entryId, part, keyId, key, sealed })],
    ),
    last: last === undefined ? null : { entryId: last.entryId, part: last.part },
  }
}

/** A part that was looked at; without its bytes where nobody else said something in it. */
interface LookedAt extends Omit<PartRow, 'key' | 'sealed'> {
  readonly key: PartRow['key'] | null
  readonly sealed: PartRow['sealed'] | null
}

/**
 * How they are asked for. INVARIANT: each of both tables is asked for its next rows, whatever they are, and only of
 * these it is asked whose they are: so a page is read in the order of an index and costs the same, however long the
 * table and whatever the database believes of it. Asked for the next that match, it sorted all of it for each page.
 */
export function partsAfter(subject: string, { after, areLocked }: PartsLook): RawBuilder<LookedAt> {
  const behind =
    after === null
      ? sql`true`
      : sql`entry_id >= ${after.entryId}::uuid and (entry_id, part) > (${after.entryId}::uuid, ${after.part})`
  const nextOf = (table: string) => sql`
    (select entry_id, part, key_id, sealed from ${sql.table(table)} where ${behind}
      order by entry_id, part limit ${partsAtOnce}::int)`
  const waiting = areLocked ? sql`` : sql`union all ${nextOf('audit_waiting_part')}`
  return sql<LookedAt>`
    select entry_id as "entryId", part, key_id as "keyId", encode(key.sealed, 'hex') as key,
      case when key.id is not null then encode(kept.sealed, 'hex') end as sealed
    from (select * from (${nextOf('audit_personal')} ${waiting}) as next
        order by entry_id, part limit ${partsAtOnce}::int) as kept
      left join audit_subject_key as key on key.id = key_id and key.subject <> ${subject}
        and (part = 'input' or key.subject = ${strangers})
    order by entry_id, part`
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
