import { z } from 'zod'

/** `typ` of RFC 9068: no other token of ours can stand in for an access token. */
export const accessTokenType = 'at+jwt'
export const accessTokenAlgorithm = 'RS256'

const numericDate = z.int().min(0).max(253_402_300_799)

/** What an access token says. Strict types: a date that is text, an array or infinite is not a date. */
export const AccessClaims = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string()).min(1)]),
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.uuid(),
  iat: numericDate,
  nbf: numericDate,
  exp: numericDate,
  auth_time: numericDate,
  amr: z.array(z.string()),
  acr: z.string(),
  permissions_hash: z.string(),
  /** Where a client may begin; never a right. Absent: the person sees no default workspace. */
  workspace: z.string().optional(),
  /** The thumbprint of the key that must be shown with it (RFC 9449 §6.1). Absent: it is a bearer's. */
  cnf: z.strictObject({ jkt: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }).optional(),
  /**
   * `iat` to the millisecond: a token issued right after a cut-off lives, one issued right before it in the same second
   * does not.
   */
  iat_ms: z.int().min(0),
})
export type AccessClaims = z.output<typeof AccessClaims>
