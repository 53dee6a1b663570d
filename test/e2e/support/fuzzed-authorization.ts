/** Numbers from 0 to 1 that are the same for the same seed (mulberry32), so that a failure can be had again. */
export function pseudoRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const schemes = [
  'Bearer',
  'bearer',
  'BEARER',
  'Basic',
  'Digest',
  'DPoP',
  'Negotiate',
  'Bearer:',
  'Bearer,',
  'Token',
  'Bear',
  '',
  'null',
  'Bearer Bearer',
  '\u00ff',
] as const
const gaps = [' ', '  ', '\t', '', ' \t ', ', ', '='] as const
const prefixes = [
  '',
  'gatehouse_pat_',
  'gatehouse_svc_',
  'ghr_',
  'eyJhbGciOiJub25lIn0.',
  'eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.',
] as const
const alphabet =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/=\u0001\u007f\u00e9\u00a0"\'\\{}[]<>;:,%$ '
const base62 = alphabet.slice(0, 62)

/**
 * The header lines of one request whose `Authorization` proves nobody: another scheme, noise, look-alikes of each kind
 * of token, a good token that was cut, bent or doubled.
 */
export function fuzzedAuthorization(random: () => number, good: string): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T // from is never empty
  const noise = (length: number, letters = alphabet): string =>
    Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('')
  const bent = (): string => {
    const at = Math.floor(random() * good.length)
    return pick([
      good.slice(0, at),
      `${good.slice(0, at)}${good[at] === 'A' ? 'B' : 'A'}${good.slice(at + 1)}`,
      `${good}.${noise(3)}`,
      `${good}=`,
      good.split('.').toReversed().join('.'),
    ])
  }
  const value = pick([
    () => `${pick(schemes)}${pick(gaps)}${pick(prefixes)}${noise(Math.floor(random() * 80))}`,
    () => `Bearer ${pick(prefixes)}${noise(49, base62)}`,
    () => `Bearer ${bent()}`,
    () => `${pick(['Basic', 'DPoP', 'Token', 'Bearer,', ''])} ${good}`,
    () => `Bearer ${'.'.repeat(Math.floor(random() * 6))}${noise(Math.floor(random() * 10))}`,
    () => `Bearer ${noise(1, base62).repeat(Math.floor(random() * 600))}`,
  ])()
  // twice is no header that means anything
  return random() < 0.05
    ? `Authorization: ${value}\r\nAuthorization: Bearer ${noise(20, base62)}\r\n`
    : `Authorization: ${value}\r\n`
}
