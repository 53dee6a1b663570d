import type { Store } from '@gatehouse/database'
import { nodeHashOf, rootOfLeaves, subtreesOf, type LeafRange, type Subtree } from '../verify.ts'
import { countNodes, insertNodes, readNodes, type TreeNode } from './node.queries.ts'

/** C2SP tlog-tiles: a tile has the hashes of 2^8 subtrees side by side. */
export const tileHeight = 8
/** Hashes of a full tile. */
export const tileWidth = 256
/** 256^7 leaves are more than a safe integer counts. */
export const tileLevelMax = 6

/** Nodes that a sequencer makes at once, so that an old log that has none yet does not hold up what comes in. */
const nodesAtOnce = 32

/** Makes the hashes of subtrees that have become whole. Answers whether more are left to make. */
export async function growNodes(db: Store, size: number): Promise<boolean> {
  let left = nodesAtOnce
  for (let level = 1; level <= tileLevelMax && left > 0; level += 1) {
    const whole = Math.floor(size / tileWidth ** level)
    if (whole === 0) return false
    const start = await countNodes(db, level)
    const nodes: TreeNode[] = []
    for (let index = start; index < whole && left > 0; index += 1, left -= 1)
      nodes.push({ level, index, hash: await hashOfNode(db, { level, index }) })
    await insertNodes(db, nodes)
  }
  return left === 0
}

/** The hash of 256^`level` leaves, from the 256 hashes below it. */
const hashOfNode = async (db: Store, { level, index }: Omit<TreeNode, 'hash'>): Promise<Buffer> =>
  rootOfLeaves(await hashesOf(db, { level: level - 1, index: index * tileWidth, count: tileWidth }))

/** A tree has not grown as far as somebody asks, or has lost what it is made of. */
export class OutsideTreeError extends Error {
  override readonly name = 'OutsideTreeError'
}

/** Hashes of one level side by side: those that are stored, and the rest made from the level below. */
export async function hashesOf(
  db: Store,
  { level, index, count }: { level: number; index: number; count: number },
): Promise<Buffer[]> {
  const stored = await readNodes(db, { level, index, count })
  if (stored.length === count) return stored
  if (level === 0) throw new OutsideTreeError(`there is no leaf ${index + stored.length}`)
  const made: Buffer[] = []
  for (let at = index + stored.length; at < index + count; at += 1)
    made.push(await hashOfNode(db, { level, index: at }))
  return [...stored, ...made]
}

/** The hash over a range of leaves that is a node of the tree (RFC 6962 §2.1). */
export async function hashOfRange(db: Store, range: LeafRange): Promise<Buffer> {
  const hashes: Buffer[] = []
  for (const subtree of subtreesOf(range)) hashes.push(await hashOfSubtree(db, subtree))
  const last = hashes.at(-1)
  if (last === undefined) throw new OutsideTreeError('a range without leaves has no hash')
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHashOf(left, right), last)
}

async function hashOfSubtree(db: Store, { level, index }: Subtree): Promise<Buffer> {
  const tileLevel = Math.min(Math.floor(level / tileHeight), tileLevelMax)
  const count = 2 ** (level - tileLevel * tileHeight)
  return rootOfLeaves(await hashesOf(db, { level: tileLevel, index: index * count, count }))
}
