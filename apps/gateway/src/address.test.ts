import { expect, test } from 'vitest'
import { addressMatcher, callerAddress, tellUntrustedForwarding } from './address.ts'

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

test('a peer that forwards and is not trusted is told of once, and no flood of them fills the log', () => {
  const told: string[] = []
  const tell = tellUntrustedForwarding((peer) => void told.push(peer))
  tell('192.0.2.1')
  tell('192.0.2.1')
  expect(told).toEqual(['192.0.2.1'])
  for (let peer = 0; peer < 1000; peer += 1) tell(`198.51.100.${peer}`)
  expect(told.length).toBeLessThanOrEqual(16)
})
