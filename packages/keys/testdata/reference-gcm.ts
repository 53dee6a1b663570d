/**
 * AES-256-GCM written a second time, from NIST SP 800-38D alone and one block of AES at a time: slow, and without any
 * choice. Tests hold what the product's cipher makes against it.
 */
import { createCipheriv } from 'node:crypto'

export interface GcmInput {
  readonly key: Uint8Array
  /** 96 bits. */
  readonly nonce: Uint8Array
  readonly data: Uint8Array
  readonly plaintext: Uint8Array
}

/** Ciphertext and tag of SP 800-38D §7.1, for a nonce of 96 bits and a tag of 128. */
export function referenceGcm({ key, nonce, data, plaintext }: GcmInput): Buffer {
  const hashKey = numberOf(block(key, Buffer.alloc(16)))
  const counter = (count: number): Buffer => Buffer.concat([nonce, u32(count)])
  const ciphertext = Buffer.concat(
    blocksOf(plaintext).map((part, index) => xor(part, block(key, counter(index + 2)))), // 1 is the tag's
  )
  const lengths = Buffer.concat([u32(0), u32(data.length * 8), u32(0), u32(ciphertext.length * 8)])
  const hashed = ghash(hashKey, [...blocksOf(data), ...blocksOf(ciphertext), lengths])
  return Buffer.concat([ciphertext, xor(hashed, block(key, counter(1)))])
}

/** One block of AES (FIPS 197). */
function block(key: Uint8Array, input: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  return Buffer.concat([cipher.update(input), cipher.final()])
}

/** §6.4; a short last block is filled up with zeros. */
function ghash(hashKey: bigint, blocks: readonly Uint8Array[]): Buffer {
  const sum = blocks.reduce(
    (y, part) => multiply(y ^ numberOf(Buffer.concat([part, Buffer.alloc(16)], 16)), hashKey),
    0n,
  )
  return Buffer.from(sum.toString(16).padStart(32, '0'), 'hex')
}

const polynomial = 0xe1n << 120n

/** §6.3: the bits of a block begin with the highest. */
function multiply(x: bigint, y: bigint): bigint {
  let [z, v] = [0n, y]
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if ((x >> bit) & 1n) z ^= v
    v = v & 1n ? (v >> 1n) ^ polynomial : v >> 1n
  }
  return z
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

const blocksOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / 16) }, (_, index) => bytes.subarray(16 * index, 16 * index + 16))

const xor = (one: Uint8Array, other: Uint8Array): Buffer =>
  Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)))

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
