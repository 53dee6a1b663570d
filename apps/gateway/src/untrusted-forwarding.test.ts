import { expect, test } from 'vitest'
import { watchForwarding } from './untrusted-forwarding.ts'

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 28, 12, 0, seconds))

test('a peer that forwards and is not trusted is told of once, and counted', () => {
  const told: string[] = []
  const watch = watchForwarding((peer) => void told.push(peer))
  watch.seen('192.0.2.1', at(0))
  watch.seen('192.0.2.1', at(9))
  expect(told).toEqual(['192.0.2.1'])
  expect(watch.peers()).toEqual([{ address: '192.0.2.1', count: 2, since: at(0), lastSeenAt: at(9) }])
})

test('a flood of them fills neither log nor memory, and does not push out the proxy that all come through', () => {
  const told: string[] = []
  const watch = watchForwarding((peer) => void told.push(peer))
  for (let peer = 0; peer < 1000; peer += 1) {
    watch.seen(`198.51.100.${peer}`, at(1))
    watch.seen('10.0.0.7', at(2))
  }
  expect(told.length).toBeLessThanOrEqual(16)
  expect(watch.peers()).toHaveLength(16)
  expect(watch.peers()[0]).toMatchObject({ address: '10.0.0.7', count: 1000 })
})
