import { expect, test } from 'vitest'
import { addressMatcher, callerAddress } from './address.ts'

test('forwarding headers of an untrusted peer change nothing', () => {
  expect(callerAddress('203.0.113.9', '10.1.1.1', () => false)).toBe('203.0.113.9')
})

test('behind a trusted proxy the right-most untrusted hop counts, not the left-most that the client wrote', () => {
  const trusted = addressMatcher(['10.0.0.0/8'])
  expect(callerAddress('10.0.0.1', '1.2.3.4, 198.51.100.7, 10.0.0.2', trusted)).toBe('198.51.100.7')
  expect(callerAddress('::ffff:10.0.0.1', 'nonsense', trusted)).toBe('10.0.0.1')
})
