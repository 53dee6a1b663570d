import { generateKeyPair, sign, verify, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { concatBytes, encodeString, readWhole } from './binary.ts'
import { publicKeyOf, toKeyObject, type PublicKey } from './public-key.ts'
import { malformed, unsupported } from './ssh-wire-error.ts'

/** A fresh pair: the private half never leaves node:crypto unless it is formatted on purpose. */
export interface Ed25519KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: PublicKey
}

const SIGNATURE_BYTES = 64

const generate = promisify(generateKeyPair)

/** Makes an Ed25519 key pair; the comment goes with the public key. */
export const generateEd25519 = async (comment = ''): Promise<Ed25519KeyPair> => {
  const { privateKey, publicKey } = await generate('ed25519')
  return { privateKey, publicKey: publicKeyOf(publicKey, comment) }
}

/** Signs with Ed25519 and answers the raw 64 bytes. */
export const signEd25519 = (privateKey: KeyObject, data: Uint8Array): Uint8Array => {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw unsupported('a signing key that is not ed25519')
  return sign(null, data, privateKey)
}

/** The SSH form of a raw Ed25519 signature (RFC 8709 section 6). */
export const encodeSignature = (raw: Uint8Array): Uint8Array => {
  if (raw.length !== SIGNATURE_BYTES) throw malformed('an ed25519 signature must be 64 bytes')
  return concatBytes(encodeString('ssh-ed25519'), encodeString(raw))
}

/** Whether an SSH signature over the data was made by this key. Malformed signatures throw, other algorithms too. */
export const verifySignature = ({
  key,
  data,
  signature,
}: {
  readonly key: PublicKey
  readonly data: Uint8Array
  readonly signature: Uint8Array
}): boolean => {
  const { algorithm, raw } = readWhole(signature, (reader) => ({ algorithm: reader.text(), raw: reader.string() }))
  if (algorithm !== 'ssh-ed25519' || key.type !== 'ssh-ed25519') throw unsupported('a signature that is not ed25519')
  return raw.length === SIGNATURE_BYTES && verify(null, data, toKeyObject(key), raw)
}
