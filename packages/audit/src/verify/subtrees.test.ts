import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendAll, emptyRange, rootOf } from './compact-range.ts'
import { nodeHashOf } from './hash.ts'
import { consistencyProof, inclusionProof, rootOfLeaves } from './proof.ts'
import { consistencyRanges, inclusionRanges, subtreesOf, type LeafRange } from './subtrees.ts'

const leaves = Array.from({ length: 700 }, (_, n) => createHash('sha256').update(String(n)).digest())
const sizes = fc.integer({ min: 1, max: leaves.length })

/** By whole subtrees, joined from the right as RFC 6962 has it. */
const hashOf = (range: LeafRange): Buffer =>
  subtreesOf(range)
    .map(({ level, index }) => rootOfLeaves(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)))
    .reduceRight((right, left) => nodeHashOf(left, right))

test('the leaves under each hash of an inclusion proof are those that RFC 6962 says', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, n) => {
      const index = n % size
      expect(inclusionRanges(index, size).map(hashOf)).toEqual(inclusionProof(leaves.slice(0, size), index))
    }),
  )
})

test('and those of a consistency proof', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, n) => {
      const oldSize = n % (size + 1)
      expect(consistencyRanges(oldSize, size).map(hashOf)).toEqual(consistencyProof(leaves.slice(0, size), oldSize))
    }),
  )
})

test('whole subtrees make the root', () => {
  fc.assert(
    fc.property(sizes, (size) => {
      expect(hashOf({ from: 0, to: size })).toEqual(rootOf(appendAll(emptyRange, leaves.slice(0, size))))
    }),
  )
})

test('what is outside of the tree is refused', () => {
  for (const index of [-1, 5, 1.5, NaN]) expect(() => inclusionRanges(index, 5)).toThrow(RangeError)
  for (const oldSize of [-1, 6, 1.5, NaN]) expect(() => consistencyRanges(oldSize, 5)).toThrow(RangeError)
})
