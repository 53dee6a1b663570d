import { generateKeyPairSync } from 'node:crypto'
import {
  consistencyProof,
  formatVerifier,
  inclusionProof,
  leafHashOf as leafOnServer,
  noteVerifier,
  rootOfLeaves,
  signCheckpoint,
} from '@gatehouse/audit/verify'
import { describe, expect, test } from 'vitest'
import { isSignedBy, leafHashOf, parseCheckpoint, parseVerifier, verifyConsistency, verifyInclusion } from './tree.ts'

// The server's own code makes the proofs; this browser code shares nothing with it.
const leaves = Array.from({ length: 21 }, (_, index) => leafOnServer(`entry ${index}`))
const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)
const turned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  plain(bytes.map((byte, index) => (index === 3 ? byte ^ 1 : byte)))

describe('what the browser verifies', () => {
  test('inclusion of every entry in every tree, and of no other entry, place, size or root', async () => {
    for (const size of [1, 2, 3, 7, 8, 21]) {
      const tree = leaves.slice(0, size)
      for (let index = 0; index < size; index += 1) {
        const claim = {
          index,
          size,
          leaf: await leafHashOf(`entry ${index}`),
          root: plain(rootOfLeaves(tree)),
          proof: inclusionProof(tree, index).map(plain),
        }
        expect(await verifyInclusion(claim)).toBe(true)
        expect(await verifyInclusion({ ...claim, leaf: await leafHashOf('forged') })).toBe(false)
        expect(await verifyInclusion({ ...claim, root: turned(claim.root) })).toBe(false)
        expect(await verifyInclusion({ ...claim, proof: [...claim.proof, claim.root] })).toBe(false)
        if (size > 1) expect(await verifyInclusion({ ...claim, index: (index + 1) % size })).toBe(false)
      }
    }
  })

  // Threat F5: a fork shows two people two histories
  test('that a log goes on from an earlier one, and not from one in which an entry was another', async () => {
    for (const [oldSize, size] of [
      [1, 2],
      [3, 7],
      [4, 21],
      [8, 8],
      [13, 21],
    ] as const) {
      const tree = leaves.slice(0, size)
      const claim = {
        oldSize,
        oldRoot: plain(rootOfLeaves(leaves.slice(0, oldSize))),
        size,
        root: plain(rootOfLeaves(tree)),
        proof: consistencyProof(tree, oldSize).map(plain),
      }
      expect(await verifyConsistency(claim), `${oldSize} of ${size}`).toBe(true)
      expect(await verifyConsistency({ ...claim, oldRoot: turned(claim.oldRoot) })).toBe(false)
      expect(await verifyConsistency({ ...claim, root: turned(claim.root) })).toBe(false)
      if (oldSize < size) expect(await verifyConsistency({ ...claim, size: oldSize - 1 })).toBe(false)
    }
  })

  test("the signature of a checkpoint by the log's key, and by no other, over this very text", async () => {
    const signer = (name: string) => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519')
      const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(12)
      return { privateKey, verifier: noteVerifier(name, raw) }
    }
    const [mine, other] = [signer('gatehouse.example/audit'), signer('gatehouse.example/audit')]
    const root = rootOfLeaves(leaves)
    const note = signCheckpoint({ origin: 'gatehouse.example/audit', size: 21, root }, mine)
    const key = await parseVerifier(formatVerifier(mine.verifier))
    const stranger = await parseVerifier(formatVerifier(other.verifier))
    const checkpoint = parseCheckpoint(note)
    if (key === null || stranger === null || checkpoint === null) throw new TypeError('unreadable')
    expect(checkpoint).toMatchObject({ size: 21, origin: 'gatehouse.example/audit' })
    expect(await isSignedBy(checkpoint, key)).toBe(true)
    expect(await isSignedBy(checkpoint, stranger)).toBe(false)
    const forged = parseCheckpoint(note.replace('\n21\n', '\n22\n'))
    expect(forged !== null && (await isSignedBy(forged, key))).toBe(false)
    expect(await parseVerifier(formatVerifier(mine.verifier).replace(/\+\w{8}\+/, '+00000000+'))).toBeNull()
    for (const text of ['', 'a\n1\n', note.slice(0, -1), note.replace('\n21\n', '\n021\n')])
      expect(parseCheckpoint(text), text).toBeNull()
  })
})
