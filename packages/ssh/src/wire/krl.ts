import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import {
  concatBytes,
  encodeString,
  encodeUint32,
  encodeUint64,
  equalBytes,
  openReader,
  readAll,
  readWhole,
  type BinaryReader,
} from './binary.ts'
import type { Certificate } from './certificate.ts'
import type { PublicKey } from './public-key.ts'
import { malformed, refused, unsupported } from './ssh-wire-error.ts'

/** What goes into a key revocation list. */
export interface RevocationListRequest {
  /** Grows with every list of ours, so that a host can tell an old one from a new one. */
  readonly version: bigint
  readonly generatedAt: Date
  readonly comment: string
  readonly certificates: readonly { readonly caKey: PublicKey; readonly serials: readonly bigint[] }[]
  /** Plain keys that are not to be accepted any more, bare or inside any certificate. */
  readonly keys: readonly PublicKey[]
}

/** A list as read back. Serials are ranges with both ends included; `caKey` null speaks of all CAs. */
export interface RevocationList {
  readonly version: bigint
  readonly generatedAt: Date
  readonly comment: string
  readonly certificates: readonly RevokedCertificates[]
  readonly keyBlobs: readonly Uint8Array[]
  readonly sha1Hashes: readonly Uint8Array[]
  readonly sha256Hashes: readonly Uint8Array[]
}

/** What one CA has taken back. */
export interface RevokedCertificates {
  readonly caKey: Uint8Array | null
  readonly serials: readonly { readonly from: bigint; readonly to: bigint }[]
  readonly keyIds: readonly string[]
}

const MAGIC = 0x5353484b524c0a00n
const FORMAT_VERSION = 1
const SECTION = { certificates: 1, explicitKeys: 2, sha1: 3, signature: 4, sha256: 5, extension: 255 } as const
const CERTIFICATES = { serialList: 0x20, serialRange: 0x21, serialBitmap: 0x22, keyIds: 0x23 } as const

/** A bitmap longer than this is an attack on the reader, not a list. */
const BITMAP_BYTES_MAX = 1024 * 1024

/**
 * Builds a list in OpenSSH's binary format. It has no signature section, for OpenSSH from 9.4 on refuses lists that
 * have one.
 */
export const buildRevocationList = (request: RevocationListRequest): Uint8Array => {
  if (request.version <= 0n) throw refused("a revocation list's version must be above zero")
  return concatBytes(
    encodeUint64(MAGIC),
    encodeUint32(FORMAT_VERSION),
    encodeUint64(request.version),
    encodeUint64(BigInt(Math.floor(request.generatedAt.getTime() / 1000))),
    encodeUint64(0n),
    encodeString(''),
    encodeString(request.comment),
    ...request.certificates.flatMap(certificateSection),
    ...explicitKeySection(request.keys),
  )
}

const section = (type: number, data: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(type), encodeString(data))

const certificateSection = ({
  caKey,
  serials,
}: RevocationListRequest['certificates'][number]): readonly Uint8Array[] => {
  if (serials.length === 0) return []
  if (serials.some((serial) => serial <= 0n)) throw refused('a revoked serial must be above zero')
  const list = section(CERTIFICATES.serialList, sortedSerials(serials))
  return [section(SECTION.certificates, concatBytes(encodeString(caKey.blob), encodeString(''), list))]
}

/** In one piece: a hundred thousand serials as arguments of a call would be more than a stack holds. */
const sortedSerials = (serials: readonly bigint[]): Uint8Array => {
  const sorted = BigUint64Array.from(new Set(serials)).sort()
  const bytes = Buffer.alloc(sorted.byteLength)
  for (const [index, serial] of sorted.entries()) bytes.writeBigUInt64BE(serial, index * sorted.BYTES_PER_ELEMENT)
  return bytes
}

const explicitKeySection = (keys: readonly PublicKey[]): readonly Uint8Array[] => {
  if (keys.length === 0) return []
  const blobs = [...new Map(keys.map(({ blob }) => [Buffer.from(blob).toString('base64'), blob])).values()].sort(
    Buffer.compare,
  )
  return [section(SECTION.explicitKeys, Buffer.concat(blobs.map(encodeString)))]
}

/** Reads a list. Signature sections and critical extensions are refused, as OpenSSH refuses them. */
export const parseRevocationList = (bytes: Uint8Array): RevocationList =>
  readWhole(bytes, (reader) => {
    if (reader.uint64() !== MAGIC) throw malformed('the bytes are no key revocation list')
    if (reader.uint32() !== FORMAT_VERSION) throw unsupported("the revocation list's format version")
    const version = reader.uint64()
    const generatedAt = new Date(Number(reader.uint64()) * 1000)
    reader.uint64()
    reader.string()
    return { version, generatedAt, comment: reader.text(), ...mergeSections(readAll(reader.rest(), readSection)) }
  })

interface Sections {
  readonly certificates: readonly RevokedCertificates[]
  readonly keyBlobs: readonly Uint8Array[]
  readonly sha1Hashes: readonly Uint8Array[]
  readonly sha256Hashes: readonly Uint8Array[]
}

const mergeSections = (sections: readonly Partial<Sections>[]): Sections => ({
  certificates: sections.flatMap(({ certificates = [] }) => certificates),
  keyBlobs: sections.flatMap(({ keyBlobs = [] }) => keyBlobs),
  sha1Hashes: sections.flatMap(({ sha1Hashes = [] }) => sha1Hashes),
  sha256Hashes: sections.flatMap(({ sha256Hashes = [] }) => sha256Hashes),
})

const readSection = (reader: BinaryReader): Partial<Sections> => {
  const type = reader.byte()
  const data = reader.string()
  switch (type) {
    case SECTION.certificates:
      return { certificates: [readCertificates(data)] }
    case SECTION.explicitKeys:
      return { keyBlobs: readStrings(data) }
    case SECTION.sha1:
      return { sha1Hashes: readStrings(data) }
    case SECTION.sha256:
      return { sha256Hashes: readStrings(data) }
    case SECTION.extension:
      return refuseCritical(data)
    default:
      throw unsupported(`section ${type} of a revocation list`)
  }
}

const readStrings = (data: Uint8Array): readonly Uint8Array[] => readAll(data, (reader) => reader.string())

const refuseCritical = (data: Uint8Array): Partial<Sections> => {
  const critical =
    readWhole(data, (reader) => (reader.string(), { flag: reader.byte(), contents: reader.string() })).flag !== 0
  if (critical) throw unsupported('a critical extension of a revocation list')
  return {}
}

const readCertificates = (data: Uint8Array): RevokedCertificates => {
  const reader = openReader(data)
  const caKey = reader.string()
  reader.string()
  const parts = readAll(reader.rest(), readCertificatePart)
  return {
    caKey: caKey.length === 0 ? null : caKey,
    serials: parts.flatMap(({ serials = [] }) => serials),
    keyIds: parts.flatMap(({ keyIds = [] }) => keyIds),
  }
}

const readCertificatePart = (reader: BinaryReader): Partial<RevokedCertificates> => {
  const type = reader.byte()
  const data = reader.string()
  switch (type) {
    case CERTIFICATES.serialList:
      return { serials: readAll(data, (list) => single(list.uint64())) }
    case CERTIFICATES.serialRange:
      return { serials: [readWhole(data, (range) => ({ from: range.uint64(), to: range.uint64() }))] }
    case CERTIFICATES.serialBitmap:
      return { serials: readWhole(data, readBitmap) }
    case CERTIFICATES.keyIds:
      return { keyIds: readAll(data, (list) => list.text()) }
    default:
      throw unsupported(`section ${type} of revoked certificates`)
  }
}

const single = (serial: bigint) => ({ from: serial, to: serial })

/** Bit n of the number stands for serial offset + n. */
const readBitmap = (reader: BinaryReader) => {
  const offset = reader.uint64()
  const bytes = Buffer.from(reader.string()).reverse()
  if (bytes.length > BITMAP_BYTES_MAX) throw malformed("the revocation list's bitmap is too long")
  return Array.from(bytes, (byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).map((bit) => single(offset + BigInt(8 * index + bit))),
  ).flat()
}

/**
 * Whether sshd would turn this certificate away because of the list: by serial or key id of its CA, by its own key, or
 * by its CA's key.
 */
export const isRevoked = (list: RevocationList, certificate: Certificate): boolean =>
  isKeyRevoked(list, certificate.key) ||
  isKeyRevoked(list, certificate.caKey) ||
  list.certificates.some(
    ({ caKey, serials, keyIds }) =>
      (caKey === null || equalBytes(caKey, certificate.caKey.blob)) &&
      (keyIds.includes(certificate.keyId) ||
        (certificate.serial !== 0n &&
          serials.some(({ from, to }) => from <= certificate.serial && certificate.serial <= to))),
  )

/** Whether the list names this plain key, in full or by hash. */
export const isKeyRevoked = (list: RevocationList, { blob }: Pick<PublicKey, 'blob'>): boolean =>
  holds(list.keyBlobs, blob) ||
  holds(list.sha1Hashes, createHash('sha1').update(blob).digest()) ||
  holds(list.sha256Hashes, createHash('sha256').update(blob).digest())

const holds = (entries: readonly Uint8Array[], wanted: Uint8Array): boolean =>
  entries.some((entry) => equalBytes(entry, wanted))
