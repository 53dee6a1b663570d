import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createOutbound, parseAllowedPlace } from '@gatehouse/kit/outbound'
import { expect, test } from 'vitest'
import { sendSyslog } from './send-syslog.ts'

const sending = (resolve: () => Promise<string[]>, port: number) =>
  sendSyslog({
    outbound: createOutbound({
      allowed: ['127.0.0.1'].flatMap((place) => parseAllowedPlace(place) ?? []),
      ownPorts: [],
      resolve,
    }),
    host: 'sink.example',
    port,
    authority: null,
    messages: ['x'],
    secondsMax: 0.3,
  })

// a claim on a sink is arithmetic with this time: what it leaves out, two processes deliver at once
test('a syslog receiver whose name is never resolved is given up when its time is over', async () => {
  await expect(sending(() => new Promise(() => undefined), 6514)).rejects.toMatchObject({
    chance: 'later',
    message: 'it was not done within 0.3 s',
  })
})

test('a syslog receiver that says nothing is given up when its time is over, and its connection ends', async () => {
  const ended: Promise<unknown>[] = []
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined).resume()
    ended.push(once(socket, 'close'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  await expect(sending(() => Promise.resolve(['127.0.0.1']), port)).rejects.toMatchObject({
    message: 'it was not done within 0.3 s',
  })
  await Promise.all(ended)
  server.close()
})
