import { expect, test } from 'vitest'
import { addressKey, addressMatcher, callerAddress } from './address.ts'

test('forwarding headers of an untrusted peer change nothing', () => {
  expect(callerAddress('203.0.113.9', '10.1.1.1', () => false)).toBe('203.0.113.9')
})

test('behind a trusted proxy the right-most untrusted hop counts, not the left-most that the client wrote', () => {
  const trusted = addressMatcher(['10.0.0.0/8'])
  expect(callerAddress('10.0.0.1', '1.2.3.4, 198.51.100.7, 10.0.0.2', trusted)).toBe('198.51.100.7')
  expect(callerAddress('::ffff:10.0.0.1', 'nonsense', trusted)).toBe('10.0.0.1')
})

test('every address of one /64, in every spelling, has one key', () => {
  const keys = ['2001:db8:0:1::1', '2001:DB8::1:0:0:0:ffff', '2001:0db8:0000:0001:aaaa:bbbb:cccc:dddd'].map(addressKey)
  expect(new Set(keys)).toEqual(new Set(['2001:db8:0:1::/64']))
  expect(addressKey('192.0.2.1')).toBe('192.0.2.1')
})
