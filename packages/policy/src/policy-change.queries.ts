import { decodeUuidCursor } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { SourceFile } from './policy-source.ts'

/** How a set came to be in force. */
export type ChangeKind = 'files' | 'published' | 'rolledBack'

/** A policy set that came into force. */
export interface PolicyChangeFacts {
  readonly id: string
  readonly at: Date
  readonly kind: ChangeKind
  readonly version: string
  readonly schemaVersion: string
  readonly policies: number
  readonly changedBy: string | null
  readonly reason: string | null
}

/** The same with its files. */
export interface NewPolicyChange extends PolicyChangeFacts {
  readonly files: readonly SourceFile[]
}

/** What every node decides by, and what lay in the directory of the node that said so. */
export interface Pin {
  readonly id: string
  readonly version: string
  readonly kind: ChangeKind
  readonly at: Date
  readonly filesVersion: string
}

/** Sets that can be gone back to; some 60 KB each. */
const changesMax = 200

/** What is published or rolled back to; null: each node follows its files. */
export async function findPin(db: Store): Promise<Pin | null> {
  const row = await db
    .selectFrom('policy_pin as p')
    .innerJoin('policy_change as c', 'c.id', 'p.change_id')
    .select(['c.id', 'c.version', 'c.kind', 'p.at', 'p.files_version'])
    .executeTakeFirst()
  if (row === undefined) return null
  return { id: row.id, version: row.version, kind: row.kind, at: row.at, filesVersion: row.files_version }
}

/** The files of a set; null: it is no longer kept. */
export async function findFiles(db: Store, id: string): Promise<readonly SourceFile[] | null> {
  const row = await db.selectFrom('policy_change').select('files').where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : (JSON.parse(row.files) as SourceFile[]) // our own JSON
}

/** A set and its files by id; null: it is no longer kept. */
export async function findChange(db: Store, id: string): Promise<NewPolicyChange | null> {
  const row = await db.selectFrom('policy_change').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : { ...factsOf(row), files: JSON.parse(row.files) as SourceFile[] } // our own JSON
}

/** Sets that came into force after a position, oldest first, with their files. */
export async function selectFilesAfter(
  db: Store,
  position: string,
): Promise<
  { readonly position: string; readonly id: string; readonly version: string; readonly files: readonly SourceFile[] }[]
> {
  const rows = await db
    .selectFrom('policy_change')
    .select(['position', 'id', 'version', 'files'])
    .where('position', '>', position)
    .orderBy('position')
    .execute()
  return rows.map((row) => ({ ...row, files: JSON.parse(row.files) as SourceFile[] })) // our own JSON
}

/** The set that came into force last, on whatever node; null: none has. */
export async function findLast(db: Store): Promise<{ readonly id: string; readonly version: string } | null> {
  const rows = db.selectFrom('policy_change').select(['id', 'version'])
  return (await rows.orderBy('position', 'desc').limit(1).executeTakeFirst()) ?? null
}

/** The version that was in force at a time; null: nobody has noted that any was, or it is no longer kept. */
export async function findVersionAt(db: Store, at: Date): Promise<string | null> {
  const row = await db
    .selectFrom('policy_change')
    .select('version')
    .where('at', '<=', at)
    .orderBy('position', 'desc')
    .executeTakeFirst()
  return row?.version ?? null
}

/** The id of the set that was in force before this version last came; null: there is none. */
export async function findBefore(db: Store, version: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from policy_change where version <> ${version}
      and position < coalesce((select max(position) from policy_change where version = ${version}), 9223372036854775807)
    order by position desc limit 1`.execute(db)
  return rows[0]?.id ?? null
}

/** A set in the history. `last`: it has not come again since. */
export interface PolicyChangeInHistory extends PolicyChangeFacts {
  readonly last: boolean
}

/** Sets that came into force, newest first. One more than asked for, where there is one. */
export async function selectChanges(
  db: Store,
  { first, after }: { readonly first: number; readonly after?: string | undefined },
): Promise<PolicyChangeInHistory[]> {
  const cursor = after === undefined ? null : decodeUuidCursor(after)
  const rows = await db
    .selectFrom('policy_change')
    .selectAll()
    .select(
      sql<boolean>`position = (select max(c.position) from policy_change c where c.version = policy_change.version)`.as(
        'last',
      ),
    )
    .$if(cursor !== null, (query) =>
      query.where(sql<boolean>`(at, id) < (${cursor?.at ?? null}, ${cursor?.id ?? null}::uuid)`),
    )
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(first + 1)
    .execute()
  return rows.map((row) => ({ ...factsOf(row), last: row.last }))
}

/** What is published or rolled back to, and what was when somebody decided on it. */
export interface Pinning {
  readonly change: NewPolicyChange
  readonly filesVersion: string
  /** The pin that it takes the place of; null: none. */
  readonly instead: string | null
}

/**
 * Writes what is published or rolled back to, and has every node decide by it. False, and nothing is written: something
 * else was published or let go meanwhile, so that what was looked at before is not what this would replace.
 */
export async function pinChange(tx: Transaction, { change, filesVersion, instead }: Pinning): Promise<boolean> {
  await holdChanges(tx)
  const pinned = await findPin(tx)
  if ((pinned?.id ?? null) !== instead) return false
  await insertChange(tx, change)
  const pin = { change_id: change.id, files_version: filesVersion, at: change.at }
  await tx
    .insertInto('policy_pin')
    .values({ pin: 'set', ...pin })
    .onConflict((conflict) => conflict.column('pin').doUpdateSet(pin))
    .execute()
  await forgetOldest(tx)
  return true
}

/** Lets the nodes follow their files again, unless something else was published meanwhile. */
export async function releasePin(db: Store, id: string): Promise<void> {
  await db.deleteFrom('policy_pin').where('change_id', '=', id).execute()
}

/** Keeps a set that came from files, unless it is what was noted last: every node notes it. */
export async function noteFiles(tx: Transaction, change: NewPolicyChange): Promise<void> {
  await holdChanges(tx)
  const last = await tx.selectFrom('policy_change').select('version').orderBy('position', 'desc').executeTakeFirst()
  if (last?.version === change.version) return
  await insertChange(tx, change)
  await forgetOldest(tx)
}

/** Takes out who changed what is kept, and why: a reason is their own words. */
export async function forgetChanger(tx: Transaction, userId: string): Promise<void> {
  await tx
    .updateTable('policy_change')
    .set({ changed_by: null, reason: null })
    .where('changed_by', '=', userId)
    .execute()
}

const holdChanges = async (tx: Transaction): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-policy-change'))`.execute(tx)
}

async function insertChange(tx: Transaction, change: NewPolicyChange): Promise<void> {
  await tx
    .insertInto('policy_change')
    .values({
      id: change.id,
      at: change.at,
      kind: change.kind,
      version: change.version,
      schema_version: change.schemaVersion,
      policies: change.policies,
      files: JSON.stringify(change.files),
      changed_by: change.changedBy,
      reason: change.reason,
    })
    .execute()
}

async function forgetOldest(tx: Transaction): Promise<void> {
  await sql`delete from policy_change where position <= (select max(position) from policy_change) - ${changesMax}
    and id not in (select change_id from policy_pin)`.execute(tx)
}

interface ChangeRow {
  readonly id: string
  readonly at: Date
  readonly kind: ChangeKind
  readonly version: string
  readonly schema_version: string
  readonly policies: number
  readonly changed_by: string | null
  readonly reason: string | null
}

const factsOf = (row: ChangeRow): PolicyChangeFacts => ({
  id: row.id,
  at: row.at,
  kind: row.kind,
  version: row.version,
  schemaVersion: row.schema_version,
  policies: row.policies,
  changedBy: row.changed_by,
  reason: row.reason,
})
