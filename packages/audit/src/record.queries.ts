import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { EntryColumns } from './entry-columns.ts'
import { readCheckpointsAfter, type CheckpointRow } from './checkpoint.queries.ts'
import { keptParts, type KeptPart } from './subject-keys.queries.ts'

/**
 * Leaves and entries read at once: checking them takes the process some milliseconds, and others want their turn
 * between.
 */
const rowsPerRead = 250

/** A leaf with the entry it stands for; null: the entry is gone. */
export interface LeafWithEntry {
  readonly seq: number
  readonly entryId: string
  readonly hash: Buffer
  readonly entry: string | null
  readonly columns: EntryColumns
  readonly parts: readonly KeptPart[]
  /** SHA-256 of what stands beside it as what was asked; null: nothing does. */
  readonly askedHash: Buffer | null
}

/** One step along the audit log. */
export type RecordStep = { readonly leaf: LeafWithEntry } | { readonly checkpoint: CheckpointRow }

/** What stands in the tables and has no leaf. */
export interface Stray {
  readonly kind: 'leaf-missing' | 'entry-missing' | 'personal-altered' | 'column-altered'
  readonly message: string
}

/** An entry that says which others were removed. */
export interface Removal {
  readonly seq: number
  readonly hash: Buffer
  readonly entry: string
}

export interface RecordReader {
  /**
   * Leaves in order, each followed by the checkpoint of the size reached; at the end the checkpoints beyond the leaves.
   */
  steps(): AsyncGenerator<RecordStep>
  /** What entries say was removed: their text and leaf, to be believed only where they fit. */
  removals(): Promise<Removal[]>
  strays(limit: number): Promise<Stray[]>
  pending(): Promise<number>
}

/** Long enough for a record of any size on a slow disk; a statement is otherwise cut after seconds. */
const statementTimeout = '15min'

/** Reads the audit log as it stands at one moment, however long the reading takes. */
export const readRecord = <T>(db: Store, work: (record: RecordReader) => Promise<T>): Promise<T> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      await sql`select set_config('statement_timeout', ${statementTimeout}, true)`.execute(tx)
      return work({
        steps: () => steps(tx),
        removals: () => removals(tx),
        strays: (limit) => strays(tx, limit),
        pending: () => countPending(tx),
      })
    })

/** Entries that wait for their place. */
export async function countPending(db: Store): Promise<number> {
  const { count } = await db
    .selectFrom('audit_pending')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** How many entries wait for their place, and since when the oldest does. */
export async function readBacklog(db: Store, now: Date): Promise<{ pending: number; oldestSeconds: number }> {
  const { rows } = await sql<{ pending: number; oldestSeconds: number }>`
    select count(*)::int as pending,
      coalesce(extract(epoch from ${now}::timestamptz - min(enqueued_at)), 0)::float8 as "oldestSeconds"
    from audit_pending`.execute(db)
  return rows[0] ?? { pending: 0, oldestSeconds: 0 }
}

async function* steps(tx: Transaction): AsyncGenerator<RecordStep> {
  const checkpoints = allCheckpoints(tx)
  let next = await checkpoints.next()
  for await (const leaf of allLeaves(tx)) {
    yield { leaf }
    for (; next.done !== true && next.value.size <= leaf.seq + 1; next = await checkpoints.next())
      yield { checkpoint: next.value }
  }
  for (; next.done !== true; next = await checkpoints.next()) yield { checkpoint: next.value }
}

async function* allCheckpoints(tx: Transaction): AsyncGenerator<CheckpointRow, undefined> {
  for (let after = -1; ;) {
    const rows = await readCheckpointsAfter(tx, after, rowsPerRead)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return undefined
    after = last.size
  }
}

async function* allLeaves(tx: Transaction): AsyncGenerator<LeafWithEntry> {
  // below zero there should be nothing; whatever is there must be seen
  let reading = readLeaves(tx, Number.MIN_SAFE_INTEGER)
  for (;;) {
    const rows = await reading
    const last = rows.at(-1)
    if (last === undefined) return
    // while these are checked the database looks for the next
    reading = readLeaves(tx, last.seq)
    reading.catch(() => undefined) // told to who waits for it; who has left before has another reason
    yield* rows
  }
}

interface LeafRow extends EntryColumns {
  readonly seq: string
  readonly entry_id: string
  readonly leaf_hash: Buffer
  readonly entry: string | null
  readonly parts: readonly KeptPart[]
  readonly asked_hash: Buffer | null
}

async function readLeaves(tx: Transaction, after: number): Promise<LeafWithEntry[]> {
  const { rows } = await sql<LeafRow>`
    select seq, leaf.entry_id, leaf_hash, entry, sha256(convert_to(asked, 'UTF8')) as asked_hash,
      at, action, outcome, principal_id, resource_type, resource_id, workspace, session_id, effect, kind,
      ${keptParts('leaf.entry_id')} as parts
    from (select * from audit_leaf where seq > ${after}::bigint order by seq limit ${rowsPerRead}::int) as leaf
    left join audit_entry on audit_entry.id = leaf.entry_id order by seq`.execute(tx)
  return rows.map(({ seq, entry_id: entryId, leaf_hash: hash, entry, parts, asked_hash: askedHash, ...columns }) => ({
    seq: Number(seq),
    entryId,
    hash,
    entry,
    parts,
    askedHash,
    columns,
  }))
}

async function removals(tx: Transaction): Promise<Removal[]> {
  const { rows } = await sql<{ seq: string; hash: Buffer; entry: string }>`
    select seq, leaf_hash as hash, entry from audit_entry join audit_leaf on entry_id = id
    where action = 'audit.prune' and outcome = 'allowed' order by seq`.execute(tx)
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }))
}

async function strays(tx: Transaction, limit: number): Promise<Stray[]> {
  const { rows } = await sql<Stray>`
    (select 'leaf-missing' as kind, 'the entry \`' || id || '\` has no leaf and does not wait for one' as message
      from audit_entry
      where not exists (select from audit_leaf where entry_id = id)
        and not exists (select from audit_pending where entry_id = id) limit ${limit}::int)
    union all
    (select 'entry-missing', 'the entry \`' || entry_id || '\` waits for its leaf and is gone' from audit_pending
      where not exists (select from audit_entry where id = entry_id) limit ${limit}::int)
    union all
    (select 'personal-altered', 'personal values are kept for \`' || entry_id || '\`, which is no entry'
      from (select distinct entry_id from audit_personal) as kept
      where not exists (select from audit_entry where id = entry_id) limit ${limit}::int)`.execute(tx)
  return rows
}
