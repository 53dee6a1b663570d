import { expect, test } from 'vitest'
import { secret } from './secret.ts'
import { leaseOfWrapToken, wrapTokenText } from './wrap-token.ts'

const lease = '01939fd4-7a3e-7c52-9c0b-2f6d1a4e8b70'
const token = wrapTokenText(lease, '0f'.repeat(32))

test('a token says which lease it opens', () => {
  expect(token).toMatch(/^gatehouse_wrap_[0-9a-f]{96}$/)
  expect(leaseOfWrapToken(secret(token))).toBe(lease)
})

test.each([
  '',
  'gatehouse_wrap_',
  token.slice(0, -1),
  `${token}0`,
  `${token}\n`,
  ` ${token}`,
  token.toUpperCase(),
  token.replace('gatehouse_wrap_', 'gatehouse_pat_'),
  `x${token}`,
  token.replace('0f', '0g'),
])('%j is none of ours', (text) => {
  expect(leaseOfWrapToken(secret(text))).toBeNull()
})

test('what is no secret is no token: nobody keeps one as text', () => {
  expect(leaseOfWrapToken(token)).toBeNull()
  expect(leaseOfWrapToken(undefined)).toBeNull()
})
