import { Buffer } from 'node:buffer'
import {
  concatBytes,
  decodeBase64,
  encodeBase64,
  encodeString,
  encodeUint32,
  encodeUint64,
  openReader,
  readAll,
  readWhole,
  type BinaryReader,
} from './binary.ts'
import { verifySignature } from './ed25519.ts'
import { isPublicKeyType, keyFieldCount, parsePublicKeyBlob, type PublicKey } from './public-key.ts'
import { malformed, unsupported } from './ssh-wire-error.ts'

/**
 * An OpenSSH certificate, read or about to be signed. Times are whole seconds since 1970, as on the wire: `forever` is
 * no Date.
 */
export interface Certificate extends CertificateBody {
  readonly blob: Uint8Array
  readonly signature: Uint8Array
}

/** Everything that the CA signs. */
export interface CertificateBody {
  readonly kind: CertificateKind
  readonly key: PublicKey
  readonly nonce: Uint8Array
  readonly serial: bigint
  readonly keyId: string
  readonly sshPrincipals: readonly string[]
  readonly validAfterSeconds: bigint
  readonly validBeforeSeconds: bigint
  readonly criticalOptions: CertificateOptions
  readonly extensions: CertificateOptions
  readonly caKey: PublicKey
}

/** Whom the certificate is for. */
export type CertificateKind = 'user' | 'host'

/** Options by name; the value is the inner text, empty for flags. */
export type CertificateOptions = ReadonlyMap<string, string>

const kindNumbers = { user: 1, host: 2 } satisfies Record<CertificateKind, number>

const VENDOR_SUFFIX = '@openssh.com'
const CERTIFICATE_SUFFIX = `-cert-v01${VENDOR_SUFFIX}`

/** The certificate's type name, such as `ssh-ed25519-cert-v01@openssh.com`. */
export const certificateType = ({ type }: Pick<PublicKey, 'type'>): string =>
  `${type.replace(VENDOR_SUFFIX, '')}${CERTIFICATE_SUFFIX}`

/** The bytes to be signed: every field but the signature. */
export const encodeCertificateBody = (body: CertificateBody): Uint8Array =>
  concatBytes(
    encodeString(certificateType(body.key)),
    encodeString(body.nonce),
    keyFields(body.key),
    encodeUint64(body.serial),
    encodeUint32(kindNumbers[body.kind]),
    encodeString(body.keyId),
    encodeString(concatBytes(...body.sshPrincipals.map(encodeString))),
    encodeUint64(body.validAfterSeconds),
    encodeUint64(body.validBeforeSeconds),
    encodeString(encodeOptions(body.criticalOptions)),
    encodeString(encodeOptions(body.extensions)),
    encodeString(''),
    encodeString(body.caKey.blob),
  )

const keyFields = (key: PublicKey): Uint8Array => {
  const reader = openReader(key.blob)
  reader.string()
  return reader.rest()
}

/** PROTOCOL.certkeys: options are sorted by name, and a value is a string inside the option's string. */
const encodeOptions = (options: CertificateOptions): Uint8Array => {
  const sorted = [...options].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
  return concatBytes(
    ...sorted.flatMap(([name, value]) => [encodeString(name), encodeString(value === '' ? '' : encodeString(value))]),
  )
}

/** One line in OpenSSH's format, as in `id_ed25519-cert.pub`. */
export const formatCertificate = ({ key, blob }: Pick<Certificate, 'key' | 'blob'>, comment = key.comment): string =>
  [certificateType(key), encodeBase64(blob), ...(comment === '' ? [] : [comment])].join(' ')

/**
 * Reads a certificate line. The signature is verified: what parses was signed by the CA key that it names (trust is
 * another question).
 */
export const parseCertificate = (line: string): Certificate => {
  const [, type, base64, comment = ''] = /^(\S+)[ \t]+(\S+)(?:[ \t]+([^\r\n]*))?$/.exec(line.trim()) ?? []
  if (type === undefined || base64 === undefined) throw malformed('a certificate is one line: type, base64, comment')
  const certificate = parseCertificateBlob(decodeBase64(base64), comment)
  if (certificateType(certificate.key) !== type)
    throw malformed('the certificate is not of the type that its line says')
  return certificate
}

/** Reads a certificate's wire form whose signature was made here, and is not verified. */
export const readOwnCertificate = (blob: Uint8Array, comment = ''): Certificate => {
  const { signedBytes: _signedBytes, ...certificate } = readParts(blob, comment)
  return certificate
}

const readParts = (blob: Uint8Array, comment: string) =>
  readWhole(blob, (reader) => readCertificate(reader, blob, comment))

/** Reads a certificate's wire form and verifies its signature. */
export const parseCertificateBlob = (blob: Uint8Array, comment = ''): Certificate => {
  const { signedBytes, ...certificate } = readParts(blob, comment)
  if (!verifySignature({ key: certificate.caKey, data: signedBytes, signature: certificate.signature }))
    throw malformed("the certificate's signature is wrong")
  return certificate
}

const readCertificate = (
  reader: BinaryReader,
  blob: Uint8Array,
  comment: string,
): Certificate & { readonly signedBytes: Uint8Array } => {
  const keyType = plainKeyType(reader.text())
  const nonce = reader.string()
  const fields = Array.from({ length: keyFieldCount(keyType) }, () => encodeString(reader.string()))
  const body = {
    nonce,
    key: parsePublicKeyBlob(concatBytes(encodeString(keyType), ...fields), comment),
    serial: reader.uint64(),
    kind: kindOf(reader.uint32()),
    keyId: reader.text(),
    sshPrincipals: readAll(reader.string(), (names) => names.text()),
    validAfterSeconds: reader.uint64(),
    validBeforeSeconds: reader.uint64(),
    criticalOptions: readOptions(reader.string()),
    extensions: readOptions(reader.string()),
    reserved: reader.string(),
    // A certificate as CA key is no type that parsePublicKeyBlob knows, so chains end here.
    caKey: parsePublicKeyBlob(reader.string()),
  }
  const signedBytes = blob.subarray(0, blob.length - reader.remaining())
  const { reserved: _reserved, ...rest } = body
  return { ...rest, blob, signature: reader.string(), signedBytes }
}

const plainKeyType = (type: string) => {
  const plain = type.endsWith(CERTIFICATE_SUFFIX) ? type.slice(0, -CERTIFICATE_SUFFIX.length) : ''
  const found = [plain, `${plain}${VENDOR_SUFFIX}`].find(isPublicKeyType)
  if (found === undefined) throw unsupported('the certificate type')
  return found
}

const kindOf = (number: number): CertificateKind => {
  if (number === kindNumbers.user) return 'user'
  if (number === kindNumbers.host) return 'host'
  throw malformed('a certificate is for a user or for a host')
}

const readOptions = (bytes: Uint8Array): CertificateOptions => {
  const options = readAll(bytes, (reader) => [reader.text(), readOptionValue(reader.string())] as const)
  options.forEach(([name], index) => {
    const before = options[index - 1]
    if (before !== undefined && Buffer.compare(Buffer.from(before[0]), Buffer.from(name)) >= 0)
      throw malformed("the certificate's options are not sorted and unique")
  })
  return new Map(options)
}

const readOptionValue = (data: Uint8Array): string =>
  data.length === 0 ? '' : readWhole(data, (reader) => reader.text())
