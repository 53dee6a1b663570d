import { randomBytes } from 'node:crypto'

// Shamir's secret sharing over GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, as Vault and stock SOPS have it: a share is the
// values of one polynomial for each byte, and its x as the last byte.

/** x is one byte, and 0 is the secret itself. */
export const sharesMax = 255

/**
 * Splits a secret so that any `threshold` of the `shares` give it back, and fewer say nothing of it. Throws
 * `RangeError` for a threshold that is none.
 */
export const splitSecret = (
  secret: Uint8Array,
  { shares, threshold }: { readonly shares: number; readonly threshold: number },
): readonly Uint8Array[] => {
  if (threshold < 2 || threshold > shares || shares > sharesMax)
    throw new RangeError(`a threshold is from 2 to the number of shares, ${shares}, of which there are 255 at most`)
  const polynomials = Array.from(secret, (byte) => [byte, ...randomBytes(threshold - 1)])
  return Array.from({ length: shares }, (_, index) => {
    const x = index + 1
    return Uint8Array.from([...polynomials.map((coefficients) => valueAt(coefficients, x)), x])
  })
}

/**
 * The secret of these shares; null where they cannot be of one secret. Shares of two secrets of one length give a
 * third, and nothing here tells.
 */
export const combineShares = (shares: readonly Uint8Array[]): Uint8Array | null => {
  const length = shares[0]?.length ?? 0
  const xs = shares.map((share) => share.at(-1) ?? 0)
  const isWhole = length >= 2 && shares.every((share) => share.length === length)
  if (shares.length < 2 || !isWhole || new Set(xs).size < xs.length || xs.includes(0)) return null
  const weights = xs.map((x, index) =>
    weightOf(
      x,
      xs.filter((_, other) => other !== index),
    ),
  )
  return Uint8Array.from({ length: length - 1 }, (_, byte) =>
    shares.reduce((sum, share, index) => sum ^ product(share[byte] ?? 0, weights[index] ?? 0), 0),
  )
}

/** Lagrange's weight of one share for the value at 0. */
const weightOf = (x: number, others: readonly number[]): number =>
  others.reduce((weight, other) => product(weight, product(other, inverse(x ^ other))), 1)

const valueAt = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => product(sum, x) ^ coefficient, 0)

/** Without branches or tables, so that its time says nothing of the bytes. */
const product = (a: number, b: number): number => {
  let sum = 0
  for (let bit = 7; bit >= 0; bit--) sum = (-((b >> bit) & 1) & a) ^ (-(sum >> 7) & 0x1b) ^ ((sum << 1) & 0xff)
  return sum & 0xff
}

/** a^254, which is 1/a. */
const inverse = (a: number): number => {
  let power = 1
  for (let step = 0; step < 7; step++) power = product(product(power, power), a)
  return product(power, power)
}
