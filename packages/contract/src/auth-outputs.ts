import { z } from 'zod'
import { RoleName } from './people-outputs.ts'
import { Instant, SecretText } from './scalars.ts'

/** An opaque id as it leaves. */
const id = z.string()

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
