import { createHmac, hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { testSeed, volume } from '@gatehouse/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { referenceGcm } from '../testdata/reference-gcm.ts'
import { associatedData } from './associated-data.ts'
import {
  bindingMark,
  contextBytesMax,
  contextEntriesMax,
  envelopeBytes,
  EnvelopeError,
  envelopeText,
  keyMaterialBytes,
  openEnvelope,
  plaintextBytesMax,
  readHeader,
  readyVersion,
  sealEnvelope,
  type Binding,
} from './envelope.ts'

interface Vector extends Binding {
  readonly name: string
  readonly material: string
  readonly keyId: string
  readonly keyVersion: number
  readonly ciphertextId: string
  readonly associatedData: string
  readonly nonce: string
  readonly plaintext: string
  readonly envelope: string
  readonly mark: string
}
interface Vectors {
  readonly opens: readonly Vector[]
  readonly refused: readonly { readonly name: string; readonly envelope: string; readonly code: string }[]
}
const vectorsPath = new URL('../../../docs/envelope-vectors.json', import.meta.url)
const vectors = JSON.parse(readFileSync(vectorsPath, 'utf8')) as Vectors // the file of our own documentation

const versionOf = ({ material, keyId, keyVersion }: Vector) =>
  readyVersion({ keyId, version: keyVersion, material: Buffer.from(material, 'hex') })

const failureOf = (run: () => unknown): unknown => {
  try {
    run()
    return null
  } catch (error) {
    return error instanceof EnvelopeError ? error.code : error
  }
}

const material = randomBytes(keyMaterialBytes)
const keyId = randomUUID()
const key = readyVersion({ keyId, version: 3, material })
const binding: Binding = { workspace: 'default', context: { app: 'shop', purpose: 'database' } }
const sealed = (plaintext: Uint8Array = Buffer.from('secret'), bound: Binding = binding): Buffer =>
  sealEnvelope(key, { ...bound, ciphertextId: randomUUID() }, plaintext)

/** A map that JSON can carry, `__proto__` and empty keys among its keys. */
const contexts = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { maxKeys: 8 })

describe('the documented vectors', () => {
  test.for(vectors.opens)('$name: opens, and says of itself what it says', (vector) => {
    const envelope = envelopeBytes(vector.envelope)
    expect(readHeader(envelope)).toEqual({
      keyId: vector.keyId,
      keyVersion: vector.keyVersion,
      ciphertextId: vector.ciphertextId,
    })
    expect(associatedData(vector).toString('hex')).toBe(vector.associatedData)
    expect(openEnvelope(versionOf(vector), vector, envelope).toString('base64')).toBe(vector.plaintext)
    expect(bindingMark(versionOf(vector), vector)).toBe(vector.mark)
    expect(envelopeText(envelope)).toBe(vector.envelope)
  })

  const [, usual] = vectors.opens as [Vector, Vector]
  test.for(vectors.refused)('$name: is refused as $code', ({ envelope, code }) => {
    expect(failureOf(() => openEnvelope(versionOf(usual), usual, envelopeBytes(envelope)))).toBe(code)
  })

  test('none opens as another', () => {
    for (const one of vectors.opens)
      for (const other of vectors.opens) {
        const failure = failureOf(() => openEnvelope(versionOf(one), one, envelopeBytes(other.envelope)))
        const same = one.keyId === other.keyId && one.associatedData === other.associatedData
        expect(same ? [null] : ['not-ours', 'wrong-key']).toContain(failure)
      }
  })
})

describe('a second implementation, from the standard alone', () => {
  test.for([
    // McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, test cases 13 and 14
    ['', '530f8afbc74536b9a963b4f1c4cb738b'],
    ['00'.repeat(16), 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919'],
  ] as const)('is right itself: `%s`', ([plaintext, expected]) => {
    const zeros = { key: Buffer.alloc(32), nonce: Buffer.alloc(12), data: Buffer.alloc(0) }
    expect(referenceGcm({ ...zeros, plaintext: Buffer.from(plaintext, 'hex') }).toString('hex')).toBe(expected)
  })

  test('makes the same bytes for every length around a block, and every context', () => {
    const cipherKey = Buffer.from(hkdfSync('sha256', material, '', 'gatehouse-envelope/1/AES-256-GCM', 32))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), contexts, (plaintext, context) => {
        const bound = { workspace: 'default', context }
        const envelope = sealed(plaintext, bound)
        const [head, nonce] = [envelope.subarray(0, 41), envelope.subarray(41, 53)]
        const data = Buffer.concat([head, associatedData(bound)])
        expect(envelope.subarray(53)).toEqual(referenceGcm({ key: cipherKey, nonce, data, plaintext }))
      }),
      { seed: testSeed(), numRuns: volume({ full: 2000, sample: 40 }) },
    )
  })

  test('makes the same mark', () => {
    const censusKey = hkdfSync('sha256', material, '', 'gatehouse-envelope/1/census', 32)
    const expected = createHmac('sha256', Buffer.from(censusKey)).update(associatedData(binding)).digest('hex')
    expect(bindingMark(key, binding)).toBe(expected)
  })
})

// Threat E7: AAD ambiguity. A service that writes keys and values one behind another takes one context for another.
describe('an envelope is bound', () => {
  const others: readonly (readonly [string, Binding])[] = [
    ['to each letter of its context', { ...binding, context: { app: 'shop', purpose: 'databases' } }],
    ['to where keys end', { ...binding, context: { apps: 'hop', purpose: 'database' } }],
    ['to all of its context', { ...binding, context: { app: 'shop' } }],
    ['to no more than its context', { ...binding, context: { ...binding.context, more: '' } }],
    ['to which value is whose', { ...binding, context: { app: 'database', purpose: 'shop' } }],
    ['to its workspace', { ...binding, workspace: 'other' }],
    ['to something', { ...binding, context: {} }],
  ]
  test.for(others)('%s', ([, other]) => {
    expect(failureOf(() => openEnvelope(key, other, sealed()))).toBe('not-ours')
  })

  test('and not to the order in which its context was written', () => {
    const reordered = { purpose: 'database', app: 'shop' }
    expect(openEnvelope(key, { ...binding, context: reordered }, sealed()).toString()).toBe('secret')
  })

  test('to its key and its version, whatever their material is', () => {
    for (const other of [
      { keyId: randomUUID(), version: 3 },
      { keyId, version: 4 },
    ])
      expect(failureOf(() => openEnvelope(readyVersion({ ...other, material }), binding, sealed()))).toBe('wrong-key')
    const forged = readyVersion({ keyId, version: 3, material: randomBytes(keyMaterialBytes) })
    expect(failureOf(() => openEnvelope(forged, binding, sealed()))).toBe('not-ours')
  })

  test('by one form for each binding, and another for each other', () => {
    const forms = new Map<string, string>()
    const bindings = fc.record({ workspace: fc.string({ maxLength: 3 }), context: contexts })
    fc.assert(
      fc.property(bindings, (one) => {
        const meant = JSON.stringify([one.workspace, Object.entries(one.context).toSorted()])
        const form = associatedData(one).toString('hex')
        expect(forms.get(form) ?? meant).toBe(meant)
        forms.set(form, meant)
      }),
      { seed: testSeed(), numRuns: volume({ full: 20_000, sample: 300 }) },
    )
  })
})

describe('what is refused before anything is sealed', () => {
  const broken: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['too many entries', Object.fromEntries(Array.from({ length: contextEntriesMax + 1 }, (_, at) => [`k${at}`, '']))],
    ['too much text', { k: 'x'.repeat(contextBytesMax) }],
    ['half a character in a value', { k: '\ud800' }],
    ['half a character in a key', { '\udfff': 'v' }],
  ]
  test.for(broken)('%s', ([, context]) => {
    expect(failureOf(() => sealed(Buffer.from('s'), { ...binding, context }))).toBe('context-invalid')
    expect(failureOf(() => openEnvelope(key, { ...binding, context }, sealed()))).toBe('context-invalid')
  })

  test('a plaintext that is for a file', () => {
    expect(failureOf(() => sealed(new Uint8Array(plaintextBytesMax + 1)))).toBe('too-long')
  })
})

// Threat E5 and A-class crashes: whatever somebody sends as a ciphertext is refused by a type, and says nothing
describe('mutated envelopes', () => {
  const changes = fc.oneof(
    fc.record({ what: fc.constant('flip' as const), at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ what: fc.constant('cut' as const), at: fc.nat() }),
    fc.record({
      what: fc.constant('insert' as const),
      at: fc.nat(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    }),
    fc.record({ what: fc.constant('splice' as const), at: fc.nat() }),
  )
  type Change = typeof changes extends fc.Arbitrary<infer C> ? C : never

  const [original, other] = [sealed(randomBytes(80)), sealed(randomBytes(60))]
  const apply = (envelope: Buffer, change: Change): Buffer => {
    const at = change.at % (envelope.length + 1)
    const [before, after] = [envelope.subarray(0, at), envelope.subarray(at)]
    if (change.what === 'cut') return before
    if (change.what === 'insert') return Buffer.concat([before, change.bytes, after])
    if (change.what === 'splice') return Buffer.concat([before, other.subarray(at)])
    return Buffer.concat([before, after.subarray(0, 1).map((byte) => byte ^ change.bits), after.subarray(1)])
  }
  const refusals = ['malformed', 'unknown-version', 'unknown-suite', 'wrong-key', 'not-ours']

  test('are refused by a type, each of them', () => {
    const made = fc.array(changes, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(made, (list) => {
        const mutated = list.reduce((bytes, change) => apply(bytes, change), original)
        fc.pre(!mutated.equals(original) && !mutated.equals(other)) // a change undone, a splice at the first byte
        expect(refusals).toContain(failureOf(() => openEnvelope(key, binding, mutated)))
        expect([...refusals, null]).toContain(failureOf(() => readHeader(mutated)))
      }),
      { seed: testSeed(), numRuns: volume({ full: 100_000, sample: 2000 }) },
    )
  })

  test('as text too: one envelope has one text', () => {
    const text = envelopeText(sealed(randomBytes(79)))
    for (const spelling of [`${text}=`, text.replace('=', ''), ` ${text}`, `${text}\n`, `-${text.slice(1)}`, 'R', '!'])
      expect(failureOf(() => envelopeBytes(spelling))).toBe('malformed')
    fc.assert(
      fc.property(fc.string(), (spelling) => {
        expect([...refusals, null]).toContain(failureOf(() => envelopeBytes(spelling)))
      }),
      { seed: testSeed(), numRuns: volume({ full: 100_000, sample: 500 }) },
    )
  })
})

describe('sealing', () => {
  test('never gives the same bytes twice', () => {
    const seen = new Set(Array.from({ length: 1000 }, () => sealed().toString('hex', 41)))
    expect(seen.size).toBe(1000)
  })

  test('takes and gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), contexts, (plaintext, context) => {
        const bound = { workspace: 'w', context }
        expect(openEnvelope(key, bound, sealed(plaintext, bound))).toEqual(Buffer.from(plaintext))
      }),
      { seed: testSeed() },
    )
  })

  test('begins with `R0hFAQ` in base64, by which scanners know it', () => {
    expect(envelopeText(sealed())).toMatch(/^R0hFAQ/)
  })
})
