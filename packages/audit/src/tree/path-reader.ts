import type { Store } from '@gatehouse/database'
import { nodeHashOf, rootOfLeaves, siblingsAfter, subtreesOf, type NodePlace } from '../verify.ts'
import { hashesOf, OutsideTreeError, tileHeight, tileLevelMax, tileWidth } from './tree-hashes.ts'

/** Reads the proofs of many leaves of one tree, one after the other. */
export interface PathReader {
  /** What leads from a leaf to the root, for whoever was shown the way of the leaf `before`. */
  siblings(before: number | null, index: number): Promise<Buffer[]>
}

/** Tiles kept at hand: rows go nearly in the order of the tree, so that one of each level is enough. */
const tilesMax = 64

/** A reader of one tree. It keeps some tiles: a proof asks the database for one tile in hundreds. */
export function pathReader(db: Store, size: number): PathReader {
  const tiles = new Map<string, Buffer[]>()
  const tile = async (level: number, index: number): Promise<Buffer[]> => {
    const key = `${level}/${index}`
    const known = tiles.get(key)
    if (known !== undefined) return known
    const count = Math.min(tileWidth, Math.floor(size / tileWidth ** level) - index * tileWidth)
    const read = await hashesOf(db, { level, index: index * tileWidth, count })
    const oldest = tiles.keys().next()
    if (tiles.size >= tilesMax && oldest.done !== true) tiles.delete(oldest.value)
    tiles.set(key, read)
    return read
  }
  /** Of 2^level leaves that are all there. */
  const whole = async (level: number, position: number): Promise<Buffer> => {
    const tileLevel = Math.min(Math.floor(level / tileHeight), tileLevelMax)
    const count = 2 ** (level - tileLevel * tileHeight)
    const first = position * count
    const hashes = await tile(tileLevel, Math.floor(first / tileWidth))
    return rootOfLeaves(hashes.slice(first % tileWidth, (first % tileWidth) + count))
  }
  const node = async ({ level, position }: NodePlace): Promise<Buffer> => {
    const range = { from: position * 2 ** level, to: Math.min(size, (position + 1) * 2 ** level) }
    const parts: Buffer[] = []
    for (const part of subtreesOf(range)) parts.push(await whole(part.level, part.index))
    const last = parts.at(-1)
    if (last === undefined) throw new OutsideTreeError(`there is no leaf ${range.from}`)
    return parts.slice(0, -1).reduceRight((right, left) => nodeHashOf(left, right), last)
  }
  return {
    siblings: async (before, index) => {
      const hashes: Buffer[] = []
      for (const place of siblingsAfter(before, index, size)) hashes.push(await node(place))
      return hashes
    },
  }
}
