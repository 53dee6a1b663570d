import { generateKeyPairSync } from 'node:crypto'
import {
  consistencyProof,
  formatVerifier,
  inclusionProof,
  leafHashOf,
  noteVerifier,
  rootOfLeaves,
  signCheckpoint,
} from '@gatehouse/audit/verify'
import { describe, expect, test } from 'vitest'
import { entries } from '../../gallery/audit-fixtures.ts'
import { checkEntry, type Check, type Evidence } from './check-entry.ts'

const origin = 'gatehouse.example/audit'
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const verifier = noteVerifier(origin, publicKey.export({ format: 'der', type: 'spki' }).subarray(12))
const key = formatVerifier(verifier)
const entry = entries.find(({ id }) => id === 'e1197') ?? entries[0]
if (entry === undefined) throw new TypeError('the gallery has entries')

const recorded = JSON.stringify({ ...entry, decision: { ...entry.decision, version: 'v' }, detail: null, input: null })
const leaves = [leafHashOf('one'), leafHashOf('two'), leafHashOf(recorded), leafHashOf('four'), leafHashOf('five')]
const noteOf = (size: number, of = leaves): string =>
  signCheckpoint({ origin, size, root: rootOfLeaves(of.slice(0, size)) }, { privateKey, verifier })
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const sound: Evidence = {
  entry,
  publicKey: key,
  remembered: { checkpoint: noteOf(3), publicKey: key },
  proof: {
    index: 2,
    size: 5,
    root: text(rootOfLeaves(leaves)),
    checkpoint: noteOf(5),
    leafHash: text(leafHashOf(recorded)),
    entry: recorded,
    hashes: inclusionProof(leaves, 2).map(text),
    proof: '',
  },
  consistency: {
    oldSize: 3,
    size: 5,
    root: text(rootOfLeaves(leaves)),
    checkpoint: noteOf(5),
    hashes: consistencyProof(leaves, 3).map(text),
  },
}

const statesOf = async (evidence: Evidence): Promise<string> =>
  (await checkEntry(evidence)).checks.map(({ name, state }) => `${name} ${state}`).join(', ')
const wordsOf = async (evidence: Evidence, name: Check['name']): Promise<string | undefined> =>
  (await checkEntry(evidence)).checks.find((check) => check.name === name)?.words

describe('the proof of an entry, checked in the browser', () => {
  test('holds for what the server should answer, and the checkpoint is remembered', async () => {
    expect(await statesOf(sound)).toBe('signature passed, inclusion passed, content passed, consistency passed')
    expect((await checkEntry(sound)).keep).toEqual({ checkpoint: sound.proof.checkpoint, publicKey: key })
  })

  test('of a first visit has nothing to compare with, and begins to remember', async () => {
    const first = { ...sound, remembered: { checkpoint: null, publicKey: null }, consistency: null }
    expect(await statesOf(first)).toBe('signature passed, inclusion passed, content passed, consistency open')
    expect((await checkEntry(first)).keep).toEqual({ checkpoint: sound.proof.checkpoint, publicKey: key })
  })

  // Threats F4 and F5: an entry, a checkpoint or the history shown is another than the one recorded
  test.each<[string, Partial<Evidence>, string]>([
    ['another outcome is shown', { entry: { ...entry, outcome: 'allowed' } }, 'content'],
    ['another actor is shown', { entry: { ...entry, principal: { ...entry.principal, id: 'u2' } } }, 'content'],
    ['another text was hashed', { proof: { ...sound.proof, entry: recorded.replace('u7', 'u8') } }, 'content'],
    ['the place is another', { proof: { ...sound.proof, index: 1 } }, 'inclusion'],
    ['the hash is another', { proof: { ...sound.proof, leafHash: text(leafHashOf('x')) } }, 'inclusion'],
    ['a hash of the proof is no hash', { proof: { ...sound.proof, hashes: ['%'] } }, 'inclusion'],
    [
      'the checkpoint says another size',
      { proof: { ...sound.proof, checkpoint: sound.proof.checkpoint.replace('\n5\n', '\n6\n') } },
      'signature',
    ],
    ['the key is another', { remembered: { ...sound.remembered, publicKey: 'other+00000000+AAAA' } }, 'signature'],
    ['the log became shorter', { proof: { ...sound.proof, checkpoint: noteOf(2) } }, 'consistency'],
    [
      'the history is another',
      { remembered: { publicKey: key, checkpoint: noteOf(3, leaves.with(0, leafHashOf('forged'))) } },
      'consistency',
    ],
  ])('fails when %s, and nothing is remembered', async (_, change, name) => {
    const { checks, keep } = await checkEntry({ ...sound, ...change })
    expect(checks.filter(({ state }) => state === 'failed').map((check) => check.name)).toContain(name)
    expect(keep).toBeNull()
  })

  test('says what was not checked, and why', async () => {
    expect(
      await wordsOf({ ...sound, publicKey: null, remembered: { checkpoint: null, publicKey: null } }, 'signature'),
    ).toMatch(/can't see the log's public key/)
    expect(await wordsOf({ ...sound, proof: { ...sound.proof, entry: null } }, 'content')).toMatch(/not told all/)
    expect(await wordsOf({ ...sound, consistency: null }, 'consistency')).toMatch(/can't see how/)
    expect(await statesOf({ ...sound, proof: { ...sound.proof, checkpoint: 'x' } })).toBe('signature failed')
  })
})
