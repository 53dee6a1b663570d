import { hash } from 'node:crypto'

/**
 * As long as the hash: guessing the salt is as hard as breaking the hash, so an erased value cannot be found by trying.
 */
export const saltBytes = 32

/** What stands in the entry for a personal value: binding, and worthless once value and salt are erased. */
export interface Commitment {
  readonly c: string
}

/** A personal value in clear, beside the entry that commits to it. */
export interface PersonalValue {
  readonly field: string
  readonly value: string
  readonly salt: Uint8Array
}

/**
 * `{"c": base64url(HMAC-SHA-256(salt, field ‖ 0x00 ‖ value))}`. A field name holds no NUL, so no two pairs have one
 * form.
 */
export const commitmentTo = ({ field, value, salt }: PersonalValue): Commitment => ({
  c: hmacSha256(salt, Buffer.from(`${field}\0${value}`, 'utf8')),
})

const blockBytes = 64

/**
 * RFC 2104, for keys no longer than a block. From one-shot hashes, because an entry uses four keys once each, and
 * making a key object for each takes three times as long as hashing. Compared with the library's in a test.
 */
const hmacSha256 = (key: Uint8Array, message: Uint8Array): string =>
  hash('sha256', outerOf(innerHash(padded(key, 0x36), message), padded(key, 0x5c)), 'base64url')

/** The same under one key again and again. */
export function hmacSha256Under(key: Uint8Array): (message: Uint8Array) => Buffer {
  const [inner, outer] = [padded(key, 0x36), padded(key, 0x5c)]
  return (message) => hash('sha256', outerOf(innerHash(inner, message), outer), 'buffer')
}

const innerHash = (pad: Buffer, message: Uint8Array): Buffer => hash('sha256', Buffer.concat([pad, message]), 'buffer')

const outerOf = (inner: Buffer, pad: Buffer): Buffer => Buffer.concat([pad, inner])

function padded(key: Uint8Array, pad: number): Buffer {
  if (key.length > blockBytes) throw new RangeError('a salt is not longer than a block')
  const block = Buffer.alloc(blockBytes, pad)
  for (let index = 0; index < key.length; index += 1) block[index] = (key[index] ?? 0) ^ pad
  return block
}

/** True for what `commitmentTo` makes. */
export const isCommitment = (value: unknown): value is Commitment =>
  typeof value === 'object' &&
  value !== null &&
  'c' in value &&
  typeof value.c === 'string' &&
  Object.keys(value).length === 1

/** True when the commitment is to this very value. */
export const isSameCommitment = (commitment: string | undefined, clear: PersonalValue): boolean =>
  commitment === commitmentTo(clear).c
