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
  c: hmacSha256(salt, `${field}\0${value}`),
})

const blockBytes = 64
/** Texts that are no longer are laid beside their key where the last one was; most have a tenth of it. */
const shortCharactersMax = 512
const bytesPerUnit = 3
const work = Buffer.alloc(blockBytes + shortCharactersMax * bytesPerUnit)

/**
 * RFC 2104, for keys no longer than a block. From one-shot hashes, because an entry uses four keys once each, and
 * making a key object for each takes three times as long as hashing; in one place of work, since making five small
 * buffers takes as long again. Compared with the library's in a test.
 */
function hmacSha256(key: Uint8Array, message: string): string {
  if (message.length > shortCharactersMax)
    return hmacSha256Under(key)(Buffer.from(message, 'utf8')).toString('base64url')
  pad(work, key, 0x36)
  const end = blockBytes + work.write(message, blockBytes, 'utf8')
  const inner = hash('sha256', work.subarray(0, end), 'buffer')
  pad(work, key, 0x5c)
  work.set(inner, blockBytes)
  const code = hash('sha256', work.subarray(0, blockBytes + inner.length), 'base64url')
  work.fill(0, 0, end) // it held a salt and what was said of somebody
  return code
}

/** The same under one key again and again. */
export function hmacSha256Under(key: Uint8Array): (message: Uint8Array) => Buffer {
  const [inner, outer] = [pad(Buffer.alloc(blockBytes), key, 0x36), pad(Buffer.alloc(blockBytes), key, 0x5c)]
  return (message) => {
    const innerHash = hash('sha256', Buffer.concat([inner, message]), 'buffer')
    return hash('sha256', Buffer.concat([outer, innerHash]), 'buffer')
  }
}

/** Lays a key, padded, at the begin of a block. */
function pad(block: Buffer, key: Uint8Array, byte: number): Buffer {
  if (key.length > blockBytes) throw new RangeError('a salt is not longer than a block')
  block.fill(byte, 0, blockBytes)
  for (let index = 0; index < key.length; index += 1) block[index] = (key[index] ?? 0) ^ byte
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
