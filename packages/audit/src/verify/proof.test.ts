import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  appendAll,
  consistencyProof,
  emptyRange,
  emptyRoot,
  inclusionProof,
  leafHashOf,
  packRange,
  rootOf,
  rootOfLeaves,
  unpackRange,
  verifyConsistency,
  verifyInclusion,
} from '../verify.ts'

// The reference: RFC 6962 §2.1 word by word, sharing no code with ours.
const sha = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const cut = (n: number): number => {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
const referenceRoot = (entries: readonly Buffer[]): Buffer => {
  if (entries.length === 0) return sha()
  const [first] = entries
  if (entries.length === 1 && first !== undefined) return sha(Buffer.from([0]), first)
  const k = cut(entries.length)
  return sha(Buffer.from([1]), referenceRoot(entries.slice(0, k)), referenceRoot(entries.slice(k)))
}

const entries = Array.from({ length: 70 }, (_, index) => Buffer.from(`entry ${index}`))
const leaves = entries.map((entry) => leafHashOf(entry))
const size = fc.integer({ min: 1, max: entries.length })

describe('the tree', () => {
  test('has the root of the RFC at every size', () => {
    for (let n = 0; n <= entries.length; n += 1)
      expect(rootOfLeaves(leaves.slice(0, n))).toEqual(referenceRoot(entries.slice(0, n)))
    expect(emptyRoot.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  // the one leaf hash that everybody who writes RFC 6962 logs knows by heart
  test('an empty entry has the known leaf hash', () => {
    expect(leafHashOf('').toString('hex')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
  })

  test('goes on from its packed range as if it had never stopped', () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const range = appendAll(emptyRange, leaves.slice(0, from))
        const again = unpackRange(from, packRange(range))
        expect(again).toEqual(range)
        expect(rootOf(appendAll(again ?? emptyRange, leaves.slice(from, to)))).toEqual(
          referenceRoot(entries.slice(0, to)),
        )
      }),
    )
  })

  test('a packed range of another size is refused', () => {
    expect(unpackRange(3, packRange(appendAll(emptyRange, leaves.slice(0, 4))))).toBeNull()
  })
})

describe('inclusion', () => {
  test('is proved for every leaf of every tree, and for no other index, size, leaf or root', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), (n, at, off) => {
        const index = at % n
        const tree = leaves.slice(0, n)
        const claim = {
          index,
          size: n,
          leaf: tree[index] as Buffer,
          root: referenceRoot(entries.slice(0, n)),
          proof: inclusionProof(tree, index),
        } // index < n
        expect(verifyInclusion(claim)).toBe(true)
        expect(verifyInclusion({ ...claim, leaf: randomBytes(32) })).toBe(false)
        expect(verifyInclusion({ ...claim, root: randomBytes(32) })).toBe(false)
        expect(verifyInclusion({ ...claim, proof: [...claim.proof, randomBytes(32)] })).toBe(false)
        if (claim.proof.length > 0) expect(verifyInclusion({ ...claim, proof: claim.proof.slice(1) })).toBe(false)
        const other = (index + 1 + (off % n)) % n
        if (other !== index) expect(verifyInclusion({ ...claim, index: other })).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('holds beyond 32 bits of size', () => {
    // a tree of 2^40 equal leaves: each level has one hash
    let node = leafHashOf('same')
    const proof: Buffer[] = []
    for (let level = 0; level < 40; level += 1) {
      proof.push(node)
      node = sha(Buffer.from([1]), node, node)
    }
    const claim = { index: 2 ** 39 + 12_345, size: 2 ** 40, leaf: leafHashOf('same'), root: node, proof }
    expect(verifyInclusion(claim)).toBe(true)
    expect(verifyInclusion({ ...claim, proof: proof.slice(8) })).toBe(false)
  })

  test.each([
    [-1, 1],
    [1, 1],
    [0.5, 2],
    [Number.NaN, 1],
    [0, 2 ** 53],
  ])('index %d of size %d is nonsense', (index, n) => {
    expect(verifyInclusion({ index, size: n, leaf: leafHashOf(''), root: leafHashOf(''), proof: [] })).toBe(false)
  })
})

describe('consistency', () => {
  test('is proved between every two sizes, and for no other history', () => {
    for (let n = 1; n <= 40; n += 1) {
      for (let m = 0; m <= n; m += 1) {
        const proof = consistencyProof(leaves.slice(0, n), m)
        const claim = {
          oldSize: m,
          oldRoot: referenceRoot(entries.slice(0, m)),
          size: n,
          root: referenceRoot(entries.slice(0, n)),
          proof,
        }
        expect(verifyConsistency(claim), `${m} of ${n}`).toBe(true)
        if (m > 0) expect(verifyConsistency({ ...claim, oldRoot: randomBytes(32) })).toBe(false)
        if (m > 0) expect(verifyConsistency({ ...claim, root: randomBytes(32) })).toBe(false)
        expect(verifyConsistency({ ...claim, proof: [...proof, randomBytes(32)] })).toBe(false)
        if (proof.length > 0) expect(verifyConsistency({ ...claim, proof: proof.slice(0, -1) })).toBe(false)
      }
    }
  })

  // Threat F5: a fork shows two people two histories
  test('is never proved for a tree in which an old entry was changed', () => {
    fc.assert(
      fc.property(size, size, fc.nat(), (a, b, at) => {
        const [m, n] = [Math.min(a, b), Math.max(a, b)]
        const forged = leaves.slice(0, n).map((leaf, index) => (index === at % m ? leafHashOf('forged') : leaf))
        const claim = {
          oldSize: m,
          oldRoot: rootOfLeaves(leaves.slice(0, m)),
          size: n,
          root: rootOfLeaves(forged),
          proof: consistencyProof(forged, m),
        }
        expect(verifyConsistency(claim)).toBe(false)
      }),
    )
  })

  test('a shrunk tree is no continuation', () => {
    expect(
      verifyConsistency({
        oldSize: 4,
        oldRoot: rootOfLeaves(leaves.slice(0, 4)),
        size: 3,
        root: rootOfLeaves(leaves.slice(0, 3)),
        proof: [],
      }),
    ).toBe(false)
  })
})
