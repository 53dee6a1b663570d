/**
 * The bytes in which the key service gives out what it has encrypted. `docs/envelope.md` is the format in words, with
 * test vectors; what is written here stays readable for as long as anybody keeps a ciphertext.
 */
import { createCipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { associatedData, u32, type Binding } from './associated-data.ts'
import { EnvelopeError } from './envelope-error.ts'
import { openGcm, tagBytes } from './gcm.ts'
import { nextNonce, nonceBytes } from './nonces.ts'

export { contextBytesMax, contextEntriesMax, type Binding } from './associated-data.ts'
export { EnvelopeError, type EnvelopeFailure } from './envelope-error.ts'
export { sealsPerKeyMax } from './nonces.ts'

/** `GHE`: in base64 every envelope of version 1 begins with `R0hFAQ`. */
const magic = Buffer.from('GHE', 'latin1')
const formatVersion = 1
/** Ciphers by the number that stands in the header. */
const suites = { 'AES-256-GCM': 1 } as const

const idBytes = 16
const versionAt = magic.length
const suiteAt = versionAt + 1
const keyIdAt = suiteAt + 1
const keyVersionAt = keyIdAt + idBytes
const ciphertextIdAt = keyVersionAt + 4
const nonceAt = ciphertextIdAt + idBytes
const textAt = nonceAt + nonceBytes

/** By so many bytes an envelope is longer than its plaintext. */
export const envelopeOverheadBytes = textAt + tagBytes

/** The material of a key version: 256 bits. */
export const keyMaterialBytes = 32

/** One envelope is made and opened in memory, whole; what is longer is encrypted as a file, in chunks. */
export const plaintextBytesMax = 64 * 1024 * 1024

/** A version of a key, with its material. */
export interface KeyVersion {
  /** A UUID. */
  readonly keyId: string
  /** From 1. */
  readonly version: number
  readonly material: Uint8Array
}

/** A key version laid ready: deriving and laying out its keys costs more than sealing a few hundred bytes. */
export interface ReadyVersion {
  readonly keyId: string
  readonly version: number
  /** What its envelopes begin with. */
  readonly head: Buffer
  readonly cipherKey: KeyObject
  readonly censusKey: KeyObject
}

/**
 * Lays a key version ready. Its material is never used itself, so that what else is derived of it later stands apart.
 */
export function readyVersion({ keyId, version, material }: KeyVersion): ReadyVersion {
  if (material.length !== keyMaterialBytes) throw new TypeError('the material of a key version has 32 bytes')
  return {
    keyId,
    version,
    head: Buffer.concat([magic, Uint8Array.of(formatVersion, suites['AES-256-GCM']), bytesOfId(keyId), u32(version)]),
    cipherKey: derive(material, 'gatehouse-envelope/1/AES-256-GCM'),
    censusKey: derive(material, 'gatehouse-envelope/1/census'),
  }
}

const derive = (material: Uint8Array, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', material, '', purpose, 32)))

/** What an envelope says of itself, in clear. Nothing of it is proved before it has been opened. */
export interface EnvelopeHeader {
  readonly keyId: string
  readonly keyVersion: number
  /** Names the ciphertext in the census; it stays the same when the ciphertext is rewrapped. */
  readonly ciphertextId: string
}

/** What a new envelope is bound to, and its name in the census. */
export type Sealing = Binding & { readonly ciphertextId: string }

/**
 * Seals with AES-256-GCM under a random nonce. One key version is good for `sealsPerKeyMax` of these: who hands out
 * versions counts.
 */
export function sealEnvelope(key: ReadyVersion, sealing: Sealing, plaintext: Uint8Array): Buffer {
  if (plaintext.length > plaintextBytesMax) throw new EnvelopeError('too-long')
  const head = Buffer.concat([key.head, bytesOfId(sealing.ciphertextId)])
  const nonce = nextNonce()
  const cipher = createCipheriv('aes-256-gcm', key.cipherKey, nonce, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.concat([head, associatedData(sealing)]))
  const envelope = Buffer.allocUnsafe(envelopeOverheadBytes + plaintext.length)
  let end = head.copy(envelope)
  end += nonce.copy(envelope, end)
  for (let at = 0; at < plaintext.length; at += pieceBytes)
    end += cipher.update(plaintext.subarray(at, at + pieceBytes)).copy(envelope, end)
  cipher.final() // in this mode it holds nothing more
  cipher.getAuthTag().copy(envelope, end)
  return envelope
}

/** What the cipher is given at once: its answer is copied while it is still near the processor. */
const pieceBytes = 64 * 1024

/**
 * Reads what an envelope says of itself, to find its key by. Throws `EnvelopeError` for what is no envelope of ours.
 */
export function readHeader(envelope: Uint8Array): EnvelopeHeader {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.length)
  if (!bytes.subarray(0, versionAt).equals(magic)) throw new EnvelopeError('malformed')
  if (bytes.length > versionAt && bytes[versionAt] !== formatVersion) throw new EnvelopeError('unknown-version')
  if (bytes.length > suiteAt && bytes[suiteAt] !== suites['AES-256-GCM']) throw new EnvelopeError('unknown-suite')
  if (bytes.length < envelopeOverheadBytes) throw new EnvelopeError('malformed')
  if (bytes.length > envelopeOverheadBytes + plaintextBytesMax) throw new EnvelopeError('too-long')
  return {
    keyId: idIn(bytes, keyIdAt),
    keyVersion: bytes.readUInt32BE(keyVersionAt),
    ciphertextId: idIn(bytes, ciphertextIdAt),
  }
}

/** Opens what `sealEnvelope` made with the same key version and binding. Throws `EnvelopeError` for anything else. */
export function openEnvelope(key: ReadyVersion, binding: Binding, envelope: Uint8Array): Buffer {
  readHeader(envelope)
  const data = associatedData(binding)
  if (!key.head.equals(envelope.subarray(0, ciphertextIdAt))) throw new EnvelopeError('wrong-key')
  const textEnd = envelope.length - tagBytes
  const plain = openGcm({
    key: key.cipherKey,
    nonce: envelope.subarray(nonceAt, textAt),
    data: Buffer.concat([envelope.subarray(0, nonceAt), data]),
    text: envelope.subarray(textAt, textEnd),
    tag: envelope.subarray(textEnd),
  })
  if (plain === null) throw new EnvelopeError('not-ours')
  return plain
}

/**
 * A binding's mark in the census, as hexadecimal digits: whoever knows the binding and the key can find it, and nobody
 * else can guess a person's name out of it.
 */
export const bindingMark = (key: ReadyVersion, binding: Binding): string =>
  createHmac('sha256', key.censusKey).update(associatedData(binding)).digest('hex')

/** An envelope as text: base64 with padding (RFC 4648 §4). */
export const envelopeText = (envelope: Uint8Array): string => Buffer.from(envelope).toString('base64')

/** An envelope's bytes. One envelope has one text: other spellings of its base64 are `malformed`. */
export function envelopeBytes(text: string): Buffer {
  if (text.length > 4 * Math.ceil((envelopeOverheadBytes + plaintextBytesMax) / 3)) throw new EnvelopeError('too-long')
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new EnvelopeError('malformed')
  return bytes
}

function bytesOfId(id: string): Buffer {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  if (bytes.length !== idBytes) throw new TypeError('the id of a key or ciphertext is a UUID')
  return bytes
}

/** A UUID as it is written (RFC 9562 §4). */
const idIn = (bytes: Buffer, at: number): string =>
  bytes.toString('hex', at, at + idBytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
