import type { Beside } from '@gatehouse/audit'
import { arrayBytes, namedStatement, type Store, type Transaction } from '@gatehouse/database'
import { CompiledQuery, sql } from 'kysely'
import type { VersionState } from '../transitions.ts'

/** A ciphertext that is given out. */
export interface CensusEntry {
  /** The id in its header. */
  readonly id: string
  /** Of workspace and context: 64 hexadecimal digits. */
  readonly mark: string
  readonly location: string | null
}

/** Ciphertexts of one version of a key. */
export interface CensusEntries {
  readonly keyId: string
  readonly version: number
  readonly entries: readonly CensusEntry[]
  readonly now: Date
}

/**
 * Writes down what was sealed. False, and nothing is written: the key no longer encrypts, or not under that version,
 * which may have been left behind and revoked since it was the current one.
 * The key is held shared, so that neither its state nor its minimum moves before the ciphertext is given out.
 */
export async function insertEntries(
  tx: Transaction,
  { keyId, version, entries, now }: CensusEntries,
): Promise<boolean> {
  const { rows } = await tx.executeQuery<{ n: number }>(
    CompiledQuery.raw(insertStatement, [keyId, version, now, ...entryArrays(entries)]),
  )
  return rows[0]?.n === entries.length
}

/**
 * The same beside entries of the audit log, by the statement that keeps them: while the key stands as it was decided on
 * it encrypts under the version that was its current one.
 */
export const besideEntries = ({ keyId, version, entries, now }: CensusEntries): Beside => ({
  name: 'census',
  text: `insert into kms_wrap (id, key_id, version, mark, location, sealed_at)
    select one.id, $1::uuid, $2::int, one.mark, one.location, $3::timestamptz
    from stands, unnest((select $4::uuid[]), (select $5::bytea[]), (select $6::text[])) as one(id, mark, location)`,
  parameters: [keyId, version, now, ...entryArrays(entries)],
})

const entryArrays = (entries: readonly CensusEntry[]): readonly Buffer[] => [
  arrayBytes.uuid(entries.map(({ id }) => id)),
  arrayBytes.bytea(entries.map(({ mark }) => Buffer.from(mark, 'hex'))),
  arrayBytes.text(entries.map(({ location }) => location)),
]

/** Parsed and planned once per connection: it runs at every call. */
const insertStatement = namedStatement(
  'gatehouse-census-insert',
  `with key as (select id from kms_key where id = $1::uuid and state = 'enabled'
      and minimum_version <= $2::int and exists (select from kms_key_version
        where key_id = $1::uuid and version = $2::int and state = 'live') for share),
    put as (insert into kms_wrap (id, key_id, version, mark, location, sealed_at)
      select one.id, key.id, $2::int, one.mark, one.location, $3::timestamptz
      from key, unnest((select $4::uuid[]), (select $5::bytea[]), (select $6::text[])) as one(id, mark, location)
      returning id)
  select count(*)::int as n from put`,
)

/**
 * Writes down what was rewrapped under a version: whatever stands of it already says the version now. What the census
 * did not know it knows from here on. False, and nothing is written: as above, or an id is another key's.
 */
export async function moveEntries(tx: Transaction, { keyId, version, entries, now }: CensusEntries): Promise<boolean> {
  const { rows } = await sql`
    with key as (select id from kms_key where id = ${keyId}::uuid and state = 'enabled'
      and minimum_version <= ${version}::int and exists (select from kms_key_version
        where key_id = ${keyId}::uuid and version = ${version}::int and state = 'live') for share)
    insert into kms_wrap as known (id, key_id, version, mark, location, sealed_at, moved_at)
    select one.id, key.id, ${version}::int, decode(one.mark, 'hex'), one.location, ${now}::timestamptz,
      ${now}::timestamptz
    from key, unnest(${ids(entries)}::uuid[], ${marks(entries)}::text[], ${locations(entries)}::text[])
      as one(id, mark, location)
    on conflict (id) do update set mark = excluded.mark, moved_at = excluded.moved_at,
      version = greatest(known.version, excluded.version), location = coalesce(excluded.location, known.location)
      where known.key_id = excluded.key_id
    returning id`.execute(tx)
  return rows.length === entries.length
}

const ids = (entries: readonly CensusEntry[]) => sql.val(entries.map(({ id }) => id))
const marks = (entries: readonly CensusEntry[]) => sql.val(entries.map(({ mark }) => mark))
const locations = (entries: readonly CensusEntry[]) => sql.val(entries.map(({ location }) => location))

/** Those of some ciphertexts that the census has, with their marks, as hexadecimal digits. */
export async function selectMarks(db: Store, keyId: string, wanted: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; mark: string }>`
    select id, encode(mark, 'hex') as mark from kms_wrap
    where key_id = ${keyId}::uuid and id = any (${sql.val([...wanted])}::uuid[])`.execute(db)
  return new Map(rows.map(({ id, mark }) => [id, mark]))
}

/** How many ciphertexts there are of each version of a key, those of none included. */
export async function countByVersion(
  db: Store,
  keyId: string,
): Promise<{ readonly version: number; readonly ciphertexts: number }[]> {
  const { rows } = await sql<{ version: number; ciphertexts: number }>`
    select v.version, count(w.id)::int as ciphertexts from kms_key_version v
    left join kms_wrap w on w.key_id = v.key_id and w.version = v.version
    where v.key_id = ${keyId}::uuid group by v.version order by v.version`.execute(db)
  return rows
}

/** A version of a key with the number of its ciphertexts. */
export interface VersionUsage {
  readonly version: number
  readonly state: VersionState
  readonly ciphertexts: number
  readonly created_at: Date
  readonly revoked_at: Date | null
}

/** Every version of a key, the newest first. */
export async function selectUsage(db: Store, keyId: string): Promise<VersionUsage[]> {
  const { rows } = await sql<VersionUsage>`
    select v.version, v.state, v.created_at, v.revoked_at,
      (select count(*)::int from kms_wrap w where w.key_id = v.key_id and w.version = v.version) as ciphertexts
    from kms_key_version v where v.key_id = ${keyId}::uuid order by v.version desc`.execute(db)
  return rows
}

/** How many ciphertexts of a version were sealed under an older one before it was made. */
export async function countMoved(
  db: Store,
  { keyId, version, since }: { readonly keyId: string; readonly version: number; readonly since: Date },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from kms_wrap
    where key_id = ${keyId}::uuid and version = ${version}::int and sealed_at < ${since}::timestamptz`.execute(db)
  return rows[0]?.n ?? 0
}

/** A ciphertext of the census. */
export interface CiphertextRow {
  readonly id: string
  readonly version: number
  readonly location: string | null
  readonly sealed_at: Date
  readonly moved_at: Date | null
}

/** Ciphertexts of a key, of one version where it is said; those that were given out last come first. */
export async function selectCiphertexts(
  db: Store,
  { keyId, version }: { readonly keyId: string; readonly version: number | null },
  { after, limit }: { readonly after: { readonly at: Date; readonly id: string } | null; readonly limit: number },
): Promise<CiphertextRow[]> {
  const { rows } = await sql<CiphertextRow>`
    select id, version, location, sealed_at, moved_at from kms_wrap where key_id = ${keyId}::uuid
      and ${version === null ? sql`true` : sql`version = ${version}::int`}
      and ${after === null ? sql`true` : sql`(sealed_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by sealed_at desc, id desc limit ${limit}::int`.execute(db)
  return rows
}

/** Strikes out what the caller says is no more. How many of them there were. */
export async function deleteEntries(tx: Transaction, keyId: string, gone: readonly string[]): Promise<number> {
  const { rows } = await sql`
    delete from kms_wrap where key_id = ${keyId}::uuid and id = any (${sql.val([...gone])}::uuid[])
    returning id`.execute(tx)
  return rows.length
}
