import { z } from 'zod'
import { Instant, SecretText } from './scalars.ts'

const id = z.string()

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
