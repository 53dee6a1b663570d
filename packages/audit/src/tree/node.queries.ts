import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'
import { readLeavesFrom } from '../leaf.queries.ts'

/** A hash of a whole subtree of 256^`level` leaves. */
export interface TreeNode {
  readonly level: number
  readonly index: number
  readonly hash: Buffer
}

/**
 * Stored hashes of one level from a place on, in order and without a gap; fewer than were asked for where they are not
 * there yet. Level 0 is the leaves themselves.
 */
export async function readNodes(
  db: Store,
  { level, index, count }: { level: number; index: number; count: number },
): Promise<Buffer[]> {
  const found =
    level === 0
      ? (await readLeavesFrom(db, index, count)).map(({ seq, hash }) => ({ index: seq, hash }))
      : (
          await db
            .selectFrom('audit_node')
            .select(['index', 'hash'])
            .where('level', '=', level)
            .where('index', '>=', String(index))
            .where('index', '<', String(index + count))
            .orderBy('index')
            .execute()
        ).map((row) => ({ index: Number(row.index), hash: row.hash }))
  const gap = found.findIndex((one, position) => one.index !== index + position)
  return found.slice(0, gap < 0 ? count : gap).map(({ hash }) => hash)
}

/** How many hashes of a level there are. They are written in order. */
export async function countNodes(db: Store, level: number): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select coalesce(max(index), -1) + 1 as count from audit_node where level = ${level}`.execute(db)
  return Number(rows[0]?.count ?? 0)
}

/** Writes hashes; one that is there already is the same one. For the sequencer's role. */
export async function insertNodes(db: Store, nodes: readonly TreeNode[]): Promise<void> {
  if (nodes.length === 0) return
  await db
    .insertInto('audit_node')
    .values(nodes.map(({ level, index, hash }) => ({ level, index: String(index), hash })))
    .onConflict((on) => on.doNothing())
    .execute()
}
