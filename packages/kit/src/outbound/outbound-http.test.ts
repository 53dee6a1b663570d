import { once } from 'node:events'
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createSocketServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createSelfSigned, type SelfSigned } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createOutbound,
  createOutboundHttp,
  type OutboundError,
  parseAllowedPlace,
  type OutboundHttpSettings,
  type OutboundRequest,
} from './index.ts'

const servers: (Server | HttpServer)[] = []
const sockets = new Set<Socket>()
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
})
const started = async <T extends Server>(server: T): Promise<number> => {
  servers.push(server.listen(0, '127.0.0.1'))
  server.on('connection', (socket: Socket) => void sockets.add(socket))
  await once(server, 'listening')
  return (server.address() as AddressInfo).port // listening on TCP
}
const serving = (listener: RequestListener): Promise<number> => started(createServer(listener))

const loopback = [parseAllowedPlace('127.0.0.0/8')].flatMap((place) => place ?? [])
const http = (settings: Partial<OutboundHttpSettings> & { resolve?: () => Promise<string[]> } = {}) => {
  const { resolve, ...rest } = settings
  const outbound = createOutbound({ allowed: loopback, ownPorts: [], ...(resolve === undefined ? {} : { resolve }) })
  return createOutboundHttp({ outbound, reach: 'public', ...rest })
}
const asking = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url,
  method: 'GET',
  secondsMax: 5,
  answerBytesMax: 1000,
  plain: 'allowed',
  ...more,
})

describe('a request to an address that a person named', () => {
  test('is sent as it is and answered whole, of whatever status', async () => {
    const port = await serving((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { host, authorization, te } = request.headers
        response.writeHead(503, { 'x-kind': 'test' })
        response.end(
          JSON.stringify([request.method, request.url, host, authorization, te, String(Buffer.concat(chunks))]),
        )
      })
    })
    const headers = { Authorization: 'Bearer x', Host: 'elsewhere.example', TE: 'trailers' }
    const answer = await http().send(
      asking(`http://127.0.0.1:${port}/a/b?c=%20d#e`, { method: 'POST', headers, body: 'caf\u00e9' }),
    )
    expect([answer.status, answer.headers['x-kind']]).toEqual([503, 'test'])
    expect(JSON.parse(Buffer.from(answer.body).toString())).toEqual([
      'POST',
      '/a/b?c=%20d',
      `127.0.0.1:${port}`,
      'Bearer x',
      null,
      'caf\u00e9',
    ])
  })

  test('follows no redirect', async () => {
    let reached = 0
    const inside = await serving((_, response) => {
      reached += 1
      response.end('secret')
    })
    for (const status of [301, 302, 303, 307, 308, 304]) {
      const port = await serving((_, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${inside}/` }).end()
      })
      await expect(http().send(asking(`http://127.0.0.1:${port}/`))).rejects.toMatchObject({ reason: 'redirected' })
    }
    expect(reached).toBe(0)
  })

  test('goes to the address that was looked at, though the name leads elsewhere a moment later', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.2']]
    let asked = 0
    const resolve = (): Promise<string[]> => Promise.resolve(answers[asked++] ?? [])
    const port = await serving((request, response) => response.end(`${request.headers.host}`))
    const answer = await http({ resolve }).send(asking(`http://rebind.example:${port}/`))
    expect([String(Buffer.from(answer.body)), asked]).toEqual([`rebind.example:${port}`, 1])
    await expect(http({ resolve }).send(asking(`http://rebind.example:${port}/`))).rejects.toMatchObject({
      reason: 'unreachable', // nobody listens at the second address, and it was not asked for a third
    })
    expect(asked).toBe(2)
  })

  test.each([
    ['http://10.0.0.5/', 'private'],
    ['http://192.168.1.1:8080/', 'private'],
    ['http://100.64.0.1/', 'private'],
    ['http://[fd12:3456::1]/', 'private'],
    ['http://169.254.169.254/latest/meta-data', 'metadata'],
    ['http://[::1]/', 'loopback'],
    ['http://[::ffff:10.0.0.5]/', ''],
    ['http://user:pass@127.0.0.1/', 'password'],
    ['file:///etc/passwd', 'https://'],
    ['gopher://127.0.0.1/', 'https://'],
    ['not a url', 'https://'],
  ])('`%s` is refused before anything is sent', async (url, said) => {
    await expect(http().send(asking(url))).rejects.toMatchObject({
      reason: 'refused',
      message: expect.stringContaining(said) as string,
    })
  })

  test('reaches private networks where they are listed', async () => {
    const located = (...allowed: string[]) =>
      createOutbound({ ownPorts: [], allowed: allowed.flatMap((place) => parseAllowedPlace(place) ?? []) }).locate({
        host: '10.0.0.5',
        port: 443,
        reach: 'public',
      })
    await expect(located('10.0.0.6')).rejects.toMatchObject({ reason: 'refused' })
    for (const place of ['10.0.0.0/8', '10.0.0.5:443']) expect(await located(place)).toBe('10.0.0.5')
    await expect(located('10.0.0.5:80')).rejects.toMatchObject({ reason: 'refused' })
  })

  test('is by https unless plain text is allowed', async () => {
    const { plain: _, ...secure } = asking('http://127.0.0.1/')
    await expect(http().send(secure)).rejects.toMatchObject({ reason: 'refused' })
  })

  test('is refused with a header that would be two', async () => {
    const sent = http().send(asking('http://127.0.0.1/', { headers: { 'x-a': 'b\r\nx-c: d' } }))
    await expect(sent).rejects.toMatchObject({ reason: 'refused' })
  })
})

describe('a server that does not behave', () => {
  const inTime = async (url: string, more: Partial<OutboundRequest> = {}) => {
    const begun = performance.now()
    const error: unknown = await http()
      .send(asking(url, { secondsMax: 0.5, ...more }))
      .catch((cause: unknown) => cause)
    expect(performance.now() - begun).toBeLessThan(3000)
    return error
  }

  test('and says nothing is late', async () => {
    const port = await started(createSocketServer(() => undefined))
    expect(await inTime(`http://127.0.0.1:${port}/`)).toMatchObject({ reason: 'late' })
    expect(await inTime(`https://127.0.0.1:${port}/`)).toMatchObject({ reason: 'late' })
    // what a longer time has left, as people read it
    const { message } = (await inTime(`http://127.0.0.1:${port}/`, { secondsMax: 0.499_909 })) as OutboundError
    expect(message).toBe('it was not done within 0.5 s')
  })

  test('and drips a byte at a time is late, in its headers and in its answer', async () => {
    const dripping = (head: string): Promise<number> =>
      started(
        createSocketServer((socket) => {
          socket.on('error', () => undefined)
          socket.write(head)
          const drip = setInterval(() => socket.write('a'), 20)
          socket.on('close', () => clearInterval(drip))
        }),
      )
    for (const head of ['HTTP/1.1 200 OK\r\nx-a: ', 'HTTP/1.1 200 OK\r\n\r\n'])
      expect(await inTime(`http://127.0.0.1:${await dripping(head)}/`)).toMatchObject({ reason: 'late' })
  })

  test('and a resolver that never answers is late', async () => {
    const sent = http({ resolve: () => new Promise(() => undefined) }).send(
      asking('http://silent.example/', { secondsMax: 0.3 }),
    )
    await expect(sent).rejects.toMatchObject({ reason: 'late' })
  })

  test('and never stops is cut off, whatever length it names', async () => {
    let closed = 0
    const port = await serving((request, response) => {
      response.on('close', () => (closed += 1))
      if (request.url === '/named') response.writeHead(200, { 'content-length': 10 ** 12 })
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      }
      response.on('drain', pour)
      pour()
    })
    for (const path of ['', 'named'])
      await expect(http().send(asking(`http://127.0.0.1:${port}/${path}`))).rejects.toMatchObject({
        reason: 'too-large',
      })
    await expect.poll(() => closed).toBe(2)
  })

  test('and answers exactly as much as is read is read', async () => {
    const port = await serving((_, response) => response.end('x'.repeat(1000)))
    expect((await http().send(asking(`http://127.0.0.1:${port}/`))).body).toHaveLength(1000)
  })

  test.each([
    ['', 'broken'],
    ['SSH-2.0-OpenSSH_9.9\r\n', 'broken'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', 'broken'],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 'broken'],
    ['HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', 'broken'],
  ])('%# and ends or speaks otherwise is told as such', async (text, reason) => {
    const port = await started(createSocketServer((socket) => socket.on('error', () => undefined).end(text)))
    expect(await inTime(`http://127.0.0.1:${port}/`, { secondsMax: 2 })).toMatchObject({ reason })
  })

  test('and is not there is unreachable', async () => {
    const port = await serving(() => undefined)
    servers.pop()?.close()
    expect(await inTime(`http://127.0.0.1:${port}/`)).toMatchObject({ reason: 'unreachable' })
  })
})

describe('by TLS', () => {
  let own: SelfSigned
  let port: number
  beforeAll(async () => {
    own = await createSelfSigned('sink.example')
    const server = createTlsServer({ cert: own.certificate, key: own.key }, (request, response) => {
      response.end('servername' in request.socket ? String(request.socket.servername) : '')
    })
    port = await started(server)
  })
  const resolve = (): Promise<string[]> => Promise.resolve(['127.0.0.1'])

  test('the name is shown and checked, though the address is what is connected to', async () => {
    const sink = http({ resolve, authorities: [own.certificate] })
    const answer = await sink.send(asking(`https://sink.example:${port}/`))
    expect(String(Buffer.from(answer.body))).toBe('sink.example')
    await expect(sink.send(asking(`https://other.example:${port}/`))).rejects.toMatchObject({ reason: 'untrusted' })
    await expect(sink.send(asking(`https://127.0.0.1:${port}/`))).rejects.toMatchObject({ reason: 'untrusted' })
  })

  test('a certificate that nobody vouches for is refused', async () => {
    const sent = http({ resolve }).send(asking(`https://sink.example:${port}/`))
    await expect(sent).rejects.toMatchObject({ reason: 'untrusted' })
  })
})
