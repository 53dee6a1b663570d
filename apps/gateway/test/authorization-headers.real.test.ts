// Threat B7: whatever stands in `Authorization`, the answer is 401, never a fault. Through the real application, its
// authenticator and its database.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { loadConfig } from '@gatehouse/config'
import { createDatabase, timeoutOf, volume, type TestDatabase } from '@gatehouse/testkit'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { composeGateway, type Gateway } from '../src/compose.ts'

const headersCount = volume({ full: 100_000, sample: 4_000 })

let database: TestDatabase
let gateway: Gateway
let home: string
const logged: string[] = []
beforeAll(async () => {
  ;[database, home] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'gh-headers-'))])
  const root = resolve(import.meta.dirname, '../../..')
  const config = loadConfig({ DATABASE_URL: database.url, GATEHOUSE_HOME: home, GATEHOUSE_DEV: '1' }, root)
  gateway = await composeGateway(
    config,
    pino({ level: 'error' }, { write: (line: string) => void logged.push(line) }),
    () => undefined,
  )
})
afterAll(async () => {
  await gateway.close()
  await database.drop()
  await rm(home, { recursive: true, force: true })
})

const peer = { incoming: { socket: { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' } } }
const body = JSON.stringify({ query: '{ authWhoami { id } }' })
const graphql = async (authorization: Headers): Promise<number> => {
  authorization.set('content-type', 'application/json')
  return (await gateway.app.request('http://localhost/graphql', { method: 'POST', headers: authorization, body }, peer))
    .status
}
const trpc = async (headers: Headers): Promise<number> =>
  (await gateway.app.request('http://localhost/trpc/auth.whoami', { headers }, peer)).status

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const letters = (length: number): string =>
  [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length] ?? '').join('')
const pick = <T>(from: readonly [T, ...T[]]): T =>
  from[Math.floor((randomBytes(2).readUInt16LE() / 65_536) * from.length)] ?? from[0]

/** Text whose checksum is right, so that only the database can say that it is nobody's. */
function lookAlike(prefix: string): string {
  const unchecked = prefix + letters(43)
  let rest = crc32(unchecked)
  const digits: string[] = []
  for (let place = 0; place < 6; place += 1) {
    digits.unshift(alphabet[rest % 62] ?? '')
    rest = Math.floor(rest / 62)
  }
  return unchecked + digits.join('')
}

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const latin = (length: number): string =>
  [...randomBytes(length)]
    .map((byte) => String.fromCharCode(byte))
    .filter((letter) => !'\0\r\n'.includes(letter))
    .join('')

/** Kinds of what people, proxies and attackers send. */
const kinds: readonly [() => string, ...(() => string)[]] = [
  () => latin(randomBytes(1)[0] ?? 0),
  () => `Bearer ${latin(64)}`,
  () => `bearer ${letters(64)}`,
  () => `BEARER\t${letters(20)}`,
  () => `Bearer${letters(20)}`,
  () => `Bearer ${letters(20)} ${letters(20)}`,
  () => '',
  () => ' ',
  () => 'Bearer',
  () => 'Bearer ',
  () => `Bearer  ${letters(8)}`,
  () => `Basic ${Buffer.from(latin(16)).toString('base64')}`,
  () => `DPoP ${letters(40)}`,
  () => `Digest username="${letters(4)}"`,
  () => `Negotiate ${letters(9)}`,
  () => `Bearer ${lookAlike(pick(['gatehouse_pat_', 'gatehouse_svc_']))}`,
  () => `Bearer gatehouse_pat_${letters(49)}`,
  () => `Bearer gatehouse_${letters(12)}`,
  () => `Bearer ghr_${letters(43)}`,
  () =>
    `Bearer ${[
      b64({ alg: pick(['RS256', 'none', 'HS256']), typ: 'at+jwt', kid: letters(8) }),
      b64({ sub: letters(3), exp: 1e21 }),
      letters(pick([0, 1, 86, 342])),
    ].join('.')}`,
  () => `Bearer ${'.'.repeat(randomBytes(1)[0] ?? 0)}`,
  () => `Bearer eyJ${'A'.repeat(pick([10, 1000]))}..`,
  () => `Bearer ${encodeURIComponent(latin(20))}`,
  () => `Bearer ' or 1=1 --`,
  () => `Bearer __proto__`,
  () => `Bearer ${letters(9)}, Bearer ${letters(9)}`,
]

/** What the fetch standard lets stand in a header, sometimes twice. */
function headersWith(value: string): Headers {
  const headers = new Headers({ authorization: value })
  if (randomBytes(1)[0] === 0) headers.append('authorization', `Bearer ${letters(20)}`)
  return headers
}

test(
  `${headersCount} other headers are answered 401 on both transports, and none is a fault`,
  { timeout: timeoutOf(180_000) },
  async () => {
    const statuses = new Map<string, number>()
    const atOnce = 50
    for (let done = 0; done < headersCount; done += atOnce) {
      const answers = await Promise.all(
        Array.from({ length: atOnce }, async (_, index) => {
          const value = kinds[(done + index) % kinds.length]?.() ?? ''
          return index % 10 === 0
            ? `trpc ${await trpc(headersWith(value))}`
            : `graphql ${await graphql(headersWith(value))}`
        }),
      )
      for (const answer of answers) statuses.set(answer, (statuses.get(answer) ?? 0) + 1)
    }
    expect(Object.fromEntries(statuses)).toEqual({
      'trpc 401': headersCount / 10,
      'graphql 401': (headersCount / 10) * 9,
    })
    expect(logged).toEqual([])
  },
)

test('a huge header is answered 401 as well, without being read', async () => {
  for (const value of [
    `Bearer ${'A'.repeat(1_000_000)}`,
    `Bearer ${'.'.repeat(1_000_000)}`,
    ' '.repeat(100_000) + 'x',
    `Bearer ${' '.repeat(200_000)}\u00e9`,
  ]) {
    const begun = performance.now()
    expect([
      await graphql(new Headers({ authorization: value })),
      await trpc(new Headers({ authorization: value })),
    ]).toEqual([401, 401])
    expect(performance.now() - begun).toBeLessThan(1000)
  }
  expect(logged).toEqual([])
})
