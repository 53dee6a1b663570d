import type { SecretBackendTable, Store, Transaction } from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { sql, type Selectable } from 'kysely'
import { reconcileBudget } from './budgets.ts'
import type { ProviderKind } from './secret-provider.ts'

/** A row of `secret_backend`. */
export type SecretBackendRow = Selectable<SecretBackendTable>

/** One that is there, with what it is reached with. */
export type StandingBackend = SecretBackendRow & { readonly settings: Buffer }

/** The same, if it was not removed. */
export const standing = (row: SecretBackendRow | undefined): StandingBackend | null => {
  const settings = row?.settings ?? null
  return row === undefined || settings === null ? null : { ...row, settings }
}

/** A backend that is there, by id or name; null: there is none. */
export async function readBackend(db: Store, reference: string): Promise<StandingBackend | null> {
  const { id, name } = referenceOf(reference)
  const { rows } = await sql<SecretBackendRow>`select * from secret_backend
    where removed_at is null and (id = ${id}::uuid or name = ${name})`.execute(db)
  return standing(rows[0])
}

/** The same, held until the transaction ends. */
export async function holdBackend(tx: Transaction, id: string): Promise<StandingBackend | null> {
  const { rows } = await sql<SecretBackendRow>`select * from secret_backend
    where removed_at is null and id = ${id}::uuid for update`.execute(tx)
  return standing(rows[0])
}

/** All that are there, the oldest first; each is looked at by the clock. */
export async function allBackends(db: Store): Promise<StandingBackend[]> {
  const rows = await db
    .selectFrom('secret_backend')
    .selectAll()
    .where('removed_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.flatMap((row) => standing(row) ?? [])
}

interface ListPlace {
  readonly after: { readonly at: Date; readonly id: string } | null
  readonly limit: number
}

/** One page, the newest first. */
export async function selectBackends(db: Store, { after, limit }: ListPlace): Promise<SecretBackendRow[]> {
  const { rows } = await sql<SecretBackendRow>`select * from secret_backend where removed_at is null
      and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by created_at desc, id desc limit ${limit}::int`.execute(db)
  return rows
}

/** More cannot be looked at in one round: see `reconcileBudget`. */
export const backendsMax = reconcileBudget.backendsMax

export interface NewBackend {
  readonly id: string
  readonly name: string
  readonly kind: ProviderKind
  readonly settings: Buffer
  readonly shown: string
  readonly identity: string
  readonly now: Date
}

/** Adds one. False: there is one of its name, or there are too many. */
export async function insertBackend(tx: Transaction, one: NewBackend): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-secret-backends'))`.execute(tx)
  const { rows } = await sql`
    insert into secret_backend (id, name, kind, settings, shown, identity, checked_at, created_at)
    select ${one.id}::uuid, ${one.name}, ${one.kind}, ${one.settings}, ${one.shown}, ${one.identity}, ${one.now},
      ${one.now}
    where (select count(*) from secret_backend where removed_at is null) < ${backendsMax}
    on conflict (name) where removed_at is null do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** Puts other settings in place of those of a held one. */
export const replaceSettings = async (
  tx: Transaction,
  one: Pick<NewBackend, 'id' | 'settings' | 'shown' | 'identity' | 'now'>,
): Promise<void> =>
  void (await tx
    .updateTable('secret_backend')
    .set({
      settings: one.settings,
      next_settings: null,
      rotating_until: null,
      shown: one.shown,
      identity: one.identity,
      checked_at: one.now,
      last_error: null,
    })
    .where('id', '=', one.id)
    .execute())

/** Notes how a backend answered. Who is asked at the same time writes the same, or something newer. */
export const noteAnswer = async (
  tx: Transaction,
  { id, error, now }: { readonly id: string; readonly error: string | null; readonly now: Date },
): Promise<void> =>
  void (await tx
    .updateTable('secret_backend')
    .set(error === null ? { checked_at: now, last_error: null } : { last_error: error })
    .where('id', '=', id)
    .execute())

/**
 * Begins to put other settings in place, unless somebody is at it. Null: somebody is, or it is gone; else what was
 * begun before and never finished.
 */
export async function beginRotation(
  tx: Transaction,
  { id, now, until }: { readonly id: string; readonly now: Date; readonly until: Date },
): Promise<StandingBackend | null> {
  const { rows } = await sql<SecretBackendRow>`update secret_backend set rotating_until = ${until}
    where id = ${id}::uuid and removed_at is null
      and (rotating_until is null or rotating_until <= ${now}) returning *`.execute(tx)
  return standing(rows[0])
}

/** Keeps what is being put in place, before the backend is told of it. False: it was configured anew meanwhile. */
export async function keepNext(
  db: Store,
  { id, before, next }: { readonly id: string; readonly before: Buffer; readonly next: Buffer },
): Promise<boolean> {
  const { rows } = await sql`update secret_backend set next_settings = ${next}
    where id = ${id}::uuid and settings = ${before} returning id`.execute(db)
  return rows.length > 0
}

/** What was being put in place is in place. False: it is not what was being put there any more. */
export async function promoteNext(db: Store, id: string, next: Buffer): Promise<boolean> {
  const { rows } = await sql`update secret_backend
    set settings = next_settings, next_settings = null, rotating_until = null, last_error = null
    where id = ${id}::uuid and next_settings = ${next} returning id`.execute(db)
  return rows.length > 0
}

/** What hangs on a backend: how many roles that can be asked for, and how many leases that live. */
export async function countOn(db: Store, backendId: string): Promise<{ roles: number; leases: number }> {
  const { rows } = await sql<{ roles: number; leases: number }>`select
      (select count(*)::int from secret_role where backend_id = ${backendId}::uuid and removed_at is null) as roles,
      (select count(*)::int from secret_credential where backend_id = ${backendId}::uuid and living) as leases
    `.execute(db)
  return rows[0] ?? { roles: 0, leases: 0 }
}

/** Takes a held one away, and what it is reached with. */
export const removeBackend = async (tx: Transaction, id: string, now: Date): Promise<void> =>
  void (await tx
    .updateTable('secret_backend')
    .set({ removed_at: now, settings: null, next_settings: null, rotating_until: null })
    .where('id', '=', id)
    .execute())

/** Where the credential of a lease is asked for. */
export const insertCredential = async (
  tx: Transaction,
  row: { readonly leaseId: string; readonly backendId: string; readonly roleId: string },
): Promise<void> =>
  void (await tx
    .insertInto('secret_credential')
    .values({
      lease_id: row.leaseId,
      backend_id: row.backendId,
      role_id: row.roleId,
      living: true,
      handle: null,
      closed: false,
      witness: null,
    })
    .execute())

/** Keeps by what a credential that is being made is found. False: it is being taken away, or its lease has ended. */
export async function keepHandle(db: Store, leaseId: string, handle: unknown): Promise<boolean> {
  const { rows } = await sql`update secret_credential set handle = ${JSON.stringify(handle)}::jsonb
    where lease_id = ${leaseId}::uuid and living and not closed returning lease_id`.execute(db)
  return rows.length > 0
}

/** What was kept of a lease's credential; null: nothing. */
export async function handleOf(db: Store, leaseId: string): Promise<unknown> {
  const { rows } = await sql<{ handle: unknown }>`select handle from secret_credential
    where lease_id = ${leaseId}::uuid`.execute(db)
  return rows[0]?.handle ?? null
}

/** From now on they are being taken away: who still makes one of them hears it before the next step. */
export const closeCredentials = async (tx: Transaction, leaseIds: readonly string[]): Promise<void> =>
  void (await tx.updateTable('secret_credential').set({ closed: true }).where('lease_id', 'in', leaseIds).execute())

/** The leases have ended. A witness of one that nobody asks about is destroyed. */
export const endCredentials = async (tx: Transaction, leaseIds: readonly string[]): Promise<void> =>
  void (await sql`update secret_credential c set living = false, witness = case when exists (
      select from lease_proof p where p.lease_id = c.lease_id and p.state = 'waiting') then c.witness end
    where c.lease_id = any(${[...leaseIds]}::uuid[])`.execute(tx))

/** Keeps what is asked with whether the credential of a lease is dead; what was kept before stays. */
export const keepWitness = async (db: Store, leaseId: string, witness: Buffer): Promise<void> =>
  void (await sql`update secret_credential set witness = coalesce(witness, ${witness})
    where lease_id = ${leaseId}::uuid and living`.execute(db))

/** That, if there is any. */
export async function witnessOf(db: Store, leaseId: string): Promise<Buffer | null> {
  const { rows } = await sql<{ witness: Buffer | null }>`select witness from secret_credential
    where lease_id = ${leaseId}::uuid`.execute(db)
  return rows[0]?.witness ?? null
}

/** Destroys it: what it was kept for is known. */
export const destroyWitnesses = async (tx: Transaction, leaseIds: readonly string[]): Promise<void> =>
  void (await sql`update secret_credential set witness = null
    where lease_id = any(${[...leaseIds]}::uuid[]) and witness is not null`.execute(tx))

/** The backend of a lease's credential, removed or not; null: nothing was asked of one. */
export async function backendOfLease(db: Store, leaseId: string): Promise<SecretBackendRow | null> {
  const { rows } = await sql<SecretBackendRow>`select b.* from secret_credential c
    join secret_backend b on b.id = c.backend_id where c.lease_id = ${leaseId}::uuid`.execute(db)
  return rows[0] ?? null
}

/** The backends of leases' credentials, by the leases. */
export async function backendsOfLeases(db: Store, leaseIds: readonly string[]): Promise<Map<string, string>> {
  if (leaseIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('secret_credential')
    .select(['lease_id', 'backend_id'])
    .where('lease_id', 'in', leaseIds)
    .execute()
  return new Map(rows.map((row) => [row.lease_id, row.backend_id]))
}

/** Leases of a backend whose credential works, as they stand now, and what is kept of each. */
export async function activeLeasesOf(
  db: Store,
  backendId: string,
): Promise<{ readonly leaseId: string; readonly handle: unknown }[]> {
  const { rows } = await sql<{ leaseId: string; handle: unknown }>`select l.id as "leaseId", c.handle
    from secret_credential c join lease l on l.id = c.lease_id
    where c.backend_id = ${backendId}::uuid and c.living and l.state = 'active' order by l.id`.execute(db)
  return rows
}

/** Which of these leases are of the backend and live; and which are of it at all. */
export async function leasesAmong(
  db: Store,
  { backendId, ids }: { readonly backendId: string; readonly ids: readonly string[] },
): Promise<{ known: Set<string>; living: Set<string> }> {
  const { rows } = await sql<{ id: string; living: boolean }>`select lease_id as id, living from secret_credential
    where backend_id = ${backendId}::uuid and lease_id = any (${sql.val([...ids])}::uuid[])`.execute(db)
  return {
    known: new Set(rows.map(({ id }) => id)),
    living: new Set(rows.filter(({ living }) => living).map(({ id }) => id)),
  }
}
