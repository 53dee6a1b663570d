import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  checkpointBody,
  emptyRoot,
  formatVerifier,
  isSignedBy,
  noteVerifier,
  parseCheckpoint,
  parseVerifier,
  signCheckpoint,
} from '../verify.ts'

const origin = 'gatehouse.local/audit'
const makeSigner = (name = origin) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey, verifier: noteVerifier(name, publicKey.export({ format: 'der', type: 'spki' }).subarray(12)) }
}
const signer = makeSigner()
const facts = { origin, size: 20_852_163, root: emptyRoot }
const note = signCheckpoint(facts, signer)

describe('a checkpoint', () => {
  test('reads as the C2SP note: origin, size, root, blank line, signature', () => {
    const lines = note.split('\n')
    expect(lines.slice(0, 4)).toEqual([origin, '20852163', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', ''])
    expect(lines[4]).toMatch(/^— gatehouse\.local\/audit [A-Za-z0-9+/]{91}=$/)
    expect(lines.slice(5)).toEqual([''])
  })

  test('is read back as it was signed', () => {
    const parsed = parseCheckpoint(note)
    expect(parsed).toMatchObject({ origin, size: facts.size, body: checkpointBody(facts) })
    expect(parsed !== null && isSignedBy(parsed, signer.verifier)).toBe(true)
  })

  test('is not signed by another key, or by the same key under another name', () => {
    const parsed = parseCheckpoint(note)
    if (parsed === null) throw new TypeError('unreadable')
    expect(isSignedBy(parsed, makeSigner().verifier)).toBe(false)
    expect(isSignedBy(parsed, makeSigner('other.example/audit').verifier)).toBe(false)
  })

  test('signatures of others beside ours are ignored, before and after it', () => {
    const [body, ours] = note.split('\n\n')
    const foreign = signCheckpoint(facts, makeSigner()).split('\n\n')[1]
    for (const text of [`${body}\n\n${foreign}${ours}`, `${body}\n\n${ours}${foreign}`]) {
      const parsed = parseCheckpoint(text)
      expect(parsed !== null && isSignedBy(parsed, signer.verifier)).toBe(true)
    }
  })

  // Threat F5: a checkpoint that says something else than what was signed
  const other = (character: string): string => (character === '1' ? '2' : '1')

  test('any changed character is either unreadable or not signed', () => {
    const characters = [...note]
    for (const [index] of characters.entries()) {
      const changed = characters.map((character, at) => (at === index ? other(character) : character)).join('')
      const parsed = parseCheckpoint(changed)
      expect(parsed !== null && isSignedBy(parsed, signer.verifier), changed).toBe(false)
    }
  })

  test.each([
    ['a size with a leading zero', note.replace('\n20852163\n', '\n020852163\n')],
    ['a size beyond safe integers', note.replace('\n20852163\n', '\n9999999999999999\n')],
    ['a negative size', note.replace('\n20852163\n', '\n-1\n')],
    ['an extension line', note.replace('\n\n', '\nextension\n\n')],
    ['no last line break', note.slice(0, -1)],
    ['a root in another spelling of base64', note.replace('SuFU=', 'SuFU')],
    ['a short root', note.replace('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', '47DE')],
    ['nothing', ''],
    ['no signature', `${checkpointBody(facts)}\n`],
  ])('%s is not a checkpoint', (_, text) => {
    expect(parseCheckpoint(text)).toBeNull()
  })

  test('an origin with spaces or a plus sign is never signed', () => {
    for (const bad of ['a b', 'a+b', 'a\nb', ''])
      expect(() => checkpointBody({ ...facts, origin: bad })).toThrow(TypeError)
  })
})

describe('a verifier key', () => {
  test('is read back as it was written', () => {
    for (let round = 0; round < 50; round += 1) {
      const { verifier } = makeSigner()
      expect(formatVerifier(parseVerifier(formatVerifier(verifier)) ?? signer.verifier)).toBe(formatVerifier(verifier))
    }
  })

  // The example key of the C2SP signed-note page
  test('the published example is read', () => {
    const example = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
    expect(parseVerifier(example)?.name).toBe('PeterNeumann')
    expect(parseVerifier(example.replace('c74f20a3', 'c74f20a4'))).toBeNull()
  })
})
