import { createDecipheriv, type CipherKey } from 'node:crypto'

/** The whole tag; a shorter one is never taken. */
export const tagBytes = 16

/** Longer nonces are nobody's: stock SOPS writes 32 bytes, all else has 12. */
export const nonceBytesMax = 64

/** What AES-256-GCM opens (NIST SP 800-38D §7.2). */
export interface Sealed {
  readonly key: CipherKey
  readonly nonce: Uint8Array
  /** What is authenticated beside the text. */
  readonly data: Uint8Array
  readonly text: Uint8Array
  readonly tag: Uint8Array
}

/** The plaintext, or null for what was sealed otherwise or was changed: the cipher cannot tell. */
export function openGcm({ key, nonce, data, text, tag }: Sealed): Buffer | null {
  if (tag.length !== tagBytes || nonce.length === 0 || nonce.length > nonceBytesMax) return null
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(data)
  decipher.setAuthTag(tag)
  const plain = decipher.update(text)
  try {
    decipher.final() // in this mode it holds nothing more; it throws where the tag is another
    return plain
  } catch {
    return null
  }
}
