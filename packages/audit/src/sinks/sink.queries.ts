import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { opened, type FoundEntry, type KeptEntry, type SearchDeps } from '../search.queries.ts'
import { placedParts } from '../subject-keys.queries.ts'

/** A place where the audit log goes, as it is stored. */
export interface SinkRow {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly format: string
  /** Where it is: JSON text. */
  readonly target: string
  /** Its whole URL, sealed; null: it has none, or was kept in clear, in the target, by a version before. */
  readonly url: Buffer | null
  readonly authority: string | null
  /** Sealed. */
  readonly secret: Buffer | null
  readonly redacted: boolean
  readonly state: 'active' | 'paused'
  /** The last leaf that was delivered. */
  readonly cursor: string
  /** Whether its file is to be written again from where it began. */
  readonly anew: boolean
  /** Whether nothing is changed while it does not take the audit log. */
  readonly required: boolean
  readonly failures: number
  readonly failing_since: Date | null
  readonly last_error: string | null
  readonly delivered_at: Date | null
  readonly created_at: Date
}

/** A sink with how far it is behind. */
export interface SinkState extends SinkRow {
  readonly waiting: string
  readonly oldest: string | null
  readonly dead_letters: number
}

/** Entries of one delivery: a few hundred kilobytes. Nothing is read ahead of a slow sink but these. */
export const batchMax = 100

/** Sinks that there may be; each is a copy of the log that somebody has to look after. */
export const sinksMax = 20

/**
 * Keeps a new sink. False: there are too many, or one of that name, or one for that file: two would write over one
 * another's lines.
 */
export async function insertSink(
  tx: Transaction,
  sink: Pick<
    SinkRow,
    | 'id'
    | 'name'
    | 'kind'
    | 'format'
    | 'target'
    | 'url'
    | 'authority'
    | 'secret'
    | 'redacted'
    | 'required'
    | 'created_at'
  > & { readonly from: 'beginning' | 'now' },
): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-audit-sinks'))`.execute(tx)
  const { rows } = await sql`
    insert into audit_sink (id, name, kind, format, target, url, authority, secret, redacted, required, state, cursor,
      begins_after, due_at, created_at)
    select ${sink.id}::uuid, ${sink.name}, ${sink.kind}, ${sink.format}, ${sink.target}, ${sink.url}::bytea,
      ${sink.authority}, ${sink.secret}::bytea, ${sink.redacted}::boolean, ${sink.required}::boolean, 'active',
      begin, begin,
      ${sink.created_at}::timestamptz, ${sink.created_at}::timestamptz
    from (select case when ${sink.from} = 'now' then (select coalesce(max(seq), -1) from audit_leaf) else -1 end
      as begin) as place
    where (select count(*) from audit_sink) < ${sinksMax}::int
      and not exists (select from audit_sink
        where ${sink.kind}::text = 'file' and kind = 'file' and target = ${sink.target}::text)
    on conflict (name) do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** Where sinks are whose URL is not sealed, held until the transaction ends, in the order that an erasure takes. */
export async function lockClearTargets(tx: Transaction): Promise<Pick<SinkRow, 'id' | 'target'>[]> {
  const { rows } = await sql<Pick<SinkRow, 'id' | 'target'>>`
    select id, target from audit_sink where kind in ('http', 'hec', 'webhook') and url is null
    order by id for update`.execute(tx)
  return rows
}

/** Keeps the URL of a sink sealed, and as its target what people know it by. */
export const keepUrl = async (
  tx: Transaction,
  { id, url, target }: Pick<SinkRow, 'id' | 'url' | 'target'>,
): Promise<void> =>
  void (await sql`update audit_sink set url = ${url}, target = ${target} where id = ${id}::uuid`.execute(tx))

/** Sinks newest first, with how much waits for each: counted up to a bound, since a new one may have all before it. */
export async function selectSinks(
  db: Store,
  { after, limit, id }: { after: { readonly at: Date; readonly id: string } | null; limit: number; id?: string },
): Promise<SinkState[]> {
  const { rows } = await sql<SinkState>`
    select audit_sink.*, (select coalesce(max(seq), -1) from audit_leaf) - cursor as waiting,
      (select at from audit_leaf join audit_placed on id = entry_id where seq > cursor order by seq limit 1)
        as oldest,
      (select count(*)::int from audit_sink_dead_letter where sink_id = audit_sink.id) as dead_letters
    from audit_sink
    where ${id === undefined ? sql`true` : sql`audit_sink.id = ${id}::uuid`}
      and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by created_at desc, id desc limit ${limit}::int`.execute(db)
  return rows
}

/** The sink of an id or a name; an id wins over another sink's name. */
export async function findSinkId(db: Store, given: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from audit_sink where id::text = lower(${given}) or name = ${given}
    order by id::text = lower(${given}) desc limit 1`.execute(db)
  return rows[0]?.id ?? null
}

/** Pauses or resumes; false: there is no such sink. A resumed one is tried at once. */
export async function setSinkState(
  tx: Transaction,
  { id, state, now }: { id: string; state: SinkRow['state']; now: Date },
): Promise<boolean> {
  const { rows } = await sql`
    update audit_sink set state = ${state}, due_at = ${now}, failures = 0 where id = ${id}::uuid returning id`.execute(
    tx,
  )
  return rows.length > 0
}

/** Requires a sink, or does so no more; false: there is no such sink. */
export async function setSinkRequired(
  tx: Transaction,
  { id, required }: Pick<SinkRow, 'id' | 'required'>,
): Promise<boolean> {
  const { rows } = await sql`
    update audit_sink set required = ${required}::boolean where id = ${id}::uuid returning id`.execute(tx)
  return rows.length > 0
}

/** Nobody has delivered to a sink for so long, and something waits: the worker is away. */
const requiredSecondsMax = 30
/**
 * A required sink that has not answered for so long hangs. A healthy one takes a hundred entries in a fraction of it,
 * from another continent too; waiting for the end of a delivery would let changes pass for twenty seconds.
 */
const answerSecondsMax = 2

/**
 * Required sinks that do not take the audit log: paused, failing, hanging, or with something that waits and nobody who
 * delivers it. One that is far behind and catches up takes it.
 */
export async function selectRequiredDown(db: Store, now: Date): Promise<string[]> {
  const long = new Date(now.getTime() - requiredSecondsMax * 1000)
  const heardOfBefore = new Date(now.getTime() + (claimSeconds - answerSecondsMax) * 1000)
  const { rows } = await sql<{ name: string }>`
    select name from audit_sink where required and (state = 'paused' or failing_since is not null
      or claimed_until < ${heardOfBefore} or (coalesce(delivered_at, created_at) < ${long} and coalesce(
        (select at < ${long.toISOString()} from audit_leaf join audit_placed on audit_placed.id = entry_id
          where seq > cursor order by seq limit 1), false)))
    order by name`.execute(db)
  return rows.map(({ name }) => name)
}

/** Removes a sink with its dead letters; false: there is none. */
export async function deleteSink(tx: Transaction, id: string): Promise<boolean> {
  const { rows } = await sql`delete from audit_sink where id = ${id}::uuid returning id`.execute(tx)
  return rows.length > 0
}

/** An entry that a sink would not take. */
export interface DeadLetter {
  readonly sink_id: string
  readonly seq: string
  readonly entry_id: string
  readonly error: string
  readonly at: Date
  readonly due: boolean
}

/** A sink's dead letters, the newest entries first. */
export async function selectDeadLetters(
  db: Store,
  { sinkId, before, limit }: { sinkId: string; before: string | null; limit: number },
): Promise<DeadLetter[]> {
  const { rows } = await sql<DeadLetter>`
    select * from audit_sink_dead_letter where sink_id = ${sinkId}::uuid
      and ${before === null ? sql`true` : sql`entry_id < ${before}::uuid`}
    order by entry_id desc limit ${limit}::int`.execute(db)
  return rows
}

/** Has dead letters tried again: one of them, or all. Answers how many. */
export async function retryDeadLetters(
  tx: Transaction,
  { sinkId, entryId }: { sinkId: string; entryId: string | null },
): Promise<number> {
  const { rows } = await sql`
    update audit_sink_dead_letter set due = true where sink_id = ${sinkId}::uuid
      and ${entryId === null ? sql`true` : sql`entry_id = ${entryId}::uuid`} returning seq`.execute(tx)
  return rows.length
}

/**
 * A claim older than this is that of a process that died. INVARIANT: twice what one answer may take, and each answer
 * renews it, so that what is under way ends before the claim does. So long no change is made after a worker was killed
 * in the middle of what it delivered to a required sink.
 */
export const claimSeconds = 45

const claimEnd = (now: Date): Date => new Date(now.getTime() + claimSeconds * 1000)

/** A sink that one process delivers to, until its claim lapses. */
export interface ClaimedSink extends SinkRow {
  readonly claim: string
}

/**
 * Claims a sink that has something to get, if there is one. One statement: of many processes each claims another, and a
 * claim outlives its process by at most its time.
 */
export async function claimSink(db: Store, { claim, now }: { claim: string; now: Date }): Promise<ClaimedSink | null> {
  const { rows } = await sql<ClaimedSink>`
    with mine as (
      select id from audit_sink
      where due_at <= ${now} and (claimed_until is null or claimed_until < ${now})
        and (anew or (state = 'active' and (cursor < (select max(seq) from audit_leaf)
          or exists (select from audit_sink_dead_letter where sink_id = audit_sink.id and due))))
      order by due_at limit 1 for update skip locked)
    update audit_sink set claim = ${claim}::uuid, claimed_until = ${claimEnd(now)} from mine
    where audit_sink.id = mine.id
    returning audit_sink.*`.execute(db)
  return rows[0] ?? null
}

/** How a delivery ended. */
export interface Delivered {
  readonly id: string
  readonly claim: string
  readonly now: Date
}

/** The sink has answered, if not to all that it is to get: it does not hang, and its claim begins anew. */
export const noteAnswer = async (db: Store, { id, claim, now }: Delivered): Promise<void> =>
  void (await sql`
    update audit_sink set claimed_until = ${claimEnd(now)} where id = ${id}::uuid and claim = ${claim}::uuid`.execute(
    db,
  ))

/** Moves on behind what was delivered, and lets the sink go. False: the claim had lapsed, and is another's by now. */
export async function advanceSink(db: Store, { id, claim, now }: Delivered, cursor: string): Promise<boolean> {
  const { rows } = await sql`
    update audit_sink set cursor = ${cursor}::bigint, failures = 0, failing_since = null, last_error = null,
      delivered_at = ${now}, claim = null, claimed_until = null, due_at = ${now}
    where id = ${id}::uuid and claim = ${claim}::uuid returning id`.execute(db)
  return rows.length > 0
}

/** A file that is to be written anew is empty now: the sink begins where it did at first. False: another's by now. */
export async function beginAnew(db: Store, { id, claim, now }: Delivered): Promise<boolean> {
  const { rows } = await sql`
    update audit_sink set anew = false, cursor = begins_after, delivered_at = ${now}, failures = 0,
      failing_since = null, last_error = null,
      claim = null, claimed_until = null, due_at = ${now}
    where id = ${id}::uuid and claim = ${claim}::uuid returning id`.execute(db)
  return rows.length > 0
}

/** Lets a sink go that took nothing, to be tried again later. False: the claim had lapsed, and is another's by now. */
export async function postponeSink(
  db: Store,
  { id, claim, now }: Delivered,
  { error, dueAt }: { error: string; dueAt: Date },
): Promise<boolean> {
  const { rows } = await sql`
    update audit_sink set failures = failures + 1, failing_since = coalesce(failing_since, ${now}),
      last_error = ${error}, claim = null, claimed_until = null, due_at = ${dueAt}
    where id = ${id}::uuid and claim = ${claim}::uuid returning id`.execute(db)
  return rows.length > 0
}

/** An entry to be delivered, with its place. */
export interface DeliverableRow extends FoundEntry {
  readonly leaf_hash: Buffer
}

/** What comes next for a sink; entries that are gone from the log are passed over, and `end` is behind them, too. */
export async function selectBatch(
  deps: SearchDeps,
  { cursor, limit }: { cursor: string; limit: number },
): Promise<{ rows: DeliverableRow[]; end: string }> {
  const { rows } = await sql<{ seq: string } & (KeptEntry & { leaf_hash: Buffer })>`
    select leaf.seq, leaf.entry_id as id, leaf.leaf_hash, audit_entry.entry, ${placedParts('leaf.entry_id')} as parts
    from (select * from audit_leaf where seq > ${cursor}::bigint order by seq limit ${limit}::int) as leaf
    left join audit_placed as audit_entry on audit_entry.id = leaf.entry_id order by leaf.seq`.execute(deps.db)
  const there = rows.filter((row) => (row.entry as string | null) !== null)
  return { rows: there.map((row) => opened(deps, row)), end: rows.at(-1)?.seq ?? cursor }
}

/** Dead letters of a sink that are to be tried again. */
export async function selectDueLetters(deps: SearchDeps, sinkId: string, limit: number): Promise<DeliverableRow[]> {
  const { rows } = await sql<KeptEntry & { leaf_hash: Buffer }>`
    select audit_leaf.seq, audit_entry.id, audit_leaf.leaf_hash, audit_entry.entry,
      ${placedParts('audit_entry.id')} as parts
    from audit_sink_dead_letter as letter join audit_leaf on audit_leaf.seq = letter.seq
      join audit_placed as audit_entry on audit_entry.id = letter.entry_id
    where sink_id = ${sinkId}::uuid and due order by letter.seq limit ${limit}::int`.execute(deps.db)
  return rows.map((row) => opened(deps, row))
}

/** Keeps what a sink would not take; again, when it would not take it again. */
export async function keepDeadLetter(
  db: Store,
  { sinkId, row, error, now }: { sinkId: string; row: DeliverableRow; error: string; now: Date },
): Promise<void> {
  await sql`
    insert into audit_sink_dead_letter (sink_id, seq, entry_id, error, at, due)
    select ${sinkId}::uuid, ${row.seq}::bigint, ${row.id}::uuid, ${error}, ${now}::timestamptz, false
    where exists (select from audit_sink where id = ${sinkId}::uuid)
    on conflict (sink_id, seq) do update set error = excluded.error, at = excluded.at, due = false`.execute(db)
}

/** A dead letter was taken after all. */
export const dropDeadLetter = async (db: Store, sinkId: string, seq: string): Promise<void> =>
  void (await sql`
    delete from audit_sink_dead_letter where sink_id = ${sinkId}::uuid and seq = ${seq}::bigint`.execute(db))

/** How far the active sinks are behind, for the status; the paused ones are meant to be. */
export async function readSinkLag(
  db: Store,
  now: Date,
): Promise<{
  readonly sinks: number
  readonly failing: number
  readonly deadLetters: number
  readonly seconds: number
}> {
  const rows = await selectSinks(db, { after: null, limit: sinksMax })
  const active = rows.filter(({ state }) => state === 'active')
  const ages = active.flatMap(({ oldest }) => (oldest === null ? [] : [(now.getTime() - Date.parse(oldest)) / 1000]))
  return {
    sinks: active.length,
    failing: active.filter(({ failing_since: since }) => since !== null).length,
    deadLetters: rows.reduce((sum, { dead_letters: letters }) => sum + letters, 0),
    seconds: Math.max(0, ...ages),
  }
}
