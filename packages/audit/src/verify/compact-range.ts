import { emptyRoot, hashBytes, nodeHashOf } from './hash.ts'

/**
 * All that is needed to go on with a tree: the roots of its full subtrees, largest first, one per 1 in the binary form
 * of `size`.
 * A tree of a billion entries is at most 30 hashes.
 */
export interface CompactRange {
  readonly size: number
  readonly nodes: readonly Buffer[]
}

export const emptyRange: CompactRange = Object.freeze({ size: 0, nodes: [] })

/** The range with one more leaf. */
export const append = (range: CompactRange, leaf: Buffer): CompactRange => appendAll(range, [leaf])

/** The range with more leaves, in order. */
export function appendAll(range: CompactRange, leaves: readonly Buffer[]): CompactRange {
  const nodes = [...range.nodes]
  let { size } = range
  for (const leaf of leaves) {
    let node = leaf
    // each trailing 1 of the size is a full subtree as large as what we carry: join them
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = nodes.pop()
      if (left === undefined) throw new RangeError('a compact range has as many nodes as its size has ones')
      node = nodeHashOf(left, node)
    }
    nodes.push(node)
    size += 1
  }
  return { size, nodes }
}

/** The root of the tree that a range stands for. */
export const rootOf = ({ nodes }: CompactRange): Buffer =>
  nodes.length === 0
    ? emptyRoot
    : nodes.slice(0, -1).reduceRight((right, left) => nodeHashOf(left, right), nodes.at(-1) ?? emptyRoot)

/** A range as bytes. */
export const packRange = (range: CompactRange): Buffer => Buffer.concat(range.nodes)

/** A range from its bytes. Null: they cannot be the range of a tree of this size. */
export function unpackRange(size: number, bytes: Uint8Array): CompactRange | null {
  if (bytes.length !== ones(size) * hashBytes) return null
  const nodes = Array.from({ length: bytes.length / hashBytes }, (_, index) =>
    Buffer.from(bytes.subarray(index * hashBytes, (index + 1) * hashBytes)),
  )
  return { size, nodes }
}

function ones(size: number): number {
  let count = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2
  return count
}
