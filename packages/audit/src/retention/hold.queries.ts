import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** What nothing may be removed of, while it holds. */
export interface HoldRow {
  readonly id: string
  readonly reason: string
  readonly workspace: string | null
  readonly principal_id: string | null
  readonly request_id: string | null
  /** RFC 3339, as entries have their times. */
  readonly from_at: string | null
  readonly to_at: string | null
  readonly placed_by: string
  readonly placed_at: Date
  readonly released_at: Date | null
}

/** A hold as it outlives a backup: what it is over, and nothing that somebody wrote. */
export interface KeptHold extends Omit<HoldRow, 'reason'> {
  /** Look-ups of the names that its person goes by. */
  readonly names: readonly Buffer[]
}

const columns = sql`id, reason, workspace, principal_id, request_id, from_at, to_at, placed_by, placed_at, released_at`

/** A hold still holds for so long after it was released: others have a day to see it and to place it again. */
const inForce = sql`(released_at is null or released_at > clock_timestamp() - interval '24 hours')`

/** Holds that are in force, newest first. */
export async function selectHolds(db: Store): Promise<HoldRow[]> {
  const { rows } = await sql<HoldRow>`
    select ${columns} from audit_hold where ${inForce} order by placed_at desc, id desc`.execute(db)
  return rows
}

/** Holds that there may be at once: each is asked of each entry that is old enough to go. */
export const holdsMax = 100

/** Places a hold, with look-ups of the names that its person goes by; false: there are too many. */
export async function insertHold(tx: Transaction, row: HoldRow, names: readonly Buffer[]): Promise<boolean> {
  await lockRetention(tx)
  const { rows } = await sql`
    insert into audit_hold (${columns}, names)
    select ${row.id}::uuid, ${row.reason}::text, ${row.workspace}::text, ${row.principal_id}::text,
      ${row.request_id}::text, ${row.from_at}::text, ${row.to_at}::text, ${row.placed_by}::text,
      ${row.placed_at}::timestamptz, null::timestamptz, ${[...names]}::bytea[]
    where (select count(*) from audit_hold where ${inForce}) < ${holdsMax}::int returning id`.execute(tx)
  return rows.length > 0
}

/** All holds there are, those that ended and are not forgotten yet as well. */
export async function selectKeptHolds(db: Store): Promise<KeptHold[]> {
  const { rows } = await sql<KeptHold>`select ${columns}, names from audit_hold`.execute(db)
  return rows.map(({ reason: _, ...hold }: KeptHold & { readonly reason?: string }) => hold)
}

/** When each of some holds was released, as the audit log says; it keeps that for ever. */
export async function selectReleased(db: Store, ids: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; at: string }>`
    select entry::jsonb #>> '{detail,hold}' as id, at from audit_entry
    where action = 'audit.holdRelease' and outcome = 'allowed'
      and entry::jsonb #>> '{detail,hold}' = any(${[...ids]}::text[])`.execute(db)
  return new Map(rows.map(({ id, at }) => [id, new Date(at)]))
}

/** Places a hold again, however many there are; false: another process has done so. */
export async function restoreHold(tx: Transaction, hold: KeptHold, reason: string): Promise<boolean> {
  const { rows } = await sql`
    insert into audit_hold (${columns}, names)
    values (${hold.id}::uuid, ${reason}, ${hold.workspace}, ${hold.principal_id}, ${hold.request_id}, ${hold.from_at},
      ${hold.to_at}, ${hold.placed_by}, ${hold.placed_at}, null, ${[...hold.names]}::bytea[])
    on conflict (id) do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** Releases a hold that somebody else placed, once. Null: there is none of theirs that is not released. */
export async function releaseHold(
  tx: Transaction,
  { id, by, now }: { readonly id: string; readonly by: string; readonly now: Date },
): Promise<HoldRow | null> {
  const { rows } = await sql<HoldRow>`
    update audit_hold set released_at = ${now}
    where id = ${id}::uuid and released_at is null and placed_by <> ${by} returning ${columns}`.execute(tx)
  return rows[0] ?? null
}

/** A hold by its id that is not released. */
export async function findHold(db: Store, id: string): Promise<HoldRow | null> {
  const { rows } = await sql<HoldRow>`
    select ${columns} from audit_hold where id = ${id}::uuid and released_at is null`.execute(db)
  return rows[0] ?? null
}

/** Forgets holds that hold no longer; the audit log knows of them. */
export const dropEndedHolds = async (tx: Transaction): Promise<void> =>
  void (await sql`delete from audit_hold where not ${inForce}`.execute(tx))

/** A hold that is over entries of somebody, or over them. */
export async function findHoldOver(tx: Transaction, subject: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select held.id from audit_hold as held where ${inForce} and (held.principal_id = ${subject}
      or exists (select from audit_entry as own where own.principal_id = ${subject} and audit_is_held(held, own))
      or exists (select from audit_entry as own where own.resource_id = ${subject} and audit_is_held(held, own)))
    limit 1`.execute(tx)
  return rows[0]?.id ?? null
}

/** A hold that is over one of some entries. */
export async function findHoldOverEntries(tx: Transaction, entries: readonly string[]): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select held.id from audit_hold as held, audit_entry as naming
    where ${inForce} and naming.id = any(${[...entries]}::uuid[]) and audit_is_held(held, naming) limit 1`.execute(tx)
  return rows[0]?.id ?? null
}

/** What removes waits for who places a hold, and the other way round: a hold that was answered holds. */
export const lockRetention = async (tx: Transaction): Promise<void> =>
  void (await sql`select pg_advisory_xact_lock(hashtext('gatehouse-audit-retention'))`.execute(tx))
