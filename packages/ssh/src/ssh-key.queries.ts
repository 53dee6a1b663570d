import type { Cursor } from '@gatehouse/contract'
import type { SshKeyTable, Store, Transaction } from '@gatehouse/database'
import type { Scope } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import {
  leaseOwners,
  leasesAtTheirEnd,
  selectLivingLeases,
  type CredentialPhase,
  type LeaseOwner,
} from '@gatehouse/secrets'
import { sql, type Insertable, type Selectable } from 'kysely'

/** A row of `ssh_key`. */
export type SshKeyRow = Selectable<SshKeyTable>

/** A key with whose it is. */
export type OwnedSshKeyRow = SshKeyRow & LeaseOwner & { version: string }

/** Writes a key that is on no host yet. */
export const insertKey = (tx: Transaction, row: Insertable<SshKeyTable>): Promise<SshKeyRow> =>
  tx.insertInto('ssh_key').values(row).returningAll().executeTakeFirstOrThrow()

/** A key by its id. */
export const readKey = async (db: Store, id: string): Promise<SshKeyRow | null> =>
  (await db.selectFrom('ssh_key').selectAll().where('id', '=', id).executeTakeFirst()) ?? null

/** The key of a lease. */
export const readKeyOfLease = async (db: Store, leaseId: string): Promise<SshKeyRow | null> =>
  (await db.selectFrom('ssh_key').selectAll().where('lease_id', '=', leaseId).executeTakeFirst()) ?? null

/** The host of each lease's key. */
export async function hostsOfLeases(db: Store, leaseIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (leaseIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('ssh_key')
    .select(['lease_id', 'host_id'])
    .where('lease_id', 'in', leaseIds)
    .execute()
  return new Map(rows.map(({ lease_id, host_id }) => [lease_id, host_id]))
}

/** A key with its owner and its row's version. */
export const readOwnedKey = async (db: Store, id: string): Promise<OwnedSshKeyRow | null> =>
  (await db
    .selectFrom('ssh_key')
    .innerJoin(leaseOwners(db).as('lease'), 'lease.id', 'ssh_key.lease_id')
    .selectAll('ssh_key')
    .select(['lease.principal_type', 'lease.principal_id', sql<string>`ssh_key.xmin::text`.as('version')])
    .where('ssh_key.id', '=', id)
    .executeTakeFirst()) ?? null

/** From here on the key's line belongs on its host, and may be there. */
export async function wantKey(tx: Transaction, id: string): Promise<void> {
  await tx.updateTable('ssh_key').set({ wanted: true, maybe_present: true }).where('id', '=', id).execute()
}

/** The key is on its host; null: it was taken back meanwhile. */
export const keyDeployed = async (tx: Transaction, id: string, now: Date): Promise<SshKeyRow | null> =>
  (await tx
    .updateTable('ssh_key')
    .set({ state: 'deployed', deployed_at: sql<Date>`coalesce(deployed_at, ${now}::timestamptz)` })
    .where('id', '=', id)
    .where('wanted', '=', true)
    .where('state', 'in', ['generated', 'deployed'])
    .returningAll()
    .executeTakeFirst()) ?? null

/** A first deployment that failed is withdrawn: the next run takes off what may have been written. */
export async function withdrawKey(tx: Transaction, id: string): Promise<void> {
  await tx.updateTable('ssh_key').set({ wanted: false }).where('id', '=', id).where('state', '=', 'generated').execute()
}

/** The line does not belong on the host any more. */
export async function unwantKeyOfLease(db: Store, leaseId: string): Promise<void> {
  await db
    .updateTable('ssh_key')
    .set({ wanted: false })
    .where('lease_id', '=', leaseId)
    .where('wanted', '=', true)
    .execute()
}

/** Moves the keys of leases; true when one of them was good until now, so that a revocation list must name it. */
export async function markKeys(
  tx: Transaction,
  {
    leaseIds,
    phase,
    now,
  }: { readonly leaseIds: readonly string[]; readonly phase: CredentialPhase; readonly now: Date },
): Promise<boolean> {
  if (leaseIds.length === 0) return false
  const rows = await tx
    .updateTable('ssh_key')
    .set({ state: phase, wanted: false })
    .where('lease_id', 'in', leaseIds)
    .where('state', 'in', ['generated', 'deployed', 'removing'])
    .returning('expires_at')
    .execute()
  return rows.some(({ expires_at }) => expires_at > now)
}

/** Keys that concern a host's files: what belongs there, and what may be there. */
export const readKeysOnHost = (db: Store, hostId: string): Promise<SshKeyRow[]> =>
  db
    .selectFrom('ssh_key')
    .selectAll()
    .where('host_id', '=', hostId)
    .where((eb) => eb.or([eb('wanted', '=', true), eb('maybe_present', '=', true)]))
    .orderBy('id')
    .execute()

/** The host was seen without these. Keys that were asked for again meanwhile keep their mark. */
export async function clearPresence(db: Store, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('ssh_key')
    .set({ maybe_present: false })
    .where('id', 'in', ids)
    .where((eb) => eb.or([eb('wanted', '=', false), eb('expires_at', '<=', now)]))
    .execute()
}

/** Leases on these hosts that are over but for the key's line. */
export async function endingLeasesOnHosts(
  db: Store,
  hostIds: readonly string[],
  now: Date,
): Promise<{ hostId: string; keyId: string; leaseId: string }[]> {
  return db
    .selectFrom('ssh_key')
    .innerJoin(leasesAtTheirEnd(db, now).as('lease'), 'lease.id', 'ssh_key.lease_id')
    .select(['ssh_key.host_id as hostId', 'ssh_key.id as keyId', 'lease.id as leaseId'])
    .where('ssh_key.host_id', '=', sql<string>`any(${[...hostIds]}::uuid[])`)
    .execute()
}

/** Keys whose line is, or may be, on a host. */
export const keysStillOnHost = async (db: Store, hostId: string): Promise<string[]> =>
  (
    await db
      .selectFrom('ssh_key')
      .select('id')
      .where('host_id', '=', hostId)
      .where((eb) => eb.or([eb('wanted', '=', true), eb('maybe_present', '=', true)]))
      .orderBy('id')
      .execute()
  ).map(({ id }) => id)

/** The machine is gone, and with it every line of ours. */
export async function forgetKeysOnHost(tx: Transaction, hostId: string): Promise<void> {
  await tx.updateTable('ssh_key').set({ wanted: false, maybe_present: false }).where('host_id', '=', hostId).execute()
}

/** Leases on a host, of keys and of certificates, that have not ended. */
export const selectLivingLeasesOnHost = (db: Store, hostId: string): Promise<string[]> =>
  selectLivingLeases(
    db,
    sql<string>`(select lease_id from ssh_key where host_id = ${hostId}::uuid
      union all select lease_id from ssh_certificate where host_id = ${hostId}::uuid
      union all select lease_id from ssh_otp where host_id = ${hostId}::uuid and state = 'active')`,
  )

/** Hosts that still carry, or may carry, a key whose end has come; who waited longest comes first. */
export async function hostsWithEndedKeys(db: Store, now: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('ssh_host')
    .select('id')
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('ssh_key')
          .select('ssh_key.id')
          .whereRef('ssh_key.host_id', '=', 'ssh_host.id')
          .where('ssh_key.maybe_present', '=', true)
          .where((key) => key.or([key('ssh_key.wanted', '=', false), key('ssh_key.expires_at', '<=', now)])),
      ),
    )
    .orderBy('compared_at', (order) => order.asc().nullsFirst())
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Public keys that were taken back before their end: for the revocation list, should their host be out of reach. */
export const takenBackKeys = async (db: Store, now: Date): Promise<string[]> =>
  (
    await db
      .selectFrom('ssh_key')
      .select('public_key')
      .where('state', 'in', ['removing', 'revoked'])
      .where('expires_at', '>', now)
      .orderBy('id')
      .execute()
  ).map(({ public_key }) => public_key)

/** How many keys stand how. */
export interface KeyCounts extends Readonly<Record<SshKeyRow['state'], number>> {
  readonly overdue: number
  readonly hosts: number
  readonly nextExpiry: Date | null
}

/** Counts the keys within the scope. Overdue: past their end, and on a host or perhaps so. */
export async function countKeys(
  db: Store,
  {
    scope,
    callerId,
    workspace,
    now,
  }: { readonly scope: Scope; readonly callerId: string; readonly workspace: string | undefined; readonly now: Date },
): Promise<KeyCounts> {
  const { rows } = await sql<KeyCounts>`
    select count(*) filter (where key.state = 'generated')::int as generated,
      count(*) filter (where key.state = 'deployed')::int as deployed,
      count(*) filter (where key.state = 'removing')::int as removing,
      count(*) filter (where key.state = 'revoked')::int as revoked,
      count(*) filter (where key.state = 'expired')::int as expired,
      count(*) filter (where key.maybe_present and key.expires_at < ${now})::int as overdue,
      count(distinct key.host_id) filter (where key.maybe_present)::int as hosts,
      min(key.expires_at) filter (where key.state in ('generated', 'deployed') and key.expires_at >= ${now})
        as "nextExpiry"
    from ssh_key key join ${leaseOwners(db)} lease on lease.id = key.lease_id
    where (key.workspace_id = any(${[...scope.workspaces]}::text[])
        or (key.workspace_id = any(${[...scope.ownIn]}::text[]) and lease.principal_id = ${callerId}))
      and (${workspace ?? null}::text is null or key.workspace_id = ${workspace ?? null})`.execute(db)
  const [counts] = rows
  return counts ?? noKeys
}

const noKeys: KeyCounts = {
  generated: 0,
  deployed: 0,
  removing: 0,
  revoked: 0,
  expired: 0,
  overdue: 0,
  hosts: 0,
  nextExpiry: null,
}

export interface CredentialListQuery<State> {
  readonly scope: Scope
  readonly callerId: string
  readonly state: State | undefined
  readonly host: string | undefined
  readonly first: number
  readonly after: Cursor | null
}

/** One page and one row more, newest first, within the scope. */
export async function listKeys(db: Store, query: CredentialListQuery<SshKeyRow['state']>): Promise<SshKeyRow[]> {
  const { scope, callerId, state, host, first, after } = query
  let select = db
    .selectFrom('ssh_key')
    .innerJoin(leaseOwners(db).as('lease'), 'lease.id', 'ssh_key.lease_id')
    .innerJoin('ssh_host', 'ssh_host.id', 'ssh_key.host_id')
    .selectAll('ssh_key')
    .where(
      sql<boolean>`(ssh_key.workspace_id = any(${[...scope.workspaces]}::text[])
        or (ssh_key.workspace_id = any(${[...scope.ownIn]}::text[]) and lease.principal_id = ${callerId}))`,
    )
  if (state !== undefined) select = select.where('ssh_key.state', '=', state)
  if (host !== undefined) {
    const { id, name } = referenceOf(host)
    select = select.where(sql<boolean>`(ssh_host.id = ${id} or ssh_host.name = ${name})`)
  }
  if (after !== null)
    select = select.where(
      sql<boolean>`(ssh_key.created_at, ssh_key.id) < (${after.at}::timestamptz, ${after.id}::uuid)`,
    )
  return select
    .orderBy('ssh_key.created_at', 'desc')
    .orderBy('ssh_key.id', 'desc')
    .limit(first + 1)
    .execute()
}
