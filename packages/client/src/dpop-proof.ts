import { secondsNow } from './clock.ts'

/** An Ed25519 key as a private JSON Web Key (RFC 8037): what a bound token is bound to. */
export interface ProofKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly d: string
}

/** A new key; keep it where the tokens that are bound to it are kept. */
export const createProofKey = async (): Promise<ProofKey> => {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('this platform made no pair of keys')
  const { x, d } = await crypto.subtle.exportKey('jwk', pair.privateKey)
  if (x === undefined || d === undefined) throw new Error('this platform cannot export an Ed25519 key')
  return { kty: 'OKP', crv: 'Ed25519', x, d }
}

/** The request that a proof is for; `token` is the access token that goes with it. */
export interface ProvenRequest {
  readonly method: string
  readonly url: string
  readonly token: string | null
}

/** Proves that the sender of this one request has the key (RFC 9449 §4.2). */
export const proofFor = async (key: ProofKey, { method, url, token }: ProvenRequest): Promise<string> => {
  const { kty, crv, x } = key
  const header = { typ: 'dpop+jwt', alg: 'EdDSA', jwk: { kty, crv, x } }
  const claims = {
    jti: crypto.randomUUID(),
    htm: method,
    htu: url.replace(/[?#].*$/, ''),
    iat: secondsNow(),
    ...(token === null ? {} : { ath: base64url(await crypto.subtle.digest('SHA-256', bytesOf(token))) }),
  }
  const signed = `${encode(header)}.${encode(claims)}`
  const privateKey = await crypto.subtle.importKey('jwk', { ...key }, 'Ed25519', false, ['sign'])
  return `${signed}.${base64url(await crypto.subtle.sign('Ed25519', privateKey, bytesOf(signed)))}`
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

const encode = (value: unknown): string => base64url(bytesOf(JSON.stringify(value)).buffer)

const base64url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
