import { namedStatement, sequencerRole, type Store } from '@gatehouse/database'
import { CompiledQuery, sql } from 'kysely'

/** True: this connection is the one that sequences, until it ends. */
export async function tryToLead(db: Store): Promise<boolean> {
  const { rows } = await sql<{
    leads: boolean
  }>`select pg_try_advisory_lock(hashtext('gatehouse-sequencer')) as leads`.execute(db)
  return rows[0]?.leads === true
}

/** Takes the role that alone may write leaves and checkpoints, on this connection. */
export const becomeSequencer = async (db: Store): Promise<void> =>
  void (await sql`set role ${sql.id(sequencerRole)}`.execute(db))

/** Where the next leaf would stand, by the leaves alone. */
export async function readTail(db: Store): Promise<number> {
  const { rows } = await sql<{ tail: string }>`select coalesce(max(seq), -1) + 1 as tail from audit_leaf`.execute(db)
  return Number(rows[0]?.tail ?? 0)
}

const hashBytes = 32

export interface LeafRow {
  readonly seq: number
  readonly hash: Buffer
}

/** A place as the server sends it, and the hash behind it; the table takes no hash of another length. */
const leafBytes = 8 + hashBytes

/** Leaves from a place on, in order. They come as one value: of each 256 that were written all are read once more. */
export async function readLeavesFrom(db: Store, seq: number, limit: number): Promise<LeafRow[]> {
  const { rows } = await db.executeQuery<{ leaves: Buffer }>(CompiledQuery.raw(leavesFrom, [seq, limit]))
  const leaves = rows[0]?.leaves ?? Buffer.of()
  return Array.from({ length: leaves.length / leafBytes }, (_, index) => {
    const start = index * leafBytes
    return { seq: Number(leaves.readBigInt64BE(start)), hash: leaves.subarray(start + 8, start + leafBytes) }
  })
}

const leavesFrom = namedStatement(
  'gatehouse-leaves-from',
  `select coalesce(string_agg(int8send(seq) || leaf_hash, ''::bytea order by seq), ''::bytea) as leaves from (
    select seq, leaf_hash from audit_leaf where seq >= $1 order by seq limit $2) as leaf`,
)

export interface Moved {
  /** Where the leaves ended before. Another one than expected: nothing was moved. */
  readonly tail: number
  readonly hashes: readonly Buffer[]
}

/**
 * Moves waiting entries to their places in the tree, oldest id first, and has them found by all that they are searched
 * by. One statement: a kill leaves them placed or waiting, never both, never neither. Moves nothing when the leaves do
 * not end where they were left.
 */
export async function moveToLeaves(
  db: Store,
  { tail, base, limit }: { tail: number; base: number; limit: number },
): Promise<Moved> {
  const { rows } = await db.executeQuery<{ tail: string; hashes: Buffer }>(
    CompiledQuery.raw(place, [String(tail), String(base), limit]),
  )
  const [row] = rows
  return { tail: Number(row?.tail), hashes: eachHash(row?.hashes ?? Buffer.of()) }
}

/** They come as one value: pg reads a list of bytes letter by letter. */
const eachHash = (joined: Buffer): Buffer[] =>
  Array.from({ length: joined.length / hashBytes }, (_, index) =>
    joined.subarray(index * hashBytes, (index + 1) * hashBytes),
  )

/** Parsed and planned once per connection: it runs some thirty times a second. */
const place = namedStatement('gatehouse-place-entries', 'select tail, hashes from audit_place($1, $2, $3)')

/**
 * Clears away what was in the queue: its rows are large, they go within a moment, and what is left of them is walked
 * over by whoever reads what waits.
 */
export const clearQueue = async (db: Store): Promise<void> =>
  void (await sql`vacuum (skip_locked, truncate false) audit_pending`.execute(db))
