import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** The one layout of sealed bytes today: version ‖ nonce ‖ ciphertext ‖ tag. */
const version = 1
const nonceBytes = 12
const tagBytes = 16
const overheadBytes = 1 + nonceBytes + tagBytes

/** A data key: AES-256. */
export const dataKeyBytes = 32

/** Why sealed bytes could not be opened. `not-ours` is also what tampered bytes look like: the cipher cannot tell. */
export type UnsealFailure = 'malformed' | 'unknown-version' | 'not-ours'

const texts = {
  malformed: 'the sealed bytes are too short to be ours',
  'unknown-version': 'the sealed bytes have a layout that this version does not know',
  'not-ours': 'the sealed bytes were changed, or were sealed for another place or under another key',
} as const satisfies Record<UnsealFailure, string>

/** Sealed bytes that cannot be opened. Says nothing of their content. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError'
  readonly code: UnsealFailure

  constructor(code: UnsealFailure, options?: { cause?: unknown }) {
    super(texts[code], options)
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

/** Seals with AES-256-GCM under a random nonce. One data key is good for 2^32 of these (NIST SP 800-38D §8.3). */
export function seal(key: Uint8Array, associatedData: string, plaintext: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  // the version is authenticated too: nobody can make one layout be read as another
  cipher.setAAD(authenticated(version, associatedData))
  return Buffer.concat([Uint8Array.of(version), nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** Opens what `seal` made with the same key and associated data. Throws `UnsealError` for anything else. */
export function unseal(key: Uint8Array, associatedData: string, sealed: Uint8Array): Uint8Array {
  if (sealed.length < overheadBytes) throw new UnsealError('malformed')
  if (sealed[0] !== version) throw new UnsealError('unknown-version')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(authenticated(version, associatedData))
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(1 + nonceBytes, sealed.length - tagBytes)), decipher.final()])
  } catch (cause) {
    throw new UnsealError('not-ours', { cause })
  }
}

const authenticated = (layout: number, associatedData: string): Buffer =>
  Buffer.concat([Uint8Array.of(layout), Buffer.from(associatedData, 'utf8')])
