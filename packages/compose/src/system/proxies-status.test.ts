import { expect, test } from 'vitest'
import { forwardingFacts, proxiesPart } from './proxies-status.ts'

const peer = (address: string) => ({
  address,
  count: 3,
  since: new Date('2026-11-28T12:00:00Z'),
  lastSeenAt: new Date('2026-11-28T12:05:00Z'),
})

test('nobody who forwards is fine', () => {
  expect(proxiesPart([])).toMatchObject({ name: 'proxies', health: 'ok' })
})

test.for(['10.0.0.7', '192.168.1.1', '172.16.0.1', '100.64.0.9', '127.0.0.1', '::1', 'fd00::7'])(
  'a peer of our own networks that forwards and is not trusted is a proxy to name: %s',
  (address) => {
    const part = proxiesPart([peer('203.0.113.9'), peer(address)])
    expect(part.health).toBe('degraded')
    expect(part.message).toContain(address)
    expect(part.message).toContain('[rate_limit] trusted_proxies')
  },
)

test.for(['203.0.113.9', '2001:db8::9'])('a stranger who writes the header makes nothing degraded: %s', (address) => {
  expect(proxiesPart([peer(address)])).toMatchObject({ health: 'ok' })
  expect(proxiesPart([peer(address)]).message).toContain(address)
})

test('each peer is told with what to set', () => {
  expect(forwardingFacts([peer('10.0.0.7')])).toEqual([
    { ...peer('10.0.0.7'), advice: 'if it is a proxy of yours, put "10.0.0.7" into `[rate_limit] trusted_proxies`' },
  ])
})
