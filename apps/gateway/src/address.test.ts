import { expect, test } from 'vitest'
import { addressMatcher, originOf } from './address.ts'

const callerAddress = (...given: Parameters<typeof originOf>): string => originOf(...given).address

test('forwarding headers of an untrusted peer change nothing', () => {
  expect(callerAddress('203.0.113.9', '10.1.1.1', () => false)).toBe('203.0.113.9')
})

test('behind a trusted proxy the right-most untrusted hop counts, not the left-most that the client wrote', () => {
  const trusted = addressMatcher(['10.0.0.0/8'])
  expect(callerAddress('10.0.0.1', '1.2.3.4, 198.51.100.7, 10.0.0.2', trusted)).toBe('198.51.100.7')
  expect(callerAddress('::ffff:10.0.0.1', 'nonsense', trusted)).toBe('10.0.0.1')
})

test.for([
  ['203.0.113.7:51234', '203.0.113.7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:db8::7]:51234', '2001:db8::7'],
  ['2001:DB8:0::7', '2001:db8::7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:x', '10.0.0.1'],
  ['[203.0.113.7', '10.0.0.1'],
  ['unknown', '10.0.0.1'],
  ['', '10.0.0.1'],
] as const)('a hop that a proxy writes as `%s` is %s', ([written, address]) => {
  expect(callerAddress('10.0.0.1', written, addressMatcher(['10.0.0.0/8']))).toBe(address)
})

test('whether the address asks for somebody else is told, unless it is trusted to', () => {
  const trusted = addressMatcher(['10.0.0.0/8'])
  expect(originOf('10.0.0.1', '198.51.100.7', trusted).forwards).toBe(false)
  expect(originOf('203.0.113.9', undefined, trusted).forwards).toBe(false)
  expect(originOf('203.0.113.9', '198.51.100.7', trusted)).toEqual({ address: '203.0.113.9', forwards: true })
  expect(originOf('10.0.0.1', '198.51.100.7, 192.168.0.2', trusted)).toEqual({ address: '192.168.0.2', forwards: true })
  expect(originOf('10.0.0.1', 'unknown', trusted)).toEqual({ address: '10.0.0.1', forwards: true })
})
