import { Refusal, secret, type Secret } from '@gatehouse/contract'
import type { Clock } from '@gatehouse/enforcement'
import { SignJWT } from 'jose'
import { z } from 'zod'
import type { IdentityConfig } from '../shared/config.ts'
import type { SigningKey, SigningKeys } from '../shared/ports.ts'
import { payloadOfType, saysType, typedTokenAlgorithm } from './typed-token.ts'

/** No ordinary token can stand in for one of these, nor one of these for an ordinary one. */
const emergencyTokenType = 'bg+jwt'

/** Gatehouse alone: no verifier outside that knows its own audience takes an emergency token. */
export const emergencyAudience = 'gatehouse'

const numericDate = z.int().min(0).max(253_402_300_799)

/** What an emergency token says. What it may do is in the row of its session, which is asked at every call. */
const EmergencyClaims = z.strictObject({
  iss: z.string(),
  aud: z.literal(emergencyAudience),
  sub: z.uuid(),
  jti: z.uuid(),
  iat: numericDate,
  nbf: numericDate,
  exp: numericDate,
  iat_ms: z.int().min(0),
  max_exp: numericDate,
  bg: z.uuid(),
  incident: z.string(),
  scope: z.strictObject({ workspace: z.string(), actions: z.array(z.string()).min(1) }),
  approvers: z.array(z.uuid()).min(2),
  cnf: z.strictObject({ jkt: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }).optional(),
})
export type EmergencyClaims = z.output<typeof EmergencyClaims>

/** What a token is made for. */
export interface EmergencyTokenFacts {
  readonly tokenId: string
  readonly sessionId: string
  readonly userId: string
  readonly incident: string
  readonly workspace: string
  readonly actions: readonly string[]
  readonly approvers: readonly string[]
  readonly activatedAt: Date
  readonly expiresAt: Date
  readonly keyThumbprint: string | null
}

/** Signs the one token of an emergency session. It is never refreshed. */
export async function signEmergencyToken(
  { key, config }: { readonly key: SigningKey; readonly config: Pick<IdentityConfig, 'jwt'> },
  facts: EmergencyTokenFacts,
): Promise<Secret<string>> {
  const [issuedAt, expiresAt] = [facts.activatedAt, facts.expiresAt].map((at) => Math.floor(at.getTime() / 1000))
  const token = await new SignJWT({
    iss: config.jwt.issuer,
    aud: emergencyAudience,
    sub: facts.userId,
    jti: facts.tokenId,
    iat: issuedAt,
    nbf: issuedAt,
    exp: expiresAt,
    iat_ms: facts.activatedAt.getTime(),
    max_exp: expiresAt,
    bg: facts.sessionId,
    incident: facts.incident,
    scope: { workspace: facts.workspace, actions: [...facts.actions] },
    approvers: [...facts.approvers],
    ...(facts.keyThumbprint === null ? {} : { cnf: { jkt: facts.keyThumbprint } }),
  })
    .setProtectedHeader({ alg: typedTokenAlgorithm, typ: emergencyTokenType, kid: key.kid })
    .sign(key.privateKey)
  return secret(token)
}

/** True for what says in its header that it is an emergency token. Nothing is verified. */
export const looksLikeEmergencyToken = (token: string): boolean => saysType(token, emergencyTokenType)

/** What an emergency token says, once its signature and times are good. Throws `Refusal('unauthenticated')`. */
export async function verifyEmergencyToken(
  { keys, clock, config }: { readonly keys: SigningKeys; readonly clock: Clock; readonly config: IdentityConfig },
  token: string,
): Promise<EmergencyClaims> {
  const claims = EmergencyClaims.safeParse(await payloadOfType(keys, token, emergencyTokenType))
  if (!claims.success || claims.data.iss !== config.jwt.issuer) throw unauthenticated()
  if (clock.now().getTime() / 1000 >= claims.data.exp) throw unauthenticated()
  return claims.data
}

const unauthenticated = (): Refusal => new Refusal('unauthenticated')
