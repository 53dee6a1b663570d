/** A whole subtree: the leaves from `index` × 2^`level` on, 2^`level` of them. */
export interface Subtree {
  readonly level: number
  readonly index: number
}

/** Leaves from `from` up to, and not with, `to`. */
export interface LeafRange {
  readonly from: number
  readonly to: number
}

/** The whole subtrees that leaves are made of, largest first. `from` is a multiple of what they are split by. */
export function subtreesOf({ from, to }: LeafRange): Subtree[] {
  const subtrees: Subtree[] = []
  for (let at = from; at < to;) {
    let level = 0
    while ((at === 0 || at % 2 ** (level + 1) === 0) && at + 2 ** (level + 1) <= to) level += 1
    subtrees.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return subtrees
}

/** RFC 6962 §2.1.1: the leaves under each hash of the path from a leaf to the root, its nearest sibling first. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new RangeError('the index is outside of the tree')
  const path: LeafRange[] = []
  let range: LeafRange = { from: 0, to: size }
  while (range.to - range.from > 1) {
    const middle = range.from + splitOf(range.to - range.from)
    const [left, right] = [
      { from: range.from, to: middle },
      { from: middle, to: range.to },
    ]
    path.push(index < middle ? right : left)
    range = index < middle ? left : right
  }
  return path.toReversed()
}

/** RFC 6962 §2.1.2: the leaves under each hash by which an old tree is shown to be the beginning of a new one. */
export function consistencyRanges(oldSize: number, size: number): LeafRange[] {
  if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > size)
    throw new RangeError('the old size is outside of the tree')
  if (oldSize === 0 || oldSize === size) return []
  const path: LeafRange[] = []
  let range: LeafRange = { from: 0, to: size }
  /** The verifier has the root of the whole old tree already. */
  let known = true
  while (range.to !== oldSize) {
    const middle = range.from + splitOf(range.to - range.from)
    const [left, right] = [
      { from: range.from, to: middle },
      { from: middle, to: range.to },
    ]
    path.push(oldSize <= middle ? right : left)
    if (oldSize > middle) known = false
    range = oldSize <= middle ? left : right
  }
  return [...(known ? [] : [range]), ...path.toReversed()]
}

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}
