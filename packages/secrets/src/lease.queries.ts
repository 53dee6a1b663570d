import type { Position } from '@gatehouse/contract'
import {
  byName,
  byTime,
  goesOn,
  holdsText,
  inOrder,
  type LeaseTable,
  type Store,
  type Transaction,
} from '@gatehouse/database'
import type { Scope } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import { sql, type Insertable, type RawBuilder, type Selectable } from 'kysely'
import type { LeaseState } from './transitions.ts'
import type { BackendName } from './secret-backend.ts'

/** A row of `lease`. */
export type LeaseRow = Selectable<LeaseTable>

/** The states of a lease that has not ended. */
export const livingStates = ['pending', 'active', 'irrevocable'] as const

/**
 * Stands in for a lost workflow: a failed revocation that nobody has retried for this long after its time is the
 * sweep's again.
 */
const orphanedRetrySeconds = 15

const secondsBefore = (now: Date, seconds: number): Date => new Date(now.getTime() - seconds * 1000)

export const insertLease = (tx: Transaction, row: Insertable<LeaseTable>): Promise<LeaseRow> =>
  tx.insertInto('lease').values(row).returningAll().executeTakeFirstOrThrow()

/** Writes leases, all in one statement. */
export const insertLeases = async (tx: Transaction, rows: readonly Insertable<LeaseTable>[]): Promise<void> =>
  void (await sql`
    insert into lease (id, backend, role, host_id, workspace_id, purpose, principal_type, principal_id, principal_name,
      session_id, issued_at, renewable_until, state, expires_at, due_at, revoke_requested_at, ended_at, reason,
      attempts, last_error)
    select id, backend, role, host_id, workspace_id, purpose, principal_type, principal_id, principal_name,
      session_id, issued_at, renewable_until, state, expires_at, due_at, revoke_requested_at, ended_at, reason,
      attempts, last_error
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, backend text, role text, host_id uuid,
      workspace_id text, purpose text, principal_type text, principal_id text, principal_name text, session_id uuid,
      issued_at timestamptz, renewable_until timestamptz, state text, expires_at timestamptz, due_at timestamptz,
      revoke_requested_at timestamptz, ended_at timestamptz, reason text, attempts integer, last_error text)`.execute(
    tx,
  ))

/** Holds the row until the transaction ends; null: no such lease. */
export const lockLease = async (tx: Transaction, id: string): Promise<LeaseRow | null> =>
  (await tx.selectFrom('lease').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()) ?? null

/** Holds the rows, always in the order of their ids so that two sweeps cannot wait for each other. */
export const lockLeases = (tx: Transaction, ids: readonly string[]): Promise<LeaseRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : tx.selectFrom('lease').selectAll().where('id', 'in', ids).orderBy('id').forUpdate().execute()

/** Holds everything alive of one principal, in the order of ids. */
export const lockLeasesOf = (tx: Transaction, principalId: string): Promise<LeaseRow[]> =>
  tx
    .selectFrom('lease')
    .selectAll()
    .where('principal_id', '=', principalId)
    .where('state', 'in', livingStates)
    .orderBy('id')
    .forUpdate()
    .execute()

/** Holds everything alive that was issued in one session, in the order of ids. */
export const lockLeasesIn = (tx: Transaction, sessionId: string): Promise<LeaseRow[]> =>
  tx
    .selectFrom('lease')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('state', 'in', livingStates)
    .orderBy('id')
    .forUpdate()
    .execute()

/** What was issued in one session, alive or not; at most `limit`. */
export const selectLeaseIdsIn = async (
  db: Store,
  { sessionId, limit }: { readonly sessionId: string; readonly limit: number },
): Promise<string[]> => {
  const rows = await db
    .selectFrom('lease')
    .select('id')
    .where('session_id', '=', sessionId)
    .orderBy('issued_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Claims a lease for one renewal, unless it is ending, cannot be renewed or somebody else renews it just now. */
export async function claimRenewal(
  tx: Transaction,
  { id, now, until }: { readonly id: string; readonly now: Date; readonly until: Date },
): Promise<LeaseRow | null> {
  const { rows } = await sql<LeaseRow>`update lease set renewing_until = ${until}
    where id = ${id}::uuid and state = 'active' and revoke_requested_at is null and expires_at > ${now}
      and renewable_until is not null and (renewing_until is null or renewing_until <= ${now})
    returning *`.execute(tx)
  return rows[0] ?? null
}

/** Lets go of that claim, and answers the lease as it stands now. */
export const releaseRenewal = async (tx: Transaction, id: string): Promise<LeaseRow | null> =>
  (await tx
    .updateTable('lease')
    .set({ renewing_until: null })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()) ?? null

/** Has the leases of a role be renewed no longer than so many seconds after their issue; null: not at all. */
export const limitRenewals = async (
  tx: Transaction,
  { roleId, secondsMax }: { readonly roleId: string; readonly secondsMax: number | null },
): Promise<void> =>
  void (await sql`update lease set renewable_until = case when ${secondsMax}::int is null then null
      else least(renewable_until, issued_at + ${secondsMax} * interval '1 second') end
    from (select l.id from lease l join secret_credential c on c.lease_id = l.id
      where c.role_id = ${roleId}::uuid and c.living and l.renewable_until is not null
      order by l.id for update of l) held
    where lease.id = held.id`.execute(tx))

/** What a step changes of a lease. */
export type LeaseChange = Pick<
  LeaseRow,
  | 'id'
  | 'state'
  | 'expires_at'
  | 'wrapped_until'
  | 'due_at'
  | 'revoke_requested_at'
  | 'ended_at'
  | 'reason'
  | 'attempts'
  | 'last_error'
>

/** Moves held leases, all in one statement. */
export async function updateLeases(tx: Transaction, changes: readonly LeaseChange[]): Promise<void> {
  if (changes.length === 0) return
  await sql`
    update lease set state = c.state, expires_at = c.expires_at, wrapped_until = c.wrapped_until, due_at = c.due_at,
      revoke_requested_at = c.revoke_requested_at, ended_at = c.ended_at, reason = c.reason, attempts = c.attempts,
      last_error = c.last_error
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as c (id uuid, state text, expires_at timestamptz,
      wrapped_until timestamptz, due_at timestamptz, revoke_requested_at timestamptz, ended_at timestamptz, reason text,
      attempts integer, last_error text)
    where lease.id = c.id`.execute(tx)
}

/** Due leases of one backend that nobody else holds. Retries are their workflow's until they are orphaned. */
export const lockDue = (
  tx: Transaction,
  { backend, now, limit }: { readonly backend: BackendName; readonly now: Date; readonly limit: number },
): Promise<LeaseRow[]> =>
  tx
    .selectFrom('lease')
    .selectAll()
    .where('backend', '=', backend)
    .where('due_at', '<=', now) // says nothing new, but is what the index can be asked
    .where(
      sql<boolean>`due_at <= case when attempts = 0 then ${now}::timestamptz
        else ${secondsBefore(now, orphanedRetrySeconds)}::timestamptz end`,
    )
    .orderBy('due_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()

/** One due lease, unless somebody else holds it. */
export const lockDueLease = (
  tx: Transaction,
  { id, backend, now }: { readonly id: string; readonly backend: BackendName; readonly now: Date },
): Promise<LeaseRow[]> =>
  tx
    .selectFrom('lease')
    .selectAll()
    .where('id', '=', id)
    .where('backend', '=', backend)
    .where('due_at', '<=', now)
    .forUpdate()
    .skipLocked()
    .execute()

/**
 * When the sweep has something to do next; null: nothing. Two looks at the ends of two indexes, however many leases are
 * alive: this is asked every second.
 */
export async function nextDueAt(db: Store, backend: BackendName): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select least(
      (select due_at from lease where backend = ${backend} and due_at is not null and attempts = 0
        order by due_at limit 1),
      (select due_at + ${orphanedRetrySeconds} * interval '1 second' from lease
        where backend = ${backend} and due_at is not null and attempts > 0 order by due_at limit 1)) as at`.execute(db)
  return rows[0]?.at ?? null
}

export const readLease = async (db: Store, id: string): Promise<LeaseRow | null> =>
  (await db.selectFrom('lease').selectAll().where('id', '=', id).executeTakeFirst()) ?? null

/** Those of these that are there, the next to end first. */
export const readLeases = (db: Store, ids: readonly string[]): Promise<LeaseRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : db.selectFrom('lease').selectAll().where('id', 'in', ids).orderBy('expires_at').orderBy('id').execute()

export interface LeaseFilters {
  readonly backend?: BackendName | undefined
  readonly state?: LeaseState | undefined
  /** By its id. */
  readonly workspace?: string | undefined
  readonly principal?: string | undefined
  /** By its id. */
  readonly host?: string | undefined
}

const leaseOrders = {
  newest: byTime('lease.issued_at', 'desc'),
  oldest: byTime('lease.issued_at', 'asc'),
  expiry: byTime('lease.expires_at', 'asc'),
  name: byName('lease.principal_name'),
} as const

/** The leases that a caller was decided to reach: all of some workspaces, and their own in others. */
export const inScope = (scope: Scope, callerId: string): RawBuilder<boolean> =>
  sql<boolean>`(lease.workspace_id = any(${[...scope.workspaces]}::text[])
    or (lease.workspace_id = any(${[...scope.ownIn]}::text[]) and lease.principal_id = ${callerId}))`

/** The leases of whoever is named so. */
export function heldBy(reference: string): RawBuilder<boolean> {
  const { id, name } = referenceOf(reference)
  return sql<boolean>`(lease.principal_id = ${id} or lease.principal_name = ${name})`
}

/** One page and one row more, in order, within the scope. */
export async function listLeases(
  db: Store,
  query: {
    readonly scope: Scope
    readonly callerId: string
    readonly filters: LeaseFilters
    readonly first: number
    readonly after: Position | null
    readonly sort: keyof typeof leaseOrders
    readonly search: string | undefined
  },
): Promise<LeaseRow[]> {
  const { scope, callerId, filters, first, after, sort, search } = query
  const keyset = { order: leaseOrders[sort], id: 'lease.id', after }
  let select = db.selectFrom('lease').selectAll().where(inScope(scope, callerId))
  if (filters.backend !== undefined) select = select.where('backend', '=', filters.backend)
  if (filters.state !== undefined) select = select.where('state', '=', filters.state)
  if (filters.workspace !== undefined) select = select.where('workspace_id', '=', filters.workspace)
  if (filters.host !== undefined) select = select.where('host_id', '=', filters.host)
  if (filters.principal !== undefined) select = select.where(heldBy(filters.principal))
  return select
    .where(holdsText(['lease.principal_name', 'lease.purpose', 'lease.role'], search))
    .where(goesOn(keyset))
    .orderBy(inOrder(keyset))
    .limit(first + 1)
    .execute()
}

/** Everything alive, and what has ended since; oldest first. For the watchers of a whole process. */
export const readMoving = (
  db: Store,
  { endedSince, limit }: { readonly endedSince: Date; readonly limit: number },
): Promise<LeaseRow[]> =>
  db
    .selectFrom('lease')
    .selectAll()
    .where((eb) => eb.or([eb('state', 'in', livingStates), eb('ended_at', '>=', endedSince)]))
    .orderBy('issued_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
    .then((rows) => rows.reverse())

/** How many leases stand how. Overdue: its moment passed more than 10 s ago. */
export async function readLeaseCounts(
  db: Store,
  now: Date,
): Promise<{ active: number; overdue: number; irrevocable: number }> {
  const { rows } = await sql<{ active: number; overdue: number; irrevocable: number }>`
    select
      (select count(*)::int from lease where state = 'active') as active,
      (select count(*)::int from lease
        where state in ('pending', 'active') and due_at < ${now}::timestamptz - interval '10 seconds') as overdue,
      (select count(*)::int from lease where state = 'irrevocable') as irrevocable`.execute(db)
  return rows[0] ?? { active: 0, overdue: 0, irrevocable: 0 }
}

/** How many credentials of each backend work. */
export const countActiveLeases = (db: Store): Promise<{ backend: string; active: number }[]> =>
  db
    .selectFrom('lease')
    .select((eb) => ['backend', eb.cast<number>(eb.fn.countAll(), 'integer').as('active')])
    .where('state', '=', 'active')
    .groupBy('backend')
    .execute()

/** A lease's row with its version. */
export const readLeaseVersion = async (db: Store, id: string): Promise<(LeaseRow & { version: string }) | null> =>
  (await db
    .selectFrom('lease')
    .selectAll()
    .select(sql<string>`xmin::text`.as('version'))
    .where('id', '=', id)
    .executeTakeFirst()) ?? null

/** What stands where somebody's name stood who was erased. */
const erasedName = 'erased'

/** Takes out of somebody's leases how they were called and what they and others wrote. */
export const forgetHolder = async (tx: Transaction, principalId: string): Promise<void> =>
  void (await tx
    .updateTable('lease')
    .set({ principal_name: erasedName, purpose: erasedName, reason: null })
    .where('principal_id', '=', principalId)
    .where('principal_name', '!=', erasedName)
    .execute())
