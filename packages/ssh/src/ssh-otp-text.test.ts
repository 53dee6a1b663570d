import { secret } from '@gatehouse/contract'
import { systemRandom } from '@gatehouse/enforcement'
import { expect, test } from 'vitest'
import { createOtp, otpHash } from './ssh-otp-text.ts'

const random = systemRandom({ now: () => new Date() })

test('a password is what a person can type, found by its hash, and never the same twice', () => {
  const made = Array.from({ length: 200 }, () => createOtp(random))
  for (const { otp, hash } of made) {
    expect(otp.expose()).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){5}$/)
    expect(otpHash(otp)).toEqual(hash)
  }
  expect(new Set(made.map(({ otp }) => otp.expose())).size).toBe(200)
})

test.each([
  '',
  'verify-echo-request',
  'aaaa-aaaa-aaaa-aaaa-aaaa',
  'AAAA-aaaa-aaaa-aaaa-aaaa-aaaa',
  ' aaaa-aaaa-aaaa-aaaa-aaaa-aaaa',
  'aaaa-aaaa-aaaa-aaaa-aaaa-aaaa\n',
  'iiii-aaaa-aaaa-aaaa-aaaa-aaaa',
])('%j is no password of ours, and is not looked up', (text) => {
  expect(otpHash(secret(text))).toBeNull()
})
