import type { Position } from '@gatehouse/contract'
import {
  byName,
  byTime,
  goesOn,
  holdsText,
  inOrder,
  type SshCertificateTable,
  type Store,
  type Transaction,
} from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { leaseOwners, type LeaseOwner } from '@gatehouse/secrets'
import { sql, type Selectable } from 'kysely'
import type { CredentialListQuery } from './ssh-key.queries.ts'

/** A row of `ssh_certificate`. */
export type SshCertificateRow = Selectable<SshCertificateTable>

/** A certificate with what it opens, whose it is and what for, as its lease says. */
export type ToldCertificateRow = SshCertificateRow & {
  readonly role: string
  readonly principal_name: string
  readonly purpose: string
  /** Who signed it; null: our own CA. */
  readonly authority_name: string | null
}

/** A certificate with its owner. */
export type OwnedSshCertificateRow = SshCertificateRow & LeaseOwner & { version: string }

/** Writes signed certificates, all in one statement. */
export const insertCertificates = async (tx: Transaction, rows: readonly SshCertificateRow[]): Promise<void> =>
  void (await sql`
    insert into ssh_certificate (id, lease_id, host_id, workspace_id, serial, key_id, ssh_principals, source_addresses,
      public_key, fingerprint, certificate, valid_after, valid_before, state, revoked_at, authority_id, ca_key)
    select id, lease_id, host_id, workspace_id, serial, key_id, ssh_principals, source_addresses,
      public_key, fingerprint, certificate, valid_after, valid_before, state, revoked_at, authority_id, ca_key
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, lease_id uuid, host_id uuid,
      workspace_id text, serial numeric, key_id text, ssh_principals text[], source_addresses text[], public_key text,
      fingerprint text, certificate text, valid_after timestamptz, valid_before timestamptz, state text,
      revoked_at timestamptz, authority_id uuid, ca_key text)`.execute(tx))

const toldCertificates = (db: Store) =>
  db
    .selectFrom('ssh_certificate')
    .innerJoin(leaseOwners(db).as('lease'), 'lease.id', 'ssh_certificate.lease_id')
    .leftJoin('ssh_vault_authority', 'ssh_vault_authority.id', 'ssh_certificate.authority_id')
    .selectAll('ssh_certificate')
    .select([
      'lease.role',
      'lease.principal_name',
      'lease.purpose',
      sql<string | null>`ssh_vault_authority.name`.as('authority_name'),
    ])

/** A certificate by its id. */
export const readCertificate = async (db: Store, id: string): Promise<ToldCertificateRow | null> =>
  (await toldCertificates(db).where('ssh_certificate.id', '=', id).executeTakeFirst()) ?? null

/** The certificate of a lease; null: none was signed. */
export const readCertificateOfLease = async (db: Store, leaseId: string): Promise<SshCertificateRow | null> =>
  (await db.selectFrom('ssh_certificate').selectAll().where('lease_id', '=', leaseId).executeTakeFirst()) ?? null

/** The host of each lease's certificate. */
export async function hostsOfCertificates(
  db: Store,
  leaseIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (leaseIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('ssh_certificate')
    .select(['lease_id', 'host_id'])
    .where('lease_id', 'in', leaseIds)
    .execute()
  return new Map(rows.map(({ lease_id: lease, host_id: host }) => [lease, host]))
}

/** A certificate with its owner and its row's version. */
export const readOwnedCertificate = async (db: Store, id: string): Promise<OwnedSshCertificateRow | null> =>
  (await db
    .selectFrom('ssh_certificate')
    .innerJoin(leaseOwners(db).as('lease'), 'lease.id', 'ssh_certificate.lease_id')
    .selectAll('ssh_certificate')
    .select(['lease.principal_type', 'lease.principal_id', sql<string>`ssh_certificate.xmin::text`.as('version')])
    .where('ssh_certificate.id', '=', id)
    .executeTakeFirst()) ?? null

/** One parameter, however many there are: hundreds of them end at once. */
const ofLeases = (ids: readonly string[]) => sql<boolean>`lease_id = any(${[...ids]}::uuid[])`

/** Their end has come by itself. */
export async function expireCertificates(tx: Transaction, leaseIds: readonly string[]): Promise<void> {
  await tx
    .updateTable('ssh_certificate')
    .set({ state: 'expired' })
    .where(ofLeases(leaseIds))
    .where('state', '=', 'active')
    .execute()
}

/** Taken back before their end; the revocation list names them from this transaction on. */
export async function revokeCertificates(tx: Transaction, leaseIds: readonly string[], now: Date): Promise<void> {
  await tx
    .updateTable('ssh_certificate')
    .set({ state: 'revoked', revoked_at: now })
    .where(ofLeases(leaseIds))
    .where('state', '=', 'active')
    .execute()
}

/**
 * A new version of the revocation list. Last in its transaction: every revocation waits here for the one before it.
 * Versions are seconds since the epoch where they can be: hosts take none that is older than theirs, and a database
 * that was restored from a copy must not count again what they have seen.
 */
export async function bumpRevocationList(tx: Transaction, now: Date): Promise<void> {
  const seconds = Math.floor(now.getTime() / 1000)
  await tx
    .updateTable('ssh_krl')
    .set({
      version: sql<string>`greatest(version + 1, ${seconds}::bigint)`,
      previous_version: sql<string>`version`,
      changed_at: now,
    })
    .where('id', '=', 1)
    .execute()
}

/** The CAs that hosts are to trust are others from this transaction on; they learn of it with a new list. */
export async function publishCas(tx: Transaction, now: Date): Promise<void> {
  await bumpRevocationList(tx, now)
  await tx
    .updateTable('ssh_krl')
    .set({ cas_version: sql<string>`version` })
    .where('id', '=', 1)
    .execute()
}

/** The newest version of the revocation list, and the one before it. */
export const readRevocationVersion = (
  db: Store,
): Promise<{ version: string; previous_version: string; cas_version: string; changed_at: Date }> =>
  db
    .selectFrom('ssh_krl')
    .select(['version', 'previous_version', 'cas_version', 'changed_at'])
    .where('id', '=', 1)
    .executeTakeFirstOrThrow()

/** Serials that were taken back and whose certificate would else still be good. */
export const revokedSerials = async (db: Store, validAfter: Date): Promise<string[]> =>
  (
    await db
      .selectFrom('ssh_certificate')
      .select('serial')
      .where('state', '=', 'revoked')
      .where('valid_before', '>', validAfter)
      .orderBy('id')
      .execute()
  ).map(({ serial }) => serial)

/** The CAs of others that have signed any of those. */
export const revokedCaKeys = async (db: Store, validAfter: Date): Promise<string[]> => {
  const { rows } = await sql<{ ca_key: string }>`select distinct ca_key from ssh_certificate
    where state = 'revoked' and valid_before > ${validAfter} and ca_key is not null order by ca_key`.execute(db)
  return rows.map(({ ca_key: key }) => key)
}

const certificateOrders = {
  newest: byTime('ssh_certificate.valid_after', 'desc'),
  oldest: byTime('ssh_certificate.valid_after', 'asc'),
  expiry: byTime('ssh_certificate.valid_before', 'asc'),
  name: byName('lease.principal_name'),
} as const

/** One page and one row more, in order, within the scope. */
export async function listCertificates(
  db: Store,
  query: Omit<CredentialListQuery<SshCertificateRow['state']>, 'after'> & {
    readonly now: Date
    readonly after: Position | null
    readonly sort: keyof typeof certificateOrders
    readonly search: string | undefined
  },
): Promise<ToldCertificateRow[]> {
  const { scope, callerId, state, host, first, after, now, sort, search } = query
  const keyset = { order: certificateOrders[sort], id: 'ssh_certificate.id', after }
  let select = toldCertificates(db)
    .innerJoin('ssh_host', 'ssh_host.id', 'ssh_certificate.host_id')
    .where(
      sql<boolean>`(ssh_certificate.workspace_id = any(${[...scope.workspaces]}::text[])
        or (ssh_certificate.workspace_id = any(${[...scope.ownIn]}::text[]) and lease.principal_id = ${callerId}))`,
    )
  // what has run out since the last sweep shows as expired, so it is found as that, too
  if (state !== undefined)
    select = select.where(
      sql<boolean>`case when ssh_certificate.state = 'active' and valid_before <= ${now}::timestamptz then 'expired'
        else ssh_certificate.state end = ${state}`,
    )
  if (host !== undefined) {
    const { id, name } = referenceOf(host)
    select = select.where(sql<boolean>`(ssh_host.id = ${id} or ssh_host.name = ${name})`)
  }
  return select
    .where(holdsText(['ssh_certificate.key_id', 'lease.principal_name', 'lease.purpose', 'ssh_host.name'], search))
    .where(goesOn(keyset))
    .orderBy(inOrder(keyset))
    .limit(first + 1)
    .execute()
}

/** Takes the text of somebody's certificates, which names them. */
export const forgetCertificateText = async (tx: Transaction, principalId: string): Promise<void> =>
  void (await tx
    .updateTable('ssh_certificate')
    .set({ key_id: '', certificate: '' })
    .where('certificate', '!=', '')
    .where('lease_id', 'in', leaseOwners(tx).clearSelect().select('id').where('principal_id', '=', principalId))
    .execute())
