import { Refusal } from '@gatehouse/contract'
import { expect, test } from 'vitest'
import { sourceAddressesOf } from './host-fields.ts'

const elsewhere = { address: '10.0.0.5' }
const refusalOf = (act: () => unknown): Refusal | null => {
  try {
    act()
    return null
  } catch (error) {
    return error instanceof Refusal ? error : null
  }
}

test('credentials for a host work from where its registrar called, unless told otherwise', () => {
  expect(sourceAddressesOf(elsewhere, { address: '192.0.2.7' })).toEqual(['192.0.2.7/32'])
  expect(sourceAddressesOf({ ...elsewhere, sourceAddresses: ['10.1.0.0/16'] }, { address: '192.0.2.7' })).toEqual([
    '10.1.0.0/16',
  ])
})

test('a proxy that is not trusted is no place to bind a host to: its people have to say where they are', () => {
  const proxy = { address: '10.0.0.1', forwards: true }
  const refusal = refusalOf(() => sourceAddressesOf(elsewhere, proxy))
  expect(refusal?.code).toBe('invalid-input')
  expect(refusal?.details.fields).toEqual([
    { path: 'sourceAddresses', message: expect.stringMatching(/--source-addresses.*10\.0\.0\.1.*trusted_proxies/) },
  ])
  expect(sourceAddressesOf({ ...elsewhere, sourceAddresses: ['10.1.0.0/16'] }, proxy)).toEqual(['10.1.0.0/16'])
})

test("the server's own loopback address is one neither, but for a host on that machine", () => {
  expect(refusalOf(() => sourceAddressesOf(elsewhere, { address: '127.0.0.1' }))?.code).toBe('invalid-input')
  expect(sourceAddressesOf({ address: '127.0.0.1' }, { address: '127.0.0.1' })).toEqual(['127.0.0.1/32'])
})
