import { RoleName } from '@gatehouse/contract'
import { z } from 'zod'

const seconds = z.int().min(1)
const count = z.int().min(1)

/** What identity needs of the settings; durations have been parsed to seconds. */
export const identityConfig = z.object({
  jwt: z.object({
    issuer: z.string().min(1),
    audience: z.array(z.string().min(1)).min(1),
    accessTokenTtlSeconds: seconds,
    refreshTokenTtlSeconds: seconds,
  }),
  /** Where people reach the web: the start of links in mails and of the device log-in. Never taken from a request. */
  publicUrl: z.url(),
  /** True where mail is set up: what is for one person alone goes to their address. */
  mail: z.boolean(),
  /** What one argon2id hash costs; the settings file bounds it from below. */
  password: z.object({ memoryKib: count, passes: count }),
  mfa: z.object({
    totpIssuer: z.string().min(1),
    /** Guesses that are evaluated per account and window: of passwords, and of codes. */
    rateLimit: seconds,
    rateLimitWindowSeconds: seconds,
    stepUpMaxAgeSeconds: seconds,
    /** Roles that must enrol an authenticator before anything else answers. */
    requiredRoles: z.array(RoleName),
    /** The relying party's id: the host name, without port, that credentials are bound to. */
    webauthnRpId: z.string().min(1),
    /** Origins at which ceremonies may run. */
    webauthnOrigins: z.array(z.url()).min(1),
    /** Certificates (PEM) of makers who may vouch for authenticators, where a role demands attestation. */
    webauthnAttestationRoots: z.array(z.string().min(1)),
  }),
})
export type IdentityConfig = z.output<typeof identityConfig>

/** No setting lets an access token live longer: what is kept until the last of them has expired is kept this long. */
export const accessTokenTtlSecondsMax = 3600
