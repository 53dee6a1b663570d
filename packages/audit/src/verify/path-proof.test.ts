import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPathChecker, siblingsAfter, type NodePlace } from './path-proof.ts'
import { nodeHashOf } from './hash.ts'
import { inclusionProof, rootOfLeaves } from './proof.ts'

const leaves = Array.from({ length: 700 }, (_, n) => createHash('sha256').update(String(n)).digest())
const sizes = fc.integer({ min: 1, max: leaves.length })

const nodeOf = (size: number, { level, position }: NodePlace): Buffer =>
  rootOfLeaves(leaves.slice(position * 2 ** level, Math.min(size, (position + 1) * 2 ** level)))
const hashesAfter = (before: number | null, index: number, size: number): Buffer[] =>
  siblingsAfter(before, index, size).map((place) => nodeOf(size, place))
const leafAt = (index: number): Buffer => leaves[index] ?? Buffer.alloc(32)

test('the first proof is the whole one of RFC 6962', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, n) => {
      expect(hashesAfter(null, n % size, size)).toEqual(inclusionProof(leaves.slice(0, size), n % size))
    }),
  )
})

test('rows in any order are proved one after the other, each by what the one before has not shown', () => {
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(), { maxLength: 40 }), fc.nat(), (size, picks, n) => {
      const earlierSize = 1 + (n % size)
      const checker = createPathChecker({ size, root: rootOfLeaves(leaves.slice(0, size)), earlierSize })
      let before: number | null = null
      for (const pick of picks) {
        const index = pick % size
        expect(checker.check({ index, leaf: leafAt(index), hashes: hashesAfter(before, index, size) })).toBe(true)
        before = index
      }
      const subtrees = checker.earlier()
      if (subtrees === null) return
      const root = subtrees.reduceRight((right, left) => nodeHashOf(left, right))
      expect(root).toEqual(rootOfLeaves(leaves.slice(0, earlierSize)))
    }),
    { numRuns: 60 },
  )
})

test('all rows in order cost about one hash each, and show every earlier tree', () => {
  const size = 613
  for (const earlierSize of [1, 2, 255, 256, 511, 612, 613]) {
    const checker = createPathChecker({ size, root: rootOfLeaves(leaves.slice(0, size)), earlierSize })
    let used = 0
    for (let index = 0; index < size; index += 1) {
      const hashes = hashesAfter(index === 0 ? null : index - 1, index, size)
      used += hashes.length
      expect(checker.check({ index, leaf: leafAt(index), hashes })).toBe(true)
    }
    expect(used).toBeLessThan(size + 10)
    expect(checker.earlier()).not.toBeNull()
  }
})

// Threat F5: a proof that was made up
test('no other leaf, place, hash or number of hashes is proved, and what was refused is not built upon', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size, a, b, kind) => {
      const checker = createPathChecker({ size, root: rootOfLeaves(leaves.slice(0, size)) })
      const [first, index] = [a % size, b % size]
      expect(checker.check({ index: first, leaf: leafAt(first), hashes: hashesAfter(null, first, size) })).toBe(true)
      const hashes = hashesAfter(first, index, size)
      const other = createHash('sha256').update(`other ${a}`).digest()
      const forged = [
        { index, leaf: other, hashes },
        { index: (index + 1) % size, leaf: leafAt(index), hashes },
        { index, leaf: leafAt(index), hashes: [...hashes, other] },
        { index: size, leaf: leafAt(index), hashes },
        { index: -1, leaf: leafAt(index), hashes },
        { index: index + 0.5, leaf: leafAt(index), hashes },
        { index, leaf: leafAt(index), hashes: hashes.length === 0 ? [other] : hashes.with(0, other) },
        { index, leaf: leafAt(index), hashes: hashes.length === 0 ? [other] : hashes.slice(1) },
      ][kind % 8]
      if (forged === undefined || (size === 1 && forged.index === index && forged.leaf === leafAt(index))) return
      if (forged.leaf === leafAt(forged.index) && forged.hashes === hashes) return
      expect(checker.check(forged)).toBe(false)
      expect(checker.check({ index, leaf: leafAt(index), hashes })).toBe(true)
    }),
    { numRuns: 120 },
  )
})
