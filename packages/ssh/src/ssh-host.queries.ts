import type { Position } from '@gatehouse/contract'
import {
  byName,
  byTime,
  goesOn,
  holdsText,
  inOrder,
  type SshHostTable,
  type Store,
  type Transaction,
} from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { sql, type Insertable, type Selectable } from 'kysely'

/** A row of `ssh_host`. */
export type SshHostRow = Selectable<SshHostTable>

/** Writes a new host; null: its name, or its address with its port, is taken. */
export async function insertHost(tx: Transaction, row: Insertable<SshHostTable>): Promise<SshHostRow | null> {
  return (
    (await tx
      .insertInto('ssh_host')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

/** Where a host is and what it is called: each once in the whole system. */
export interface HostIdentity {
  readonly name: string
  readonly address: string
  readonly port: number
}

/** Registrations and changes of place wait for each other, so that the unique indexes are only ever a backstop. */
export async function holdHostIdentities(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-ssh-hosts'))`.execute(tx)
}

/** Another host that has this name, or this address with this port. */
export async function findSameHost(
  tx: Store,
  { name, address, port, except }: HostIdentity & { readonly except: string | null },
): Promise<SshHostRow | null> {
  const row = await tx
    .selectFrom('ssh_host')
    .selectAll()
    .where('removed_at', 'is', null)
    .where(
      // or vouched for as one that it is not: hosts may share an address, by their ports
      sql<boolean>`(lower(name) = lower(${name}) or (address = ${address} and port = ${port})
        or certified_names @> array[lower(${name})]
        or (address <> ${address} and certified_names @> array[${address}::text]))`,
    )
    .where(sql<boolean>`id::text <> ${except ?? ''}`)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** What of a host can change. */
export type HostChange = Partial<
  Pick<
    SshHostRow,
    | 'name'
    | 'address'
    | 'port'
    | 'user_name'
    | 'access'
    | 'principals'
    | 'source_addresses'
    | 'otp_addresses'
    | 'host_key'
    | 'authorized_keys_path'
    | 'unbound'
    | 'key_seen_at'
    | 'contact_waiver'
    | 'checked_at'
    | 'reachable'
    | 'last_error'
    | 'removed_at'
    | 'authority_id'
    | 'former_keys'
    | keyof typeof unreported
    | keyof typeof uncertified
  >
>

/** A certificate is for one key. */
export const uncertified = {
  certificate: null,
  certified_names: null,
  certified_seconds: null,
  certified_from: null,
  certified_until: null,
} as const

/** Writes a certificate down; null: the host was removed, or its pinned key is another by now. */
export async function writeHostCertificate(
  tx: Transaction,
  host: Pick<SshHostRow, 'id' | 'host_key'>,
  certificate: Pick<SshHostRow, keyof typeof uncertified | 'former_keys'>,
): Promise<SshHostRow | null> {
  const row = await tx
    .updateTable('ssh_host')
    .set(certificate)
    .where('id', '=', host.id)
    .where('host_key', '=', host.host_key)
    .where('removed_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** The keys of hosts that are removed and were certified for one of these names. */
export async function keysOnceCertified(tx: Transaction, names: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ host_key: string }>`select distinct host_key from ssh_host
    where removed_at is not null and certified_names && ${[...names]}::text[]`.execute(tx)
  return rows.map(({ host_key: key }) => key)
}

/** Another machine, or one made anew, has said nothing yet. */
export const unreported = {
  list_version: null,
  trusted_cas: null,
  heard_at: null,
  list_fresh_at: null,
  reported_at: null,
} as const

/** Changes a host's row. */
export const updateHost = (tx: Transaction, id: string, change: HostChange): Promise<SshHostRow> =>
  tx.updateTable('ssh_host').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow()

/** A host by its id, also a removed one: what is under lease there is still to be ended. */
export const readHost = async (db: Store, id: string): Promise<SshHostRow | null> =>
  (await db.selectFrom('ssh_host').selectAll().where('id', '=', id).executeTakeFirst()) ?? null

/** A host by id or name, in any case, with its row's version. */
export async function readHostByReference(
  db: Store,
  reference: string,
): Promise<(SshHostRow & { version: string }) | null> {
  const select = db
    .selectFrom('ssh_host')
    .selectAll()
    .select(sql<string>`xmin::text`.as('version'))
    .where('removed_at', 'is', null)
  const { id, name } = referenceOf(reference)
  const found = select.where(sql<boolean>`(id = ${id} or lower(name) = lower(${name}))`)
  return (await found.executeTakeFirst()) ?? null
}

/** A host that was not removed, by the fingerprint of a key of its, which may be another than the pinned one. */
export const readHostByKey = async (db: Store, fingerprint: string): Promise<SshHostRow | null> =>
  (await db
    .selectFrom('ssh_host')
    .selectAll('ssh_host')
    .innerJoin('ssh_host_key', 'ssh_host_key.host_id', 'ssh_host.id')
    .where('ssh_host_key.fingerprint', '=', fingerprint)
    .where('ssh_host.removed_at', 'is', null)
    .executeTakeFirst()) ?? null

/** What a host reported. */
export interface HostReportRow {
  readonly listVersion: number
  readonly trusts: readonly string[]
  readonly heardAt: Date
  /** Whether it had, at that time, the list of that time. */
  readonly fresh: boolean
  readonly reportedAt: Date
}

/** Writes a report down; false: a newer one was written meanwhile, or the pinned key is another now. */
export async function noteReport(
  db: Store,
  host: Pick<SshHostRow, 'id' | 'host_key'>,
  { listVersion, trusts, heardAt, fresh, reportedAt }: HostReportRow,
): Promise<boolean> {
  const row = await db
    .updateTable('ssh_host')
    .set({
      list_version: String(listVersion),
      trusted_cas: [...trusts],
      heard_at: heardAt,
      reported_at: reportedAt,
      ...(fresh ? { list_fresh_at: heardAt } : {}),
    })
    .where('id', '=', host.id)
    .where('host_key', '=', host.host_key)
    .where((eb) => eb.or([eb('heard_at', 'is', null), eb('heard_at', '<', heardAt)]))
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Another host of whose names or addresses this is one. */
export async function findHostCalled(
  tx: Transaction,
  { called, except }: { readonly called: readonly string[]; readonly except: string },
): Promise<SshHostRow | null> {
  const names = sql<string>`any(${[...called]}::text[])`
  const row = await tx
    .selectFrom('ssh_host')
    .selectAll()
    .where('removed_at', 'is', null)
    .where('id', '<>', except)
    .where(sql<boolean>`(lower(name) = ${names} or address = ${names} or certified_names && ${[...called]}::text[])`)
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** A host that is called by one of the names that another one is certified for; null: none is. */
export async function findCalledAsCertified(
  tx: Transaction,
  { id, address, names }: { readonly id: string; readonly address: string; readonly names: readonly string[] },
): Promise<SshHostRow | null> {
  const called = sql<string>`any(${[...names]}::text[])`
  const row = await tx
    .selectFrom('ssh_host')
    .selectAll()
    .where('removed_at', 'is', null)
    .where('id', '<>', id)
    .where(sql<boolean>`(lower(name) = ${called} or (address = ${called} and address <> ${address}))`)
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** Names of the hosts that do not say that they trust this CA. */
export const hostsNotTrusting = async (db: Store, caFingerprint: string): Promise<string[]> =>
  (
    await db
      .selectFrom('ssh_host')
      .select('name')
      .where('removed_at', 'is', null)
      .where(sql<boolean>`not coalesce(trusted_cas @> array[${caFingerprint}::text], false)`)
      .orderBy('name')
      .execute()
  ).map(({ name }) => name)

/** The id of a host by its id or name, also of a removed one by its id; null: there is none. */
export async function findHostId(db: Store, reference: string): Promise<string | null> {
  const { id, name } = referenceOf(reference)
  const row = await db
    .selectFrom('ssh_host')
    .select('id')
    .where(sql<boolean>`(id = ${id} or (lower(name) = lower(${name}) and removed_at is null))`)
    .executeTakeFirst()
  return row?.id ?? null
}

/** A host that is registered, by id or name; null: there is none. */
export async function findHost(
  db: Store,
  reference: string,
): Promise<Pick<SshHostRow, 'id' | 'name' | 'principals'> | null> {
  const { id, name } = referenceOf(reference)
  const row = await db
    .selectFrom('ssh_host')
    .select(['id', 'name', 'principals'])
    .where(sql<boolean>`(id = ${id} or lower(name) = lower(${name})) and removed_at is null`)
    .executeTakeFirst()
  return row ?? null
}

/** An account of a host, by what leases call it, as `deploy@db-1`; null: there is none. */
export async function findAccountRole(
  db: Store,
  role: string,
): Promise<{ readonly role: string; readonly hostId: string } | null> {
  const at = role.lastIndexOf('@')
  const host = at < 0 ? null : await findHost(db, role.slice(at + 1))
  const account = host?.principals.find((one) => one === role.slice(0, at))
  return host === null || account === undefined ? null : { role: `${account}@${host.name}`, hostId: host.id }
}

const hostOrders = {
  newest: byTime('ssh_host.created_at', 'desc'),
  oldest: byTime('ssh_host.created_at', 'asc'),
  name: byName('ssh_host.name'),
} as const

/** One page and one row more, in order. */
export async function listHosts(
  db: Store,
  query: {
    readonly workspaces: readonly string[]
    /** By its id. */
    readonly workspace: string | undefined
    readonly unbound: boolean | undefined
    readonly first: number
    readonly after: Position | null
    readonly sort: keyof typeof hostOrders
    readonly search: string | undefined
  },
): Promise<SshHostRow[]> {
  const { workspaces, workspace, unbound, first, after, sort, search } = query
  const keyset = { order: hostOrders[sort], id: 'ssh_host.id', after }
  let select = db
    .selectFrom('ssh_host')
    .selectAll()
    .where('removed_at', 'is', null)
    .where('workspace_id', '=', sql<string>`any(${[...workspaces]}::text[])`)
  if (workspace !== undefined) select = select.where('workspace_id', '=', workspace)
  if (unbound !== undefined) select = select.where('unbound', '=', unbound)
  return select
    .where(holdsText(['ssh_host.name', 'ssh_host.address', 'ssh_host.user_name'], search))
    .where(goesOn(keyset))
    .orderBy(inOrder(keyset))
    .limit(first + 1)
    .execute()
}

/** Every host's id, for a reconciliation; who waited longest comes first. */
export const listHostIds = async (db: Store): Promise<string[]> =>
  (
    await db
      .selectFrom('ssh_host')
      .select('id')
      .where('removed_at', 'is', null)
      .orderBy('compared_at', (order) => order.asc().nullsFirst())
      .orderBy('id')
      .execute()
  ).map(({ id }) => id)

/** Notes that these had their turn, reached or not. Rows are held in one order, since two rounds may meet. */
export async function noteCompared(tx: Transaction, hostIds: readonly string[], at: Date): Promise<void> {
  await sql`update ssh_host set compared_at = ${at} from (
    select id from ssh_host where id = any(${[...hostIds]}::uuid[]) order by id for no key update
  ) as held where ssh_host.id = held.id`.execute(tx)
}

/** Hosts that did not answer when they were last asked. */
export async function countUnreachableHosts(db: Store): Promise<number> {
  const { count } = await db
    .selectFrom('ssh_host')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('reachable', '=', false)
    .where('removed_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Hosts that report, and had no list of its time since then. */
export async function countHostsBehind(db: Store, since: Date): Promise<number> {
  const { count } = await db
    .selectFrom('ssh_host')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('reported_at', 'is not', null)
    .where((eb) => eb.or([eb('list_fresh_at', 'is', null), eb('list_fresh_at', '<', since)]))
    .where('removed_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/**
 * Writes down what a contact showed. An observation, not a decision: it stands beside the audit log, as a heartbeat
 * does.
 */
export async function noteContact(
  db: Store,
  hostId: string,
  contact: { readonly at: Date; readonly reachable: boolean; readonly error: string | null },
): Promise<void> {
  await db
    .updateTable('ssh_host')
    .set({ checked_at: contact.at, reachable: contact.reachable, last_error: contact.error })
    .where('id', '=', hostId)
    .execute()
}

/** The pinned key was proved at this address; not written where key or address have changed meanwhile. */
export async function noteKeySeen(
  db: Store,
  host: Pick<SshHostRow, 'id' | 'address' | 'port' | 'host_key'>,
  at: Date,
): Promise<void> {
  await db
    .updateTable('ssh_host')
    .set({ key_seen_at: at })
    .where('id', '=', host.id)
    .where('address', '=', host.address)
    .where('port', '=', host.port)
    .where('host_key', '=', host.host_key)
    .execute()
}

/** Takes the host's lock for this holder; false: somebody else has it and is not overdue. */
export async function takeHostLock(
  db: Store,
  lock: { readonly hostId: string; readonly holder: string; readonly now: Date; readonly expiresAt: Date },
): Promise<boolean> {
  const row = await db
    .insertInto('ssh_host_lock')
    .values({ host_id: lock.hostId, holder: lock.holder, expires_at: lock.expiresAt })
    .onConflict((conflict) =>
      conflict
        .column('host_id')
        .doUpdateSet({ holder: lock.holder, expires_at: lock.expiresAt })
        .where('ssh_host_lock.expires_at', '<=', lock.now),
    )
    .returning('holder')
    .executeTakeFirst()
  return row !== undefined
}

/** Gives the lock back, if it is still this holder's. */
export async function releaseHostLock(
  db: Store,
  lock: { readonly hostId: string; readonly holder: string },
): Promise<void> {
  await db.deleteFrom('ssh_host_lock').where('host_id', '=', lock.hostId).where('holder', '=', lock.holder).execute()
}

/** How many hosts stand in a workspace. */
export async function countHosts(db: Store, workspaceId: string): Promise<number> {
  const row = await db
    .selectFrom('ssh_host')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** What can be reached in a workspace: its hosts by name, and the accounts that are registered on them. */
export async function selectReach(
  db: Store,
  workspaceId: string,
): Promise<{ readonly hosts: readonly string[]; readonly accounts: readonly string[] }> {
  const rows = await db
    .selectFrom('ssh_host')
    .select(['name', 'principals'])
    .where('workspace_id', '=', workspaceId)
    .where('removed_at', 'is', null)
    .where('unbound', '=', false)
    .orderBy('name')
    .limit(reachMax)
    .execute()
  return {
    hosts: rows.map(({ name }) => name),
    accounts: [...new Set(rows.flatMap(({ principals }) => principals))].toSorted(),
  }
}

/** More names than this nobody reads before they say yes. */
const reachMax = 500
