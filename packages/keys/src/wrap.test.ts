import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { associatedDataOf, dataKeyBytes, seal, unseal, UnsealError } from './wrap.ts'

const key = randomBytes(dataKeyBytes)
const place = { table: 'authenticator', column: 'secret', id: '0199' }

const failureOf = (run: () => unknown): unknown => {
  try {
    run()
    return null
  } catch (error) {
    return error instanceof UnsealError ? error.code : error
  }
}

describe('seal', () => {
  test('what was sealed for a place opens there, byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plaintext, id) => {
        const data = associatedDataOf({ ...place, id })
        expect(Buffer.from(unseal(key, data, seal(key, data, plaintext)))).toEqual(Buffer.from(plaintext))
      }),
    )
  })

  test('the same plaintext never seals to the same bytes', () => {
    const seen = new Set(
      Array.from({ length: 1000 }, () => Buffer.from(seal(key, 'a', Uint8Array.of(1))).toString('hex')),
    )
    expect(seen.size).toBe(1000)
  })

  // Threat E7: a sealed value moved to another row or column would give one user another's secret
  test('sealed bytes open at no other place', () => {
    const sealed = seal(key, associatedDataOf(place), Buffer.from('s'))
    for (const other of [
      { ...place, id: '0198' },
      { ...place, column: 'name' },
      { ...place, table: 'users' },
    ]) {
      expect(failureOf(() => unseal(key, associatedDataOf(other), sealed))).toBe('not-ours')
    }
  })

  test('two places never have one name', () => {
    expect(() => associatedDataOf({ table: 'a:b', column: 'c', id: '' })).toThrow(TypeError)
    expect(() => associatedDataOf({ table: 'a', column: 'b:c', id: '' })).toThrow(TypeError)
    expect(associatedDataOf({ table: 'a', column: 'b', id: 'c:d' })).toBe('gatehouse:a:b:c:d')
  })

  test('a change of any bit is found', () => {
    const sealed = Buffer.from(seal(key, 'a', Buffer.from('secret')))
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed)
      const index = Math.floor(bit / 8)
      changed[index] = (changed[index] ?? 0) ^ (1 << (bit % 8))
      expect(failureOf(() => unseal(key, 'a', changed))).toBe(index === 0 ? 'unknown-version' : 'not-ours')
    }
  })

  test('every prefix and another key are refused', () => {
    const sealed = seal(key, 'a', Buffer.from('secret'))
    for (let length = 0; length < sealed.length; length += 1) {
      expect(failureOf(() => unseal(key, 'a', sealed.subarray(0, length)))).toBe(length < 29 ? 'malformed' : 'not-ours')
    }
    expect(failureOf(() => unseal(randomBytes(dataKeyBytes), 'a', sealed))).toBe('not-ours')
  })
})
