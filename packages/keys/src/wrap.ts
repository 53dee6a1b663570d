import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { openGcm, tagBytes } from './gcm.ts'
import { nextNonce, nonceBytes } from './nonces.ts'

/**
 * What sealed bytes say of themselves. Layout 2, which is written: version ‖ key id ‖ nonce ‖ ciphertext ‖ tag. Layout
 * 1, which is still opened, has no key id: there was only one key.
 */
const layouts = { first: 1, withKeyId: 2 } as const

/** A UUID, in its 16 bytes. */
const keyIdBytes = 16

/** A data key: AES-256. */
export const dataKeyBytes = 32

/** A data key with its name: the id of its row. */
export interface DataKey {
  /** A UUID; it stands in all that is sealed under the key, in clear. */
  readonly id: string
  readonly key: Uint8Array
}

/** A data key laid ready: making Node's key of the bytes costs four times as much as sealing a few hundred of them. */
export interface ReadyKey {
  /** What its sealed bytes begin with. */
  readonly head: Buffer
  readonly key: KeyObject
}

/** What is sealed under the data key of an id begins with. */
export const sealedHeadOf = (id: string): Buffer => Buffer.concat([Uint8Array.of(layouts.withKeyId), keyIdOf(id)])

/** Lays a data key ready, for who seals or opens more than once. */
export const readyKey = ({ id, key }: DataKey): ReadyKey => ({ head: sealedHeadOf(id), key: createSecretKey(key) })

/** Why sealed bytes could not be opened. `not-ours` is also what tampered bytes look like: the cipher cannot tell. */
export type UnsealFailure = 'malformed' | 'unknown-version' | 'unknown-key' | 'not-ours'

const texts = {
  malformed: 'the sealed bytes are too short to be ours',
  'unknown-version': 'the sealed bytes have a layout that this version does not know',
  'unknown-key':
    'the bytes were sealed under a key that is not at hand: start with the keys that belong to this database',
  'not-ours': 'the sealed bytes were changed, or were sealed for another place or under another key',
} as const satisfies Record<UnsealFailure, string>

/** Sealed bytes that cannot be opened. Says nothing of their content. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError'
  readonly code: UnsealFailure

  constructor(code: UnsealFailure) {
    super(texts[code])
    this.code = code
  }
}

/** Where a sealed value lives. It cannot be opened anywhere else. */
export interface Place {
  readonly table: string
  readonly column: string
  readonly id: string
}

/**
 * The associated data of a place: `gatehouse:<table>:<column>:<row id>`. Throws on a table or column with a colon, so
 * that two
 * places never have one name (the id stands last and may hold anything).
 */
export function associatedDataOf({ table, column, id }: Place): string {
  if (table.includes(':') || column.includes(':'))
    throw new TypeError('the table and column of a sealed value have no colon')
  return `gatehouse:${table}:${column}:${id}`
}

/**
 * Seals with AES-256-GCM under a random nonce, in layout 2. One data key is good for `sealsPerKeyMax` of these.
 */
export function seal({ head, key }: ReadyKey, associatedData: string, plaintext: Uint8Array): Uint8Array {
  const nonce = nextNonce()
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  // version and key id are authenticated too: nobody can make one layout, or one key's bytes, be read as another's
  cipher.setAAD(authenticated(head, associatedData))
  return Buffer.concat([head, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/**
 * Opens what `seal` made with the same key and associated data, in this layout or the first. Throws `UnsealError` for
 * anything else.
 */
export function unseal(ready: ReadyKey, associatedData: string, sealed: Uint8Array): Uint8Array {
  const headBytes = headBytesOf(sealed)
  if (sealed.length < headBytes + nonceBytes + tagBytes) throw new UnsealError('malformed')
  const head = sealed.subarray(0, headBytes)
  if (head.length > 1 && !ready.head.equals(head)) throw new UnsealError('unknown-key')
  const [nonceEnd, textEnd] = [headBytes + nonceBytes, sealed.length - tagBytes]
  const plain = openGcm({
    key: ready.key,
    nonce: sealed.subarray(headBytes, nonceEnd),
    data: authenticated(head, associatedData),
    text: sealed.subarray(nonceEnd, textEnd),
    tag: sealed.subarray(textEnd),
  })
  if (plain === null) throw new UnsealError('not-ours')
  return plain
}

/** How long the part before the nonce is. */
function headBytesOf(sealed: Uint8Array): number {
  if (sealed.length === 0) throw new UnsealError('malformed')
  if (sealed[0] === layouts.first) return 1
  if (sealed[0] === layouts.withKeyId) return 1 + keyIdBytes
  throw new UnsealError('unknown-version')
}

function keyIdOf(id: string): Buffer {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  if (bytes.length !== keyIdBytes) throw new TypeError('the id of a data key is a UUID')
  return bytes
}

const authenticated = (head: Uint8Array, associatedData: string): Buffer =>
  Buffer.concat([head, Buffer.from(associatedData, 'utf8')])
