/**
 * The points of small order on Curve25519's twisted Edwards form, by their y, in the encodings that implementations
 * take (also y = p and p + 1, which stand for 0 and 1). A signature under such a key needs no private half.
 */
const smallOrderPoints: ReadonlySet<string> = new Set([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
])

/** Encodings of y from p = 2^255 - 19 on, which no honest key has (RFC 8032 §5.1.3). */
const isBeyondField = (bytes: Uint8Array): boolean =>
  (bytes[0] ?? 0) >= 0xed && bytes.subarray(1, 31).every((byte) => byte === 0xff) && bytes[31] === 0x7f

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Whether 32 bytes of an Ed25519 public key are a point under which anybody can sign (threat A8). */
export function isWeakEd25519(raw: Uint8Array): boolean {
  const bytes = Uint8Array.from(raw)
  bytes[31] = (bytes[31] ?? 0) & 0x7f // the sign of x
  return isBeyondField(bytes) || smallOrderPoints.has(hex(bytes))
}

/** The field and the curve's constant of RFC 8032 §5.1. */
const p = 2n ** 255n - 19n
const d = 37_095_705_934_669_439_343_138_083_508_754_565_189_542_113_879_843_219_016_388_785_533_085_940_283_555n

const mod = (value: bigint): bigint => ((value % p) + p) % p

const wordBits = 32

/** How many twos are in a number above zero. */
function twosIn(value: bigint): number {
  for (let bits = 0; ; bits += wordBits) {
    const word = Number(BigInt.asUintN(wordBits, value >> BigInt(bits)))
    if (word !== 0) return bits + (wordBits - 1 - Math.clz32(word & -word))
  }
}

/**
 * Whether a number is a square of the field, by its Jacobi symbol: as many divisions as Euclid needs for the two, where
 * Euler's power would take some five hundred multiplications, at each certificate.
 */
function isSquare(value: bigint): boolean {
  let [upper, lower, sign] = [value, p, 1]
  while (upper !== 0n) {
    const twos = twosIn(upper)
    upper >>= BigInt(twos)
    const byEight = lower & 7n
    if (twos % 2 === 1 && (byEight === 3n || byEight === 5n)) sign = -sign // 2 is no square then
    if ((upper & 3n) === 3n && (lower & 3n) === 3n)
      sign = -sign // quadratic reciprocity
    ;[upper, lower] = [lower % upper, upper]
  }
  return sign === 1
}

/**
 * Whether 32 bytes are a point of the curve (RFC 8032 §5.1.3): of half of all numbers no x is there to their y, and no
 * private key can fit them. Node takes such keys, and so does OpenSSH until it verifies. A public key's bytes are no
 * secret: this needs no constant time.
 */
export function isEd25519Point(raw: Uint8Array): boolean {
  if (raw.length !== 32) return false
  const bytes = Uint8Array.from(raw)
  const isOdd = ((bytes[31] ?? 0) & 0x80) !== 0
  bytes[31] = (bytes[31] ?? 0) & 0x7f
  const y = BigInt(`0x${hex(bytes.toReversed())}`)
  if (y >= p) return false
  const square = mod(y * y)
  // x² = u / v, and u / v is a square where u · v is one
  const product = mod((square - 1n) * (d * square + 1n))
  return product === 0n ? !isOdd : isSquare(product)
}
