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
