import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'
import type { KeyState } from '../transitions.ts'

/** How many keys stand how, in some workspaces or in all. */
export async function countByState(
  db: Store,
  workspaces: readonly string[] | 'all',
): Promise<{ readonly state: KeyState; readonly count: number }[]> {
  const { rows } = await sql<{ state: KeyState; count: number }>`
    select state, count(*)::int as count from kms_key where ${within(workspaces)}
    group by state order by state`.execute(db)
  return rows
}

const within = (workspaces: readonly string[] | 'all') =>
  workspaces === 'all' ? sql`true` : sql`workspace_id = any (${sql.val([...workspaces])}::text[])`

/** A key that is rotated by the clock. */
export interface NextRotation {
  readonly id: string
  readonly name: string
  readonly workspace_id: string
  readonly rotate_at: Date
}

/** Which keys of some workspaces are rotated next, the soonest first. */
export async function selectNextRotations(
  db: Store,
  workspaces: readonly string[],
  limit: number,
): Promise<NextRotation[]> {
  const { rows } = await sql<NextRotation>`
    select id, name, workspace_id, rotate_at from kms_key
    where state = 'enabled' and rotate_at is not null and ${within(workspaces)}
    order by rotate_at, id limit ${limit}::int`.execute(db)
  return rows
}

/** How many keys should have been rotated before a time. */
export async function countDueBefore(db: Store, before: Date, workspaces: readonly string[] | 'all'): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from kms_key
    where state = 'enabled' and rotate_at <= ${before}::timestamptz and ${within(workspaces)}`.execute(db)
  return rows[0]?.n ?? 0
}

/** Of how many keys a key encryption key has wrapped the current version, by its fingerprint. */
export async function countByFingerprint(db: Store): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ fingerprint: string; n: number }>`
    select w.kek_fingerprint as fingerprint, count(distinct k.id)::int as n from kms_key k
    join kms_version_wrap w on w.key_id = k.id and w.version = k.current_version
    group by w.kek_fingerprint`.execute(db)
  return new Map(rows.map(({ fingerprint, n }) => [fingerprint, n]))
}

/** How many keys have a version that is opened and that too few of these have wrapped: one, or as many as it takes. */
export async function countWithout(db: Store, fingerprints: readonly string[]): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(distinct k.id)::int as n from kms_key k
    join kms_key_version v on v.key_id = k.id and v.version >= k.minimum_version
    where k.state <> 'destroyed' and coalesce(k.quorum, 1) > (select count(*) from kms_version_wrap w
      where w.key_id = v.key_id and w.version = v.version
        and w.kek_fingerprint = any (${sql.val([...fingerprints])}::text[]))`.execute(db)
  return rows[0]?.n ?? 0
}
