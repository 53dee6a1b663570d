import { once } from 'node:events'
import { createServer as createHttpServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/**
 * What goes wrong on a way. `lost before`: nothing arrives any more. `lost after`: what was asked is done, and neither
 * its answer nor anything later arrives. `silent`: nothing is answered any more. The others are of one message alone:
 * `error` and `missing` (the server's own words for 500 and 404, from whoever stands before it) of one that never
 * arrived; `garbage`, and `slow` without an end, of one that was done.
 */
export const faults = ['lost before', 'lost after', 'error', 'missing', 'garbage', 'silent', 'slow'] as const
export type Fault = (typeof faults)[number]

const lasting: ReadonlySet<Fault> = new Set(['lost before', 'lost after', 'silent'])

/** A way to a server that breaks where it is told to. */
export interface FaultyWay {
  readonly port: number
  /** How many messages have gone this way since it was mended. */
  messages(): number
  /** At the message of this number, the first being 0, it breaks so. */
  breakAt(message: number, fault: Fault): void
  mend(): void
  close(): void
}

export interface WayEnd {
  readonly port: number
  /** What is a message: a request, or what a client of PostgreSQL or SSH sends at once. */
  readonly speaks: 'http' | 'postgres' | 'ssh'
}

/** The fault of the message that comes now; null: it goes its way. */
type NextFault = () => Fault | null

/** Leads to a server on this machine. */
export async function startFaultyWay({ port, speaks }: WayEnd): Promise<FaultyWay> {
  let [seen, place] = [0, Infinity]
  let fault: Fault = 'lost before'
  const next: NextFault = () => {
    const at = seen++
    return at === place || (at > place && lasting.has(fault)) ? fault : null
  }
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  }
  const server = speaks === 'http' ? httpWay(port, next) : streamWay(port, { next, keep, words: wordsOf[speaks] })
  server.on('connection', keep).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const drop = (): void => sockets.forEach((socket) => socket.destroy())
  return {
    port: (server.address() as AddressInfo).port, // it listens
    messages: () => seen,
    breakAt: (message, how) => void ([seen, place, fault] = [0, message, how]),
    mend: () => {
      ;[seen, place] = [0, Infinity]
      drop() // what hangs would wait for its own end
    },
    close: () => {
      drop()
      server.close()
    },
  }
}

const fire = 'the server is on fire'
const dripMilliseconds = 50

function httpWay(port: number, next: NextFault): Server {
  return createHttpServer((incoming, response) => {
    answerOver(port, next(), { incoming, response }).catch(() => response.destroy())
  })
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
}

async function answerOver(port: number, fault: Fault | null, { incoming, response }: Exchange): Promise<void> {
  const body = await bytesOf(incoming)
  if (fault === 'silent') return
  if (fault === 'lost before') return void response.destroy()
  if (fault === 'error') return void response.writeHead(500, { 'content-type': 'text/plain' }).end(fire)
  if (fault === 'missing') return void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404</h1>')
  const { method, url, headers } = incoming
  const asked = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false })
  response.on('close', () => asked.destroy()) // who hung up waits for nothing
  const [answer] = (await once(asked.end(body), 'response')) as [IncomingMessage] // what Node documents
  const answered = await bytesOf(answer)
  if (fault === 'lost after') return void response.destroy()
  if (fault === 'garbage')
    return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data": [1')
  const { 'content-length': _, 'transfer-encoding': __, ...kept } = answer.headers
  response.writeHead(answer.statusCode ?? 0, kept)
  if (fault === 'slow') drip((byte) => response.write(byte), response)
  else response.end(answered)
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of message) chunks.push(chunk as Uint8Array) // no encoding is set
  return Buffer.concat(chunks)
}

/** A byte at a time, for as long as anybody listens. */
function drip(write: (byte: string) => void, until: Socket | ServerResponse): void {
  const timer = setInterval(() => write(' '), dripMilliseconds)
  until.on('close', () => clearInterval(timer))
}

interface Carrying {
  readonly next: NextFault
  readonly keep: (socket: Socket) => Socket
  /** How a server of the kind refuses, or whoever stands before it. */
  readonly words: Readonly<Record<'error' | 'missing', Buffer | string>>
}

function streamWay(port: number, { next, keep, words }: Carrying): Server {
  return createServer((from) => {
    const to = keep(connect(port, '127.0.0.1'))
    let held: Fault | null = null
    from.on('close', () => to.destroy())
    to.on('close', () => held ?? from.destroy())
    to.on('data', (chunk) => {
      if (held === null) return from.write(chunk)
      if (held === 'lost after') return from.destroy()
      if (held === 'garbage') return from.end('HTTP/1.1 200 OK\r\n\r\n')
      if (held === 'slow') drip((byte) => from.write(byte), from)
      held = 'silent' // what was to be said has been
      return undefined
    })
    from.on('data', (chunk) => {
      const fault = next()
      held ??= fault
      if (fault === 'lost before') from.destroy()
      else if (fault === 'error' || fault === 'missing') from.end(words[fault])
      else if (fault !== 'silent') to.write(chunk)
    })
  })
}

/** An ErrorResponse of the protocol of PostgreSQL, version 3. */
function postgresError(severity: string, state: string): Buffer {
  const fields = Buffer.from(`S${severity}\0V${severity}\0C${state}\0M${fire}\0\0`, 'utf8')
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeUInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

const wordsOf = {
  postgres: { error: postgresError('FATAL', '57P01'), missing: postgresError('ERROR', '42704') },
  // sshd has no words for either: a wrapper before it says something, and an address that is shut out hears nothing
  ssh: { error: `${fire}\r\n`, missing: '' },
} as const
