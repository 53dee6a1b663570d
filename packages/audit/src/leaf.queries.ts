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

export interface LeafRow {
  readonly seq: number
  readonly hash: Buffer
}

/** Leaves from a place on, in order. */
export async function readLeavesFrom(db: Store, seq: number, limit: number): Promise<LeafRow[]> {
  const rows = await db
    .selectFrom('audit_leaf')
    .select(['seq', 'leaf_hash'])
    .where('seq', '>=', String(seq))
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ seq: Number(row.seq), hash: row.leaf_hash }))
}

export interface Moved {
  /** Where the leaves ended before. Another one than expected: nothing was moved. */
  readonly tail: number
  readonly hashes: readonly Buffer[]
}

/**
 * Moves waiting entries into the tree, oldest id first, in one statement: a kill leaves them moved or waiting, never
 * both, never neither.
 * Moves nothing when the leaves do not end where they were left. An entry that waits but is gone stays waiting, for
 * `audit.verify` to find.
 */
export async function moveToLeaves(
  db: Store,
  { tail, base, limit }: { tail: number; base: number; limit: number },
): Promise<Moved> {
  const { rows } = await db.executeQuery<{ tail: string; hashes: Buffer | null }>(
    CompiledQuery.raw(moveQuery, [String(tail), limit, String(base)]),
  )
  const [row] = rows
  return { tail: Number(row?.tail), hashes: eachHash(row?.hashes ?? Buffer.of()) }
}

const hashBytes = 32

/** They come as one value: pg reads a list of bytes letter by letter. */
const eachHash = (joined: Buffer): Buffer[] =>
  Array.from({ length: joined.length / hashBytes }, (_, index) =>
    joined.subarray(index * hashBytes, (index + 1) * hashBytes),
  )

/**
 * INVARIANT: the entries are looked up one by one by what waits, and what was moved leaves by its place. A queue is
 * never as the planner knows it: left to itself, it merged the queue with all entries there are, from the oldest on.
 */
export const moveText = `
  with tail as materialized (select coalesce(max(seq), -1) + 1 as seq from audit_leaf),
  batch as materialized (
    select waiting.ctid as place, waiting.entry_id, known.entry from audit_pending as waiting
      cross join lateral (select entry from audit_entry where id = waiting.entry_id offset 0) as known
    where (select seq from tail) = $1::bigint order by waiting.entry_id limit $2::int),
  moved as (delete from audit_pending where ctid = any(array(select place from batch))),
  leaf as (
    insert into audit_leaf (seq, entry_id, leaf_hash)
    select $3::bigint + row_number() over (order by entry_id) - 1, entry_id,
      sha256('\\x00'::bytea || convert_to(entry, 'UTF8'))
    from batch
    returning seq, leaf_hash)
  select (select seq from tail) as tail, (select string_agg(leaf_hash, ''::bytea order by seq) from leaf) as hashes`

/** Parsed and planned once per connection: it runs some thirty times a second. */
const moveQuery = namedStatement('gatehouse-move-to-leaves', moveText)
