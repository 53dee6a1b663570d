// Threat C22: what is held open for a stranger has its places.
import { expect, test } from 'vitest'
import { createWaitingPlaces } from './waiting-places.ts'

test('an address has its places, and all together have theirs', () => {
  const places = createWaitingPlaces({ all: 3, address: 2 })
  const [first, second] = [places.take('192.0.2.1'), places.take('192.0.2.1')]
  expect([first, second]).not.toContain(null)
  expect(places.take('192.0.2.1')).toBe(null)
  expect(places.take('192.0.2.2')).not.toBe(null)
  expect(places.take('192.0.2.3')).toBe(null)
})

test('a place that is given back is there for another, once', () => {
  const places = createWaitingPlaces({ all: 2, address: 1 })
  const giveBack = places.take('192.0.2.1')
  giveBack?.()
  giveBack?.()
  expect(places.take('192.0.2.1')).not.toBe(null)
  expect(places.take('192.0.2.1')).toBe(null)
  expect(places.take('192.0.2.2')).not.toBe(null)
  expect(places.take('192.0.2.3')).toBe(null)
})
