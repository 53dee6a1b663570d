import { holdsText, namedStatement, type Store, type Transaction } from '@gatehouse/database'
import { isUuid, referenceOf } from '@gatehouse/kit'
import { CompiledQuery, sql } from 'kysely'
import { keyStates, mayUse, type KeyState, type VersionState } from '../transitions.ts'

/** A key, as it is stored. */
export interface KeyRow {
  readonly id: string
  readonly workspace_id: string
  readonly name: string
  readonly backend: string
  readonly quorum: number | null
  readonly state: KeyState
  readonly state_since: Date
  readonly current_version: number
  /** When that version was made. */
  readonly version_since: Date
  readonly minimum_version: number
  readonly rotation_days: number | null
  readonly rotate_at: Date | null
  readonly settled_since: Date | null
  readonly deletion_guard: boolean
  readonly delete_at: Date | null
  readonly created_at: Date
}

/** Of a key `k`. Each by its name: what is planned once must not change when a migration adds a column. */
const columnsText = `k.id, k.workspace_id, k.name, k.backend, k.quorum, k.state, k.state_since, k.current_version,
  k.minimum_version, k.rotation_days, k.rotate_at, k.settled_since, k.deletion_guard, k.delete_at, k.created_at,
  (select v.created_at from kms_key_version v
  where v.key_id = k.id and v.version = k.current_version) as version_since`
const keyColumns = sql.raw(columnsText)

/** Parsed and planned once per connection: one of them runs at every call on a key. */
const readText = `select ${columnsText}, k.xmin::text as row_version from kms_key k`
const keyById = namedStatement('gatehouse-read-key-by-id', `${readText} where id = $1::uuid`)
const keyByName = namedStatement('gatehouse-read-key-by-name', `${readText} where name = $1::text`)

/** A key, and the version of its row, by which decisions on it are told from those on another moment of it. */
export type KeyReading = KeyRow & { readonly row_version: string }

/** The key of an id or name; null: there is none. */
export async function readKey(db: Store, reference: string): Promise<KeyReading | null> {
  const statement = isUuid(reference) ? keyById : keyByName
  const { rows } = await db.executeQuery<KeyReading>(CompiledQuery.raw(statement, [reference]))
  return rows[0] ?? null
}

/** How many keys of a workspace are kept: those that are to be destroyed anyway do not count. */
export async function countKeptKeys(tx: Transaction, workspaceId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from kms_key
    where workspace_id = ${workspaceId} and state not in ('pending-deletion', 'destroyed')`.execute(tx)
  return rows[0]?.n ?? 0
}

/** What a decision on a key rests on: where it stands, and the version of its row. */
export interface DecidedKey {
  readonly id: string
  readonly workspace_id: string
  readonly version: string
}

/** What a decision on the key of an id or name rests on, in any case; null: there is none. */
export async function readDecidedKey(db: Store, reference: string): Promise<DecidedKey | null> {
  const { id, name } = referenceOf(reference)
  const { rows } = await db.executeQuery<DecidedKey>(CompiledQuery.raw(decidedKey, [id, name]))
  return rows[0] ?? null
}

/** Planned once as well: every call on a key is decided. */
const decidedKey = namedStatement(
  'gatehouse-read-decided-key',
  `select id, workspace_id, xmin::text as version from kms_key where id = $1::uuid or name = $2::text`,
)

/** What keys are looked for by. */
export interface KeysWanted {
  readonly workspaces: readonly string[]
  readonly state: KeyState | undefined
  /** Part of a name, in any case. */
  readonly search: string | undefined
}

/** Keys of some workspaces, the newest first. */
export async function selectKeys(
  db: Store,
  { workspaces, state, search }: KeysWanted,
  { after, limit }: { readonly after: { readonly at: Date; readonly id: string } | null; readonly limit: number },
): Promise<KeyRow[]> {
  const { rows } = await sql<KeyRow>`
    select ${keyColumns} from kms_key k where workspace_id = any (${sql.val([...workspaces])}::text[])
      and ${state === undefined ? sql`true` : sql`state = ${state}`}
      and ${holdsText(['k.name'], search)}
      and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by created_at desc, id desc limit ${limit}::int`.execute(db)
  return rows
}

/** A key, held until the transaction ends; null: there is none. */
export async function holdKey(tx: Transaction, id: string): Promise<KeyRow | null> {
  const { rows } = await sql<KeyRow>`
    select ${keyColumns} from kms_key k where id = ${id}::uuid for update`.execute(tx)
  return rows[0] ?? null
}

/** A key that is made. */
export interface NewKey {
  readonly id: string
  readonly workspaceId: string
  readonly name: string
  readonly backend: string
  readonly quorum: number | null
  readonly rotationDays: number | null
  readonly rotateAt: Date | null
  readonly now: Date
}

/** Adds it, with its guard on. False: there is or was one of its name. */
export async function insertKey(tx: Transaction, one: NewKey): Promise<boolean> {
  const { rows } = await sql`
    insert into kms_key (id, workspace_id, name, backend, quorum, state, state_since, current_version, minimum_version,
      rotation_days, rotate_at, deletion_guard, created_at)
    values (${one.id}, ${one.workspaceId}, ${one.name}, ${one.backend}, ${one.quorum}, 'enabled', ${one.now}, 1, 1,
      ${one.rotationDays}, ${one.rotateAt}, true, ${one.now})
    on conflict (name) do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** A version's material, or a share of it, as one backend wrapped it. */
export interface WrappedVersion {
  readonly keyId: string
  readonly version: number
  readonly backend: string
  readonly fingerprint: string
  /** The number of the share; null: it is all of the material. */
  readonly share: number | null
  readonly wrapped: string
}

/** A version that is new, as its backends wrapped it. */
interface WrappedVersions {
  readonly keyId: string
  readonly version: number
  readonly wraps: readonly WrappedVersion[]
}

/** Adds a version with its material. */
export async function insertVersion(tx: Transaction, one: WrappedVersions, now: Date): Promise<void> {
  await sql`
    insert into kms_key_version (key_id, version, state, created_at)
    values (${one.keyId}, ${one.version}, 'live', ${now})`.execute(tx)
  await putWraps(tx, one.wraps, now)
}

/** Adds wraps of versions that are there; one of the same backend is replaced. */
export async function putWraps(tx: Transaction, wraps: readonly WrappedVersion[], now: Date): Promise<void> {
  for (const { keyId, version, backend, fingerprint, share, wrapped } of wraps)
    await sql`
      insert into kms_version_wrap as there (key_id, version, backend, kek_fingerprint, share, wrapped, created_at)
      values (${keyId}, ${version}, ${backend}, ${fingerprint}, ${share}, ${wrapped}, ${now})
      on conflict (key_id, version, backend) do update
        set kek_fingerprint = excluded.kek_fingerprint, wrapped = excluded.wrapped, created_at = excluded.created_at
        where there.share is null`.execute(tx)
}

/** A rotation that somebody asked for, or that the clock did. */
export interface Advance {
  readonly id: string
  /** The version that was the current one when the next was made. */
  readonly from: number
  readonly by: 'person' | 'clock'
  readonly now: Date
}

/**
 * Makes the version after `from` the current one, if `from` still is; by the clock only while the key is due. When it
 * is due next is told by the row's own period, which may have been changed meanwhile. False: none of that holds, or the
 * key is not enabled.
 */
export async function advanceKey(tx: Transaction, { id, from, by, now }: Advance): Promise<boolean> {
  const { rows } = await sql`
    update kms_key set current_version = ${from}::int + 1, settled_since = null,
      rotate_at = ${now}::timestamptz + rotation_days * interval '86400 seconds'
    where id = ${id}::uuid and current_version = ${from}::int and state = 'enabled'
      and ${by === 'person' ? sql`true` : sql`rotate_at <= ${now}::timestamptz`} returning id`.execute(tx)
  return rows.length > 0
}

/**
 * Keys whose period is over, in an order that all processes hold to; one alone where it is named. None whose current
 * version one of the backends `without` wraps: it cannot be rotated without that.
 */
export async function selectDueKeys(
  db: Store,
  query: {
    readonly now: Date
    readonly key: string | null
    readonly limit: number
    readonly without: readonly string[]
  },
): Promise<KeyRow[]> {
  const { now, key, limit, without } = query
  const { rows } = await sql<KeyRow>`
    select ${keyColumns} from kms_key k where state = 'enabled' and rotate_at <= ${now}::timestamptz
      and (${key}::uuid is null or id = ${key}::uuid)
      and not exists (select from kms_version_wrap w where w.key_id = k.id and w.version = k.current_version
        and w.backend = any (${sql.val([...without])}::text[]))
    order by rotate_at, id limit ${limit}::int`.execute(db)
  return rows.toSorted((one, two) => (one.id < two.id ? -1 : 1))
}

/** Keys that still open older versions and of which somebody has to look at these, held. */
export async function holdLeavingKeys(
  tx: Transaction,
  { settledBefore, key, limit }: { readonly settledBefore: Date; readonly key: string | null; readonly limit: number },
): Promise<KeyRow[]> {
  const { rows } = await sql<KeyRow>`
    select ${keyColumns} from kms_key k where minimum_version < current_version and state = 'enabled'
      and (${key}::uuid is null or id = ${key}::uuid)
      and (settled_since <= ${settledBefore}::timestamptz or (settled_since is null) <> ${needsOlder})
    order by id limit ${limit}::int for update skip locked`.execute(tx)
  return rows
}

/** Whether the census has ciphertexts of versions that a key `k` still opens, before its current one. */
const needsOlder = sql<boolean>`exists (select from kms_wrap w
  where w.key_id = k.id and w.version >= k.minimum_version and w.version < k.current_version)`

/** The same of one key. */
export async function isOlderNeeded(db: Store, id: string): Promise<boolean> {
  const { rows } = await sql<{ needed: boolean }>`
    select ${needsOlder} as needed from kms_key k where id = ${id}::uuid`.execute(db)
  return rows[0]?.needed ?? false
}

/** Whether nothing needs the older versions of a key any more, and nobody has noted it yet. */
export async function isJustLeft(db: Store, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from kms_key k where id = ${id}::uuid and state = 'enabled' and settled_since is null
      and minimum_version < current_version and not ${needsOlder}`.execute(db)
  return rows.length > 0
}

/** Says since when nothing needs the older versions of a key that is held. */
export const setSettled = async (tx: Transaction, id: string, since: Date | null): Promise<void> =>
  void (await sql`update kms_key set settled_since = ${since} where id = ${id}::uuid`.execute(tx))

/** Sets the period of a key that is held; what it is counted from is when its current version was made. */
export const setRotation = async (tx: Transaction, id: string, days: number | null): Promise<void> =>
  void (await sql`
    update kms_key k set rotation_days = ${days}::int,
      rotate_at = (select v.created_at from kms_key_version v where v.key_id = k.id and v.version = k.current_version)
        + ${days}::int * interval '86400 seconds'
    where id = ${id}::uuid`.execute(tx))

/** Keys of which something is to come by the clock, the newest first. */
export async function selectKeysWithClock(db: Store, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from kms_key where state = 'enabled' and (rotate_at is not null or minimum_version < current_version)
    order by created_at desc, id desc limit ${limit}::int`.execute(db)
  return rows.map(({ id }) => id)
}

/** Where a key goes. */
export interface KeyMove {
  readonly id: string
  readonly from: KeyState
  readonly to: KeyState
  readonly deleteAt: Date | null
  readonly now: Date
}

/** Moves it, if it still stands where it was. False: another was there first. */
export async function setKeyState(tx: Transaction, { id, from, to, deleteAt, now }: KeyMove): Promise<boolean> {
  const { rows } = await sql`
    update kms_key set state = ${to}, state_since = ${now}, delete_at = ${deleteAt}
    where id = ${id}::uuid and state = ${from} returning id`.execute(tx)
  return rows.length > 0
}

/** Raises or lowers the minimum version of a key that is held. Whoever lowers it has a week again. */
export const setMinimumVersion = async (tx: Transaction, id: string, minimum: number): Promise<void> =>
  void (await sql`
    update kms_key set minimum_version = ${minimum}::int, settled_since = null where id = ${id}::uuid`.execute(tx))

/** Takes the material of a key away, of all of its versions. Nothing brings it back. */
export async function destroyMaterial(tx: Transaction, id: string): Promise<void> {
  await sql`delete from kms_version_wrap where key_id = ${id}::uuid`.execute(tx)
  await sql`update kms_key_version set state = 'destroyed' where key_id = ${id}::uuid`.execute(tx)
}

/** What is known of a version. */
export interface VersionRow {
  readonly state: VersionState
  readonly created_at: Date
}

/** A version; null: the key has none of that number. */
export async function readVersion(db: Store, keyId: string, version: number): Promise<VersionRow | null> {
  const { rows } = await sql<VersionRow>`
    select state, created_at from kms_key_version
    where key_id = ${keyId}::uuid and version = ${version}::bigint`.execute(db)
  return rows[0] ?? null
}

/** The versions that a key opens, the oldest first. */
export async function selectOpenedVersions(
  db: Store,
  { id, minimum_version: minimum }: Pick<KeyRow, 'id' | 'minimum_version'>,
): Promise<{ readonly version: number; readonly created_at: Date }[]> {
  const { rows } = await sql<{ version: number; created_at: Date }>`
    select version, created_at from kms_key_version
    where key_id = ${id}::uuid and version >= ${minimum}::int and state <> 'destroyed' order by version`.execute(db)
  return rows
}

/** The material of a version, by each backend that has it or a share of it. */
export interface VersionWraps {
  /** How many of them it takes; null: any one. */
  readonly quorum: number | null
  /** Shares in their order; else what was added first comes first. */
  readonly wraps: readonly WrappedVersion[]
}

/** The material of a version, as its backends wrapped it. */
export async function selectVersionWraps(db: Store, keyId: string, version: number): Promise<VersionWraps> {
  const { rows } = await sql<WrappedVersion & { readonly quorum: number | null }>`
    select w.key_id as "keyId", w.version, w.backend, w.kek_fingerprint as fingerprint, w.share, w.wrapped, k.quorum
    from kms_version_wrap w join kms_key k on k.id = w.key_id
    where w.key_id = ${keyId}::uuid and w.version = ${version}::int
    order by w.share, w.created_at, w.backend`.execute(db)
  return { quorum: rows[0]?.quorum ?? null, wraps: rows.map(({ quorum: _, ...wrap }) => wrap) }
}

/** Which backend's key wrapped which version, for a key as it stands. */
export interface WrapName {
  readonly version: number
  readonly backend: string
  readonly fingerprint: string
}

/** All of a key's: versions in their order, and of each its shares in theirs, or its backends as they were added. */
export async function selectWrapNames(db: Store, keyId: string): Promise<WrapName[]> {
  const { rows } = await sql<WrapName>`
    select w.version, w.backend, w.kek_fingerprint as fingerprint from kms_version_wrap w
    where w.key_id = ${keyId}::uuid order by w.version, w.share, w.created_at, w.backend`.execute(db)
  return rows
}

/** The versions of a key that are not destroyed, the current one first. */
export async function selectVersions(db: Store, keyId: string): Promise<number[]> {
  const { rows } = await sql<{ version: number }>`
    select version from kms_key_version where key_id = ${keyId}::uuid and state <> 'destroyed'
    order by version desc`.execute(db)
  return rows.map(({ version }) => version)
}

/** Takes away what a backend wrapped of a key; another of its backends is the first from then on. */
export async function deleteWraps(tx: Transaction, keyId: string, backend: string): Promise<number> {
  const { rows } = await sql`
    delete from kms_version_wrap where key_id = ${keyId}::uuid and backend = ${backend} returning version`.execute(tx)
  await sql`
    update kms_key set backend = (select w.backend from kms_version_wrap w
      where w.key_id = id and w.version = current_version order by w.created_at, w.backend limit 1)
    where id = ${keyId}::uuid and backend = ${backend}`.execute(tx)
  return rows.length
}

/** How a backend stands to a key: which of its keys wrapped how many versions, of how many that there are. */
export interface BackendStanding {
  readonly key_id: string
  readonly backend: string
  readonly fingerprints: readonly string[]
  readonly wrapped: number
  readonly versions: number
}

/** The backends of some keys, for each in the order of its shares, or as they were added. */
export async function selectBackends(db: Store, keyIds: readonly string[]): Promise<BackendStanding[]> {
  const { rows } = await sql<BackendStanding>`
    select w.key_id, w.backend, array_agg(distinct w.kek_fingerprint) as fingerprints, count(*)::int as wrapped,
      (select count(*)::int from kms_key_version v where v.key_id = w.key_id and v.state <> 'destroyed') as versions
    from kms_version_wrap w where w.key_id = any (${sql.val([...keyIds])}::uuid[])
    group by w.key_id, w.backend order by w.key_id, min(w.share), min(w.created_at), w.backend`.execute(db)
  return rows
}

/** Versions that are wrapped under a key encryption key, in an order that does not change. */
export async function selectWrapsUnder(db: Store, fingerprint: string, limit: number): Promise<WrappedVersion[]> {
  const { rows } = await sql<WrappedVersion>`
    select key_id as "keyId", version, backend, kek_fingerprint as fingerprint, share, wrapped from kms_version_wrap
    where kek_fingerprint = ${fingerprint} order by key_id, version, backend limit ${limit}`.execute(db)
  return rows
}

/** Puts another key's wrap into the place of this one. False: it is not there any more. */
export async function replaceVersionWrap(
  db: Store,
  old: WrappedVersion,
  { fingerprint, wrapped }: Pick<WrappedVersion, 'fingerprint' | 'wrapped'>,
): Promise<boolean> {
  const { rows } = await sql`
    update kms_version_wrap set kek_fingerprint = ${fingerprint}, wrapped = ${wrapped}
    where key_id = ${old.keyId}::uuid and version = ${old.version}::int and backend = ${old.backend}
      and kek_fingerprint = ${old.fingerprint} and wrapped = ${old.wrapped}
    returning key_id`.execute(db)
  return rows.length > 0
}

/** Whether two keys have wrapped one share each of a version of one key: one key must not come to have both. */
export async function shareVersions(db: Store, one: string, other: string): Promise<boolean> {
  const { rows } = await sql`
    select from kms_version_wrap a join kms_version_wrap b using (key_id, version)
    where a.kek_fingerprint = ${one} and b.kek_fingerprint = ${other} and a.share is not null limit 1`.execute(db)
  return rows.length > 0
}

/** Takes the right to seal so often under a version; false: it would be more than one key is good for. */
export async function claimSeals(
  db: Store,
  { keyId, version, count, max }: { readonly keyId: string; version: number; count: number; max: number },
): Promise<boolean> {
  const { rows } = await sql`
    update kms_key_version set seals = seals + ${count}::bigint
    where key_id = ${keyId}::uuid and version = ${version}::int and seals + ${count}::bigint <= ${max}::bigint
    returning version`.execute(db)
  return rows.length > 0
}

/** Sets the deletion guard of a key that is held. */
export async function setDeletionGuard(tx: Transaction, id: string, guard: 'on' | 'off'): Promise<void> {
  await sql`update kms_key set deletion_guard = ${guard === 'on'} where id = ${id}::uuid`.execute(tx)
}

/**
 * Marks a version as known to others. False: it is not live, or there is none of that number. The key's row becomes
 * another one with it: what was decided on the key before is looked at again before it is answered.
 */
export async function revokeVersionRow(
  tx: Transaction,
  { id, version, now }: { readonly id: string; readonly version: number; readonly now: Date },
): Promise<boolean> {
  const { rows } = await sql`
    with key as (update kms_key set state_since = state_since where id = ${id}::uuid)
    update kms_key_version set state = 'revoked', revoked_at = ${now}
    where key_id = ${id}::uuid and version = ${version}::int and state = 'live' returning version`.execute(tx)
  return rows.length > 0
}

const decryptingStates = keyStates.filter((state) => mayUse(state, 'decrypt'))

/** Whether a key opens what these versions of it sealed; it is held shared, so that it does until this is answered. */
export async function stillOpens(tx: Transaction, id: string, versions: readonly number[]): Promise<boolean> {
  const { rows } = await sql`
    select from kms_key k where id = ${id}::uuid and state = any (${sql.val([...decryptingStates])}::text[])
      and not exists (select from unnest(${sql.val([...versions])}::int[]) as one (version) where one.version <
        k.minimum_version or not exists (select from kms_key_version v
          where v.key_id = k.id and v.version = one.version and v.state = 'live'))
    for share of k`.execute(tx)
  return rows.length > 0
}

/** Keys whose waiting period is over, held; those that another holds are its to destroy. */
export async function holdDueKeys(tx: Transaction, now: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from kms_key where state = 'pending-deletion' and delete_at <= ${now}
    order by delete_at, id limit ${limit}::int for update skip locked`.execute(tx)
  return rows.map(({ id }) => id)
}
