import { expect, it } from 'vitest'
import { tokenStanding } from './token-standing.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const inDays = (days: number): string => new Date(now + days * 86_400_000).toISOString()
const token = { state: 'active', createdAt: inDays(-100), expiresAt: inDays(100), lastUsedAt: inDays(-1) } as const

it('a token asks for attention two weeks before its end and after a month without use', () => {
  expect(tokenStanding(token, now)).toBe('active')
  expect(tokenStanding({ ...token, expiresAt: inDays(13) }, now)).toBe('expiring soon')
  expect(tokenStanding({ ...token, lastUsedAt: inDays(-31) }, now)).toBe('unused')
  expect(tokenStanding({ ...token, lastUsedAt: null }, now)).toBe('unused')
  expect(tokenStanding({ ...token, createdAt: inDays(-2), lastUsedAt: null }, now)).toBe('active')
  expect(tokenStanding({ ...token, state: 'revoked', expiresAt: inDays(3) }, now)).toBe('revoked')
})
