// What is asked of many leases at once: each is one statement, however many there are.
import type { Store, Transaction } from '@gatehouse/database'
import type { Scope } from '@gatehouse/enforcement'
import { isUuid, referenceOf } from '@gatehouse/kit'
import { sql, type RawBuilder } from 'kysely'
import { heldBy, inScope, livingStates, type LeaseRow } from './lease.queries.ts'
import type { BackendName } from './secret-backend.ts'

/** Which leases; all of these that are given hold for each of them. */
export interface BulkFilters {
  readonly principal?: string | undefined
  /** A configured backend by its name or id, or a kind. */
  readonly backend?: string | undefined
  readonly role?: string | undefined
  readonly prefix?: string | undefined
  readonly session?: string | undefined
  /** By its id. */
  readonly host?: string | undefined
  /** By its id. */
  readonly workspace?: string | undefined
}

/** Who asks, and what they were decided to reach. */
export interface Reach {
  readonly scope: Scope
  readonly callerId: string
}

type Condition = RawBuilder<boolean>

const conditionOf: { readonly [F in keyof BulkFilters]-?: (value: string) => Condition } = {
  principal: heldBy,
  backend: (value) => {
    const { id, name } = referenceOf(value)
    return sql`(lease.backend = ${name} or exists (select from secret_credential c
      join secret_backend b on b.id = c.backend_id
      where c.lease_id = lease.id and (b.id = ${id}::uuid or b.name = ${name})))`
  },
  role: (value) => {
    const id = isUuid(value) ? value : null
    return sql`(lease.role = ${value} or exists (select from secret_credential c
      where c.lease_id = lease.id and c.role_id = ${id}::uuid))`
  },
  prefix: (value) => sql`starts_with(lease.role, ${value})`,
  session: (value) => sql`lease.session_id = ${value}::uuid`,
  host: (value) => sql`lease.host_id = ${value}::uuid`,
  workspace: (value) => sql`lease.workspace_id = ${value}`,
}

const among = ({ scope, callerId }: Reach, filters: BulkFilters): Condition => {
  const given = Object.entries(conditionOf).flatMap(([name, condition]) => {
    const value = filters[name as keyof BulkFilters] // the keys of a literal object
    return value === undefined ? [] : [condition(value)]
  })
  return sql.join([inScope(scope, callerId), ...given], sql` and `)
}

const living = sql`lease.state in (${sql.join(livingStates)})`

/** What nobody wants ended yet, of those that fit. */
const toBeEnded = (reach: Reach, filters: BulkFilters): Condition =>
  sql`${living} and revoke_requested_at is null and ${among(reach, filters)}`

/** As many as a person looks through; the whole is counted. */
const shownMax = 100

/** The first that end of those that fit and that nobody wants ended yet. */
export async function selectToBeEnded(
  db: Store,
  { reach, filters }: { readonly reach: Reach; readonly filters: BulkFilters },
): Promise<LeaseRow[]> {
  const { rows } = await sql<LeaseRow>`select * from lease where ${toBeEnded(reach, filters)}
    order by expires_at, id limit ${shownMax}::int`.execute(db)
  return rows
}

/** How many these are. */
export async function countToBeEnded(
  db: Store,
  { reach, filters }: { readonly reach: Reach; readonly filters: BulkFilters },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from lease
    where ${toBeEnded(reach, filters)}`.execute(db)
  return rows[0]?.count ?? 0
}

/** These, as they stand now, the first that end first. */
export async function rereadLeases(db: Store, ids: readonly string[]): Promise<LeaseRow[]> {
  if (ids.length === 0) return []
  return db.selectFrom('lease').selectAll().where('id', 'in', ids).orderBy('expires_at').orderBy('id').execute()
}

/**
 * Has the next sweeps end all that fit and that nobody wants ended yet, and answers how many of each kind. Each is
 * moved as `revocationQueued` moves one; who is about to end the same leases waits in the same order.
 */
export async function claimEnds(
  tx: Transaction,
  {
    reach,
    filters,
    reason,
    now,
  }: { readonly reach: Reach; readonly filters: BulkFilters; readonly reason: string; readonly now: Date },
): Promise<{ backend: BackendName; count: number }[]> {
  const { rows } = await sql<{ backend: BackendName; count: number }>`with held as (
      select id from lease where ${toBeEnded(reach, filters)}
      order by id for update),
    claimed as (
      update lease set revoke_requested_at = ${now}::timestamptz, reason = coalesce(reason, ${reason}),
        due_at = case when attempts = 0 then ${now}::timestamptz else due_at end
      from held where lease.id = held.id returning lease.backend)
    select backend, count(*)::int as count from claimed group by backend`.execute(tx)
  return rows
}

/** Leases of these kinds whose end was asked for at this moment, so many at most; held. */
export async function lockWished(
  tx: Transaction,
  { backends, now, limit }: { readonly backends: readonly BackendName[]; readonly now: Date; readonly limit: number },
): Promise<LeaseRow[]> {
  if (backends.length === 0) return []
  return tx
    .selectFrom('lease')
    .selectAll()
    .where('backend', 'in', backends)
    .where('state', 'in', livingStates)
    .where('revoke_requested_at', '=', now)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute()
}

/** Active leases that end before then, the next one first: one page and one row more. */
export async function listExpiring(
  db: Store,
  {
    reach,
    filters,
    now,
    before,
    after,
    first,
  }: {
    readonly reach: Reach
    readonly filters: BulkFilters
    readonly now: Date
    readonly before: Date
    readonly after: { readonly at: Date; readonly id: string } | null
    readonly first: number
  },
): Promise<LeaseRow[]> {
  const { rows } = await sql<LeaseRow>`select * from lease
    where state = 'active' and revoke_requested_at is null and expires_at > ${now} and expires_at <= ${before}
      and ${among(reach, filters)}
      and ${after === null ? sql`true` : sql`(expires_at, id) > (${after.at}, ${after.id}::uuid)`}
    order by expires_at, id limit ${first + 1}::int`.execute(db)
  return rows
}

/** How leases stand, by their kind; so many of each. */
export interface LeaseCounts {
  readonly backend: BackendName
  readonly active: number
  readonly expiring: number
  readonly pending: number
  readonly ending: number
  readonly overdue: number
  readonly irrevocable: number
}

/** Counts what lives. */
export async function countLiving(
  db: Store,
  {
    reach,
    filters,
    now,
    soon,
  }: { readonly reach: Reach; readonly filters: BulkFilters; readonly now: Date; readonly soon: Date },
): Promise<LeaseCounts[]> {
  const { rows } = await sql<LeaseCounts>`select backend,
      (count(*) filter (where state = 'active' and revoke_requested_at is null))::int as active,
      (count(*) filter (where state = 'active' and revoke_requested_at is null
        and expires_at > ${now}::timestamptz and expires_at <= ${soon}::timestamptz))::int as expiring,
      (count(*) filter (where state = 'pending' and revoke_requested_at is null))::int as pending,
      (count(*) filter (where state <> 'irrevocable' and revoke_requested_at is not null))::int as ending,
      (count(*) filter (where state <> 'irrevocable'
        and due_at < ${now}::timestamptz - interval '10 seconds'))::int as overdue,
      (count(*) filter (where state = 'irrevocable'))::int as irrevocable
    from lease where ${living} and ${among(reach, filters)} group by backend order by backend`.execute(db)
  return rows
}

/** What happened since then. */
export async function countSince(
  db: Store,
  { reach, filters, since }: { readonly reach: Reach; readonly filters: BulkFilters; readonly since: Date },
): Promise<{ issued: number; revoked: number; expired: number }> {
  const { rows } = await sql<{ issued: number; revoked: number; expired: number }>`select
      (count(*) filter (where issued_at >= ${since}::timestamptz))::int as issued,
      (count(*) filter (where state = 'revoked' and ended_at >= ${since}::timestamptz))::int as revoked,
      (count(*) filter (where state = 'expired' and ended_at >= ${since}::timestamptz))::int as expired
    from lease where (issued_at >= ${since} or ended_at >= ${since}) and ${among(reach, filters)}`.execute(db)
  return rows[0] ?? { issued: 0, revoked: 0, expired: 0 }
}
