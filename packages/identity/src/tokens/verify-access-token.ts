import { hash, verify } from 'node:crypto'
import { Refusal } from '@gatehouse/contract'
import type { Clock } from '@gatehouse/enforcement'
import type { IdentityConfig } from '../shared/config.ts'
import { AccessClaims, accessTokenAlgorithm, accessTokenType } from '../shared/access-claims.ts'
import { splitJws } from './compact-jws.ts'
import type { SigningKeys } from '../shared/ports.ts'

/** Ours are a tenth of this; what is longer is not read at all. */
const tokenBytesMax = 8192

/** Tokens whose signature was checked lately. Each costs about half a kilobyte. */
const cacheEntriesMax = 10_000

/** Two nodes' clocks may differ by this. It never makes an expired token live. */
const skewSeconds = 5

const headerFields = new Set(['alg', 'typ', 'kid'])

/**
 * Says what an access token claims, once its signature and times are good. Throws `Refusal('unauthenticated')`; looks
 * at no session.
 */
export type VerifyAccessToken = (token: string) => Promise<AccessClaims>

interface Checked {
  readonly kid: string
  readonly claims: AccessClaims
}

/**
 * Verifies access tokens. Only the signature check is remembered, by the token's hash: what can change is checked each
 * time.
 */
export function createAccessTokenVerifier({
  keys,
  clock,
  config,
}: {
  keys: SigningKeys
  clock: Clock
  config: IdentityConfig
}): VerifyAccessToken {
  const cache = new Map<string, Checked>()

  const remember = (digest: string, checked: Checked): void => {
    cache.delete(digest)
    const oldest = cache.size >= cacheEntriesMax ? cache.keys().next().value : undefined
    if (oldest !== undefined) cache.delete(oldest)
    cache.set(digest, checked)
  }

  return async (token) => {
    if (token.length > tokenBytesMax) throw unauthenticated()
    const digest = hash('sha256', token, 'base64')
    const known = cache.get(digest)
    const checked =
      known !== undefined && (await keys.find(known.kid)) !== null ? known : await checkSignature(token, keys)
    remember(digest, checked)
    requireClaims(checked.claims, config, clock.now())
    return checked.claims
  }
}

/**
 * Everything about a token that cannot change. The algorithm is ours, not the header's; the header may only agree (RFC
 * 8725 §3.1).
 */
async function checkSignature(token: string, keys: SigningKeys): Promise<Checked> {
  const jws = splitJws(token)
  if (jws === null) throw unauthenticated()
  const kid = kidOf(jws.header)
  const claims = AccessClaims.safeParse(jws.payload)
  const key = await keys.find(kid)
  if (key === null || !verify('sha256', jws.signed, key, jws.signature)) throw unauthenticated()
  if (!claims.success) throw unauthenticated()
  return { kid, claims: claims.data }
}

/** `alg`, `typ`, `kid` and nothing else: no key, address or extension that a token brings along is ever looked at. */
function kidOf(header: unknown): string {
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw unauthenticated()
  const { alg, typ, kid } = header as Record<string, unknown> // an object, by the line above
  if (Object.keys(header).some((field) => !headerFields.has(field))) throw unauthenticated()
  if (alg !== accessTokenAlgorithm || typ !== accessTokenType || typeof kid !== 'string' || kid.length > 64)
    throw unauthenticated()
  return kid
}

function requireClaims(claims: AccessClaims, config: IdentityConfig, now: Date): void {
  const audience = typeof claims.aud === 'string' ? [claims.aud] : claims.aud
  const seconds = now.getTime() / 1000
  const good =
    claims.iss === config.jwt.issuer &&
    audience.some((one) => config.jwt.audience.includes(one)) &&
    seconds < claims.exp &&
    claims.nbf <= seconds + skewSeconds &&
    claims.iat <= seconds + skewSeconds
  if (!good) throw unauthenticated()
}

const unauthenticated = (): Refusal => new Refusal('unauthenticated')
