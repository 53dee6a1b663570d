import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { readCheckpointsAfter, type CheckpointRow } from './checkpoint.queries.ts'
import {
  allPages,
  pageReader,
  readRanges,
  type LeafWithEntry,
  type PageRange,
  type ReadPage,
} from './record-page.queries.ts'

/** Checkpoints read at once. */
const checkpointsPerRead = 250

/** Entries about removals read at once: some megabytes, were each as long as an entry may be. */
const removalsPerRead = 100

/** What stands in the tables and has no leaf. */
export interface Stray {
  readonly kind: 'leaf-missing' | 'personal-altered'
  readonly message: string
}

/** An entry that says which others were removed. */
export interface Removal {
  readonly seq: number
  readonly hash: Buffer
  readonly entry: string
}

export interface RecordReader {
  /** Leaves with their entries, in order. */
  pages(): AsyncGenerator<readonly LeafWithEntry[]>
  /** Checkpoints, the smallest first. */
  checkpoints(): AsyncGenerator<CheckpointRow, undefined>
  /** What entries say was removed, the oldest first: their text and leaf, to be believed only where they fit. */
  removals(): AsyncGenerator<readonly Removal[]>
  strays(limit: number): Promise<Stray[]>
  pending(): Promise<number>
}

/** The audit log at one moment, as several connections may read it. */
export interface SharedRecord extends RecordReader {
  /** Pages of so many leaves each, in order; together all that there are. */
  ranges(leaves: number): Promise<readonly PageRange[]>
  /** What another connection reads the same moment by, as long as this reading lasts. */
  moment(): Promise<string>
}

/** Long enough for a record of any size on a slow disk; a statement is otherwise cut after seconds. */
const statementTimeout = '15min'

/** Reads the audit log as it stands at one moment, however long the reading takes. */
export const readRecord = <T>(db: Store, work: (record: SharedRecord) => Promise<T>): Promise<T> =>
  reading(db, null, (tx) =>
    work({
      pages: () => allPages(tx),
      checkpoints: () => allCheckpoints(tx),
      removals: () => allRemovals(tx),
      strays: (limit) => strays(tx, limit),
      pending: () => countPending(tx),
      ranges: (leaves) => readRanges(tx, leaves),
      moment: () => readMoment(tx),
    }),
  )

/** Reads pages as they were at the moment of another connection. */
export const readPagesAt = <T>(db: Store, moment: string, work: (readPage: ReadPage) => Promise<T>): Promise<T> =>
  reading(db, moment, (tx) => work(pageReader(tx)))

const reading = <T>(db: Store, moment: string | null, work: (tx: Transaction) => Promise<T>): Promise<T> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      // before anything else is asked, which would be asked of another moment
      if (moment !== null) await sql`set transaction snapshot ${sql.lit(moment)}`.execute(tx)
      // who holds the moment for others asks nothing for as long as these read
      await sql`select set_config('statement_timeout', ${statementTimeout}, true),
        set_config('idle_in_transaction_session_timeout', ${statementTimeout}, true)`.execute(tx)
      return work(tx)
    })

async function readMoment(tx: Transaction): Promise<string> {
  const { rows } = await sql<{ moment: string }>`select pg_export_snapshot() as moment`.execute(tx)
  return rows[0]?.moment ?? ''
}

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

async function* allCheckpoints(tx: Transaction): AsyncGenerator<CheckpointRow, undefined> {
  for (let after = -1; ;) {
    const rows = await readCheckpointsAfter(tx, after, checkpointsPerRead)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return undefined
    after = last.size
  }
}

/** By time, as the index of actions has them: in the order of their leaves all of them were sorted for each page. */
async function* allRemovals(tx: Transaction): AsyncGenerator<readonly Removal[]> {
  for (let after = { at: '', id: '00000000-0000-0000-0000-000000000000' }; ;) {
    const { rows } = await sql<{ seq: string; hash: Buffer; entry: string; at: string; id: string }>`
      select seq, leaf_hash as hash, entry, at, id from audit_placed join audit_leaf on entry_id = id
      where action = 'audit.prune' and outcome = 'allowed' and (at, id) > (${after.at}, ${after.id}::uuid)
      order by at, id limit ${removalsPerRead}::int`.execute(tx)
    yield rows.map(({ seq, hash, entry }) => ({ seq: Number(seq), hash, entry }))
    const last = rows.at(-1)
    if (last === undefined) return
    after = last
  }
}

async function strays(tx: Transaction, limit: number): Promise<Stray[]> {
  const { rows } = await sql<Stray>`
    (select 'leaf-missing' as kind, 'the entry \`' || id || '\` has no leaf and does not wait for one' as message
      from audit_placed where not exists (select from audit_leaf where entry_id = id) limit ${limit}::int)
    union all
    (select 'personal-altered', 'personal values are kept for \`' || entry_id || '\`, which is no entry'
      from (select distinct entry_id from audit_personal) as kept
      where not exists (select from audit_placed where id = entry_id)
        and not exists (select from audit_pending where audit_pending.entry_id = kept.entry_id)
      limit ${limit}::int)`.execute(tx)
  return rows
}
