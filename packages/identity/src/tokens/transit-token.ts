import { Refusal, secret, type Secret } from '@gatehouse/contract'
import type { Clock } from '@gatehouse/enforcement'
import { SignJWT } from 'jose'
import { z } from 'zod'
import type { IdentityConfig } from '../shared/config.ts'
import type { SigningKey, SigningKeys } from '../shared/ports.ts'
import { payloadOfType, saysType, typedTokenAlgorithm } from './typed-token.ts'

/** No other token can stand in for one of these, nor one of these for another. */
const transitTokenType = 'transit+jwt'
const transitAudience = 'gatehouse-transit'

const numericDate = z.int().min(0).max(253_402_300_799)

/** What such a token says. Its person and their session are looked up at every call. */
const TransitClaims = z.strictObject({
  iss: z.string(),
  aud: z.literal(transitAudience),
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.uuid(),
  iat: numericDate,
  exp: numericDate,
  iat_ms: z.int().min(0),
  /** When its person had proved a second factor before it was made. */
  proved_at_ms: z.int().min(0),
  /** Names or ids, as they were asked for. */
  keys: z.array(z.string()).min(1),
  address: z.string(),
})
export type TransitClaims = z.output<typeof TransitClaims>

type Config = { readonly jwt: Pick<IdentityConfig['jwt'], 'issuer'> }

/** What a token is made for. */
export interface TransitTokenFacts {
  readonly tokenId: string
  readonly userId: string
  readonly sessionId: string
  readonly provedAt: Date
  readonly keys: readonly string[]
  /** From where alone it is taken. */
  readonly address: string
  readonly issuedAt: Date
  readonly expiresAt: Date
}

/** Signs a token for Vault's clients. */
export async function signTransitToken(
  { key, config }: { readonly key: SigningKey; readonly config: Config },
  facts: TransitTokenFacts,
): Promise<Secret<string>> {
  const token = await new SignJWT({
    iss: config.jwt.issuer,
    aud: transitAudience,
    sub: facts.userId,
    sid: facts.sessionId,
    jti: facts.tokenId,
    iat: Math.floor(facts.issuedAt.getTime() / 1000),
    exp: Math.floor(facts.expiresAt.getTime() / 1000),
    iat_ms: facts.issuedAt.getTime(),
    proved_at_ms: facts.provedAt.getTime(),
    keys: [...facts.keys],
    address: facts.address,
  })
    .setProtectedHeader({ alg: typedTokenAlgorithm, typ: transitTokenType, kid: key.kid })
    .sign(key.privateKey)
  return secret(token)
}

/** True for what says in its header that it is a token for Vault's clients. Nothing is verified. */
export const looksLikeTransitToken = (token: string): boolean => saysType(token, transitTokenType)

/** What such a token says, once its signature and times are good. Throws `Refusal('unauthenticated')`. */
export async function verifyTransitToken(
  { keys, clock, config }: { readonly keys: Pick<SigningKeys, 'find'>; readonly clock: Clock; readonly config: Config },
  token: string,
): Promise<TransitClaims> {
  const claims = TransitClaims.safeParse(await payloadOfType(keys, token, transitTokenType))
  if (!claims.success || claims.data.iss !== config.jwt.issuer) throw new Refusal('unauthenticated')
  if (clock.now().getTime() / 1000 >= claims.data.exp) throw new Refusal('unauthenticated')
  return claims.data
}
