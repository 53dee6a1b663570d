import { z } from 'zod'
import { Instant, SecretText } from './scalars.ts'

const id = z.string()

export const BackupCodeStatus = z
  .object({ confirmed: z.boolean(), total: z.int(), left: z.int(), confirmedAt: Instant.nullable() })
  .meta({ id: 'BackupCodeStatus' })
export const BackupCodes = z
  .object({ id, codes: z.array(SecretText), confirmBefore: Instant })
  .meta({ id: 'BackupCodes' })

export const AuthenticatorRemoved = z.object({ id, authenticatorsLeft: z.int() }).meta({ id: 'AuthenticatorRemoved' })
export const CodeVerified = z.object({ authenticator: id, verifiedAt: Instant }).meta({ id: 'CodeVerified' })
export const MfaDisabled = z.object({ authenticatorsRemoved: z.int() }).meta({ id: 'MfaDisabled' })
export const MfaReset = z
  .object({ user: id, authenticatorsRemoved: z.int(), sessionsEnded: z.int() })
  .meta({ id: 'MfaReset' })

/** `passkey` can log in alone, with the user verified; `securityKey` is a second factor beside the password. */
export const WebauthnKind = z.enum(['passkey', 'securityKey']).meta({ id: 'WebauthnKind' })
