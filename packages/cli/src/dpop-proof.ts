import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { z } from 'zod'

/** An Ed25519 key as a JSON Web Key (RFC 8037); `d` is the private part. */
export const ProofKey = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() })
export type ProofKey = z.output<typeof ProofKey>

/** A new key for one session: it lies where the session's tokens lie, and goes with them. */
export const createProofKey = (): ProofKey =>
  ProofKey.parse(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }))

/** The request that a proof is for; `token` is the access token that goes with it. */
export interface ProvenRequest {
  readonly method: string
  readonly url: string
  readonly token: string | null
  readonly now: Date
}

/**
 * Proves that the sender of this one request has the key (RFC 9449 §4.2): a stolen token is worth nothing without it.
 */
export const proofFor = ({ d, ...publicKey }: ProofKey, { method, url, token, now }: ProvenRequest): string => {
  const header = { typ: 'dpop+jwt', alg: 'EdDSA', jwk: publicKey }
  const claims = {
    jti: randomUUID(),
    htm: method,
    htu: placeOf(url),
    iat: Math.floor(now.getTime() / 1000),
    ...(token === null ? {} : { ath: createHash('sha256').update(token).digest('base64url') }),
  }
  const signed = `${encode(header)}.${encode(claims)}`
  const key = createPrivateKey({ key: { ...publicKey, d }, format: 'jwk' })
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
}

/** The name of a key (RFC 7638 §3; of this type of key: RFC 8037 §2). */
export const thumbprintOf = ({ crv, kty, x }: ProofKey): string =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')

const BoundClaims = z.object({ cnf: z.object({ jkt: z.string() }) })

/** The name of the key that a token says it is bound to (RFC 9449 §6.1); null: it says of none. */
export function boundTo(token: string): string | null {
  const [, claims] = token.split('.')
  if (claims === undefined) return null
  try {
    return BoundClaims.parse(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))).cnf.jkt
  } catch {
    return null // a token of another form: whom it is shown to says what it is worth
  }
}

/** Without query and fragment. */
const placeOf = (url: string): string => url.replace(/[?#].*$/, '')

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
