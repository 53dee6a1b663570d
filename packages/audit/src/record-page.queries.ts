import { namedStatement, type Transaction } from '@gatehouse/database'
import { CompiledQuery, sql } from 'kysely'
import type { EntryColumns } from './entry-columns.ts'
import { remembering } from './sealed-parts.ts'
import type { KeptPart } from './subject-keys.queries.ts'

/**
 * Leaves and entries read at once: checking them takes the process some milliseconds, and others want their turn
 * between.
 */
export const leavesPerPage = 500

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

/** Leaves behind a place, up to and with another. */
export interface PageRange {
  readonly after: number
  readonly last: number
}

/** Reads one page. */
export type ReadPage = (range: PageRange) => Promise<readonly LeafWithEntry[]>

/** Below zero there should be nothing, and nothing at a place of many digits; whatever is there must be seen. */
const everywhere: PageRange = { after: Number.MIN_SAFE_INTEGER, last: Number.MAX_SAFE_INTEGER }

/** Where pages begin and end, so that all leaves are read once, wherever they stand. */
export async function readRanges(tx: Transaction, leaves: number): Promise<readonly PageRange[]> {
  const { rows } = await sql<{ seq: string }>`
    select seq from (select seq, row_number() over (order by seq) as number from audit_leaf) as numbered
    where number % ${leaves}::int = 0 order by seq`.execute(tx)
  const ends = rows.map(({ seq }) => Number(seq))
  return [everywhere.after, ...ends].map((after, index) => ({ after, last: ends[index] ?? everywhere.last }))
}

/** Reads all pages, in order. */
export async function* allPages(tx: Transaction): AsyncGenerator<readonly LeafWithEntry[]> {
  const readPage = pageReader(tx)
  const [first, ...others] = await readRanges(tx, leavesPerPage)
  let reading = first === undefined ? null : readPage(first)
  while (reading !== null) {
    const page = await reading
    const next = others.shift()
    // while these are checked the database looks for the next
    reading = next === undefined ? null : readPage(next)
    reading?.catch(() => undefined) // told to who waits for it; who has left before has another reason
    yield page
  }
}

/** Keys that are remembered while pages are read: more than people are at work at once. */
const keysMax = 10_000

/** Reads pages; a key that comes again and again is read once. */
export function pageReader(tx: Transaction): ReadPage {
  /** Null: it is gone, and with it whatever was sealed under it. */
  const known = remembering<Buffer | null>(keysMax)
  const keysOf = async (ids: readonly string[]): Promise<ReadonlyMap<string, Buffer | null>> => {
    const unknown = ids.filter((id) => known.get(id) === undefined)
    const found = new Map(unknown.length === 0 ? [] : await selectKeys(tx, unknown))
    const keys = new Map(ids.map((id) => [id, known.get(id) ?? found.get(id) ?? null]))
    for (const id of unknown) known.set(id, found.get(id) ?? null)
    return keys
  }
  return async (range) => {
    const [leaves, parts] = await Promise.all([selectLeaves(tx, range), selectParts(tx, range)])
    const keys = await keysOf([...new Set(parts.map(({ key_id: id }) => id))])
    const partsOf = Map.groupBy(parts, ({ entry_id: id }) => id)
    return leaves.map(({ seq, entry_id: entryId, leaf_hash: hash, entry, asked_hash: askedHash, ...columns }) => ({
      seq: Number(seq),
      entryId,
      hash,
      entry,
      askedHash,
      columns,
      parts: (partsOf.get(entryId) ?? []).flatMap(({ part, key_id: keyId, sealed }) => {
        const key = keys.get(keyId) ?? null
        return key === null ? [] : [{ part, keyId, key, sealed }]
      }),
    }))
  }
}

interface LeafRow extends EntryColumns {
  readonly seq: string
  readonly entry_id: string
  readonly leaf_hash: Buffer
  readonly entry: string | null
  readonly asked_hash: Buffer | null
}

/** INVARIANT: looked up leaf by leaf: a range of unknown width is a few hundred of any number, whatever is planned. */
const leavesText = `
  select seq, leaf.entry_id, leaf_hash, entry, sha256(convert_to(asked, 'UTF8')) as asked_hash,
    at, action, outcome, principal_id, resource_type, resource_id, workspace, session_id, effect, kind
  from (select seq, entry_id, leaf_hash from audit_leaf where seq > $1::bigint and seq <= $2::bigint order by seq
    limit ${leavesPerPage}) as leaf
  left join lateral (select * from audit_entry where id = leaf.entry_id offset 0) as entry on true order by seq`
const leavesQuery = namedStatement('gatehouse-record-leaves', leavesText)

interface PartRow {
  readonly entry_id: string
  readonly part: string
  readonly key_id: string
  readonly sealed: Buffer
}

const partsText = `
  select part.* from (select seq, entry_id from audit_leaf where seq > $1::bigint and seq <= $2::bigint order by seq
    limit ${leavesPerPage}) as leaf
  cross join lateral (select entry_id, part, key_id, sealed from audit_personal where entry_id = leaf.entry_id
    order by part offset 0) as part order by seq, part`
const partsQuery = namedStatement('gatehouse-record-parts', partsText)

const selectLeaves = (tx: Transaction, range: PageRange): Promise<readonly LeafRow[]> =>
  selectIn<LeafRow>(tx, leavesQuery, range)
const selectParts = (tx: Transaction, range: PageRange): Promise<readonly PartRow[]> =>
  selectIn<PartRow>(tx, partsQuery, range)

async function selectIn<R>(tx: Transaction, query: string, { after, last }: PageRange): Promise<readonly R[]> {
  const { rows } = await tx.executeQuery<R>(CompiledQuery.raw(query, [String(after), String(last)]))
  return rows
}

async function selectKeys(tx: Transaction, ids: readonly string[]): Promise<(readonly [string, Buffer])[]> {
  const { rows } = await sql<{ id: string; sealed: Buffer }>`
    select id, sealed from audit_subject_key where id = any(${ids}::uuid[])`.execute(tx)
  return rows.map(({ id, sealed }) => [id, sealed] as const)
}
