import { describe, expect, test } from 'vitest'
import { canonicalHostAddress, canonicalIp, isWideNetwork } from './host-address.ts'
import { isSshAccount } from './ssh-account.ts'

describe('the address of a host', () => {
  test.each([
    ['db_1', 'db_1'],
    ['DB-1.Example.org.', 'db-1.example.org'],
    ['192.0.2.7', '192.0.2.7'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::ffff:7f00:1', '127.0.0.1'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('`%s` is taken as `%s`', (text, canonical) => {
    expect(canonicalHostAddress(text)).toBe(canonical)
  })

  test.each([
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '127.1',
    '0177.0.0.1',
    '127.0.0.01',
    '1.2.3.4.5',
    'fe80::1%eth0',
    '[192.0.2.7]',
    '-oProxyCommand=id',
    'a b',
    'a,b',
    '*',
    'user@host',
    'host:22',
    'a..b',
    '',
    '.',
    `${'a'.repeat(64)}.example`,
    'a\n',
  ])('`%s` is refused', (text) => {
    expect(canonicalHostAddress(text)).toBeNull()
  })

  test('an address has one spelling', () => {
    expect(canonicalIp('2001:0db8::0001')).toBe('2001:db8::1')
    expect(canonicalIp('example.org')).toBeNull()
  })
})

test.each([
  ['0.0.0.0/0', true],
  ['0.0.0.0/1', true],
  ['::/0', true],
  ['2000::/3', true],
  ['::ffff:0:0/96', true],
  ['10.0.0.0/8', false],
  ['fd00::/8', false],
  ['fc00::/7', false],
  ['2001:db8::/32', false],
  ['192.0.2.7', false],
])('a network as wide as %s: %s', (cidr, wide) => {
  expect(isWideNetwork(cidr)).toBe(wide)
})

test.each(['first.last', 'Administrator', '_svc', 'deploy', '0day'])('`%s` is an account', (name) => {
  expect(isSshAccount(name)).toBe(true)
})

test.each(['a,b', 'a b', '*', 'a*', '-l', 'a@b', '', '.', '../x', 'a/b', 'root%', 'a\n', 'x'.repeat(65)])(
  '`%s` is no account',
  (name) => {
    expect(isSshAccount(name)).toBe(false)
  },
)
