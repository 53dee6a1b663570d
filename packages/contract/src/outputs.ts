import { z } from 'zod'
import { roles } from './entities.ts'
import { Instant, SecretText } from './scalars.ts'

/** An opaque id as it leaves. */
const id = z.string()
export const RoleName = z.enum(roles).meta({ id: 'RoleName' })
export const SessionAssurance = z.enum(['pw', 'mfa', 'su']).meta({ id: 'SessionAssurance' })

/**
 * Tokens of a session. With `Gatehouse-Session: cookie` they are set as cookies and left out here. A finished log-in
 * gives its device a token, too: shown again as `Gatehouse-Device`, it keeps strangers' guesses apart from its owner's.
 */
export const Tokens = z
  .object({
    accessToken: SecretText.optional(),
    refreshToken: SecretText.optional(),
    deviceToken: SecretText.optional(),
    accessExpiresAt: Instant,
  })
  .meta({ id: 'Tokens' })
export const TokensGiven = z.object({ tokens: Tokens }).meta({ id: 'TokensGiven' })
export const MfaMethod = z.enum(['totp', 'webauthn', 'backupCode']).meta({ id: 'MfaMethod' })
export const MfaChallenge = z
  .object({ id, methods: z.array(MfaMethod), expiresAt: Instant })
  .meta({ id: 'MfaChallenge' })
export const LoginResult = z
  .object({ tokens: Tokens.nullable(), challenge: MfaChallenge.nullable() })
  .meta({ id: 'LoginResult' })

/** RFC 7662 §2.2. Times are seconds since the epoch, as the RFC has them. */
export const TokenVerification = z
  .object({
    active: z.boolean(),
    scope: z.string().optional(),
    client_id: z.string().optional(),
    username: z.string().optional(),
    token_type: z.string().optional(),
    exp: z.int().optional(),
    iat: z.int().optional(),
    nbf: z.int().optional(),
    sub: z.string().optional(),
    aud: z.array(z.string()).optional(),
    iss: z.string().optional(),
    jti: z.string().optional(),
    sid: z.string().optional(),
    acr: z.string().optional(),
    amr: z.array(z.string()).optional(),
    auth_time: z.int().optional(),
    /** The key that it is bound to (RFC 9449 §6.2). */
    cnf: z.object({ jkt: z.string() }).meta({ id: 'TokenConfirmation' }).optional(),
  })
  .meta({ id: 'TokenVerification' })

export const Missing = z.enum(['passwordChange', 'authenticator']).meta({ id: 'Missing' })
export const WhoAmI = z
  .object({
    id,
    username: z.string(),
    roles: z.array(RoleName),
    teams: z.array(z.string()),
    assurance: SessionAssurance,
    assuranceAt: Instant.nullable(),
    sessionId: z.string().nullable(),
    missing: z.array(Missing),
    displayName: z.string(),
    sessionExpiresAt: Instant.nullable(),
    /** When the session ends if nobody uses it again. */
    sessionIdleExpiresAt: Instant.nullable(),
  })
  .meta({ id: 'WhoAmI' })

export const Session = z
  .object({
    id,
    current: z.boolean(),
    user: id,
    username: z.string(),
    methods: z.array(z.string()),
    assurance: SessionAssurance,
    address: z.string(),
    device: z.string(),
    createdAt: Instant,
    lastUsedAt: Instant,
    expiresAt: Instant,
  })
  .meta({ id: 'Session' })

export const UserStatus = z.enum(['active', 'disabled']).meta({ id: 'UserStatus' })
/**
 * Where the link of somebody is who has not come in yet: shown to the inviter, waiting to be mailed, tried and to be
 * tried again, mailed, never taken by the mail
 * server, or gone.
 */
export const InvitationState = z
  .enum(['shown', 'waiting', 'delayed', 'mailed', 'refused', 'none'])
  .meta({ id: 'InvitationState' })
/** `invitation` is null for who has a password. */
export const User = z
  .object({
    id,
    username: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    status: UserStatus,
    /** By a lock of their own, or of a role of theirs: nothing that they call is answered. */
    locked: z.boolean(),
    roles: z.array(RoleName),
    teams: z.array(z.string()),
    hasAuthenticator: z.boolean(),
    invitation: InvitationState.nullable(),
    invitationExpiresAt: Instant.nullable(),
    createdAt: Instant,
    lastLoginAt: Instant.nullable(),
  })
  .meta({ id: 'User' })

export const TeamMember = z.object({ id, username: z.string() }).meta({ id: 'TeamMember' })
export const Team = z
  .object({ id, name: z.string(), description: z.string(), members: z.array(TeamMember), createdAt: Instant })
  .meta({ id: 'Team' })
export const WorkspaceTier = z.enum(['development', 'staging', 'production']).meta({ id: 'WorkspaceTier' })
export const Workspace = z
  .object({
    id,
    name: z.string(),
    environment: z.string(),
    tier: WorkspaceTier,
    timeZone: z.string(),
    teams: z.array(z.string()),
    createdAt: Instant,
  })
  .meta({ id: 'Workspace' })

export const AuthenticatorKind = z.enum(['totp', 'webauthn']).meta({ id: 'AuthenticatorKind' })
export const TotpAlgorithm = z.enum(['SHA1', 'SHA256', 'SHA512']).meta({ id: 'TotpAlgorithm' })
/**
 * What is known of a WebAuthn credential. `passkey`: it can log in alone. `model` is by AAGUID, where one was given.
 * `disabledAt`: since then its counter makes it suspect, and it proves nothing. `backupChangedAt`: since then it is
 * synced to other devices and was not, or the other way round; it has to be registered anew.
 */
export const WebauthnFacts = z
  .object({
    passkey: z.boolean(),
    backupEligible: z.boolean(),
    backedUp: z.boolean(),
    userVerified: z.boolean(),
    aaguid: z.string(),
    model: z.string().nullable(),
    disabledAt: Instant.optional(),
    backupChangedAt: Instant.optional(),
  })
  .meta({ id: 'WebauthnFacts' })
export const Authenticator = z
  .object({
    id,
    kind: AuthenticatorKind,
    name: z.string(),
    confirmed: z.boolean(),
    createdAt: Instant,
    lastUsedAt: Instant.nullable(),
    webauthn: WebauthnFacts.nullable(),
  })
  .meta({ id: 'Authenticator' })

export const LeaseState = z.enum(['pending', 'active', 'revoked', 'expired', 'irrevocable']).meta({ id: 'LeaseState' })
export const BackendName = z
  .enum(['ssh-key', 'ssh-certificate', 'ssh-otp', 'postgres', 'vault', 'aws', 'upcloud'])
  .meta({ id: 'BackendName' })
/**
 * How a credential dies before its time. `deletes`: it is taken away where it is. `denies`: a list of ours says so, and
 * who takes credentials looks at it. `expires-only`: it does not; it works to its end.
 */
export const Revocability = z.enum(['deletes', 'denies', 'expires-only']).meta({ id: 'Revocability' })
/**
 * So long a credential may still work after it was revoked. 0: not once that was answered, or who takes it asks us each
 * time. Of one that only expires: for all of its life.
 */
export const RevokedWithinSeconds = z.int()
/** Who holds a lease: a person, or a program. */
export const LeaseHolderType = z.enum(['User', 'Service']).meta({ id: 'LeaseHolderType' })
export const Lease = z
  .object({
    id,
    backend: BackendName,
    revocability: Revocability,
    revokedWithinSeconds: RevokedWithinSeconds,
    role: z.string(),
    /** The host that it opens; its role has the name that the host had then. */
    hostId: id.nullable(),
    workspace: id,
    purpose: z.string(),
    principal: id,
    principalType: LeaseHolderType,
    principalName: z.string(),
    state: LeaseState,
    issuedAt: Instant,
    expiresAt: Instant,
    /** Its owner can have it live on until then at most; null: its end is where it is. */
    renewableUntil: Instant.nullable(),
    /** Its credential is wrapped and nobody has opened it; it ends then unless somebody does. */
    wrappedUntil: Instant.nullable(),
    endedAt: Instant.nullable(),
    reason: z.string().nullable(),
    attempts: z.int(),
    lastError: z.string().nullable(),
    workflowUrl: z.string().nullable(),
  })
  .meta({ id: 'Lease' })

/**
 * `living`: it was not revoked. `waiting`: it is asked about until it is refused. `refused`: it is dead, see the
 * evidence. `ended`: it died by its own end. `not-provable`: nobody can be asked. `given-up`: nobody refused it for a
 * day.
 */
export const LeaseProofState = z
  .enum(['living', 'waiting', 'refused', 'ended', 'not-provable', 'given-up'])
  .meta({ id: 'LeaseProofState' })
const LeaseEvidence = z
  .object({
    kind: z.string(),
    /** JSON, as it was signed: what was asked of whom, with what, and what was answered. */
    statement: z.string(),
    /** Ed25519, base64, by the key of the audit log's checkpoints. */
    signature: z.string(),
    signedBy: z.string(),
  })
  .meta({ id: 'LeaseEvidence' })
export const LeaseProof = z
  .object({
    lease: id,
    state: LeaseProofState,
    /** Who was asked. */
    provider: z.string().nullable(),
    refusedAt: Instant.nullable(),
    /** From when somebody wanted it dead. */
    secondsToDead: z.number().nullable(),
    evidence: LeaseEvidence.nullable(),
    askedAt: Instant.nullable(),
    attempts: z.int(),
    lastAnswer: z.string().nullable(),
  })
  .meta({ id: 'LeaseProof' })

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

/**
 * What an entry tells: that something was changed (or tried to be), looked at, refused (or failed before it changed
 * anything), or came about without a caller.
 */
export const AuditKind = z.enum(['change', 'read', 'refusal', 'event']).meta({ id: 'AuditKind' })
export const AuditOutcome = z.enum(['allowed', 'refused', 'failed', 'intent', 'unknown']).meta({ id: 'AuditOutcome' })
export const AuditEffect = z.enum(['allow', 'deny']).meta({ id: 'AuditEffect' })
/** What an entry is about. */
export const AuditCategory = z
  .enum([
    'authentication',
    'authenticators',
    'people',
    'programs',
    'approvals',
    'authorization',
    'workspaces',
    'hosts',
    'credentials',
    'keys',
    'audit',
    'system',
  ])
  .meta({ id: 'AuditCategory' })
/** How much an entry weighs, by its action and outcome. */
export const AuditSeverity = z.enum(['info', 'low', 'medium', 'high', 'critical']).meta({ id: 'AuditSeverity' })
const AuditRef = z.object({ type: z.string(), id: z.string() })
export const AuditPrincipal = AuditRef.extend({ name: z.string().nullable() }).meta({ id: 'AuditPrincipal' })
export const AuditResource = AuditRef.meta({ id: 'AuditResource' })
export const AuditEntry = z
  .object({
    id,
    seq: z.int().nullable(),
    at: Instant,
    kind: AuditKind,
    action: z.string(),
    category: AuditCategory,
    severity: AuditSeverity,
    outcome: AuditOutcome,
    principal: AuditPrincipal,
    resource: AuditResource,
    workspace: z.string().nullable(),
    ip: z.string().nullable(),
    sessionId: z.string().nullable(),
    requestId: z.string(),
    decision: z
      .object({ effect: AuditEffect, policies: z.array(z.string()) })
      .meta({ id: 'AuditDecision' })
      .nullable(),
    refusal: z.string().nullable(),
    /** The rest of the entry as recorded: input fields, details; JSON text. */
    detail: z.string(),
    /** Fields whose values an erasure took out. */
    erased: z.array(z.string()),
    /** Whether pseudonyms stand for people in it, and what else would tell who they are is left out. */
    pseudonyms: z.boolean(),
  })
  .meta({ id: 'AuditEntry' })
/** Whose a pseudonym is. `name`: the one in their newest entry; null: none is known. */
export const AuditIdentity = z
  .object({ pseudonym: z.string(), id, name: z.string().nullable() })
  .meta({ id: 'AuditIdentity' })

/**
 * Where what was erased of somebody had gone before, unredacted. A file that a sink writes is written anew; whatever
 * left the house has to be erased where it went.
 */
export const AuditCopy = z
  .object({
    kind: z.enum(['sink', 'export']).meta({ id: 'AuditCopyKind' }),
    id: z.string(),
    /** Of a sink. */
    name: z.string().nullable(),
    /** Of a sink: where it is. */
    target: z.string().nullable(),
    format: z.string(),
    /** Who made an export, by their id. */
    by: z.string().nullable(),
    /** When an export was begun, or a sink got the last entries. */
    at: Instant.nullable(),
    writtenAnew: z.boolean(),
  })
  .meta({ id: 'AuditCopy' })
export const PersonErased = z
  .object({
    id: z.string(),
    keysDestroyed: z.int(),
    /** Entries of others in which they were named. */
    entriesNaming: z.int(),
    copies: z.array(AuditCopy),
    /** There are older exports than these; `audit.search` finds them by `audit.export`. */
    moreCopies: z.boolean(),
  })
  .meta({ id: 'PersonErased' })

/** How often a value stands in the entries that were looked at. */
export const AuditCount = z.object({ value: z.string(), count: z.int() }).meta({ id: 'AuditCount' })
/** Who did how much. `name` is the one in the newest of their entries; null: it is nobody's, or was erased. */
export const AuditActorCount = z
  .object({ id: z.string(), name: z.string().nullable(), count: z.int() })
  .meta({ id: 'AuditActorCount' })
export const AuditStats = z
  .object({
    /** Entries that were counted. */
    counted: z.int(),
    /** False: there are older ones that were not. */
    complete: z.boolean(),
    /** The oldest entry that was counted. */
    since: Instant.nullable(),
    kinds: z.array(AuditCount),
    actions: z.array(AuditCount),
    categories: z.array(AuditCount),
    severities: z.array(AuditCount),
    outcomes: z.array(AuditCount),
    decisions: z.array(AuditCount),
    workspaces: z.array(AuditCount),
    actors: z.array(AuditActorCount),
    /** By day, in UTC. */
    days: z.array(AuditCount),
  })
  .meta({ id: 'AuditStats' })

/** The filters of a search, kept under a name. */
export const AuditView = z
  .object({
    id,
    name: z.string(),
    /** The input of `audit.search` that it stands for, without a page: JSON text. */
    filters: z.string(),
    shared: z.boolean(),
    /** Whether it is the caller's own to change. */
    own: z.boolean(),
    createdAt: Instant,
  })
  .meta({ id: 'AuditView' })

/** A view of leases that somebody saved. */
export const LeaseView = z
  .object({
    id,
    name: z.string(),
    /** The input of `lease.list` that it stands for, without a page: JSON text. */
    filters: z.string(),
    createdAt: Instant,
  })
  .meta({ id: 'LeaseView' })

/** What an export of the audit log is written in. */
export const AuditExportFormat = z
  .enum(['json', 'jsonl', 'csv', 'splunk', 'ecs', 'ocsf', 'cef', 'rfc5424'])
  .meta({ id: 'AuditExportFormat' })
/** An export that may be read now. */
export const AuditExport = z
  .object({
    id,
    format: AuditExportFormat,
    mediaType: z.string(),
    /** How many entries the audit log had at its signed checkpoint; later ones are not in the export. */
    size: z.int(),
    checkpoint: z.string().nullable(),
    createdAt: Instant,
    expiresAt: Instant,
  })
  .meta({ id: 'AuditExport' })
/** A piece of an export. All texts one after the other are the export. */
export const AuditExportPart = z
  .object({
    text: z.string(),
    /** Entries and bytes so far. */
    rows: z.int(),
    bytes: z.int(),
    /** How much of the time that it is over lies behind. */
    percent: z.int(),
    /** Where it goes on after this piece. */
    cursor: z.string(),
    /** With the last piece: what the export came to, signed by the audit log's key. */
    manifest: z.string().nullable(),
  })
  .meta({ id: 'AuditExportPart' })

/** What has come of the audit log since the part before; the first part says only where it begins. */
export const AuditTailPart = z
  .object({
    /** In the order of the audit log. */
    entries: z.array(AuditEntry),
    /** Where a tail goes on after this part. */
    cursor: z.string(),
  })
  .meta({ id: 'AuditTailPart' })
/** What nothing may be removed of: entries that fit all that it names. */
export const AuditHold = z
  .object({
    id,
    reason: z.string(),
    workspace: id.nullable(),
    user: id.nullable(),
    requestId: z.string().nullable(),
    from: Instant.nullable(),
    to: Instant.nullable(),
    placedBy: id,
    placedAt: Instant,
    /** It still holds for a day after that. */
    releasedAt: Instant.nullable(),
    /** Entries from before this moment may have been gone already when it was placed, or asked for. */
    prunedBefore: Instant.nullable(),
  })
  .meta({ id: 'AuditHold' })
/** For how many days entries stay, and what is held beyond that. */
export const AuditRetention = z
  .object({
    days: z.int(),
    breakGlassDays: z.int(),
    /** The least that may be set. */
    floorDays: z.int(),
    floorBreakGlassDays: z.int(),
    updatedAt: Instant.nullable(),
    updatedBy: id.nullable(),
    /** Entries from before this moment may be gone. */
    prunedBefore: Instant.nullable(),
    holds: z.array(AuditHold),
  })
  .meta({ id: 'AuditRetention' })

export const AuditSinkKind = z.enum(['http', 'hec', 'syslog', 'file', 'webhook']).meta({ id: 'AuditSinkKind' })
export const AuditSinkState = z.enum(['active', 'paused']).meta({ id: 'AuditSinkState' })
/** Formats of a line an entry. */
export const AuditSinkFormat = z
  .enum(['jsonl', 'splunk', 'ecs', 'ocsf', 'cef', 'rfc5424'])
  .meta({ id: 'AuditSinkFormat' })
/** A place where the audit log goes by itself. */
export const AuditSink = z
  .object({
    id,
    name: z.string(),
    kind: AuditSinkKind,
    format: AuditSinkFormat,
    /** Where it is; never its secret. */
    target: z.string(),
    redacted: z.boolean(),
    /** Whether nothing is changed while it does not take the audit log. */
    required: z.boolean(),
    state: AuditSinkState,
    /** The place in the tree of the last entry that it took; -1: none yet. */
    cursor: z.int(),
    /** How many entries wait for it, and for how long the oldest has. */
    lagEntries: z.int(),
    lagSeconds: z.int(),
    /** Entries that it would not take. */
    deadLetters: z.int(),
    deliveredAt: Instant.nullable(),
    failingSince: Instant.nullable(),
    lastError: z.string().nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'AuditSink' })
/** An entry that a sink would not take. */
export const AuditDeadLetter = z
  .object({
    entryId: id,
    seq: z.int(),
    error: z.string(),
    at: Instant,
    /** Whether it is about to be tried again. */
    due: z.boolean(),
  })
  .meta({ id: 'AuditDeadLetter' })

export const AuditProblem = z
  .object({ seq: z.int().nullable(), kind: z.string(), message: z.string() })
  .meta({ id: 'AuditProblem' })
export const AuditVerification = z
  .object({
    ok: z.boolean(),
    size: z.int(),
    root: z.string(),
    checkpoint: z.string().nullable(),
    pending: z.int(),
    /** Entries that were removed when their time was over, as entries of the audit log say. */
    pruned: z.int(),
    problems: z.array(AuditProblem),
  })
  .meta({ id: 'AuditVerification' })
/** A witness of the settings, and how far it has come. */
export const AuditWitness = z
  .object({
    name: z.string(),
    /** The size that it last co-signed; 0: none yet. */
    size: z.int(),
    signedAt: Instant.nullable(),
    failingSince: Instant.nullable(),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'AuditWitness' })
export const AuditCheckpoint = z
  .object({
    size: z.int(),
    root: z.string(),
    at: Instant.nullable(),
    checkpoint: z.string().nullable(),
    publicKey: z.string(),
    /** The newest one that witnesses co-signed, with their signatures. */
    cosigned: z.string().nullable(),
    witnesses: z.array(AuditWitness),
  })
  .meta({ id: 'AuditCheckpoint' })
/** Hashes and roots are base64. */
export const AuditProof = z
  .object({
    index: z.int(),
    size: z.int(),
    root: z.string(),
    checkpoint: z.string(),
    leafHash: z.string(),
    /** The very text that the leaf is the hash of; null for who is not told all of it. */
    entry: z.string().nullable(),
    hashes: z.array(z.string()),
    /** All of it in the form of C2SP tlog-proof. */
    proof: z.string(),
  })
  .meta({ id: 'AuditProof' })
export const AuditConsistency = z
  .object({ oldSize: z.int(), size: z.int(), root: z.string(), checkpoint: z.string(), hashes: z.array(z.string()) })
  .meta({ id: 'AuditConsistency' })

export const PolicyEffect = z.enum(['permit', 'forbid']).meta({ id: 'PolicyEffect' })
export const Policy = z
  .object({
    id: z.string(),
    effect: PolicyEffect,
    doc: z.string(),
    severity: z.string(),
    file: z.string(),
    source: z.string(),
    /** Where it applies: the operations, and actions of the platform, that its scope can meet. */
    actions: z.array(z.string()),
    loadedAt: Instant,
  })
  .meta({ id: 'Policy' })
/** How a policy set came to be in force: from the files of a node, or for every node. */
export const PolicyChangeKind = z.enum(['files', 'published', 'rolledBack']).meta({ id: 'PolicyChangeKind' })
export const PolicyChange = z
  .object({
    id,
    at: Instant,
    kind: PolicyChangeKind,
    version: z.string(),
    policies: z.int(),
    /** Who published or rolled back; null: the files of a node changed. */
    changedBy: z.string().nullable(),
    reason: z.string().nullable(),
    /** Whether the node that answers decides by it. */
    inForce: z.boolean(),
  })
  .meta({ id: 'PolicyChange' })
export const PolicyPin = z
  .object({ id, version: z.string(), kind: PolicyChangeKind, at: Instant })
  .meta({ id: 'PolicyPin' })
export const PolicyNode = z
  .object({
    node: z.string(),
    version: z.string(),
    loadedAt: Instant,
    seenAt: Instant,
    lastError: z.string().nullable(),
    lastErrorAt: Instant.nullable(),
  })
  .meta({ id: 'PolicyNode' })
/** What the validation finds odd about a policy in force; it decides nothing. */
export const PolicyWarning = z
  .object({ file: z.string(), line: z.int().nullable(), message: z.string() })
  .meta({ id: 'PolicyWarning' })
export const PolicyStatus = z
  .object({
    version: z.string(),
    schemaVersion: z.string(),
    loadedAt: Instant,
    policies: z.int(),
    lastError: z.string().nullable(),
    lastErrorAt: Instant.nullable(),
    warnings: z.array(PolicyWarning),
    /** What was published or rolled back to, for every node; null: each node follows its files. */
    pin: PolicyPin.nullable(),
    nodes: z.array(PolicyNode),
  })
  .meta({ id: 'PolicyStatus' })

export const Health = z.enum(['ok', 'degraded', 'down']).meta({ id: 'Health' })
export const SystemPart = z.object({ name: z.string(), health: Health, message: z.string() }).meta({ id: 'SystemPart' })
/** A peer that sends `X-Forwarded-For` and is not trusted to: who comes through it cannot be told apart. */
export const UntrustedForwarding = z
  .object({ address: z.string(), count: z.int(), since: Instant, lastSeenAt: Instant, advice: z.string() })
  .meta({ id: 'UntrustedForwarding' })
/** A payload of a workflow as it was before it was sealed; both in base64, as Temporal has them. */
export const WorkflowPayload = z.object({ encoding: z.string(), data: z.string() }).meta({ id: 'WorkflowPayload' })
export const WorkflowPayloads = z.object({ payloads: z.array(WorkflowPayload) }).meta({ id: 'WorkflowPayloads' })

export const SystemStatus = z
  .object({
    health: Health,
    parts: z.array(SystemPart),
    leasesActive: z.int(),
    leasesOverdue: z.int(),
    auditPending: z.int(),
    temporalWebUrl: z.string().nullable(),
    /** As the node that answers has seen them since it started, the busiest first. */
    untrustedForwarding: z.array(UntrustedForwarding),
  })
  .meta({ id: 'SystemStatus' })
