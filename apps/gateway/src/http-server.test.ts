// Slow clients, on a real socket: nothing is held for long for who sends a byte now and then.
import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpServer, httpTimes } from './http-server.ts'

let server: Server
beforeAll(async () => {
  const times = { headersMilliseconds: 400, requestMilliseconds: 800, checkMilliseconds: 50, idleMilliseconds: 5000 }
  // without TLS settings it is a server of HTTP/1.1
  server = createHttpServer(async (request) => new Response(await request.text()), { times }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** Sends a start, then a byte now and then; answers what came back, and after how long the connection was closed. */
async function trickle(start: string): Promise<{ answer: string; milliseconds: number }> {
  const begun = performance.now()
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  socket.on('error', () => undefined) // it may be cut off while it writes
  socket.write(start)
  const trickling = setInterval(() => socket.write('x'), 100)
  await new Promise((resolve) => socket.once('close', resolve)) // `once` would fail when it is cut off while it writes
  clearInterval(trickling)
  return { answer, milliseconds: performance.now() - begun }
}

test('a header that never ends is cut off', async () => {
  const { answer, milliseconds } = await trickle('POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
  expect(answer).toContain('408')
  expect(milliseconds).toBeLessThan(2000)
})

test('a body that never ends is cut off', async () => {
  const { milliseconds } = await trickle('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n')
  expect(milliseconds).toBeGreaterThan(700)
  expect(milliseconds).toBeLessThan(3000)
})

test('the times in force: 10 s for a header, 30 s for the whole request', () => {
  expect(httpTimes).toMatchObject({ headersMilliseconds: 10_000, requestMilliseconds: 30_000 })
})
