import { randomFillSync } from 'node:crypto'

/** What AES-GCM takes as it is (NIST SP 800-38D §5.2.1.1); other lengths are hashed first, and collide sooner. */
export const nonceBytes = 12

/**
 * How often one key may seal under random nonces: at 2^32 the chance that two were the same is 2^-33 (NIST SP 800-38D
 * §8.3), and a nonce used twice gives both plaintexts away.
 */
export const sealsPerKeyMax = 2 ** 32

/** Asking the system costs the same for one nonce and for hundreds; they are no secret. */
const nonces = Buffer.alloc(256 * nonceBytes)
let noncesUsed = nonces.length

/** A random nonce; each is handed out once. */
export function nextNonce(): Buffer {
  if (noncesUsed === nonces.length) {
    randomFillSync(nonces)
    noncesUsed = 0
  }
  const nonce = Buffer.from(nonces.subarray(noncesUsed, noncesUsed + nonceBytes))
  noncesUsed += nonceBytes
  return nonce
}
