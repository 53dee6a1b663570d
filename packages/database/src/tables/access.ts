import type { Generated } from 'kysely'

export interface LeaseTable {
  id: string
  backend: 'ssh-key' | 'ssh-certificate' | 'ssh-otp' | 'postgres' | 'vault' | 'aws' | 'upcloud'
  role: string
  /** The host that it opens; null: none, or none was reached. */
  host_id: string | null
  workspace_id: string
  purpose: string
  principal_type: 'User' | 'Service'
  principal_id: string
  principal_name: string
  session_id: string | null
  state: 'pending' | 'active' | 'revoked' | 'expired' | 'irrevocable'
  issued_at: Date
  expires_at: Date
  /** It can be renewed until then at most; null: it cannot be. */
  renewable_until: Generated<Date | null>
  /** Until then somebody is renewing it, and nobody else does. */
  renewing_until: Generated<Date | null>
  /** Its credential is wrapped until then, and nobody has opened it; null: it was not, or is no more. */
  wrapped_until: Generated<Date | null>
  /**
   * When something must be done next: a pending row's deadline, an active one's end or that of its wrap, a failed
   * revocation's next try. Null: nothing.
   */
  due_at: Date | null
  /** Set when a revocation has been asked for and is not done yet. */
  revoke_requested_at: Date | null
  ended_at: Date | null
  reason: string | null
  attempts: Generated<number>
  last_error: string | null
}
/** A credential that waits for whoever brings its token, which stands here by its hash alone. */
export interface LeaseWrapTable {
  lease_id: string
  token_hash: Buffer
  /** The credential; null: it was opened, or its lease has ended. */
  sealed: Buffer | null
  expires_at: Date
  opened_at: Date | null
  /** When somebody last brought the token although it had been opened, or expected another credential of it. */
  misused_at: Date | null
}
/** A lease that was told of before its end. */
export interface LeaseEndNoticeTable {
  lease_id: string
  told_at: Date
  /** By an alert of its own; else as one of many. */
  alone: boolean
}
/** A view of leases that somebody keeps. */
export interface LeaseViewTable {
  id: string
  owner_id: string
  name: string
  /** The input of the list, without a page: JSON text. */
  filters: string
  created_at: Date
}
/** Whether a revoked credential is dead, as those said who would have to take it. */
export interface LeaseProofTable {
  lease_id: string
  state: 'waiting' | 'refused' | 'ended' | 'given-up' | 'not-provable'
  /** When somebody wanted it dead. */
  revoked_at: Date
  /** When it is asked about next; null: no more. */
  due_at: Date | null
  attempts: Generated<number>
  asked_at: Date | null
  provider: string | null
  last_answer: string | null
  refused_at: Date | null
  /** What was asked and answered, as it was signed. */
  statement: string | null
  signature: string | null
  signed_by: string | null
}
export interface SshHostTable {
  id: string
  name: string
  workspace_id: string
  address: string
  port: number
  user_name: string
  access: 'ca' | 'managementKey'
  principals: string[]
  source_addresses: string[]
  /** From where the host asks whether a one-time password is good; empty: it takes none. */
  otp_addresses: Generated<string[]>
  host_key: string
  authorized_keys_path: string | null
  checked_at: Date | null
  reachable: boolean | null
  last_error: string | null
  /** Its certificates name bare accounts. */
  unbound: Generated<boolean>
  /** When we last saw the pinned key proved at this address; null: not since key or address changed. */
  key_seen_at: Date | null
  contact_waiver: string | null
  /** When its files were last compared with its leases; null: never. */
  compared_at: Generated<Date | null>
  /** What it last reported, signed by its key: the list that it has, and the CAs that it trusts, by fingerprints. */
  list_version: Generated<string | null>
  trusted_cas: Generated<string[] | null>
  /** The time of ours that the report names; reports go forward by it. */
  heard_at: Generated<Date | null>
  /** Of those times the newest at which it had the list of that time. */
  list_fresh_at: Generated<Date | null>
  reported_at: Generated<Date | null>
  /** What it shows to clients as its own: signed for its pinned key, these names, and so long at a time. */
  certificate: Generated<string | null>
  certified_names: Generated<string[] | null>
  certified_seconds: Generated<number | null>
  certified_from: Generated<Date | null>
  certified_until: Generated<Date | null>
  /** Keys that it had before, or others that had one of its names: of no good, though a certificate says so. */
  former_keys: Generated<string[]>
  /** Who signs for it once it trusts that CA; null: our own CA. */
  authority_id: Generated<string | null>
  removed_at: Date | null
  created_at: Generated<Date>
}
/** Every host key that was pinned or seen. Of a removed host `host_id` is null, and the key stays in its workspace. */
export interface SshHostKeyTable {
  fingerprint: string
  host_id: string | null
  workspace_id: string
}
export interface SshKeyTable {
  id: string
  lease_id: string
  host_id: string
  workspace_id: string
  user_name: string
  public_key: string
  fingerprint: string
  source_addresses: string[]
  state: 'generated' | 'deployed' | 'removing' | 'revoked' | 'expired'
  created_at: Generated<Date>
  expires_at: Date
  deployed_at: Date | null
  /** Its line belongs on the host for as long as its lease lives. */
  wanted: Generated<boolean>
  /** A line may be there: set before a host is touched, cleared once the host is known to be without it. */
  maybe_present: Generated<boolean>
}
export interface SshCertificateTable {
  id: string
  lease_id: string
  host_id: string
  workspace_id: string
  serial: string
  key_id: string
  ssh_principals: string[]
  source_addresses: string[]
  public_key: string
  fingerprint: string
  certificate: string
  valid_after: Date
  valid_before: Date
  state: 'active' | 'revoked' | 'expired'
  revoked_at: Date | null
  /** Who signed it, and by which key; null: our own CA. */
  authority_id: Generated<string | null>
  ca_key: Generated<string | null>
}
/** A one-time password, by its hash alone. */
export interface SshOtpTable {
  lease_id: string
  host_id: string
  workspace_id: string
  user_name: string
  /** Of the host, as a number, when the password was issued. */
  address: string
  /** From where it may be used, where the host tells. */
  source_addresses: string[]
  hash: Buffer
  /** `misused`: it was shown at another host, for another account or from elsewhere. */
  state: 'active' | 'used' | 'misused' | 'revoked' | 'expired'
  expires_at: Date
  ended_at: Date | null
}
/**
 * Our own SSH keys: the CA of people's certificates, that of hosts', the key by which Gatehouse reaches hosts with
 * `access: managementKey`, and the signer of revocation lists.
 */
export interface SshAuthorityTable {
  id: string
  purpose: 'ca' | 'management' | 'list' | 'hostCa'
  public_key: string
  /** Empty once it is retired. */
  private_key: Buffer
  /** Only a CA of people's certificates has another stage than `current`. */
  stage: Generated<'next' | 'current' | 'previous' | 'retired'>
  staged_at: Generated<Date>
  created_at: Generated<Date>
}
/** The SSH CA of a Vault or OpenBao, which signs for the hosts that name it. */
export interface SshVaultAuthorityTable {
  id: string
  name: string
  address: string
  mount: string
  role: string
  /** What its TLS is trusted by; null: what the system trusts. */
  certificate: string | null
  /** Sealed; null once it is removed. */
  token: Buffer | null
  /** The one that is being put in its place, kept before the Vault hears of it. */
  next_token: Buffer | null
  /** Until when whoever does that is waited for. */
  rotating_until: Date | null
  public_key: string
  /** The CA that signed before, and until when something that it has signed can be alive. */
  previous_key: string | null
  previous_until: Date | null
  checked_at: Date
  created_at: Date
  removed_at: Date | null
}
/** Who is applying a host's file right now; the row expires, so a dead holder blocks nobody. */
export interface SshHostLockTable {
  host_id: string
  holder: string
  expires_at: Date
}
/** Grows with each revocation; becomes krl_version. */
export interface SshKrlTable {
  id: number
  version: string
  /** The version before it; of the first, 0. */
  previous_version: Generated<string>
  /** The version since which hosts are to trust the CAs that they are to trust now. */
  cas_version: Generated<string>
  changed_at: Date
}
