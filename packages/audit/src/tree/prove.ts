import type { Store } from '@gatehouse/database'
import { consistencyRanges, inclusionRanges, type LeafRange } from '../verify.ts'
import { hashOfRange } from './tree-hashes.ts'

/** RFC 6962 §2.1.1: the hashes that lead from a leaf to the root of the tree of some size. */
export const proveInclusion = (db: Store, index: number, size: number): Promise<Buffer[]> =>
  hashesOfAll(db, inclusionRanges(index, size))

/** RFC 6962 §2.1.2: the hashes that show an old tree to be the beginning of a newer one. */
export const proveConsistency = (db: Store, oldSize: number, size: number): Promise<Buffer[]> =>
  hashesOfAll(db, consistencyRanges(oldSize, size))

async function hashesOfAll(db: Store, ranges: readonly LeafRange[]): Promise<Buffer[]> {
  const hashes: Buffer[] = []
  for (const range of ranges) hashes.push(await hashOfRange(db, range))
  return hashes
}
