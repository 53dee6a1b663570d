import { appendAll, emptyRange, rootOf } from './compact-range.ts'
import { nodeHashOf, sameHash } from './hash.ts'

/** The root over all leaves, in order. */
export const rootOfLeaves = (leaves: readonly Buffer[]): Buffer => rootOf(appendAll(emptyRange, leaves))

/** RFC 6962 §2.1.1: the hashes that lead from the leaf at `index` to the root over all leaves. */
export function inclusionProof(leaves: readonly Buffer[], index: number): Buffer[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError('the index is outside of the tree')
  if (leaves.length === 1) return []
  const split = splitOf(leaves.length)
  return index < split
    ? [...inclusionProof(leaves.slice(0, split), index), rootOfLeaves(leaves.slice(split))]
    : [...inclusionProof(leaves.slice(split), index - split), rootOfLeaves(leaves.slice(0, split))]
}

/**
 * RFC 6962 §2.1.2: the hashes that show the tree over the first `oldSize` leaves to be the beginning of the tree over
 * all.
 */
export function consistencyProof(leaves: readonly Buffer[], oldSize: number): Buffer[] {
  if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > leaves.length)
    throw new RangeError('the old size is outside of the tree')
  return oldSize === 0 || oldSize === leaves.length ? [] : subproof(leaves, oldSize, true)
}

/** `known`: the verifier has this subtree's root already, as it is the whole old tree. */
function subproof(leaves: readonly Buffer[], oldSize: number, known: boolean): Buffer[] {
  if (oldSize === leaves.length) return known ? [] : [rootOfLeaves(leaves)]
  const split = splitOf(leaves.length)
  return oldSize <= split
    ? [...subproof(leaves.slice(0, split), oldSize, known), rootOfLeaves(leaves.slice(split))]
    : [...subproof(leaves.slice(split), oldSize - split, false), rootOfLeaves(leaves.slice(0, split))]
}

export interface InclusionClaim {
  readonly index: number
  readonly size: number
  readonly leaf: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** RFC 9162 §2.1.3.2: true when the proof leads from the leaf to the root. */
export function verifyInclusion({ index, size, leaf, root, proof }: InclusionClaim): boolean {
  if (!isSize(index) || !isSize(size) || index >= size) return false
  let [position, last] = [index, size - 1]
  let node = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(position) || position === last) {
      node = nodeHashOf(sibling, node)
      ;[position, last] = pastMissingSiblings(position, last)
    } else {
      node = nodeHashOf(node, sibling)
    }
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && sameHash(node, root)
}

export interface ConsistencyClaim {
  readonly oldSize: number
  readonly oldRoot: Uint8Array
  readonly size: number
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** RFC 9162 §2.1.4.2: true when the proof shows the old tree to be the beginning of the new one. */
export function verifyConsistency({ oldSize, oldRoot, size, root, proof }: ConsistencyClaim): boolean {
  if (!isSize(oldSize) || !isSize(size) || oldSize > size) return false
  if (oldSize === size) return proof.length === 0 && sameHash(oldRoot, root)
  if (oldSize === 0) return proof.length === 0
  // a full old tree is a node of the new one: its root opens the proof
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof
  if (first === undefined) return false
  let [position, last] = pastFullSubtree(oldSize - 1, size - 1)
  let [oldNode, node] = [first, first]
  for (const sibling of rest) {
    if (last === 0) return false
    if (isOdd(position) || position === last) {
      oldNode = nodeHashOf(sibling, oldNode)
      node = nodeHashOf(sibling, node)
      ;[position, last] = pastMissingSiblings(position, last)
    } else {
      node = nodeHashOf(node, sibling)
    }
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && sameHash(oldNode, oldRoot) && sameHash(node, root)
}

// Sizes go beyond 32 bits, where JavaScript's bit operations stop.
const half = (n: number): number => Math.floor(n / 2)
const isOdd = (n: number): boolean => n % 2 === 1
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0

/** Climbs while the node has no sibling on its right: nothing was hashed there. */
function pastMissingSiblings(position: number, last: number): [number, number] {
  let [at, end] = [position, last]
  while (!isOdd(at) && at !== 0) [at, end] = [half(at), half(end)]
  return [at, end]
}

/** Climbs from the last leaf to the root of the full subtree that it closes. */
function pastFullSubtree(position: number, last: number): [number, number] {
  let [at, end] = [position, last]
  while (isOdd(at)) [at, end] = [half(at), half(end)]
  return [at, end]
}

const isPowerOfTwo = (n: number): boolean => n > 0 && Number.isInteger(Math.log2(n))

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}
