import { isEd25519Point, isWeakEd25519, sshKeyFacts } from '@gatehouse/kit'
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { Buffer } from 'node:buffer'
import { concatBytes, decodeBase64, encodeBase64, encodeString, readWhole, type BinaryReader } from './binary.ts'
import { malformed, refused, unsupported } from './ssh-wire-error.ts'

/** An SSH public key: its type, its wire form (RFC 4253 section 6.6) and the comment that stood beside it. */
export interface PublicKey {
  readonly type: PublicKeyType | SecurityKeyType
  readonly blob: Uint8Array
  readonly comment: string
}

/** Types of keys that lie in files, or wherever a program can sign with them: of people, hosts and authorities. */
export type PublicKeyType =
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'ssh-rsa'

/** Types of keys of FIDO authenticators: somebody has to touch the device. Of people alone. */
export type SecurityKeyType = 'sk-ssh-ed25519@openssh.com' | 'sk-ecdsa-sha2-nistp256@openssh.com'

/** A key that a host or an authority can have. */
export type StandingKey = PublicKey & { readonly type: PublicKeyType }

/** Length of a raw Ed25519 public key, of its seed, and half of its signature. */
export const ED25519_KEY_BYTES = 32

/** Shorter RSA moduli are refused everywhere today, by OpenSSH too. */
const RSA_MODULUS_BITS_MIN = 2048

/** People's RSA keys: what NIST gives until after 2030 (SP 800-57 part 1, table 2). */
const USER_RSA_BITS_MIN = 3072

/** Longer ones only cost time: OpenSSH's own limit. */
const RSA_MODULUS_BITS_MAX = 16384

/** A comment is for people; more than this is somebody's payload. */
const COMMENT_CHARS_MAX = 256

/** A whole line, with room for RSA-16384. */
const LINE_CHARS_MAX = 8192

const checkEd25519 = (reader: BinaryReader): void => {
  if (reader.string().length !== ED25519_KEY_BYTES) throw malformed('an ed25519 key must be 32 bytes')
}

const checkEcdsa =
  (curve: string, coordinateBytes: number) =>
  (reader: BinaryReader): void => {
    if (reader.text() !== curve) throw malformed('the ecdsa curve is not the one of the key type')
    const point = reader.string()
    if (point.length !== 2 * coordinateBytes + 1 || point[0] !== 4)
      throw malformed('the ecdsa point is not an uncompressed point of its curve')
  }

const checkRsa = (reader: BinaryReader): void => {
  const exponent = readPositiveMpint(reader)
  const modulusBits = readPositiveMpint(reader).toString(2).length
  if (exponent < 3n || exponent % 2n === 0n) throw malformed('the rsa exponent is not an odd number above two')
  if (modulusBits < RSA_MODULUS_BITS_MIN || modulusBits > RSA_MODULUS_BITS_MAX)
    throw unsupported(`an rsa key of ${modulusBits} bits`)
}

const readPositiveMpint = (reader: BinaryReader): bigint => {
  const bytes = Buffer.from(reader.string())
  const first = bytes[0]
  if (first === undefined || first >= 0x80) throw malformed('an rsa number is not positive')
  if (first === 0 && (bytes[1] ?? 0) < 0x80) throw malformed('an rsa number is not minimally encoded')
  return BigInt(`0x${bytes.toString('hex')}`)
}

/** After the key itself stands for which relying party it was made: for SSH `ssh:` and what its owner wrote. */
const withApplication =
  (check: (reader: BinaryReader) => void) =>
  (reader: BinaryReader): void => {
    check(reader)
    if (reader.text() === '') throw malformed('a key of an authenticator names no application')
  }

/** How to check each type's fields, and how many strings they are (a certificate embeds exactly these). */
const keyTypes = {
  'ssh-ed25519': { check: checkEd25519, fieldCount: 1 },
  'ecdsa-sha2-nistp256': { check: checkEcdsa('nistp256', 32), fieldCount: 2 },
  'ecdsa-sha2-nistp384': { check: checkEcdsa('nistp384', 48), fieldCount: 2 },
  'ecdsa-sha2-nistp521': { check: checkEcdsa('nistp521', 66), fieldCount: 2 },
  'ssh-rsa': { check: checkRsa, fieldCount: 2 },
  'sk-ssh-ed25519@openssh.com': { check: withApplication(checkEd25519), fieldCount: 2 },
  'sk-ecdsa-sha2-nistp256@openssh.com': { check: withApplication(checkEcdsa('nistp256', 32)), fieldCount: 3 },
} satisfies Record<PublicKey['type'], { check: (reader: BinaryReader) => void; fieldCount: number }>

/** Whether a type name is one that we read. */
export const isPublicKeyType = (type: string): type is PublicKey['type'] => Object.hasOwn(keyTypes, type)

/** Whether a key is of an authenticator. */
export const isSecurityKey = ({ type }: Pick<PublicKey, 'type'>): boolean => type.startsWith('sk-')

/** A key that a host or an authority can have: none that waits for a touch. */
export const standingKey = (key: PublicKey): StandingKey => {
  const { type } = key
  if (type === 'sk-ssh-ed25519@openssh.com' || type === 'sk-ecdsa-sha2-nistp256@openssh.com')
    throw unsupported('a key of an authenticator for anything but a person')
  return { ...key, type }
}

/** The number of SSH strings after the type name in the blob of such a key. */
export const keyFieldCount = (type: PublicKey['type']): number => keyTypes[type].fieldCount

/** Reads and checks a key's wire form; throws for types we do not read and for anything malformed. */
export const parsePublicKeyBlob = (blob: Uint8Array, comment = ''): PublicKey =>
  readWhole(blob, (reader) => {
    const type = reader.text()
    if (!isPublicKeyType(type)) throw unsupported(`the key type ${quote(type)}`)
    keyTypes[type].check(reader)
    return { type, blob, comment }
  })

/** Reads one line as in an `id_ed25519.pub` file: type, base64, comment. Options before the type are refused. */
export const parsePublicKeyLine = (line: string): PublicKey => {
  const text = line.trim()
  if (text.length > LINE_CHARS_MAX) throw malformed('the public key line is too long')
  const [, type, base64, comment] = /^(\S+)[ \t]+(\S+)(?:[ \t]+([^\r\n]*))?$/.exec(text) ?? []
  if (type === undefined || base64 === undefined) throw malformed('a public key is one line: type, base64, comment')
  if (!isPublicKeyType(type)) throw unsupported(`the key type ${quote(type)}`)
  const key = parsePublicKeyBlob(decodeBase64(base64), cleanComment(comment ?? ''))
  if (key.type !== type) throw malformed('the key is not of the type that its line says')
  return key
}

/**
 * Reads a person's public key, of a file or of an authenticator, and refuses one under which others could sign, too.
 * Which types are signed for whom is for policies to say.
 */
export const parseUserPublicKey = (line: string): PublicKey => {
  const key = parsePublicKeyLine(line)
  userKeyChecks[key.type](key)
  return key
}

const checkUserEd25519 = (key: PublicKey): void => {
  const [point = new Uint8Array()] = fieldsOf(key)
  if (isWeakEd25519(point))
    throw refused('this ed25519 key is a point of small order, under which anybody can sign: make another key')
  if (!isEd25519Point(point))
    throw refused('this ed25519 key is no point of the curve, so no private key fits it: make another key')
}

const checkUserRsa = (key: PublicKey): void => {
  const { bits } = sshKeyFacts(formatPublicKey(key))
  if (bits < USER_RSA_BITS_MIN)
    throw unsupported(`an rsa key of ${bits} bits for people: ${USER_RSA_BITS_MIN} at least, or ssh-keygen -t ed25519`)
  const [, modulus = new Uint8Array()] = fieldsOf(key)
  if (isEven(modulus))
    throw refused('this rsa key is divided by two, and its private half is found at once: make another key')
}

const isEven = (number: Uint8Array): boolean => ((number.at(-1) ?? 0) & 1) === 0

/** OpenSSL knows whether a point is one of its curve. */
const checkUserEcdsa = (key: PublicKey): void => {
  const [curve = new Uint8Array(), point = new Uint8Array()] = fieldsOf(key)
  const crv = Buffer.from(curve).toString('latin1').replace('nistp', 'P-')
  const half = (point.length - 1) / 2
  const coordinate = (at: number): string => Buffer.from(point.subarray(at, at + half)).toString('base64url')
  try {
    createPublicKey({ format: 'jwk', key: { kty: 'EC', crv, x: coordinate(1), y: coordinate(1 + half) } })
  } catch {
    throw refused('this ecdsa key is no point of its curve, so no private key fits it: make another key')
  }
}

/** What stands after the type. */
const fieldsOf = ({ type, blob }: PublicKey): readonly Uint8Array[] =>
  readWhole(blob, (reader) => (reader.string(), Array.from({ length: keyFieldCount(type) }, () => reader.string())))

const userKeyChecks = {
  'ssh-ed25519': checkUserEd25519,
  'sk-ssh-ed25519@openssh.com': checkUserEd25519,
  'ssh-rsa': checkUserRsa,
  'ecdsa-sha2-nistp256': checkUserEcdsa,
  'ecdsa-sha2-nistp384': checkUserEcdsa,
  'ecdsa-sha2-nistp521': checkUserEcdsa,
  'sk-ecdsa-sha2-nistp256@openssh.com': checkUserEcdsa,
} satisfies Record<PublicKey['type'], (key: PublicKey) => void>

/** One line in OpenSSH's format, without a newline. */
export const formatPublicKey = ({ type, blob, comment }: PublicKey): string =>
  [type, encodeBase64(blob), ...(comment === '' ? [] : [cleanComment(comment)])].join(' ')

/** `SHA256:…` as `ssh-keygen -l` prints it. For a certificate OpenSSH prints that of the plain key, and so do we. */
export const fingerprint = ({ blob }: Pick<PublicKey, 'blob'>): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

/** The SSH form of a raw 32-byte Ed25519 public key. */
export const ed25519PublicKey = (raw: Uint8Array, comment = ''): PublicKey =>
  parsePublicKeyBlob(concatBytes(encodeString('ssh-ed25519'), encodeString(raw)), comment)

/** The 32 raw bytes of an Ed25519 key. */
export const ed25519RawBytes = (key: PublicKey): Uint8Array => {
  if (key.type !== 'ssh-ed25519') throw unsupported(`the key type \`${key.type}\` where only ed25519 is taken`)
  return readWhole(key.blob, (reader) => (reader.string(), reader.string()))
}

/** An Ed25519 key as node:crypto takes it. */
export const toKeyObject = (key: PublicKey): KeyObject =>
  createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(ed25519RawBytes(key)).toString('base64url') },
  })

/** The SSH form of an Ed25519 key of node:crypto, private or public. */
export const publicKeyOf = (key: KeyObject, comment = ''): PublicKey => {
  const { crv, x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  if (crv !== 'Ed25519' || x === undefined) throw unsupported('a key that is not ed25519')
  return ed25519PublicKey(Buffer.from(x, 'base64url'), comment)
}

/** A comment ends up in logs and in other people's files: control characters are refused, length is bounded. */
export const cleanComment = (comment: string): string => {
  const text = comment.trim()
  if (/\p{Cc}/u.test(text)) throw refused('a key comment must not hold control characters')
  if (text.length > COMMENT_CHARS_MAX)
    throw refused(`a key comment must not be longer than ${COMMENT_CHARS_MAX} characters`)
  return text
}

const quote = (text: string): string => `\`${text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')}\``
