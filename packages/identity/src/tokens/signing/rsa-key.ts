import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '@gatehouse/contract'
import { calculateJwkThumbprint, type JWK } from 'jose'

/**
 * 2048 bits: NIST SP 800-57 calls it enough through 2030, keys here live for months and tokens for minutes,
 * and signing, which is what a log-in waits for, takes a third of the time of 3072.
 */
const modulusBits = 2048

/** What JWKS shows of a key, and its name there: the RFC 7638 thumbprint, so a key has one name everywhere. */
export interface RsaKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly publicJwk: JWK
}

/** A key pair that cannot be used, and why. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError'
}

export async function generateRsaKey(): Promise<RsaKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: modulusBits })
  return describeRsaKey(privateKey)
}

/**
 * Takes a key pair that was made elsewhere. Throws `SigningKeyError` when it is not an RSA pair of at least 2048 bits.
 */
export async function importRsaKey(pair: {
  readonly privateKeyPem: Secret<string>
  readonly publicKeyPem: string | null
}): Promise<RsaKey> {
  const privateKey = parse(
    () => createPrivateKey(pair.privateKeyPem.expose()),
    'the private signing key is not a PEM that can be read',
  )
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0
  if (privateKey.asymmetricKeyType !== 'rsa' || bits < modulusBits)
    throw new SigningKeyError(`the private signing key must be RSA of at least ${modulusBits} bits`)
  const publicPem = pair.publicKeyPem
  if (publicPem !== null) {
    const publicKey = parse(() => createPublicKey(publicPem), 'the public signing key is not a PEM that can be read')
    if (!createPublicKey(privateKey).equals(publicKey))
      throw new SigningKeyError('the public signing key does not belong to the private one')
  }
  return describeRsaKey(privateKey)
}

/** Opens a key from its PKCS #8 bytes. */
export const openRsaKey = (pkcs8: Uint8Array): Promise<RsaKey> =>
  describeRsaKey(createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }))

/** The bytes to seal. */
export const pkcs8Of = ({ privateKey }: RsaKey): Uint8Array => privateKey.export({ format: 'der', type: 'pkcs8' })

async function describeRsaKey(privateKey: KeyObject): Promise<RsaKey> {
  const publicKey = createPublicKey(privateKey)
  const { n, e } = publicKey.export({ format: 'jwk' })
  const kid = await calculateJwkThumbprint({ kty: 'RSA', n, e }, 'sha256')
  return { kid, privateKey, publicKey, publicJwk: { kty: 'RSA', n, e, kid, alg: 'RS256', use: 'sig' } }
}

function parse<T>(read: () => T, problem: string): T {
  try {
    return read()
  } catch {
    // not as `cause`: OpenSSL's messages may quote what they could not read
    throw new SigningKeyError(problem)
  }
}
