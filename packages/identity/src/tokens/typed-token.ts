import { verify } from 'node:crypto'
import { Refusal } from '@gatehouse/contract'
import type { SigningKeys } from '../shared/ports.ts'
import { splitJws } from './compact-jws.ts'

/** The one algorithm; a token's header may only agree (RFC 8725 §3.1). */
export const typedTokenAlgorithm = 'RS256'

/** Ours are a tenth of this; what is longer is not read at all. */
const tokenBytesMax = 8192

/** True for what says in its header that it is of a type. Nothing is verified. */
export const saysType = (token: string, type: string): boolean => {
  if (token.length > tokenBytesMax) return false
  const header = token.slice(0, token.indexOf('.'))
  try {
    return (JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { typ?: unknown }).typ === type
  } catch {
    return false
  }
}

/**
 * What a token of a type says, once its signature is good: `alg`, `typ`, `kid` and nothing else in its header, so that
 * no token stands in for one of another type. Throws `Refusal('unauthenticated')`.
 */
export async function payloadOfType(keys: Pick<SigningKeys, 'find'>, token: string, type: string): Promise<unknown> {
  const jws = token.length > tokenBytesMax ? null : splitJws(token)
  const header = jws?.header
  if (jws === null || typeof header !== 'object' || header === null || Array.isArray(header)) throw unauthenticated()
  const { alg, typ, kid, ...rest } = header as Record<string, unknown> // an object, by the line above
  const isOurs = alg === typedTokenAlgorithm && typ === type && typeof kid === 'string' && kid.length <= 64
  if (!isOurs || Object.keys(rest).length > 0) throw unauthenticated()
  const key = await keys.find(kid)
  if (key === null || !verify('sha256', jws.signed, key, jws.signature)) throw unauthenticated()
  return jws.payload
}

const unauthenticated = (): Refusal => new Refusal('unauthenticated')
