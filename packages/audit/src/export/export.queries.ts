import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { hitsOf, opened, placedEntries, type KeptEntry, type Search, type SearchDeps } from '../search.queries.ts'
import { placedParts } from '../subject-keys.queries.ts'
import type { FoundEntry } from '../search.queries.ts'

/** An export as it is kept while it may be read. */
export interface ExportRow {
  readonly id: string
  readonly principal_id: string
  readonly session_id: string
  readonly format: string
  /** The filters with ids and moments: JSON text. */
  readonly filters: string
  readonly redacted: boolean
  /** Whether pseudonyms stand for people. */
  readonly pseudonyms: boolean
  readonly proofs: boolean
  /** The size of an older checkpoint that the manifest goes on from; null: none was named. */
  readonly since: number | null
  /** The tree's size at the signed checkpoint: later entries are not in it. */
  readonly size: number
  readonly checkpoint: string | null
  readonly created_at: Date
  readonly expires_at: Date
}

/** Keeps a new export; those that nobody can read any more go. */
export async function insertExport(tx: Transaction, row: ExportRow): Promise<void> {
  await tx.deleteFrom('audit_export').where('expires_at', '<', row.created_at).execute()
  await tx
    .insertInto('audit_export')
    .values({ ...row, size: String(row.size), since: row.since === null ? null : String(row.since), finished_at: null })
    .execute()
}

/** An export of one session that may still be read. */
export async function findExport(
  db: Store,
  { id, principalId, sessionId, now }: { id: string; principalId: string; sessionId: string; now: Date },
): Promise<ExportRow | null> {
  const row = await db
    .selectFrom('audit_export')
    .selectAll()
    .where('id', '=', id)
    .where('principal_id', '=', principalId)
    .where('session_id', '=', sessionId)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row === undefined
    ? null
    : { ...row, size: Number(row.size), since: row.since === null ? null : Number(row.since) }
}

/** Notes that an export was read to its end; false: it had been before. */
export async function finishExport(tx: Transaction, id: string, now: Date): Promise<boolean> {
  const { rows } = await sql`
    update audit_export set finished_at = ${now} where id = ${id}::uuid and finished_at is null returning id`.execute(
    tx,
  )
  return rows.length > 0
}

/** An entry with the hash of its leaf. */
export interface ExportedRow extends FoundEntry {
  readonly at: string
  readonly leaf_hash: Buffer
  /** Its place in the tree. */
  readonly index: number
}

/** Where a page of an export begins: after this entry. */
export interface ExportPlace {
  readonly at: string
  readonly id: string
}

/** A page of what is exported: oldest first, and nothing that came after the checkpoint. */
export async function selectExportPage(
  deps: SearchDeps,
  search: Pick<Search, 'sight' | 'filters'> & { readonly size: number },
  { after, limit }: { readonly after: ExportPlace | null; readonly limit: number },
): Promise<ExportedRow[]> {
  const hits = await hitsOf(deps, search, {
    among: [placedEntries],
    after: [
      ...(after === null ? [] : [sql`(audit_entry.at, audit_entry.id) > (${after.at}, ${after.id}::uuid)`]),
      sql`exists (select from audit_leaf where entry_id = audit_entry.id and seq < ${search.size}::bigint)`,
    ],
    inOrder: sql`order by audit_entry.at, audit_entry.id limit ${limit}::int`,
  })
  const { rows } = await sql<KeptEntry & { at: string; leaf_hash: Buffer }>`
    with hit as materialized (${hits})
    select audit_entry.id, audit_entry.at, audit_leaf.seq, audit_leaf.leaf_hash, audit_entry.entry,
      ${placedParts('audit_entry.id')} as parts
    from hit join ${placedEntries} on audit_entry.id = hit.id join audit_leaf on audit_leaf.entry_id = audit_entry.id
    order by audit_entry.at, audit_entry.id limit ${limit}::int`.execute(deps.db)
  return rows.map((row) => ({ ...opened(deps, row), index: Number(row.seq) }))
}

/** Whether entries that were written before a moment still wait for their place, and where the leaves end. */
export async function readWaiting(db: Store, before: Date): Promise<{ waiting: boolean; tail: number }> {
  const { rows } = await sql<{ waiting: boolean; tail: string }>`
    select exists (select from audit_pending where enqueued_at <= ${before}) as waiting,
      (select coalesce(max(seq), -1) + 1 from audit_leaf) as tail`.execute(db)
  return { waiting: rows[0]?.waiting === true, tail: Number(rows[0]?.tail ?? 0) }
}
