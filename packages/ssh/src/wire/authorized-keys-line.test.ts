import { beforeAll, expect, test } from 'vitest'
import { formatAuthorizedKey, parseAuthorizedKey, type AuthorizedKey } from './authorized-keys-line.ts'
import { generateEd25519 } from './ed25519.ts'
import { formatPublicKey, type PublicKey } from './public-key.ts'

let key: PublicKey

beforeAll(async () => {
  key = (await generateEd25519()).publicKey
})

const entry = (changes: Partial<AuthorizedKey> = {}): AuthorizedKey => ({
  key,
  comment: 'gatehouse:key-7',
  expiresAt: new Date('2026-03-01T12:00:05.999Z'),
  sourceAddresses: ['10.0.0.0/8', '192.0.2.1'],
  allow: ['pty'],
  ...changes,
})

test('a line restricts, ends in utc without rounding up, and names where it may come from', () => {
  expect(formatAuthorizedKey(entry())).toBe(
    'restrict,pty,expiry-time="20260301120005Z",from="10.0.0.0/8,192.0.2.1/32" ' +
      formatPublicKey({ ...key, comment: 'gatehouse:key-7' }),
  )
})

test('quotes in a command are escaped, and the line reads back to the same key', () => {
  const line = formatAuthorizedKey(entry({ forceCommand: 'echo "a b"', expiresAt: null }))
  expect(line).toContain('command="echo \\"a b\\""')
  expect(parseAuthorizedKey(line)).toMatchObject({
    options: expect.stringContaining('restrict,pty,from='),
    key: { blob: key.blob, comment: 'gatehouse:key-7' },
  })
  expect(parseAuthorizedKey(formatPublicKey(key))).toEqual({ options: '', key })
})

test.each([
  { comment: 'a\nb' },
  { comment: '' },
  { comment: ' x' },
  { forceCommand: 'a\\"b' },
  { forceCommand: 'a\\' },
  { forceCommand: 'a\nb' },
  { sourceAddresses: [] },
  { sourceAddresses: ['a"b'] },
])('%j is refused', (changes) => {
  expect(() => formatAuthorizedKey(entry(changes))).toThrow(expect.objectContaining({ code: 'refused' }))
})

test.each(['', 'restrict', 'command="unfinished ssh-ed25519 AAAA', '# comment'])('%j holds no key', (line) => {
  expect(() => parseAuthorizedKey(line)).toThrow(expect.objectContaining({ name: 'SshWireError' }))
})
