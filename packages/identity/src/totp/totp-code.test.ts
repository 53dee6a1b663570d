import { secret } from '@gatehouse/contract'
import { TOTP, NobleCryptoPlugin, ScureBase32Plugin } from 'otplib'
import { expect, test } from 'vitest'
import { canonicalCode, matchTotpStep, otpauthUri, secondsUntilFreshCode, totpSecretText } from './totp-code.ts'

/** RFC 6238 appendix B, SHA-1, cut to six digits. */
const key = Buffer.from('12345678901234567890')
const vectors = [[59, '287082'], [1_111_111_109, '081804'], [1_111_111_111, '050471'], [1_234_567_890, '005924'], [2_000_000_000, '279037']] as const

test('the codes of RFC 6238 belong to their steps', async () => {
  for (const [at, code] of vectors) expect(await matchTotpStep(secret(code), key, new Date(at * 1000))).toBe(Math.floor(at / 30))
})

test('a code is good one step early and one step late, and no further', async () => {
  const step = 41_152_263
  const code = secret('005924')
  const at = (offset: number): Promise<number | null> => matchTotpStep(code, key, new Date((step + offset) * 30_000 + 15_000))
  expect(await Promise.all([-2, -1, 0, 1, 2].map(at))).toEqual([null, step, step, step, null])
})

test('all spellings of a code are one code', async () => {
  for (const spelling of ['005924', ' 005924', '005 924', '005-924', '٠٠٥٩٢٤', '００５９２４', '\u{1d7ce}\u{1d7ce}\u{1d7d3}\u{1d7d7}\u{1d7d0}\u{1d7d2}', '\u{1d7f6}\u{1d7f6}\u{1d7fb}\u{1d7ff}\u{1d7f8}\u{1d7fa}', '００५ 9२4']) {
    expect(canonicalCode(spelling), spelling).toBe('005924')
  }
  for (const other of ['', '00592', '0059244', '005924a', 'abcdef', '005\u0000924', 'Ⅰ23456x']) expect(canonicalCode(other), other).toBeNull()
})

test('the URI names issuer, account and parameters, and its secret makes the same codes', async () => {
  const uri = new URL(otpauthUri(key, { issuer: 'Gate & House', username: 'ada@example.org' }))
  expect(uri.protocol).toBe('otpauth:')
  expect(decodeURIComponent(uri.pathname)).toContain('Gate & House:ada@example.org')
  expect(uri.searchParams.get('secret')).toBe(totpSecretText(key))
  expect(uri.searchParams.get('issuer')).toBe('Gate & House')
  const app = new TOTP({ crypto: new NobleCryptoPlugin(), base32: new ScureBase32Plugin() })
  expect(await app.generate({ secret: totpSecretText(key), epoch: 1_234_567_890 })).toBe('005924')
})

test('after a spent code one waits until the next step begins', () => {
  expect(secondsUntilFreshCode(10, new Date(10 * 30_000 + 1000))).toBe(29)
  expect(secondsUntilFreshCode(10, new Date(11 * 30_000 + 1000))).toBe(1)
})
