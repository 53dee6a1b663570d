import type { LockKind } from '@gatehouse/contract'
import type { Schema, Store, Transaction } from '@gatehouse/database'
import type { LockTarget } from '@gatehouse/enforcement'
import { sql, type Selectable } from 'kysely'

/** A lock with the names of who made and removed it, and whether it holds by the database's clock. */
export type LockRow = Omit<Selectable<Schema['access_lock']>, 'principal_id'> & {
  readonly created_by_name: string | null
  readonly removed_by_name: string | null
  readonly holds: boolean
}

export interface NewLock {
  readonly id: string
  readonly kind: LockKind
  readonly target: string
  readonly name: string
  readonly ownerId: string | null
  readonly reason: string
  readonly createdBy: string
  /** Null: until it is removed. */
  readonly ttlSeconds: number | null
}

const holds = sql<boolean>`(l.removed_at is null and (l.expires_at is null or l.expires_at > now()))`

const shown = sql`select l.id, l.kind, l.target, l.name, l.reason, l.owner_id, l.created_at, l.created_by, l.expires_at,
    l.removed_at, l.removed_by, l.remove_reason, c.username as created_by_name, r.username as removed_by_name,
    ${holds} as holds
  from access_lock l left join users c on c.id = l.created_by left join users r on r.id = l.removed_by`

/**
 * Waits for those who use what is about to be locked, and keeps others from it until the transaction ends: what they
 * have is given before the lock, or not at all.
 */
export const holdOff = async (tx: Transaction, { kind, target }: LockTarget): Promise<void> =>
  void (await sql`select pg_advisory_xact_lock(access_lock_number(${kind}, ${target}))`.execute(tx))

/**
 * The kind of a lock over any of these; null: none is locked, and none comes to be before the transaction ends. A
 * person is locked by a lock of a role of theirs, too. To be asked last: whoever locks them waits for this transaction.
 */
export async function findLock(db: Store, targets: readonly LockTarget[]): Promise<LockKind | null> {
  const { rows } = await sql<{ kind: LockKind | null }>`select access_lock_over(
    ${sql.val(targets.map(({ kind }) => kind))}::text[], ${sql.val(targets.map(({ target }) => target))}::text[]
  ) as kind`.execute(db)
  return rows[0]?.kind ?? null
}

/** Writes one. It ends by the clock of the database. */
export async function insertLock(tx: Transaction, one: NewLock): Promise<void> {
  await sql`insert into access_lock (id, kind, target, name, owner_id, reason, created_at, created_by, expires_at)
    values (${one.id}, ${one.kind}, ${one.target}, ${one.name}, ${one.ownerId}, ${one.reason}, now(), ${one.createdBy},
      now() + make_interval(secs => ${one.ttlSeconds}::int))`.execute(tx)
}

export async function selectLock(db: Store, id: string): Promise<LockRow | null> {
  const { rows } = await sql<LockRow>`${shown} where l.id::text = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Removes one that holds. False: it does not, or another was first. */
export async function removeLock(
  tx: Transaction,
  { id, by, reason }: { readonly id: string; readonly by: string; readonly reason: string },
): Promise<boolean> {
  const { rows } = await sql`update access_lock l set removed_at = now(), removed_by = ${by}, remove_reason = ${reason}
    where l.id = ${id} and ${holds} returning l.id`.execute(tx)
  return rows.length > 0
}

/** How many hold. */
export async function countLocks(db: Store): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from access_lock l where ${holds}`.execute(db)
  return rows[0]?.count ?? 0
}

/** One page and one more, the newest first. */
export async function selectLocks(
  db: Store,
  {
    id,
    kind,
    all,
    after,
    limit,
  }: {
    /** Only this one. */
    readonly id: string | undefined
    readonly kind: LockKind | undefined
    /** Those too that hold no more. */
    readonly all: boolean
    readonly after: { readonly at: Date; readonly id: string } | null
    readonly limit: number
  },
): Promise<LockRow[]> {
  const { rows } = await sql<LockRow>`${shown}
    where (${id ?? null}::text is null or l.id::text = ${id ?? null})
      and (${kind ?? null}::text is null or l.kind = ${kind ?? null}) and (${all}::boolean or ${holds})
      and (${after?.at ?? null}::timestamptz is null
        or (l.created_at, l.id) < (${after?.at ?? null}::timestamptz, ${after?.id ?? null}::uuid))
    order by l.created_at desc, l.id desc limit ${limit}::int`.execute(db)
  return rows
}

/** Whether a person is locked, by a lock of their own or of a role of theirs. */
export async function isPersonLocked(db: Store, userId: string): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select exists (select from locked_principal where id = ${userId}) as locked`.execute(db)
  return rows[0]?.locked === true
}

/** Somebody was erased: what was locked of them is nobody's. */
export const forgetLocksOf = async (tx: Transaction, userId: string): Promise<void> =>
  void (await tx
    .deleteFrom('access_lock')
    .where((eb) => eb.or([eb('principal_id', '=', userId), eb('owner_id', '=', userId)]))
    .execute())
