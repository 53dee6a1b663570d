import type { Store } from '@gatehouse/database'
import { sql, type RawBuilder } from 'kysely'

/** A key as it is kept. */
export interface SubjectKeyRow {
  readonly id: string
  readonly subject: string
  readonly name: Buffer | null
  readonly sealed: Buffer
}

/** Keeps keys; one that is there already stays as it is. */
export const ensureKeys = async (db: Store, rows: readonly SubjectKeyRow[]): Promise<void> =>
  void (await db
    .insertInto('audit_subject_key')
    .values(rows.map(({ id, subject, name, sealed }) => ({ id, subject, name, sealed })))
    .onConflict((on) => on.column('id').doNothing())
    .execute())

/** The key of look-ups, sealed. */
export async function readLookupKey(db: Store, id: string): Promise<Buffer> {
  const { sealed } = await db
    .selectFrom('audit_subject_key')
    .select('sealed')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return sealed
}

/** Everybody whose key there is; whoever was erased has none. */
export async function selectSubjects(db: Store): Promise<string[]> {
  const rows = await db.selectFrom('audit_subject_key').select('subject').distinct().execute()
  return rows.map(({ subject }) => subject)
}

/** Who ever went by a name. */
export async function selectSubjectsNamed(db: Store, name: Buffer): Promise<string[]> {
  const rows = await db.selectFrom('audit_subject_key').select('subject').distinct().where('name', '=', name).execute()
  return rows.map(({ subject }) => subject)
}

/** Bytes; in hexadecimal where JSON brought them. */
type KeptBytes = string | Uint8Array

/** A part of an entry's personal values with its key. What has lost its key is never read. */
export interface KeptPart {
  readonly part: string
  readonly keyId: string
  readonly key: KeptBytes
  readonly sealed: KeptBytes
}

/** The kept parts of the entry that a column names, as a column: it may have its place or wait for it. */
export const keptParts = (entryId: string): RawBuilder<readonly KeptPart[]> => partsIn('audit_kept_part', entryId)

/** The same of an entry that has its place. */
export const placedParts = (entryId: string): RawBuilder<readonly KeptPart[]> => partsIn('audit_personal', entryId)

const partsIn = (table: string, entryId: string): RawBuilder<readonly KeptPart[]> => sql`
  coalesce((select json_agg(json_build_object('part', part, 'keyId', key_id,
      'key', encode(audit_subject_key.sealed, 'hex'), 'sealed', encode(kept.sealed, 'hex')) order by part)
    from ${sql.table(table)} as kept join audit_subject_key on audit_subject_key.id = kept.key_id
    where kept.entry_id = ${sql.ref(entryId)}), '[]'::json)`
