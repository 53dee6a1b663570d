// What a Cosmian KMS of version 5.28.0 answered, recorded: a check of our side of the protocol, not of the program.
// The program itself is asked in test/cosmian.real.test.ts, where there is one.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { secret } from '@gatehouse/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cosmianKek } from './cosmian.ts'

interface Recording {
  readonly key: string
  /** A key that was not activated. */
  readonly sleeping: string
  readonly wrapped: string
  readonly exchanges: readonly {
    readonly request: unknown
    readonly authorized: boolean
    readonly status: number
    readonly answer: unknown
  }[]
}

const file = resolve(import.meta.dirname, '../../testdata/cosmian-5.28.0.json')
const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording // made by the server
const token = 'of-the-recording'
const purpose = 'gatehouse:recorded'
const data = Buffer.alloc(32, 7)

let server: Server
let address: string
const unknown: unknown[] = []
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const asked: unknown = JSON.parse(await bodyOf(request))
    const authorized = request.headers.authorization === `Bearer ${token}`
    const known = recording.exchanges.find(
      (one) => one.authorized === authorized && isDeepStrictEqual(one.request, asked),
    )
    if (known === undefined) unknown.push(asked)
    const { status, answer } = known ?? { status: 599, answer: '' }
    response.writeHead(request.url === '/kmip/2_1' ? status : 404)
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens
})
afterAll(() => void server.close())

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // a stream of bytes
  return Buffer.concat(chunks).toString('utf8')
}

const kekOf = (key: string, as = token) => cosmianKek({ address, key, token: secret(as) })

test('wraps and opens as the server was asked when it was recorded', async () => {
  const kek = kekOf(recording.key)
  await kek.probe()
  expect(await kek.wrap(data, purpose)).toBe(recording.wrapped)
  expect(Buffer.from(await kek.unwrap(recording.wrapped, purpose)).equals(data)).toBe(true)
  expect(unknown).toEqual([])
})

test('what does not open is told from a key that is not there', async () => {
  await expect(kekOf(recording.key).unwrap(recording.wrapped, 'gatehouse:other')).rejects.toMatchObject({
    code: 'unwrap-failed',
  })
  expect(unknown).toEqual([])
})

test.each([
  ['sleeps', () => kekOf(recording.sleeping), 'key-unusable'],
  ['is not there', () => kekOf('00000000-0000-4000-8000-000000000000'), 'no-such-key'],
  ['is another’s', () => kekOf(recording.key, 'wrong'), 'denied'],
  ['answers what was never recorded', () => kekOf('00000000-0000-4000-8000-000000000001'), 'unreachable'],
] as const)('a key that %s', async (_what, kek, code) => {
  await expect(kek().probe()).rejects.toMatchObject({ code })
})
