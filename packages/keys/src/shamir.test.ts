import { describe, expect, test } from 'vitest'
import { combineShares, splitSecret } from './shamir.ts'

const secret = Uint8Array.from({ length: 32 }, (_, index) => index * 7)
const subsets = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.reduce<readonly (readonly T[])[]>((all, item) => [...all, ...all.map((one) => [...one, item])], [[]])

describe('shares', () => {
  test('any so many of them give the secret back, whatever their order', () => {
    const shares = splitSecret(secret, { shares: 5, threshold: 3 })
    for (const some of subsets(shares).filter(({ length }) => length >= 3))
      expect(combineShares([...some].toReversed())).toEqual(secret)
  })

  test('fewer of them give something else', () => {
    const shares = splitSecret(secret, { shares: 5, threshold: 3 })
    for (const some of subsets(shares).filter(({ length }) => length === 2))
      expect(combineShares(some)).not.toEqual(secret)
  })

  test('those of stock SOPS are read: f(x) = 1 + 2x over GF(2^8)', () => {
    expect(combineShares([Uint8Array.of(3, 1), Uint8Array.of(5, 2)])).toEqual(Uint8Array.of(1))
    // 0x02 · 0x80 leaves the field and comes back by 0x1b
    expect(combineShares([Uint8Array.of(0x1b ^ 1, 0x80), Uint8Array.of(5, 2)])).toEqual(Uint8Array.of(1))
  })

  test.each([
    ['one', [Uint8Array.of(1, 1)]],
    ['the same twice', [Uint8Array.of(1, 1), Uint8Array.of(1, 1)]],
    ['of other lengths', [Uint8Array.of(1, 1), Uint8Array.of(1, 2, 2)]],
    ['with an x of 0', [Uint8Array.of(1, 0), Uint8Array.of(1, 1)]],
    ['empty', [new Uint8Array(), new Uint8Array()]],
  ])('%s is refused', (_name, shares) => {
    expect(combineShares(shares)).toBeNull()
  })

  test.each([
    [1, 2],
    [3, 2],
    [2, 256],
  ])('a threshold of %i of %i is refused', (threshold, shares) => {
    expect(() => splitSecret(secret, { shares, threshold })).toThrow(RangeError)
  })
})
