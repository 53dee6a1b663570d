import { expect, test } from 'vitest'
import { addressKey, hasOwnAddress, isWithin, networkText, parseNetwork, peerAddress } from './network.ts'

const spelled = (text: string): string | null => {
  const network = parseNetwork(text)
  return network === null ? null : networkText(network)
}
const within = (cidr: string, address: string): boolean => {
  const network = parseNetwork(cidr)
  return network !== null && isWithin(network, address)
}

test.each([
  ['10.0.0.1', '10.0.0.1/32'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['2001:DB8:0:0::/32', '2001:db8::/32'],
  ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
  ['::ffff:0:0/96', '0.0.0.0/0'],
])('the network %s is written as %s', (text, canonical) => {
  expect(spelled(text)).toBe(canonical)
})

test.each([
  '',
  '10.0.0.1/33',
  '010.0.0.1',
  '10.1',
  '0x7f000001',
  '2130706433',
  '::1/129',
  '::ffff:0:0/95',
  '::1%lo',
  '1::/',
])('%j is no network', (text) => {
  expect(spelled(text)).toBeNull()
})

test.each([
  ['10.0.0.0/8', true],
  ['10.0.0.1/8', false],
  ['2001:db8::/32', true],
  ['2001:db8::1/32', false],
  ['0.0.0.0/0', true],
])('%s stands at its own address: %s', (text, own) => {
  const network = parseNetwork(text)
  expect(network !== null && hasOwnAddress(network)).toBe(own)
})

test('an address lies in a network in whatever spelling, and never in one of the other family', () => {
  for (const address of ['10.9.9.9', '::ffff:10.9.9.9', '::ffff:a09:909'])
    expect(within('10.0.0.0/8', address)).toBe(true)
  for (const address of ['11.0.0.1', '::a09:909', '', 'localhost', '10.1'])
    expect(within('10.0.0.0/8', address)).toBe(false)
  expect(within('::/0', '10.0.0.1')).toBe(false)
  expect(within('2001:db8::/32', '2001:DB8:0::1')).toBe(true)
  expect(within('fe80::/10', 'fe80::1%eth0')).toBe(true)
})

test.each([
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['FE80::1%eth0', 'fe80::1'],
  ['nonsense', null],
])('the peer %s is %s', (text, address) => {
  expect(peerAddress(text)).toBe(address)
})

// Threat C14: one subscriber has 2^64 addresses, and every address many spellings
test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['not an address', 'unknown'],
  ['', 'unknown'],
])('`%s` counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key)
})
