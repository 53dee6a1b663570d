import { z } from 'zod'
import { BackendName, Lease, Revocability, RevokedWithinSeconds } from './lease-outputs.ts'
import { Instant, SecretText } from './scalars.ts'

const id = z.string()

/** What a backend that people configure gives credentials of. */
export const SecretBackendKind = z.enum(['postgres', 'vault', 'aws', 'upcloud']).meta({ id: 'SecretBackendKind' })

/** A place that gives credentials, by a name; there may be several of a kind. Its password is never shown. */
export const SecretBackend = z
  .object({
    id,
    name: z.string(),
    kind: SecretBackendKind,
    /** Where it is, and as whom Gatehouse is known there. */
    shown: z.string(),
    revocability: Revocability,
    revokedWithinSeconds: RevokedWithinSeconds,
    /** When it was last reached with all that it takes; null: not since it was configured anew. */
    checkedAt: Instant.nullable(),
    /** Why it could not be used when it was last tried; null: it could. */
    lastError: z.string().nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'SecretBackend' })

/** How a backend answered. */
export const SecretBackendProbe = z
  .object({ id, name: z.string(), usable: z.boolean(), problem: z.string().nullable(), milliseconds: z.int() })
  .meta({ id: 'SecretBackendProbe' })

/** A backend that is gone. */
export const SecretBackendRemoved = z.object({ id, name: z.string() }).meta({ id: 'SecretBackendRemoved' })

/** What a login is made with in PostgreSQL. */
export const PostgresRole = z
  .object({
    /** SQL roles of the server that it becomes a member of. */
    grants: z.array(z.string()),
    /** So many connections at once. */
    connectionsMax: z.int(),
  })
  .meta({ id: 'PostgresRole' })

/** What is read in a Vault for a credential. */
export const VaultRole = z
  .object({
    /** Such as creds/shop-read, under the mount of its backend. */
    path: z.string(),
  })
  .meta({ id: 'VaultRole' })

/** A tag of a session. */
export const SessionTag = z.object({ key: z.string(), value: z.string() }).meta({ id: 'SessionTag' })

/** What a session of AWS is begun with. */
export const AwsRole = z
  .object({
    roleArn: z.string(),
    /** What of the role's rights a session has; null: all. */
    policy: z.string().nullable(),
    externalId: z.string().nullable(),
    tags: z.array(SessionTag),
  })
  .meta({ id: 'AwsRole' })

/** What a permission in UpCloud is for. */
export const UpcloudTargetType = z
  .enum([
    'server',
    'storage',
    'network',
    'router',
    'object_storage',
    'managed_database',
    'managed_loadbalancer',
    'tag_access',
  ])
  .meta({ id: 'UpcloudTargetType' })
export const UpcloudPermission = z
  .object({ targetType: UpcloudTargetType, target: z.string() })
  .meta({ id: 'UpcloudPermission' })

/** What a sub-account of UpCloud is given. */
export const UpcloudRole = z
  .object({
    permissions: z.array(UpcloudPermission),
    /** From where its tokens are let in; empty: from everywhere. */
    addresses: z.array(z.string()),
  })
  .meta({ id: 'UpcloudRole' })

/** What may be asked for: credentials of one backend with certain rights, for one workspace. */
export const SecretRole = z
  .object({
    id,
    name: z.string(),
    workspace: id,
    backendId: id,
    backend: z.string(),
    kind: SecretBackendKind,
    revocability: Revocability,
    revokedWithinSeconds: RevokedWithinSeconds,
    /** Its kind gives none for less. */
    ttlSecondsMin: z.int(),
    ttlSecondsMax: z.int(),
    /** Whether who holds one can have it live on, up to `ttlSecondsMax` after it was issued. */
    renewable: z.boolean(),
    /** So many leases of it may live at once; null: as many as are asked for. */
    leasesMax: z.int().nullable(),
    /** So many of one person or program; null: as many as they ask for. */
    leasesEachMax: z.int().nullable(),
    /** Null: its backend is of another kind. */
    postgres: PostgresRole.nullable(),
    /** The same. */
    vault: VaultRole.nullable(),
    aws: AwsRole.nullable(),
    upcloud: UpcloudRole.nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'SecretRole' })

/** A role that nobody can ask for any more. Its leases live to their own ends. */
export const SecretRoleDeleted = z
  .object({ id, name: z.string(), livingLeases: z.int() })
  .meta({ id: 'SecretRoleDeleted' })

/** A part of a credential, by the name that its engine gives it. */
export const LeaseField = z.object({ name: z.string(), value: SecretText }).meta({ id: 'LeaseField' })

/**
 * The credential itself, in this answer and nowhere else. Each kind of backend fills in the fields that it has; the
 * others are null.
 */
export const LeaseMaterial = z
  .object({
    kind: SecretBackendKind,
    username: z.string().nullable(),
    password: SecretText.nullable(),
    /** All that a client needs, in one line. */
    url: SecretText.nullable(),
    host: z.string().nullable(),
    port: z.int().nullable(),
    database: z.string().nullable(),
    /** The certificate of the authority that the server is trusted by, where it is none of the system's. */
    authority: z.string().nullable(),
    /** A session of AWS. */
    accessKeyId: z.string().nullable(),
    secretAccessKey: SecretText.nullable(),
    sessionToken: SecretText.nullable(),
    region: z.string().nullable(),
    /** What UpCloud's API takes, beside the account's name in `username`. */
    token: SecretText.nullable(),
    /** All that an engine of a Vault gave, username and password among it; of other kinds none. */
    fields: z.array(LeaseField),
  })
  .meta({ id: 'LeaseMaterial' })

/** What opens a credential that was wrapped, once; in this answer and nowhere else. */
export const LeaseWrap = z.object({ token: SecretText, expiresAt: Instant }).meta({ id: 'LeaseWrap' })

/** What whoever opens a credential is told of its lease: enough to see that it is what they wait for. */
export const UnwrappedLease = z
  .object({
    id,
    backend: BackendName,
    revocability: Revocability,
    revokedWithinSeconds: RevokedWithinSeconds,
    role: z.string(),
    purpose: z.string(),
    /** Who asked for it, and answers for it. */
    principalName: z.string(),
    issuedAt: Instant,
    expiresAt: Instant,
  })
  .meta({ id: 'UnwrappedLease' })

/** One of many leases that are revoked: no nested fields hang on it, of which each would be asked of all of them. */
const RevokedLease = z.object(Lease.shape).meta({ id: 'RevokedLease' })

/** How many leases were revoked at once, or would be. */
export const LeaseRevocations = z
  .object({
    /** So many fit, whether they are revoked or were only looked for. */
    matching: z.int(),
    /** Zero, where it was only looked. */
    revoked: z.int(),
    /** So many of them are still taken away where they work; `lease.stats` says how many are left. */
    ending: z.int(),
    /** The first hundred of them by their ends, as they stand now. */
    leases: z.array(RevokedLease),
  })
  .meta({ id: 'LeaseRevocations' })

const LeaseCount = z
  .object({
    backend: BackendName,
    revocability: Revocability,
    revokedWithinSeconds: RevokedWithinSeconds,
    active: z.int(),
  })
  .meta({ id: 'LeaseCount' })

/** How leases stand. */
export const LeaseStats = z
  .object({
    active: z.int(),
    /** Active ones that end within an hour. */
    expiring: z.int(),
    /** Their credential is being made. */
    pending: z.int(),
    /** Somebody wants them ended, and their credential is still taken away. */
    ending: z.int(),
    /** Their moment passed more than ten seconds ago. */
    overdue: z.int(),
    irrevocable: z.int(),
    /** Within the last day. */
    issued: z.int(),
    revoked: z.int(),
    expired: z.int(),
    backends: z.array(LeaseCount),
  })
  .meta({ id: 'LeaseStats' })
