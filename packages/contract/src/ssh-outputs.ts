import { z } from 'zod'
import { Instant, SecretText } from './scalars.ts'

/** An opaque id as it leaves. */
const id = z.string()

export const HostAccessKind = z.enum(['ca', 'managementKey']).meta({ id: 'HostAccessKind' })
export const SshHost = z
  .object({
    id,
    name: z.string(),
    workspace: id,
    address: z.string(),
    port: z.int(),
    user: z.string(),
    access: HostAccessKind,
    principals: z.array(z.string()),
    sourceAddresses: z.array(z.string()),
    /** From where the host asks whether a one-time password is good; empty: it takes none. */
    otpAddresses: z.array(z.string()),
    hostKey: z.string(),
    hostKeyFingerprint: z.string(),
    authorizedKeysPath: z.string().nullable(),
    checkedAt: Instant.nullable(),
    reachable: z.boolean().nullable(),
    lastError: z.string().nullable(),
    /** Certificates name bare accounts, good on every host that takes those; set by Admins alone. */
    unbound: z.boolean(),
    /** When Gatehouse itself last saw the pinned key at this address; null: never since key or address changed. */
    keySeenAt: Instant.nullable(),
    /** Why an Admin lets certificates be signed although the key was never seen. */
    contactWaiver: z.string().nullable(),
    /** The revocation list that the host says it has, by a report that its key signed; null: none has come yet. */
    listVersion: z.int().nullable(),
    /** What was revoked before this instant is refused there; null: it never had the list of its time. */
    listFreshAt: Instant.nullable(),
    /** How long ago that was. */
    listBehindSeconds: z.int().nullable(),
    reportedAt: Instant.nullable(),
    /** Whether it says that it trusts the CA that signs now; null: it has not reported yet. */
    trustsCa: z.boolean().nullable(),
    /** Whether it trusts the CA that signs next, too, while the CA is rotated. */
    followsCa: z.boolean().nullable(),
    /** The names under which clients that trust the host CA know it, and until when; null: it has no certificate. */
    certifiedNames: z.array(z.string()).nullable(),
    certifiedUntil: Instant.nullable(),
    /** Keys that it, or a host of one of its names, had before: clients refuse them, whatever certificate says so. */
    formerHostKeys: z.array(z.string()),
    /** The authority that signs for it once it trusts that CA, by name; null: our own CA. */
    authority: z.string().nullable(),
    authorityPublicKey: z.string().nullable(),
    /** Whether it says that it trusts the CA of its authority; null: it has none, or has not reported yet. */
    trustsAuthority: z.boolean().nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'SshHost' })

/** The SSH CA of a Vault or OpenBao, which signs for some hosts in place of ours. */
export const SshAuthority = z
  .object({
    id,
    name: z.string(),
    address: z.string(),
    mount: z.string(),
    role: z.string(),
    publicKey: z.string(),
    fingerprint: z.string(),
    /** The CA that signed before; hosts trust it until what it has signed has ended. */
    previousFingerprint: z.string().nullable(),
    /** How many hosts it signs for. */
    hosts: z.int(),
    checkedAt: Instant,
    createdAt: Instant,
  })
  .meta({ id: 'SshAuthority' })
export const SshAuthorityProbe = z
  .object({ id, name: z.string(), usable: z.boolean(), problem: z.string().nullable() })
  .meta({ id: 'SshAuthorityProbe' })
export const SshAuthorityRemoved = z.object({ id, name: z.string() }).meta({ id: 'SshAuthorityRemoved' })

const SshHostKey = z.object({ hostKey: z.string(), fingerprint: z.string() }).meta({ id: 'SshHostKey' })
export const SshHostRepin = z
  .object({
    host: SshHost,
    /** The key that was pinned when the call was made. */
    pinned: SshHostKey,
    /** The key that the host shows now, or that was given. */
    shown: SshHostKey,
    /** False: both keys are only shown; confirm by the fingerprint. */
    repinned: z.boolean(),
  })
  .meta({ id: 'SshHostRepin' })
export const SshHostRemoval = z.object({ id, name: z.string(), endedLeases: z.int() }).meta({ id: 'SshHostRemoval' })

/** What a host shows to clients: these names belong to this key. */
export const SshHostCertificate = z
  .object({
    hostId: id,
    host: z.string(),
    names: z.array(z.string()),
    fingerprint: z.string(),
    validAfter: Instant,
    validBefore: Instant,
    certificate: z.string(),
  })
  .meta({ id: 'SshHostCertificate' })

export const SshHostsImported = z
  .object({
    /** Zero, where it was only looked. */
    registered: z.int(),
    hosts: z.array(
      z
        .object({
          /** Null: it was only looked. */
          id: id.nullable(),
          name: z.string(),
          address: z.string(),
          port: z.int(),
          hostKeyFingerprint: z.string(),
          /** Whether it answered and proved its key; what did not can be given nothing before it has. */
          reachable: z.boolean(),
        })
        .meta({ id: 'ImportedSshHost' }),
    ),
  })
  .meta({ id: 'SshHostsImported' })

export const SshKeyState = z
  .enum(['generated', 'deployed', 'removing', 'revoked', 'expired'])
  .meta({ id: 'SshKeyState' })
const sshKeyFields = {
  id,
  leaseId: id,
  hostId: id,
  user: z.string(),
  publicKey: z.string(),
  fingerprint: z.string(),
  sourceAddresses: z.array(z.string()),
  state: SshKeyState,
  createdAt: Instant,
  expiresAt: Instant,
  deployedAt: Instant.nullable(),
} as const
export const SshKey = z.object(sshKeyFields).meta({ id: 'SshKey' })
export const GeneratedSshKey = z.object({ ...sshKeyFields, privateKey: SecretText }).meta({ id: 'GeneratedSshKey' })

export const SshKeyStats = z
  .object({
    generated: z.int(),
    deployed: z.int(),
    removing: z.int(),
    revoked: z.int(),
    expired: z.int(),
    /** Past their end, and still on a host or perhaps so. */
    overdue: z.int(),
    hosts: z.int(),
    nextExpiry: Instant.nullable(),
  })
  .meta({ id: 'SshKeyStats' })

export const SshCertificateState = z.enum(['active', 'revoked', 'expired']).meta({ id: 'SshCertificateState' })
const sshCertificateFields = {
  id,
  leaseId: id,
  hostId: id,
  /** What it opens, `account@host`, and whose it is and what for, as on its lease. */
  role: z.string(),
  principalName: z.string(),
  purpose: z.string(),
  serial: z.string(),
  keyId: z.string(),
  sshPrincipals: z.array(z.string()),
  sourceAddresses: z.array(z.string()),
  fingerprint: z.string(),
  validAfter: Instant,
  validBefore: Instant,
  state: SshCertificateState,
  /** The authority that signed it, by name; null: our own CA. */
  authority: z.string().nullable(),
} as const
export const SshCertificate = z.object(sshCertificateFields).meta({ id: 'SshCertificate' })
export const SignedSshCertificate = z
  .object({ ...sshCertificateFields, certificate: z.string() })
  .meta({ id: 'SignedSshCertificate' })

/** A password for one log-in. The session that it opens goes on when the password is spent, expired or revoked. */
export const IssuedSshOtp = z
  .object({
    leaseId: id,
    hostId: id,
    /** What it opens, `account@host`. */
    role: z.string(),
    user: z.string(),
    /** Of the host, as a number: a helper on the host compares it with its own. */
    address: z.string(),
    port: z.int(),
    /** From where it may be used, where the host tells from where somebody logs in. */
    sourceAddresses: z.array(z.string()),
    createdAt: Instant,
    expiresAt: Instant,
    otp: SecretText,
  })
  .meta({ id: 'IssuedSshOtp' })
/** What a host is told of a password that somebody showed it: whose account it opens; or the echo of a probe. */
export const SshOtpVerification = z
  .object({
    message: z.string().nullable(),
    username: z.string().nullable(),
    ip: z.string().nullable(),
    role: z.string().nullable(),
  })
  .meta({ id: 'SshOtpVerification' })
