import { secret } from '@gatehouse/contract'
import { TOTP, NobleCryptoPlugin, ScureBase32Plugin } from 'otplib'
import { expect, test } from 'vitest'
import {
  canonicalCode,
  matchTotpStep,
  otpauthUri,
  secondsUntilFreshCode,
  totpByDefault,
  totpSecretText,
  type TotpParameters,
} from './totp-code.ts'

/** RFC 6238 appendix B: each algorithm's key is as long as its hash; eight digits. */
const keys = {
  SHA1: Buffer.from('12345678901234567890'),
  SHA256: Buffer.from('12345678901234567890123456789012'),
  SHA512: Buffer.from('1234567890123456789012345678901234567890123456789012345678901234'),
}
const vectors = [
  [59, '94287082', '46119246', '90693936'],
  [1_111_111_109, '07081804', '68084774', '25091201'],
  [1_111_111_111, '14050471', '67062674', '99943326'],
  [1_234_567_890, '89005924', '91819424', '93441116'],
  [2_000_000_000, '69279037', '90698825', '38618901'],
  [20_000_000_000, '65353130', '77737706', '47863826'],
] as const
const key = keys.SHA1
const parametersOf = (algorithm: TotpParameters['algorithm'], digits: TotpParameters['digits']): TotpParameters => ({
  ...totpByDefault,
  algorithm,
  digits,
})

test('the codes of RFC 6238 belong to their steps, in all three algorithms, whole and cut to six digits', async () => {
  for (const [at, sha1, sha256, sha512] of vectors) {
    const now = new Date(at * 1000)
    for (const [algorithm, code] of [
      ['SHA1', sha1],
      ['SHA256', sha256],
      ['SHA512', sha512],
    ] as const) {
      expect(
        await matchTotpStep(secret(code), { secret: keys[algorithm], now, parameters: parametersOf(algorithm, 8) }),
        `${algorithm} at ${at}`,
      ).toBe(Math.floor(at / 30))
      expect(
        await matchTotpStep(secret(code.slice(2)), {
          secret: keys[algorithm],
          now,
          parameters: parametersOf(algorithm, 6),
        }),
      ).toBe(Math.floor(at / 30))
    }
  }
})

test("a code is right only with the authenticator's own algorithm and number of digits", async () => {
  const now = new Date(59_000)
  expect(await matchTotpStep(secret('94287082'), { secret: key, now, parameters: parametersOf('SHA1', 6) })).toBeNull()
  expect(await matchTotpStep(secret('287082'), { secret: key, now, parameters: parametersOf('SHA1', 8) })).toBeNull()
  expect(
    await matchTotpStep(secret('94287082'), { secret: key, now, parameters: parametersOf('SHA256', 8) }),
  ).toBeNull()
  expect(
    await matchTotpStep(secret('46119246'), { secret: keys.SHA256, now, parameters: parametersOf('SHA512', 8) }),
  ).toBeNull()
})

test('a code is good one step early and one step late, and no further', async () => {
  const step = 41_152_263
  const code = secret('005924')
  const at = (offset: number): Promise<number | null> =>
    matchTotpStep(code, { secret: key, now: new Date((step + offset) * 30_000 + 15_000), parameters: totpByDefault })
  expect(await Promise.all([-2, -1, 0, 1, 2].map(at))).toEqual([null, step, step, step, null])
})

// Threat A8: other spellings of a spent code are that code
test('all spellings of a code are one code', () => {
  for (const spelling of [
    '005924',
    ' 005924',
    '005 924',
    '005-924',
    '٠٠٥٩٢٤',
    '００５９２４',
    '\u{1d7ce}\u{1d7ce}\u{1d7d3}\u{1d7d7}\u{1d7d0}\u{1d7d2}',
    '\u{1d7f6}\u{1d7f6}\u{1d7fb}\u{1d7ff}\u{1d7f8}\u{1d7fa}',
    '००५ 9२4',
  ]) {
    expect(canonicalCode(spelling, 6), spelling).toBe('005924')
  }
  expect(canonicalCode('8900 5924', 8)).toBe('89005924')
  for (const other of ['', '00592', '0059244', '005924a', 'abcdef', '005\u0000924', 'Ⅰ23456x', '89005924'])
    expect(canonicalCode(other, 6), other).toBeNull()
})

test('the URI names issuer, account and all parameters, with blanks and signs that apps read rightly', async () => {
  const text = otpauthUri(keys.SHA256, {
    issuer: 'Gate & House',
    username: 'ada+x@example.org',
    ...parametersOf('SHA256', 8),
  })
  expect(text).toMatch(/^otpauth:\/\/totp\/Gate%20%26%20House:ada%2Bx%40example\.org\?/)
  expect(text).not.toContain('+')
  const { searchParams } = new URL(text)
  expect(Object.fromEntries(searchParams)).toEqual({
    secret: totpSecretText(keys.SHA256),
    issuer: 'Gate & House',
    algorithm: 'SHA256',
    digits: '8',
    period: '30',
  })
  const app = new TOTP({
    algorithm: 'sha256',
    digits: 8,
    crypto: new NobleCryptoPlugin(),
    base32: new ScureBase32Plugin(),
  })
  expect(await app.generate({ secret: searchParams.get('secret') ?? '', epoch: 1_234_567_890 })).toBe('91819424')
})

test('after a spent code one waits until the next step begins', () => {
  expect(secondsUntilFreshCode(10, new Date(10 * 30_000 + 1000))).toBe(29)
  expect(secondsUntilFreshCode(10, new Date(11 * 30_000 + 1000))).toBe(1)
})
