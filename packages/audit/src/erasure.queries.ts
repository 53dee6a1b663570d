import type { Store, Transaction } from '@gatehouse/database'
import { anonymous } from '@gatehouse/enforcement'
import { sql } from 'kysely'

/** Somebody whose data was taken out of the audit log. Says nothing of who it was. */
export interface ErasureRow {
  readonly subject: string
  readonly erasedAt: Date
  /** Look-ups of the names that they went by. */
  readonly names: readonly Buffer[]
}

export interface Erased {
  readonly keys: number
  /** Entries of others that named them, or were made under their name before it was known who it was. */
  readonly mentions: number
}

/**
 * Destroys the keys of a person and what was sealed under them, and what others said of them. May be done again: what
 * is gone stays gone.
 */
export async function eraseSubject(
  tx: Transaction,
  { subject, names }: Pick<ErasureRow, 'subject' | 'names'>,
): Promise<Erased> {
  // whoever is just writing a first entry of theirs has done so, or finds the erasure
  await sql`lock table audit_subject_key in share row exclusive mode`.execute(tx)
  const { rows: named } = await sql<{ id: string }>`
    select distinct entry_id as id from audit_mention where value = any(${[...names]}::bytea[])`.execute(tx)
  const ids = named.map(({ id }) => id)
  await sql`
    with gone as (
      delete from audit_personal where key_id in (select id from audit_subject_key where subject = ${subject})
        or (entry_id = any(${ids}::uuid[]) and (part = 'input' or exists (
          select from audit_entry where id = entry_id and principal_id = ${anonymous.id})))
      returning entry_id, part)
    delete from audit_mention using gone where gone.part = 'input' and audit_mention.entry_id = gone.entry_id`.execute(
    tx,
  )
  const keys = await tx.deleteFrom('audit_subject_key').where('subject', '=', subject).executeTakeFirst()
  return { keys: Number(keys.numDeletedRows), mentions: ids.length }
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
export const insertErasure = async (tx: Transaction, { subject, erasedAt, names }: ErasureRow): Promise<void> =>
  void (await tx
    .insertInto('audit_erasure')
    .values({ subject, erased_at: erasedAt, names: [...names] })
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
  return rows.map(({ subject, erased_at: erasedAt, names }) => ({ subject, erasedAt, names }))
}
