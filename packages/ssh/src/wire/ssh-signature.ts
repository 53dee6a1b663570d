import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { Buffer } from 'node:buffer'
import { concatBytes, encodeString, encodeUint32, equalBytes, readWhole } from './binary.ts'
import { encodeSignature } from './ed25519.ts'
import { standingKey, toKeyObject, type PublicKey, type PublicKeyType } from './public-key.ts'
import type { CertificateAuthority } from './sign-certificate.ts'
import { malformed, unsupported } from './ssh-wire-error.ts'

/** What is signed, and what for: a signature made for one purpose is none for another (PROTOCOL.sshsig). */
export interface SshSignedMessage {
  readonly message: Uint8Array | string
  /** The purpose, as `ssh-keygen -Y` takes it with `-n`. */
  readonly namespace: string
}

const MAGIC = Buffer.from('SSHSIG', 'latin1')
const FORMAT_VERSION = 1
const HASH = 'sha512'
const HEADER = '-----BEGIN SSH SIGNATURE-----'
const FOOTER = '-----END SSH SIGNATURE-----'

/** Column where `ssh-keygen` itself wraps. */
const LINE_CHARS = 70

/** Signs as `ssh-keygen -Y sign` does. */
export const signSshMessage = async (
  { message, namespace }: SshSignedMessage,
  { publicKey, sign }: CertificateAuthority,
): Promise<Uint8Array> =>
  concatBytes(
    MAGIC,
    encodeUint32(FORMAT_VERSION),
    encodeString(publicKey.blob),
    encodeString(namespace),
    encodeString(''),
    encodeString(HASH),
    encodeString(encodeSignature(await sign(signedBytes({ message, namespace }, HASH)))),
  )

/** The file that `ssh-keygen -Y verify` takes with `-s`. */
export const formatSshSignature = (signature: Uint8Array): string =>
  [
    HEADER,
    ...(Buffer.from(signature)
      .toString('base64')
      .match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []),
    FOOTER,
    '',
  ].join('\n')

/** Whether this key signed the message for this purpose. A signature that cannot be read throws `SshWireError`. */
export const isSshSignatureOf = (
  key: PublicKey,
  { message, namespace }: SshSignedMessage,
  signature: Uint8Array,
): boolean => {
  const parts = readWhole(signature, (reader) => {
    if (!equalBytes(reader.bytes(MAGIC.length), MAGIC)) throw malformed('the bytes are no ssh signature')
    if (reader.uint32() !== FORMAT_VERSION) throw unsupported("the signature's format version")
    const [blob, purpose] = [reader.string(), reader.text()]
    reader.string()
    return { blob, purpose, hash: reader.text(), signature: reader.string() }
  })
  if (!isHash(parts.hash)) throw unsupported("the signature's hash")
  if (parts.purpose !== namespace || !equalBytes(parts.blob, key.blob)) return false
  return isSignatureOf(key, signedBytes({ message, namespace }, parts.hash), parts.signature)
}

/** The two that PROTOCOL.sshsig allows. */
const isHash = (name: string): name is 'sha256' | 'sha512' => name === 'sha256' || name === 'sha512'

const signedBytes = ({ message, namespace }: SshSignedMessage, hash: 'sha256' | 'sha512'): Uint8Array =>
  concatBytes(
    MAGIC,
    encodeString(namespace),
    encodeString(''),
    encodeString(hash),
    encodeString(createHash(hash).update(message).digest()),
  )

interface Signing {
  /** By the name of the algorithm in the signature, the digest that goes with it. */
  readonly digests: Readonly<Record<string, string | null>>
  readonly keyOf: (key: PublicKey) => KeyObject
  /** The raw signature as node:crypto takes it. */
  readonly rawOf: (bytes: Uint8Array) => Uint8Array
}

const ecdsa = (curve: string, digest: string, coordinateBytes: number): Signing => ({
  digests: { [`ecdsa-sha2-${curve}`]: digest },
  keyOf: ({ blob }) => {
    const point = readWhole(blob, (reader) => (reader.string(), reader.string(), reader.string())).subarray(1)
    return jwk({
      kty: 'EC',
      crv: curve.replace('nistp', 'P-'),
      x: base64url(point.subarray(0, coordinateBytes)),
      y: base64url(point.subarray(coordinateBytes)),
    })
  },
  rawOf: (bytes) =>
    readWhole(bytes, (reader) =>
      concatBytes(fixed(reader.string(), coordinateBytes), fixed(reader.string(), coordinateBytes)),
    ),
})

/** How each type of key signs. SHA-1 signatures of RSA keys are none (PROTOCOL.sshsig). */
const signings = {
  'ssh-ed25519': { digests: { 'ssh-ed25519': null }, keyOf: toKeyObject, rawOf: (bytes) => bytes },
  'ecdsa-sha2-nistp256': ecdsa('nistp256', 'sha256', 32),
  'ecdsa-sha2-nistp384': ecdsa('nistp384', 'sha384', 48),
  'ecdsa-sha2-nistp521': ecdsa('nistp521', 'sha512', 66),
  'ssh-rsa': {
    digests: { 'rsa-sha2-512': 'sha512', 'rsa-sha2-256': 'sha256' },
    keyOf: ({ blob }) => {
      const [e, n] = readWhole(blob, (reader) => (reader.string(), [reader.string(), reader.string()] as const))
      return jwk({ kty: 'RSA', e: base64url(unsigned(e)), n: base64url(unsigned(n)) })
    },
    rawOf: (bytes) => bytes,
  },
} satisfies Record<PublicKeyType, Signing>

const isSignatureOf = (key: PublicKey, data: Uint8Array, signature: Uint8Array): boolean => {
  const signing: Signing = signings[standingKey(key).type]
  const { algorithm, raw } = readWhole(signature, (reader) => ({ algorithm: reader.text(), raw: reader.string() }))
  if (!Object.hasOwn(signing.digests, algorithm)) throw unsupported('the signature algorithm for this key')
  return verify(
    signing.digests[algorithm],
    data,
    { key: signing.keyOf(key), dsaEncoding: 'ieee-p1363' },
    signing.rawOf(raw),
  )
}

const jwk = (key: Record<string, string>): KeyObject => createPublicKey({ format: 'jwk', key })
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** An mpint (RFC 4251 section 5) that is positive, without the zero that says so. */
const unsigned = (mpint: Uint8Array): Uint8Array => (mpint[0] === 0 ? mpint.subarray(1) : mpint)

const fixed = (mpint: Uint8Array, length: number): Uint8Array => {
  const bytes = unsigned(mpint)
  if (bytes.length > length) throw malformed('a number of the signature is too long')
  return concatBytes(Buffer.alloc(length - bytes.length), bytes)
}
