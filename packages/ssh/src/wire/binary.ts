import { Buffer } from 'node:buffer'
import { malformed } from './ssh-wire-error.ts'

const UINT32_MAX = 0xffff_ffff
const UINT64_MAX = 0xffff_ffff_ffff_ffffn

/** The largest single SSH string that we read: far above any key, certificate or list of ours, far below what hurts. */
export const STRING_BYTES_MAX = 16 * 1024 * 1024

/** RFC 4251 section 5: `uint32`. */
export const encodeUint32 = (value: number): Uint8Array => {
  if (!Number.isInteger(value) || value < 0 || value > UINT32_MAX) throw malformed(`\`${value}\` is no uint32`)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** RFC 4251 section 5: `uint64`, as BigInt, for serials do not fit a number. */
export const encodeUint64 = (value: bigint): Uint8Array => {
  if (value < 0n || value > UINT64_MAX) throw malformed(`\`${value}\` is no uint64`)
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

/** RFC 4251 section 5: `string`, from bytes or from text as UTF-8. */
export const encodeString = (value: Uint8Array | string): Uint8Array => {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
  return concatBytes(encodeUint32(bytes.length), bytes)
}

/** Joins byte strings. */
export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)

/** Compares public byte strings (keys, blobs); nothing secret is compared here, so time does not matter. */
export const equalBytes = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

/** Reads SSH's binary fields in order. Every method throws `SshWireError` when the bytes run out. */
export interface BinaryReader {
  byte(): number
  uint32(): number
  uint64(): bigint
  /** Exactly so many bytes, without a length before them. */
  bytes(count: number): Uint8Array
  string(): Uint8Array
  /** A string that must be UTF-8. */
  text(): string
  /** All that is left. */
  rest(): Uint8Array
  remaining(): number
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A reader over bytes that may end anywhere. Use `readWhole` where trailing bytes are an error. */
export const openReader = (source: Uint8Array): BinaryReader => {
  const view = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
  let position = 0
  const take = (count: number): Buffer => {
    if (count > view.length - position) throw malformed('bytes end in the middle of a field')
    position += count
    return view.subarray(position - count, position)
  }
  const string = (): Uint8Array => {
    const length = take(4).readUInt32BE()
    if (length > STRING_BYTES_MAX) throw malformed('a field is longer than its limit')
    return take(length)
  }
  return {
    byte: () => take(1).readUInt8(),
    uint32: () => take(4).readUInt32BE(),
    uint64: () => take(8).readBigUInt64BE(),
    bytes: take,
    string,
    text: () => decodeUtf8(string()),
    rest: () => take(view.length - position),
    remaining: () => view.length - position,
  }
}

/** Reads a structure and refuses bytes left over: two readings of one blob must not be possible. */
export const readWhole = <T>(source: Uint8Array, read: (reader: BinaryReader) => T): T => {
  const reader = openReader(source)
  const value = read(reader)
  if (reader.remaining() > 0) throw malformed('bytes are left over after the last field')
  return value
}

/** Reads one kind of item until the bytes end. */
export const readAll = <T>(source: Uint8Array, read: (reader: BinaryReader) => T): readonly T[] => {
  const reader = openReader(source)
  const items: T[] = []
  while (reader.remaining() > 0) items.push(read(reader))
  return items
}

const decodeUtf8 = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw malformed('a text field is not utf-8', cause)
  }
}

/** Strict base64: what does not encode back to the same text is refused, so one key has one spelling. */
export const decodeBase64 = (text: string): Uint8Array => {
  const bytes = Buffer.from(text, 'base64')
  if (text === '' || bytes.toString('base64') !== text) throw malformed('the key is not canonical base64')
  return bytes
}

/** Standard base64 with padding. */
export const encodeBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
