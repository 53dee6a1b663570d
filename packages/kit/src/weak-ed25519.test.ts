import { expect, test } from 'vitest'
import { isEd25519Point } from './weak-ed25519.ts'

const p = 2n ** 255n - 19n
const d = -121_665n * inverse(121_666n)

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base]
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % p
    square = (square * square) % p
  }
  return result
}

/** By Fermat. */
function inverse(value: bigint): bigint {
  return power(value, p - 2n)
}

const bytesOf = (y: bigint): Uint8Array =>
  Buffer.from(y.toString(16).padStart(64, '0').match(/../g)?.toReversed().join('') ?? '', 'hex')

/** RFC 8032 section 5.1.3: x² = (y² - 1) / (d y² + 1), and by Euler a square to half of p - 1 is one. */
function hasX(y: bigint): boolean {
  const square = (y * y) % p
  const x = ((square - 1n) * inverse((((d * square + 1n) % p) + p) % p)) % p
  return x === 0n || power(((x % p) + p) % p, (p - 1n) / 2n) === 1n
}

test('a number is a point exactly where there is an x to it: about as often as not', () => {
  const numbers = [...Array.from({ length: 60 }, (_, at) => BigInt(at)), ...fromBothEnds(60)]
  const points = numbers.filter((y) => isEd25519Point(bytesOf(y)))
  expect(points).toEqual(numbers.filter(hasX))
  expect(points.length).toBeGreaterThan(numbers.length / 4)
  expect(points.length).toBeLessThan((numbers.length * 3) / 4)
})

/** Of all lengths, beginning and ending in ones and in noughts. */
const fromBothEnds = (count: number): bigint[] =>
  Array.from({ length: count }, (_, at) => (at % 2 === 0 ? (p / 3n) >> BigInt(at * 2) : p - 2n ** BigInt(at * 4)))
