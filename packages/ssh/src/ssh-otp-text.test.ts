import { secret } from '@gatehouse/contract'
import { systemRandom } from '@gatehouse/enforcement'
import { expect, test } from 'vitest'
import { createOtp, otpHash } from './ssh-otp-text.ts'

const random = systemRandom({ now: () => new Date() })

test('a password has the form that `vault-ssh-helper` demands, is found by its hash, and never the same twice', () => {
  const made = Array.from({ length: 200 }, () => createOtp(random))
  for (const { otp, hash } of made) {
    expect(otp.expose()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(otpHash(otp)).toEqual(hash)
  }
  expect(new Set(made.map(({ otp }) => otp.expose())).size).toBe(200)
})

test.each([
  '',
  'verify-echo-request',
  'aaaa-aaaa-aaaa-aaaa-aaaa-aaaa',
  'AAAAAAAA-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
  ' aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
  'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa\n',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'gaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
])('%j is no password of ours, and is not looked up', (text) => {
  expect(otpHash(secret(text))).toBeNull()
})
