import { z } from 'zod'
import { Instant } from './scalars.ts'

export const SigningKeyState = z.enum(['next', 'current', 'previous', 'removed']).meta({ id: 'SigningKeyState' })

/** A key that access tokens are signed with, and where it is in its life. Its id is the `kid` of JWKS. */
export const SigningKey = z
  .object({
    id: z.string(),
    state: SigningKeyState,
    algorithm: z.string(),
    createdAt: Instant,
    activatedAt: Instant.nullable(),
    retiredAt: Instant.nullable(),
    acceptedUntil: Instant.nullable(),
  })
  .meta({ id: 'SigningKey' })

/** What the list of revoked access tokens holds, and what has been cleaned out of it. */
export const RevocationStats = z
  .object({ size: z.int(), oldest: Instant.nullable(), cleaned: z.int(), lastCleanedAt: Instant.nullable() })
  .meta({ id: 'RevocationStats' })
