import { expect, test } from 'vitest'
import { commonPasswords } from './common-passwords.ts'
import { contextWordsOf, passwordProblem } from './password-rules.ts'

const beside = (password: string, username = 'ada'): string | null =>
  passwordProblem({ password, username, singleFactor: false })
const alone = (password: string): string | null => passwordProblem({ password, username: 'ada', singleFactor: true })

test('beside a second factor eight characters are enough, of whatever kind', () => {
  expect(beside('tälgohle')).toBeNull()
  expect(beside('correct horse battery staple')).toBeNull()
  expect(beside('\u{1f984}'.repeat(8))).toBeNull()
  expect(beside('        lots of blanks     ')).toBeNull()
})

test('a password that stands alone has fifteen characters at least, and says why', () => {
  expect(alone('fourteen chars')).toBe('at least 15 characters, because no second factor stands beside it')
  expect(alone('fifteen charsss')).toBeNull()
  expect(alone('\u{1f984}'.repeat(14))).toContain('at least 15')
  expect(alone('\u{1f984}'.repeat(15))).toBeNull()
})

test('length is counted in characters of the composed form, so no spelling makes a password longer', () => {
  expect(beside('sieben7')).toContain('at least 8')
  expect(beside('\u{1f984}'.repeat(7))).toContain('at least 8')
  expect(beside('a\u0308o\u0308u\u0308xyzq')).toContain('at least 8')
  expect(beside('a'.repeat(257))).toContain('at most 256')
})

test('a listed password is refused in every spelling, and with a little around it', () => {
  for (const password of [
    'PassW0rd',
    'ｐａｓｓｗｏｒｄ',
    '1qaz2wsx3edc',
    'iloveyou',
    'TRUSTNO1',
    '123456789',
    'Password1!',
    '!!letmein',
    'Summer2025!',
    '2026dragon',
  ])
    expect(beside(password), password).toContain('common')
})

test('what only contains a common password is not one', () => {
  expect(beside('the dragon eats my password')).toBeNull()
  expect(beside('dragon-over-fields')).toBeNull()
})

test('the user name, the product and the issuer are no secrets, alone or joined', () => {
  expect(beside('Ada-Lovelace', 'ada-lovelace')).toContain('user name')
  expect(beside('ada.lovelace!2026', 'ada.lovelace')).toContain('user name')
  expect(beside('Gatehouse-2026!')).toContain('names of this Gatehouse')
  const config = {
    jwt: { issuer: 'control-center', audience: ['cli'], accessTokenTtlSeconds: 1, refreshTokenTtlSeconds: 1 },
    mfa: { totpIssuer: 'Acme Ltd' },
  } as unknown as Parameters<typeof contextWordsOf>[0]
  const issuers = (password: string): string | null =>
    passwordProblem({ password, username: 'ada', singleFactor: false, contextWords: contextWordsOf(config) })
  expect(issuers('Control Center 1')).toContain('names of this Gatehouse')
  expect(issuers('acme.ltd.ada')).toContain('names of this Gatehouse')
  expect(issuers('planning the adapter')).toBeNull()
})

test('the list is one of tens of thousands', () => {
  expect(commonPasswords.size).toBeGreaterThan(40_000)
  expect(commonPasswords.size).toBeLessThan(200_000)
})
