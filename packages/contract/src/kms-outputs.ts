import { z } from 'zod'
import { Health } from './system-outputs.ts'
import { Instant, SecretText } from './scalars.ts'

const id = z.string()

/** What a key may be used for today. */
export const KmsKeyState = z
  .enum(['enabled', 'decrypt-only', 'disabled', 'pending-deletion', 'destroyed'])
  .meta({ id: 'KmsKeyState' })

/**
 * What a backend has of a key. `whole`: every version. `incomplete`: not every one; `kms-key replicate` adds them.
 * `other-key`: the settings name another key there than the one that wrapped. `not-here`: this server does not have it.
 */
export const KmsKeyBackendState = z
  .enum(['whole', 'incomplete', 'other-key', 'not-here'])
  .meta({ id: 'KmsKeyBackendState' })

/** A backend that wraps the material of a key, or a share of it. */
const KmsKeyBackend = z
  .object({
    /** As the settings name it; `installation` is that of `[kms]`. */
    name: z.string(),
    state: KmsKeyBackendState,
    /** So many versions it has. */
    versions: z.int(),
    /** Of so many that are there. */
    of: z.int(),
  })
  .meta({ id: 'KmsKeyBackend' })

/** A key of the key service. Its material is in no answer. */
export const KmsKey = z
  .object({
    id,
    name: z.string(),
    workspace: id,
    /** What wraps its material; the first of its backends. */
    backend: z.string(),
    /** How many of its backends open it together; null: any one does. */
    quorum: z.int().nullable(),
    backends: z.array(KmsKeyBackend),
    state: KmsKeyState,
    stateSince: Instant,
    /** What is encrypted now is of this version. */
    currentVersion: z.int(),
    /** When that version was made. */
    versionSince: Instant,
    /** The same, by the name that a key's first answer has it under. */
    version: z.int(),
    /** Ciphertexts of older versions are not opened. */
    minimumVersion: z.int(),
    /** Those that are opened, the oldest first. */
    versions: z.array(z.object({ version: z.int(), createdAt: Instant }).meta({ id: 'KmsOpenedVersion' })),
    /** Every so many days it is rotated by itself; null: by hand alone. */
    rotationDays: z.int().nullable(),
    /** When that is next; null: never by itself, or not while it is stopped. */
    rotatesAt: Instant.nullable(),
    /** While it is there the key cannot be scheduled for deletion. */
    deletionGuard: z.boolean(),
    /** When its material is destroyed; null: it is not. */
    deleteAt: Instant.nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'KmsKey' })

/** A key as one of many: of a page of them the versions would be thousands. */
export const KmsListedKey = KmsKey.omit({ versions: true }).meta({ id: 'KmsListedKey' })

/** Why one item of a batch came to nothing; the others do not depend on it. */
export const KmsItemProblem = z
  .enum([
    'malformed',
    'unknown-version',
    'unknown-suite',
    'wrong-key',
    'not-ours',
    'context-invalid',
    'too-long',
    'below-minimum',
    'version-revoked',
    'version-destroyed',
    'not-in-census',
  ])
  .meta({ id: 'KmsItemProblem' })

/** One item that was encrypted: its envelope, or why there is none. */
const KmsSealedItem = z
  .object({
    problem: KmsItemProblem.nullable(),
    ciphertext: z.string().nullable(),
    /** The version of the key that opens it. */
    keyVersion: z.int().nullable(),
  })
  .meta({ id: 'KmsSealedItem' })

/** What came of each item, in their order. */
export const KmsSealed = z
  .object({
    keyId: id,
    items: z.array(KmsSealedItem),
    /** That of a call without `items`; null: it had some. */
    ciphertext: z.string().nullable(),
    /** The version of the key that opens it. */
    keyVersion: z.int().nullable(),
  })
  .meta({ id: 'KmsSealed' })

/** One item that was decrypted: its bytes in base64, or why there are none. */
const KmsOpenedItem = z
  .object({ problem: KmsItemProblem.nullable(), plaintext: SecretText.nullable() })
  .meta({ id: 'KmsOpenedItem' })

/** What came of each item, in their order. */
export const KmsOpened = z
  .object({
    keyId: id,
    items: z.array(KmsOpenedItem),
    /** That of a call without `items`, in base64; null: it had some. */
    plaintext: SecretText.nullable(),
  })
  .meta({ id: 'KmsOpened' })

/** A data key: to encrypt with where the data lies, and the same as it is kept there. */
export const KmsDataKey = z
  .object({
    keyId: id,
    keyVersion: z.int(),
    /** 32 bytes in base64. Shown once, and kept nowhere. */
    plaintext: SecretText,
    ciphertext: z.string(),
  })
  .meta({ id: 'KmsDataKey' })

/** A token for Vault's clients. */
export const KmsFacadeToken = z
  .object({
    id,
    /** Shown once, and kept nowhere. */
    token: SecretText,
    keys: z.array(z.string()),
    /** From where alone it is taken. */
    address: z.string(),
    /** It ends before with the session that it was made in. */
    expiresAt: Instant,
  })
  .meta({ id: 'KmsFacadeToken' })

/** `revoked`: others may know its material, so that what it holds is opened for rewrapping alone. */
export const KmsVersionState = z.enum(['live', 'revoked', 'destroyed']).meta({ id: 'KmsVersionState' })

/** A version of a key, and how many ciphertexts need it. */
const KmsKeyVersion = z
  .object({
    version: z.int(),
    state: KmsVersionState,
    ciphertexts: z.int(),
    createdAt: Instant,
    revokedAt: Instant.nullable(),
  })
  .meta({ id: 'KmsKeyVersion' })

/** How the versions of a key before its current one are being left. */
const KmsKeyLeaving = z
  .object({
    /** When the key was rotated. */
    since: Instant,
    /** So many ciphertexts came over to the current version since. */
    moved: z.int(),
    /** So many still need an older version that is opened. */
    left: z.int(),
    /** How many came over in a day; null: none has. */
    perDay: z.number().nullable(),
    /** When the last will have come over at that pace; null: none is left, or nobody can say. */
    doneAt: Instant.nullable(),
    /** When older versions are closed by themselves; null: as long as one is needed they are not. */
    closesAt: Instant.nullable(),
  })
  .meta({ id: 'KmsKeyLeaving' })

/** What a key is still needed for. */
export const KmsKeyUsage = z
  .object({
    id,
    name: z.string(),
    state: KmsKeyState,
    currentVersion: z.int(),
    minimumVersion: z.int(),
    /** Of all versions together. */
    ciphertexts: z.int(),
    versions: z.array(KmsKeyVersion),
    /** Null: no version before the current one is opened. */
    leaving: KmsKeyLeaving.nullable(),
    /** Its workflow in Temporal Web; null: there is none. */
    workflowUrl: z.string().nullable(),
  })
  .meta({ id: 'KmsKeyUsage' })

/** A ciphertext that was given out. */
export const KmsCiphertext = z
  .object({
    /** The id in its header. */
    id,
    /** The version that its newest form needs. */
    version: z.int(),
    /** Where the caller said that it lies; null: they did not say. */
    location: z.string().nullable(),
    sealedAt: Instant,
    /** When it was rewrapped last; null: never. */
    movedAt: Instant.nullable(),
  })
  .meta({ id: 'KmsCiphertext' })

/** Why a backend cannot be used. */
export const KmsBackendFailure = z
  .enum([
    'unreachable',
    'throttled',
    'resting',
    'denied',
    'no-credentials',
    'no-such-key',
    'key-unusable',
    'not-kept',
    'unwrap-failed',
    'too-long',
    'rejected',
  ])
  .meta({ id: 'KmsBackendFailure' })

/** `absent`: the settings name it, and it is not on this machine. `unknown`: nobody has used it since the start. */
export const KmsBackendState = z.enum(['usable', 'unusable', 'unknown', 'absent']).meta({ id: 'KmsBackendState' })

const backendFields = {
  /** The section of the settings that names it: `kms`, `kms.second`, `kms.regions.north`. */
  section: z.string(),
  kind: z.enum(['age', 'vault', 'aws', 'pkcs11', 'cosmian']).meta({ id: 'KmsBackendKind' }),
  /** As the node that answers has seen it. */
  state: KmsBackendState,
  /** Since when; null: nobody has looked. */
  since: Instant.nullable(),
  checkedAt: Instant.nullable(),
  /** Whether it is left alone for some seconds, since it has not answered for a while. */
  circuitOpen: z.boolean(),
  failure: KmsBackendFailure.nullable(),
  /** What is wrong, in words; null: nothing that is known. */
  problem: z.string().nullable(),
  /** What to do about it. */
  advice: z.string().nullable(),
}

/** What wraps the data key and the material of keys. No address, and nothing secret. */
export const KmsBackend = z
  .object({
    ...backendFields,
    /** Whether what is wrapped leaves the machine. */
    reach: z.enum(['local', 'remote']).meta({ id: 'KmsBackendReach' }).nullable(),
    /** Whether a quantum computer would open what is wrapped today. */
    quantumSafe: z.boolean().nullable(),
    /** Whether it opens the database; null: it is not here to tell. */
    opensDatabase: z.boolean().nullable(),
    /** Keys whose current version it has wrapped. */
    keys: z.int().nullable(),
  })
  .meta({ id: 'KmsBackend' })

/** A backend that was asked just now. */
export const KmsBackendHealth = z.object(backendFields).meta({ id: 'KmsBackendHealth' })

export const KmsHealth = z
  .object({ health: Health, at: Instant, backends: z.array(KmsBackendHealth) })
  .meta({ id: 'KmsHealth' })

/** Something that whoever looks after the keys should know. */
const KmsWarning = z
  .object({
    kind: z
      .enum(['single-key', 'backend-unusable', 'keys-without-backend', 'rotations-overdue'])
      .meta({ id: 'KmsWarningKind' }),
    message: z.string(),
    advice: z.string(),
  })
  .meta({ id: 'KmsWarning' })

/** What keys there are, of the workspaces that the caller sees. */
export const KmsStatus = z
  .object({
    health: Health,
    warnings: z.array(KmsWarning),
    /** How many key encryption keys open the database; with one, losing it is losing all that is sealed. */
    databaseKeys: z.int(),
    keys: z.array(z.object({ state: KmsKeyState, count: z.int() }).meta({ id: 'KmsKeyCount' })),
    /** Columns of the database in which values lie that the data key has sealed. */
    sealed: z.array(z.object({ table: z.string(), column: z.string() }).meta({ id: 'KmsSealedColumn' })),
    /** Keys whose period is over and that were not rotated yet. */
    rotationsDue: z.int(),
    /** Which are rotated next, the soonest first; ten at most. */
    nextRotations: z.array(
      z.object({ id, name: z.string(), workspace: id, rotatesAt: Instant }).meta({ id: 'KmsNextRotation' }),
    ),
  })
  .meta({ id: 'KmsStatus' })
