import { expect, test } from 'vitest'
import { concatBytes, encodeString } from './binary.ts'
import { generateEd25519 } from './ed25519.ts'
import { buildRevocationList, isKeyRevoked, parseRevocationList } from './krl.ts'

const generatedAt = new Date('2026-03-01T12:00:00Z')

test('a list reads back as it was built, sorted and without doubles', async () => {
  const [ca, key] = [await generateEd25519(), await generateEd25519()]
  const list = parseRevocationList(
    buildRevocationList({
      version: 9n,
      generatedAt,
      comment: 'gatehouse',
      certificates: [{ caKey: ca.publicKey, serials: [2n ** 64n - 1n, 5n, 5n, 1n] }],
      keys: [key.publicKey, key.publicKey],
    }),
  )
  expect(list).toMatchObject({ version: 9n, generatedAt, comment: 'gatehouse' })
  expect(list.certificates).toHaveLength(1)
  expect(list.certificates[0]).toMatchObject({
    caKey: ca.publicKey.blob,
    serials: [1n, 5n, 2n ** 64n - 1n].map((serial) => ({ from: serial, to: serial })),
    keyIds: [],
  })
  expect(isKeyRevoked(list, key.publicKey)).toBe(true)
  expect(isKeyRevoked(list, ca.publicKey)).toBe(false)
})

test('serial zero and version zero are refused', async () => {
  const ca = await generateEd25519()
  const base = { version: 1n, generatedAt, comment: '', certificates: [], keys: [] }
  expect(() => buildRevocationList({ ...base, certificates: [{ caKey: ca.publicKey, serials: [0n] }] })).toThrow(
    expect.objectContaining({ code: 'refused' }),
  )
  expect(() => buildRevocationList({ ...base, version: 0n })).toThrow(expect.objectContaining({ code: 'refused' }))
})

test('a list with a signature, unknown section or critical extension is refused, a harmless extension is not', () => {
  const empty = buildRevocationList({ version: 1n, generatedAt, comment: '', certificates: [], keys: [] })
  const withSection = (type: number, data: Uint8Array) => concatBytes(empty, Uint8Array.of(type), encodeString(data))
  const extension = (critical: number) =>
    concatBytes(encodeString('new@example'), Uint8Array.of(critical), encodeString(''))
  expect(() => parseRevocationList(withSection(4, Uint8Array.of()))).toThrow(
    expect.objectContaining({ code: 'unsupported' }),
  )
  expect(() => parseRevocationList(withSection(99, Uint8Array.of()))).toThrow(
    expect.objectContaining({ code: 'unsupported' }),
  )
  expect(() => parseRevocationList(withSection(255, extension(1)))).toThrow(
    expect.objectContaining({ code: 'unsupported' }),
  )
  expect(parseRevocationList(withSection(255, extension(0))).version).toBe(1n)
  expect(() => parseRevocationList(empty.subarray(0, 20))).toThrow(expect.objectContaining({ code: 'malformed' }))
})
