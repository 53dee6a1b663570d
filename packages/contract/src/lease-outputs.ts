import { z } from 'zod'
import { Instant } from './scalars.ts'

/** An opaque id as it leaves. */
const id = z.string()

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
