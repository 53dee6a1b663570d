import { namedStatement, type Transaction } from '@gatehouse/database'
import { CompiledQuery, sql } from 'kysely'
import { columnNames } from './entry-columns.ts'
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
  /** When it was written, as its column has it. */
  readonly at: string | null
  /** Its search columns, as JSON. */
  readonly columns: string
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
    const rows = await selectRows(tx, range)
    const keys = await keysOf([...new Set(rows.flatMap(({ key_id: id }) => id ?? []))])
    // an entry with several parts has as many rows
    return [...Map.groupBy(rows, ({ place }) => place).values()].flatMap((ofLeaf) => leafOf(ofLeaf, keys))
  }
}

/** A leaf, its entry, and one of the parts of its personal values, where it has any. */
interface Row {
  /** Which leaf of the page: as many as there are stand at one `seq`, if somebody has put them there. */
  readonly place: number
  readonly seq: string
  readonly entry_id: string
  readonly leaf_hash: Buffer
  readonly entry: string | null
  readonly asked_hash: Buffer | null
  readonly at: string | null
  readonly columns: string
  readonly part: string | null
  readonly key_id: string | null
  readonly sealed: Buffer | null
}

function leafOf(rows: readonly Row[], keys: ReadonlyMap<string, Buffer | null>): LeafWithEntry | [] {
  const [row] = rows
  if (row === undefined) return []
  const { seq, entry_id: entryId, leaf_hash: hash, entry, asked_hash: askedHash, at, columns } = row
  const parts = rows.flatMap((one) => partOf(one, keys))
  return { seq: Number(seq), entryId, hash, entry, askedHash, at, columns, parts }
}

/** Nothing where the key is gone. */
function partOf({ part, key_id: keyId, sealed }: Row, keys: ReadonlyMap<string, Buffer | null>): KeptPart | [] {
  const key = keyId === null ? undefined : keys.get(keyId)
  if (part === null || keyId === null || sealed === null || key === undefined || key === null) return []
  return { part, keyId, key, sealed }
}

/**
 * INVARIANT: looked up leaf by leaf: a range of unknown width is a few hundred of any number, whatever is planned. The
 * search columns come as one text (`checkEntry`): to take ten of them apart costs as much as reading the entry.
 */
const pageText = `
  select place, seq, leaf.entry_id, leaf_hash, entry, sha256(convert_to(asked, 'UTF8')) as asked_hash, at,
    to_json(array[${columnNames.join(', ')}])::text as columns, part, key_id, sealed
  from (select seq, entry_id, leaf_hash, (row_number() over (order by seq))::int as place from audit_leaf
    where seq > $1::bigint and seq <= $2::bigint order by seq limit ${leavesPerPage}) as leaf
  left join lateral (select * from audit_placed where id = leaf.entry_id offset 0) as entry on true
  left join lateral (select part, key_id, sealed from audit_personal where entry_id = leaf.entry_id offset 0) as kept
    on true
  order by place, part`
const pageQuery = namedStatement('gatehouse-record-page', pageText)

async function selectRows(tx: Transaction, { after, last }: PageRange): Promise<readonly Row[]> {
  const { rows } = await tx.executeQuery<Row>(CompiledQuery.raw(pageQuery, [String(after), String(last)]))
  return rows
}

async function selectKeys(tx: Transaction, ids: readonly string[]): Promise<(readonly [string, Buffer])[]> {
  const { rows } = await sql<{ id: string; sealed: Buffer }>`
    select id, sealed from audit_subject_key where id = any(${ids}::uuid[])`.execute(tx)
  return rows.map(({ id, sealed }) => [id, sealed] as const)
}
