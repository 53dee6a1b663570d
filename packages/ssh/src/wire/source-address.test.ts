import { expect, test } from 'vitest'
import { canonicalSourceAddress, canonicalSourceAddresses } from './source-address.ts'

test.each([
  ['10.0.0.1', '10.0.0.1/32'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['::1', '::1/128'],
  ['2001:DB8:0:0::/32', '2001:db8::/32'],
  ['::/0', '::/0'],
  ['::ffff:192.0.2.7', '192.0.2.7/32'],
  ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ['fe80::1:0:0:1', 'fe80::1:0:0:1/128'],
])('%s is written as %s', (text, canonical) => {
  expect(canonicalSourceAddress(text)).toBe(canonical)
})

test.each([
  '',
  'host.example',
  '10.0.0.1/33',
  '10.0.0.1/8',
  '10.0.0',
  '010.0.0.1',
  '*',
  '!10.0.0.1',
  '10.0.0.1,10.0.0.2',
  '10.0.0.1/',
  '10.0.0.1 ',
  'fe80::1%eth0',
  '::1/129',
  '2001:db8::1/32',
  '10.0.0.1/-1',
  '::ffff:10.0.0.0/95',
])('%j is refused', (text) => {
  expect(() => canonicalSourceAddress(text)).toThrow(expect.objectContaining({ code: 'refused' }))
})

test('a list is sorted, without doubles, and never empty', () => {
  expect(canonicalSourceAddresses(['10.0.0.2', '10.0.0.1/32', '::ffff:10.0.0.1'])).toEqual([
    '10.0.0.1/32',
    '10.0.0.2/32',
  ])
  expect(() => canonicalSourceAddresses([])).toThrow(/empty/)
})
