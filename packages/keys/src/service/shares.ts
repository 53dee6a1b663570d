import { createHmac, timingSafeEqual } from 'node:crypto'
import { keyMaterialBytes } from '../envelope.ts'
import { combineShares, splitSecret } from '../shamir.ts'
import { associatedDataOf } from '../wrap.ts'

/** A version of a key whose material is shared, and how many shares open it. */
export interface SharedVersion {
  readonly keyId: string
  readonly version: number
  readonly quorum: number
}

const proofBytes = 32
/** The material, a proof of it, and the share's number. */
export const shareBytes = keyMaterialBytes + proofBytes + 1

/**
 * A key's material in `count` shares, of which any `quorum` give it back and fewer say nothing. What is shared carries
 * a proof of what it is: shares alone would give some key, whatever they are.
 */
export const shareMaterial = (material: Uint8Array, of: SharedVersion, count: number): readonly Uint8Array[] =>
  splitSecret(Buffer.concat([material, proofOf(material, of)]), { shares: count, threshold: of.quorum })

/** The material of these shares; null: one of them is another's, or was replaced. */
export function joinShares(shares: readonly Uint8Array[], of: SharedVersion): Uint8Array | null {
  if (shares.length !== of.quorum || shares.some(({ length }) => length !== shareBytes)) return null
  const joined = combineShares(shares)
  if (joined === null) return null
  const [material, proof] = [joined.subarray(0, keyMaterialBytes), joined.subarray(keyMaterialBytes)]
  return timingSafeEqual(proof, proofOf(material, of)) ? material : null
}

/**
 * Whoever replaces a share changes the material by what they like without knowing what it becomes (the sharing is
 * linear), so that they cannot make its proof.
 */
const proofOf = (material: Uint8Array, { keyId, version, quorum }: SharedVersion): Buffer =>
  createHmac('sha256', material)
    .update(associatedDataOf({ table: 'kms_version_wrap', column: 'quorum', id: `${keyId}/${version}/${quorum}` }))
    .digest()
