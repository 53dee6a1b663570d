import { z } from 'zod'
import { Instant } from './scalars.ts'

const id = z.string()

/** What can be locked. `approval`: one by a second person, or what was asked for in an emergency, with its session. */
export const LockKind = z.enum(['principal', 'role', 'host', 'key', 'approval']).meta({ id: 'LockKind' })
export type LockKind = z.output<typeof LockKind>

/** Something that is denied until the lock's end, whatever else would allow it. */
export const Lock = z
  .object({
    id,
    kind: LockKind,
    /** The id, role or fingerprint that is locked. */
    target: z.string(),
    /** What people called it when it was locked. */
    name: z.string(),
    reason: z.string(),
    createdAt: Instant,
    createdBy: id.nullable(),
    /** Null: their account is gone. */
    createdByName: z.string().nullable(),
    /** Null: it holds until somebody removes it. */
    expiresAt: Instant.nullable(),
    removedAt: Instant.nullable(),
    removedByName: z.string().nullable(),
    removeReason: z.string().nullable(),
    /** Whether it holds now. */
    holds: z.boolean(),
  })
  .meta({ id: 'Lock' })
