import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createOutbound, OutboundError, parseAllowedPlace, type AllowedPlace } from './index.ts'

const places = (...texts: string[]): AllowedPlace[] => texts.flatMap((text) => parseAllowedPlace(text) ?? [])
const strict = createOutbound({ allowed: [], ownPorts: [8420] })

test.each([
  '127.0.0.1',
  '127.1.2.3',
  '::1',
  '::ffff:127.0.0.1',
  '0.0.0.0',
  '::',
  '169.254.169.254',
  'fe80::1',
  '224.0.0.1',
  'ff02::1',
  '255.255.255.255',
  '240.0.0.1',
  'fd00:ec2::254',
  '100.100.100.200',
  '168.63.129.16',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '2002:7f00:1::',
  '::7f00:1',
  '::a9fe:a9fe',
  '64:ff9b:1::a9fe:a9fe',
  '64:ff9b:1:7f00:0:1aa:bbcc:dd',
  '2130706433',
  '0x7f000001',
  '127.1',
  'localhost',
])('`%s` is never contacted on a person\u2019s word', async (host) => {
  await expect(strict.locate({ host, port: 22 })).rejects.toMatchObject({ reason: 'refused' })
})

test.each(['192.0.2.7', '10.0.0.5', '192.168.1.1', '2001:4860:4860::8888', 'fd12:3456::1'])(
  '`%s` may be contacted',
  async (host) => {
    expect(await strict.locate({ host, port: 22 })).toBe(host)
  },
)

test('a name is refused when any of its addresses is', async () => {
  const gate = createOutbound({ allowed: [], ownPorts: [], resolve: () => Promise.resolve(['192.0.2.7', '127.0.0.1']) })
  await expect(gate.locate({ host: 'rebind.example', port: 22 })).rejects.toMatchObject({ reason: 'refused' })
})

test('a name without an address is unreachable, and a silent resolver too', async () => {
  const gate = createOutbound({ allowed: [], ownPorts: [], resolve: () => Promise.resolve([]) })
  await expect(gate.locate({ host: 'nowhere.example', port: 22 })).rejects.toMatchObject({ reason: 'unreachable' })
})

test('listed places are contacted, but our own ports only where the port is listed', async () => {
  const dev = createOutbound({ allowed: places('127.0.0.0/8', '::1'), ownPorts: [8420] })
  expect(await dev.locate({ host: '127.0.0.1', port: 22 })).toBe('127.0.0.1')
  await expect(dev.locate({ host: '127.0.0.1', port: 8420 })).rejects.toBeInstanceOf(OutboundError)
  const told = createOutbound({ allowed: places('127.0.0.1:8420'), ownPorts: [8420] })
  expect(await told.locate({ host: '127.0.0.1', port: 8420 })).toBe('127.0.0.1')
  await expect(told.locate({ host: '127.0.0.1', port: 22 })).rejects.toBeInstanceOf(OutboundError)
})

test('of several addresses the one that accepts is taken, and it is one of them', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  const gate = createOutbound({
    allowed: places('127.0.0.0/8', '::1'),
    ownPorts: [],
    resolve: () => Promise.resolve(['::1', '127.0.0.1']),
  })
  expect(await gate.locate({ host: 'both.example', port })).toBe('127.0.0.1')
  server.close()
})

test.each(['10.0.0.0/33', 'example.org', '', '10.0.0.1:0', '127.1', '10.0.0.1:99999'])(
  '`%s` is no place in the list',
  (text) => {
    expect(parseAllowedPlace(text)).toBeNull()
  },
)
