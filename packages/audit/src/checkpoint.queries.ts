import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

/** A checkpoint as it is stored. Nothing of it is trusted before its signature is checked. */
export interface CheckpointRow {
  readonly size: number
  readonly root: Buffer
  readonly frontier: Buffer
  readonly note: string
  readonly signedAt: Date
}

export async function countCheckpoints(db: Store): Promise<number> {
  const { count } = await db
    .selectFrom('audit_checkpoint')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The newest checkpoint. */
export async function readNewestCheckpoint(db: Store): Promise<CheckpointRow | null> {
  const [newest] = await selectCheckpoints(db).orderBy('size', 'desc').limit(1).execute()
  return newest === undefined ? null : rowOf(newest)
}

/** Checkpoints after a size, smallest first. */
export const readCheckpointsAfter = async (db: Store, size: number, limit: number): Promise<CheckpointRow[]> =>
  (await selectCheckpoints(db).where('size', '>', String(size)).orderBy('size').limit(limit).execute()).map(rowOf)

/** The root that was signed at a size. */
export async function readRootAt(db: Store, size: number): Promise<Buffer | null> {
  const row = await db.selectFrom('audit_checkpoint').select('root').where('size', '=', String(size)).executeTakeFirst()
  return row?.root ?? null
}

/** The newest checkpoint that is not beyond a size. */
export async function readCheckpointUpTo(db: Store, size: number): Promise<CheckpointRow | null> {
  const [row] = await selectCheckpoints(db).where('size', '<=', String(size)).orderBy('size', 'desc').limit(1).execute()
  return row === undefined ? null : rowOf(row)
}

/**
 * Removes checkpoints older than a day that are not the last of their hour, at most so many; answers how many went. For
 * the sequencer's role.
 */
export async function pruneCheckpoints(db: Store, rowsMax: number): Promise<number> {
  const { rows } = await sql<{ gone: number }>`select audit_prune_checkpoints(${rowsMax}::integer) as gone`.execute(db)
  return rows[0]?.gone ?? 0
}

/** Stores a checkpoint; the time is the database's. */
export const insertCheckpoint = async (
  db: Store,
  { size, root, frontier, note }: Omit<CheckpointRow, 'signedAt'>,
): Promise<void> =>
  void (await db
    .insertInto('audit_checkpoint')
    .values({ size: String(size), root, frontier, note, signed_at: sql`clock_timestamp()` })
    .execute())

const selectCheckpoints = (db: Store) =>
  db.selectFrom('audit_checkpoint').select(['size', 'root', 'frontier', 'note', 'signed_at'])

const rowOf = ({
  size,
  signed_at: signedAt,
  ...rest
}: {
  size: string
  root: Buffer
  frontier: Buffer
  note: string
  signed_at: Date
}): CheckpointRow => ({ ...rest, size: Number(size), signedAt })
