import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from 'node:crypto'
import { Buffer } from 'node:buffer'
import { concatBytes, encodeString, encodeUint32, equalBytes, readWhole, type BinaryReader } from './binary.ts'
import { cleanComment, ED25519_KEY_BYTES, publicKeyOf } from './public-key.ts'
import { malformed, unsupported } from './ssh-wire-error.ts'

const MAGIC = Buffer.from('openssh-key-v1\0', 'latin1')
const HEADER = '-----BEGIN OPENSSH PRIVATE KEY-----'
const FOOTER = '-----END OPENSSH PRIVATE KEY-----'

/** Column where OpenSSH itself wraps. */
const LINE_CHARS = 70

/** PROTOCOL.key: the private section is padded to the cipher's block, which is 8 for `none`. */
const BLOCK_BYTES = 8

/** RFC 8410: everything in a PKCS #8 Ed25519 key before its 32-byte seed. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * OpenSSH's own private key format, unencrypted: it is handed out once, over an encrypted channel, and stored by us
 * never.
 */
export const formatPrivateKey = (privateKey: KeyObject, comment = ''): string => {
  const { blob } = publicKeyOf(privateKey)
  const privateSection = pad(concatBytes(privateFields(privateKey), encodeString(cleanComment(comment))))
  const bytes = concatBytes(
    MAGIC,
    encodeString('none'),
    encodeString('none'),
    encodeString(''),
    encodeUint32(1),
    encodeString(blob),
    encodeString(privateSection),
  )
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []
  return [HEADER, ...lines, FOOTER, ''].join('\n')
}

const privateFields = (privateKey: KeyObject): Uint8Array => {
  const { d, x } = privateKey.export({ format: 'jwk' })
  if (d === undefined || x === undefined) throw unsupported('a private key that is not ed25519')
  const seed = Buffer.from(d, 'base64url')
  const raw = Buffer.from(x, 'base64url')
  const check = randomBytes(4)
  return concatBytes(check, check, encodeString('ssh-ed25519'), encodeString(raw), encodeString(concatBytes(seed, raw)))
}

const pad = (section: Uint8Array): Uint8Array => {
  const count = (BLOCK_BYTES - (section.length % BLOCK_BYTES)) % BLOCK_BYTES
  return concatBytes(
    section,
    Uint8Array.from({ length: count }, (_, index) => index + 1),
  )
}

/**
 * Reads what `formatPrivateKey` or `ssh-keygen` without a passphrase wrote. Encrypted and other kinds of keys are
 * refused.
 */
export const parsePrivateKey = (text: string): { readonly privateKey: KeyObject; readonly comment: string } => {
  const [, body] =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\s([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----\s*$/.exec(
      text.trimStart(),
    ) ?? []
  if (body === undefined) throw malformed('the text is no openssh private key')
  return readWhole(Buffer.from(body, 'base64'), readKeyFile)
}

const readKeyFile = (reader: BinaryReader): { privateKey: KeyObject; comment: string } => {
  if (!equalBytes(reader.bytes(MAGIC.length), MAGIC)) throw malformed('the text is no openssh private key')
  const [cipher, kdf] = [reader.text(), reader.text()]
  reader.string()
  if (cipher !== 'none' || kdf !== 'none') throw unsupported('a private key with a passphrase')
  if (reader.uint32() !== 1) throw unsupported('a private key file with more than one key')
  const publicBlob = reader.string()
  const parsed = readPrivateSection(reader.string())
  if (!equalBytes(publicKeyOf(parsed.privateKey).blob, publicBlob))
    throw malformed('the private key does not belong to its public key')
  return parsed
}

const readPrivateSection = (section: Uint8Array): { privateKey: KeyObject; comment: string } =>
  readWhole(section, (reader) => {
    if (reader.uint32() !== reader.uint32()) throw malformed('the private key is damaged')
    if (reader.text() !== 'ssh-ed25519') throw unsupported('a private key that is not ed25519')
    const raw = reader.string()
    const privateKey = privateKeyFromSeed(reader.string().subarray(0, ED25519_KEY_BYTES), raw)
    const comment = reader.text()
    if (reader.rest().some((byte, index) => byte !== index + 1)) throw malformed('the private key is badly padded')
    return { privateKey, comment }
  })

const privateKeyFromSeed = (seed: Uint8Array, raw: Uint8Array): KeyObject => {
  if (seed.length !== ED25519_KEY_BYTES) throw malformed('an ed25519 seed must be 32 bytes')
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (x !== Buffer.from(raw).toString('base64url')) throw malformed('the private key does not belong to its public key')
  return privateKey
}
