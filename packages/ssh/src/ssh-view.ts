import type { Output } from '@gatehouse/contract'
import { signingCa, trustedCas, type Ca } from './authorities.ts'
import { trusts } from './certificate-signer.ts'
import type { SshDeps } from './ssh-deps.ts'
import type { ToldCertificateRow } from './ssh-certificate.queries.ts'
import type { SshHostRow } from './ssh-host.queries.ts'
import type { SshKeyRow } from './ssh-key.queries.ts'
import { allVaultAuthorities, type VaultAuthorityRow } from './vault-authority.queries.ts'
import { fingerprint, parsePublicKeyLine } from './wire/index.ts'

/** What hosts are seen beside. */
export interface HostView {
  readonly now: Date
  readonly cas: readonly Ca[]
  /** Authorities of others, by their ids. */
  readonly others: ReadonlyMap<string, VaultAuthorityRow>
}

export const hostView = async ({
  db,
  clock,
  authorities,
}: Pick<SshDeps, 'db' | 'clock' | 'authorities'>): Promise<HostView> => ({
  now: clock.now(),
  cas: await authorities.cas(db),
  others: new Map((await allVaultAuthorities(db)).map((row) => [row.id, row])),
})

/** A host as it leaves. */
export const toHost = (row: SshHostRow, { now, cas, others }: HostView): Output<'sshHost.get'> => ({
  id: row.id,
  name: row.name,
  workspace: row.workspace_id,
  address: row.address,
  port: row.port,
  user: row.user_name,
  access: row.access,
  principals: row.principals,
  sourceAddresses: row.source_addresses,
  otpAddresses: row.otp_addresses,
  hostKey: row.host_key,
  hostKeyFingerprint: fingerprint(parsePublicKeyLine(row.host_key)),
  authorizedKeysPath: row.authorized_keys_path,
  checkedAt: row.checked_at,
  reachable: row.reachable,
  lastError: row.last_error,
  unbound: row.unbound,
  keySeenAt: row.key_seen_at,
  contactWaiver: row.contact_waiver,
  listVersion: row.list_version === null ? null : Number(row.list_version),
  listFreshAt: row.list_fresh_at,
  listBehindSeconds: row.list_fresh_at === null ? null : secondsSince(row.list_fresh_at, now),
  reportedAt: row.reported_at,
  trustsCa: trustsAll(row, [signingCa(cas)]),
  followsCa: trustsAll(
    row,
    trustedCas(cas).filter(({ stage }) => stage !== 'previous'),
  ),
  certifiedNames: row.certified_names,
  certifiedUntil: row.certified_until,
  formerHostKeys: row.former_keys,
  ...authorityOf(row, others),
  createdAt: row.created_at,
})

const authorityOf = (row: SshHostRow, others: HostView['others']) => {
  const authority = row.authority_id === null ? undefined : others.get(row.authority_id)
  if (authority === undefined) return { authority: null, authorityPublicKey: null, trustsAuthority: null }
  return {
    authority: authority.name,
    authorityPublicKey: authority.public_key,
    trustsAuthority: row.trusted_cas === null ? null : trusts(row, authority.public_key),
  }
}

const trustsAll = ({ trusted_cas: trusted }: SshHostRow, cas: readonly Ca[]): boolean | null =>
  trusted === null ? null : cas.every(({ publicKey }) => trusted.includes(fingerprint(publicKey)))

const secondsSince = (then: Date, now: Date): number => Math.max(0, Math.floor((now.getTime() - then.getTime()) / 1000))

/** A temporal key as it leaves. */
export const toKey = (row: SshKeyRow): Output<'sshKey.get'> => ({
  id: row.id,
  leaseId: row.lease_id,
  hostId: row.host_id,
  user: row.user_name,
  publicKey: row.public_key,
  fingerprint: row.fingerprint,
  sourceAddresses: row.source_addresses,
  state: row.state,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  deployedAt: row.deployed_at,
})

/** A certificate as it leaves; one whose time is up is expired, swept or not. */
export const toCertificate = (row: ToldCertificateRow, now: Date): Output<'sshCertificate.revoke'> => ({
  id: row.id,
  leaseId: row.lease_id,
  hostId: row.host_id,
  role: row.role,
  principalName: row.principal_name,
  purpose: row.purpose,
  serial: row.serial,
  keyId: row.key_id,
  sshPrincipals: row.ssh_principals,
  sourceAddresses: row.source_addresses,
  fingerprint: row.fingerprint,
  validAfter: row.valid_after,
  validBefore: row.valid_before,
  state: row.state === 'active' && row.valid_before <= now ? 'expired' : row.state,
  authority: row.authority_name,
})
