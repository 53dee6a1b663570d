import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { createOutbound, parseAllowedPlace } from '@gatehouse/kit/outbound'
import { createSelfSigned } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { sendSyslog, type SyslogDelivery } from './send-syslog.ts'

const sending = (resolve: () => Promise<string[]>, port: number, trusted: Partial<SyslogDelivery> = {}) =>
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
    ...trusted,
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

// Threat F1: what nobody read counted as delivered, also by a sink that is required
test('a syslog receiver that closes first has not taken what was sent, and one that closes behind us has', async () => {
  const { certificate, key } = await createSelfSigned('sink.example')
  const answers: ((socket: TLSSocket) => unknown)[] = [
    (socket) => socket.destroy(),
    (socket) => socket.pause().end(),
    (socket) => socket.end(() => socket.destroy()),
    (socket) => socket.resume(),
  ]
  const server = createTlsServer({ cert: certificate, key }, (socket) => {
    socket.on('error', () => undefined)
    answers.shift()?.(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  const deliver = () => sending(() => Promise.resolve(['127.0.0.1']), port, { authority: certificate, secondsMax: 5 })
  while (answers.length > 1) await expect(deliver()).rejects.toMatchObject({ chance: 'later' })
  await deliver()
  server.close()
})
