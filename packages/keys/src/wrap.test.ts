import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { associatedDataOf, dataKeyBytes, readyKey, seal, unseal, UnsealError, type DataKey } from './wrap.ts'

const dataKey: DataKey = { id: randomUUID(), key: randomBytes(dataKeyBytes) }
const key = readyKey(dataKey)
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

  const failureAt = (index: number): string => {
    if (index === 0) return 'unknown-version'
    return index <= 16 ? 'unknown-key' : 'not-ours'
  }

  test('a change of any bit is found', () => {
    const sealed = Buffer.from(seal(key, 'a', Buffer.from('secret')))
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed)
      const index = Math.floor(bit / 8)
      changed[index] = (changed[index] ?? 0) ^ (1 << (bit % 8))
      expect(failureOf(() => unseal(key, 'a', changed))).toBe(failureAt(index))
    }
  })

  test('every prefix and another key are refused', () => {
    const sealed = seal(key, 'a', Buffer.from('secret'))
    for (let length = 0; length < sealed.length; length += 1) {
      expect(failureOf(() => unseal(key, 'a', sealed.subarray(0, length)))).toBe(length < 45 ? 'malformed' : 'not-ours')
    }
    const other = randomBytes(dataKeyBytes)
    expect(failureOf(() => unseal(readyKey({ ...dataKey, key: other }), 'a', sealed))).toBe('not-ours')
    expect(failureOf(() => unseal(readyKey({ ...dataKey, id: randomUUID() }), 'a', sealed))).toBe('unknown-key')
  })
})

describe('the layouts of sealed bytes', () => {
  const golden = readyKey({ id: '01980000-0000-7000-8000-000000000001', key: Buffer.alloc(dataKeyBytes, 7) })
  const there = associatedDataOf({ table: 't', column: 'c', id: '1' })

  test('the first, which the database of an older version holds, still opens', () => {
    const sealed = Buffer.from('0104de3047decb0624b658c519267623b6be2cb70ce5f42406d04c6dc86020b69e2200', 'hex')
    expect(Buffer.from(unseal(golden, there, sealed)).toString()).toBe('golden')
    expect(failureOf(() => unseal(golden, 'elsewhere', sealed))).toBe('not-ours')
  })

  test('the second says its version and its key, and opens for years to come', () => {
    const sealed = Buffer.from(
      '0201980000000070008000000000000001de1816fb05f892f893415b89de207786820bd8d7151a7264d5b4c3f00f215f20806d',
      'hex',
    )
    expect(Buffer.from(unseal(golden, there, sealed)).toString()).toBe('golden')
    expect(sealed.subarray(0, 17).toString('hex')).toBe('0201980000000070008000000000000001')
  })

  test('neither can be made to be read as the other', () => {
    const second = Buffer.from(seal(golden, there, Buffer.from('s')))
    const asFirst = Buffer.concat([Uint8Array.of(1), second.subarray(17)])
    expect(failureOf(() => unseal(golden, there, asFirst))).toBe('not-ours')
    second[0] = 1
    expect(failureOf(() => unseal(golden, there, second))).toBe('not-ours')
  })
})
