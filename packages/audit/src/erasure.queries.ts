import type { Store, Transaction } from '@gatehouse/database'
import { anonymous } from '@gatehouse/enforcement'
import { sql } from 'kysely'

/** Somebody whose data was taken out of the audit log. Says nothing of who it was. */
export interface ErasureRow {
  readonly subject: string
  readonly erasedAt: Date
  /** Look-ups of the names that they went by. */
  readonly names: readonly Buffer[]
  /** What was taken out of entries of others, which named them among other words. */
  readonly redactions: readonly Redaction[]
}

/** A value of an entry: the entry's id and the field's name. */
export type Redaction = readonly [entry: string, field: string]

/**
 * Whoever is just writing about them has done so, or finds the erasure. From here on all personal values stand in
 * `audit_personal`, also those of entries that wait for their place.
 */
export const lockPersonal = async (tx: Transaction): Promise<void> =>
  void (await sql`select audit_lock_parts()`.execute(tx))

/** Entries in which a whole value is one of some names. */
export async function selectEntriesNaming(tx: Transaction, names: readonly Buffer[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct entry_id as id from audit_mention where value = any(${[...names]}::bytea[])`.execute(tx)
  return rows.map(({ id }) => id)
}

/** Between which places of the tree anything of somebody stands; null: nothing has a place. */
export async function findPlaces(
  tx: Transaction,
  subject: string,
  entries: readonly string[],
): Promise<{ readonly first: number; readonly last: number } | null> {
  const { rows } = await sql<{ first: string | null; last: string | null }>`
    select min(seq) as first, max(seq) as last from audit_leaf where entry_id = any(${[...entries]}::uuid[])
      or entry_id in (select entry_id from audit_personal where key_id in (
        select id from audit_subject_key where subject = ${subject}))`.execute(tx)
  const { first, last } = rows[0] ?? { first: null, last: null }
  return first === null || last === null ? null : { first: Number(first), last: Number(last) }
}

/**
 * Destroys the keys of a person and what was sealed under them, and what was said in entries that name them by a whole
 * value. May be done again: what is gone stays gone. Answers how many keys there were.
 */
export async function eraseSubject(tx: Transaction, subject: string, entries: readonly string[]): Promise<number> {
  await sql`
    with gone as (
      delete from audit_personal where key_id in (select id from audit_subject_key where subject = ${subject})
        or (entry_id = any(${[...entries]}::uuid[]) and (part = 'input' or exists (
          select from audit_entry where id = entry_id and principal_id = ${anonymous.id})))
      returning entry_id, part)
    delete from audit_mention using gone where gone.part = 'input' and audit_mention.entry_id = gone.entry_id`.execute(
    tx,
  )
  const keys = await tx.deleteFrom('audit_subject_key').where('subject', '=', subject).executeTakeFirst()
  return Number(keys.numDeletedRows)
}

/** Look-ups of the names that a person is known by here. */
export async function selectNamesOf(db: Store, subject: string): Promise<Buffer[]> {
  const rows = await db
    .selectFrom('audit_subject_key')
    .select('name')
    .distinct()
    .where('subject', '=', subject)
    .where('name', 'is not', null)
    .execute()
  return rows.flatMap(({ name }) => name ?? [])
}

/** True when anything is kept of them under a key. */
export async function isKnownSubject(db: Store, subject: string): Promise<boolean> {
  const row = await db.selectFrom('audit_subject_key').select('id').where('subject', '=', subject).executeTakeFirst()
  return row !== undefined
}

/** Remembers an erasure; one that is remembered stays as it is. */
export const insertErasure = async (
  tx: Transaction,
  { subject, erasedAt, names, redactions }: ErasureRow,
): Promise<void> =>
  void (await tx
    .insertInto('audit_erasure')
    .values({ subject, erased_at: erasedAt, names: [...names], redactions: JSON.stringify(redactions) })
    .onConflict((on) => on.column('subject').doNothing())
    .execute())

/** True when somebody was erased. */
export async function isErased(tx: Transaction, subject: string): Promise<boolean> {
  const row = await tx.selectFrom('audit_erasure').select('subject').where('subject', '=', subject).executeTakeFirst()
  return row !== undefined
}

/** All erasures. */
export async function selectErasures(db: Store): Promise<ErasureRow[]> {
  const rows = await db.selectFrom('audit_erasure').selectAll().orderBy('erased_at').execute()
  return rows.map(({ erased_at: erasedAt, ...row }) => ({ ...row, erasedAt }))
}
