import type { SshOtpTable, Store, Transaction } from '@gatehouse/database'
import type { CredentialPhase } from '@gatehouse/secrets'
import { sql, type Selectable } from 'kysely'

/** A row of `ssh_otp`. */
export type SshOtpRow = Selectable<SshOtpTable>

/** A password as a host shows it, with all that the host says of who showed it. */
export interface ShownOtp {
  readonly hash: Buffer
  /** From where the host asks. */
  readonly askedFrom: string
  /** Null: the host does not say. */
  readonly account: string | null
  readonly clientAddress: string | null
  /** Of a key of the host that asks; null: it does not say. */
  readonly hostFingerprint: string | null
  readonly now: Date
}

/** Writes passwords' hashes, all in one statement. */
export async function insertOtps(tx: Transaction, rows: readonly SshOtpRow[]): Promise<void> {
  const given = rows.map((row) => ({ ...row, hash: `\\x${row.hash.toString('hex')}` }))
  await sql`
    insert into ssh_otp (lease_id, host_id, workspace_id, user_name, address, source_addresses, hash, state,
      expires_at, ended_at)
    select lease_id, host_id, workspace_id, user_name, address, source_addresses, hash, state, expires_at, ended_at
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as r (lease_id uuid, host_id uuid, workspace_id text,
      user_name text, address text, source_addresses text[], hash bytea, state text, expires_at timestamptz,
      ended_at timestamptz)`.execute(tx)
}

/** Whether some networks, a column of texts, hold an address. */
const holds = (networks: string, address: string) =>
  sql<boolean>`exists (select 1 from unnest(${sql.ref(networks)}) as network where ${address}::inet <<= network::cidr)`

const isKeyOfHost = (fingerprint: string) =>
  sql<boolean>`exists (select from ssh_host_key k where k.host_id = ssh_host.id and k.fingerprint = ${fingerprint})`

/** Each thing that has to fit, for a row of `ssh_otp` with its host. */
const fits = ({ askedFrom, account, clientAddress, hostFingerprint }: ShownOtp) => ({
  host: sql<boolean>`(ssh_host.removed_at is null and ${holds('ssh_host.otp_addresses', askedFrom)}
    and ${hostFingerprint === null ? sql<boolean>`true` : isKeyOfHost(hostFingerprint)})`,
  account: account === null ? sql<boolean>`true` : sql<boolean>`ssh_otp.user_name = ${account}`,
  client: clientAddress === null ? sql<boolean>`true` : holds('ssh_otp.source_addresses', clientAddress),
})

/**
 * Spends a password that fits; null: there is none that does. One statement, so that of many who show the same one, one
 * gets in.
 */
export async function spendOtp(tx: Transaction, shown: ShownOtp): Promise<SshOtpRow | null> {
  const { host, account, client } = fits(shown)
  const { rows } = await sql<SshOtpRow>`
    update ssh_otp set state = 'used', ended_at = ${shown.now} from ssh_host
    where ssh_host.id = ssh_otp.host_id and ssh_otp.hash = ${shown.hash} and ssh_otp.state = 'active'
      and ssh_otp.expires_at > ${shown.now}::timestamptz and ${host} and ${account} and ${client}
    returning ssh_otp.*`.execute(tx)
  return rows[0] ?? null
}

/** A password that was good, and what did not fit where it was shown. */
export type MisusedOtp = Pick<SshOtpRow, 'lease_id' | 'host_id' | 'workspace_id'> & {
  readonly host: boolean
  readonly account: boolean
  readonly client: boolean
}

/** Takes a good password out of use that was shown where it does not fit; null: it was not good. */
export async function spoilOtp(tx: Transaction, shown: ShownOtp): Promise<MisusedOtp | null> {
  const { host, account, client } = fits(shown)
  const { rows } = await sql<MisusedOtp>`
    update ssh_otp set state = 'misused', ended_at = ${shown.now} from ssh_host
    where ssh_host.id = ssh_otp.host_id and ssh_otp.hash = ${shown.hash} and ssh_otp.state = 'active'
      and ssh_otp.expires_at > ${shown.now}::timestamptz
    returning ssh_otp.lease_id, ssh_otp.host_id, ssh_otp.workspace_id,
      ${host} as host, ${account} as account, ${client} as client`.execute(tx)
  return rows[0] ?? null
}

/** What is to be answered about the password of a lease; null: there is none. */
export const readOtpState = async (db: Store, leaseId: string): Promise<SshOtpRow['state'] | null> =>
  (await db.selectFrom('ssh_otp').select('state').where('lease_id', '=', leaseId).executeTakeFirst())?.state ?? null

/** Their leases have ended: they are not good any more. */
export async function endOtps(
  tx: Transaction,
  {
    leaseIds,
    phase,
    now,
  }: { readonly leaseIds: readonly string[]; readonly phase: CredentialPhase; readonly now: Date },
): Promise<void> {
  if (leaseIds.length === 0 || phase === 'removing') return
  await tx
    .updateTable('ssh_otp')
    .set({ state: phase, ended_at: now })
    .where(sql<boolean>`lease_id = any(${[...leaseIds]}::uuid[])`)
    .where('state', '=', 'active')
    .execute()
}
