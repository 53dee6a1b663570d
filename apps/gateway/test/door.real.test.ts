// Threats C19, C20, C21: what comes in at the door, before anybody is known. Through the real application.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadConfig } from '@gatehouse/config'
import { openStore } from '@gatehouse/database'
import { createDatabase, type TestDatabase } from '@gatehouse/testkit'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeGateway, type Gateway } from '../src/compose.ts'
import { createLimiter, forgetOldBuckets } from '../src/limits/limiter.ts'
import { claimFromBucket, deleteOldBuckets, forgottenAtOnce } from '../src/limits/rate-bucket.queries.ts'

let database: TestDatabase
let gateway: Gateway
let home: string
const logged: string[] = []
/** An address may do ten times this; the loopback address of the development stack is not counted. */
const perMinute = 10

beforeAll(async () => {
  ;[database, home] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'gh-door-'))])
  const root = resolve(import.meta.dirname, '../../..')
  const settings = join(home, 'security.toml')
  await writeFile(settings, `[rate_limit]\nper_minute = ${perMinute}\n`)
  const environment = {
    DATABASE_URL: database.url,
    GATEHOUSE_HOME: home,
    GATEHOUSE_DEV: '1',
    GATEHOUSE_CONFIG: settings,
  }
  const config = loadConfig(environment, root)
  const log = pino({ level: 'error' }, { write: (line: string) => void logged.push(line) })
  gateway = await composeGateway(config, log, () => undefined)
})
afterAll(async () => {
  await gateway.close()
  await database.drop()
  await rm(home, { recursive: true, force: true })
})

const socketOf = (remoteAddress: string) => ({
  incoming: { socket: { remoteAddress, remotePort: 1, remoteFamily: 'IPv4' } },
})

interface Answer {
  readonly status: number
  readonly text: string
}

const ask = async (path: string, init: RequestInit = {}, address = '127.0.0.1'): Promise<Answer> => {
  const response = await gateway.app.request(`http://localhost${path}`, init, socketOf(address))
  return { status: response.status, text: await response.text() }
}
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<Answer> =>
  ask(path, { method: 'POST', headers: { 'content-type': type }, body })

const refusalIn = ({ text }: Answer): { code?: string; fields?: readonly { path: string; message: string }[] } => {
  const [body = {}] = [JSON.parse(text)].flat() as {
    errors?: { extensions: object }[]
    error?: { data?: { refusal: object } }
  }[]
  return body.errors?.[0]?.extensions ?? body.error?.data?.refusal ?? {}
}

const bomb = `{...a} fragment a on Query{${'...a '.repeat(50)}}`

describe('a document that would grow when it is executed', () => {
  test.for(['/graphql', '/graphql/stream'])('is refused at once at %s', async (path) => {
    // what a process does once, at its first document, is none of this one's
    await post(path, JSON.stringify({ query: bomb.replace('{...a}', '{...b}') }))
    const begun = performance.now()
    const answer = await post(path, JSON.stringify({ query: bomb }))
    expect(performance.now() - begun).toBeLessThan(500)
    expect(refusalIn(answer)).toMatchObject({ code: 'invalid-input', fields: [{ path: 'query' }] })
    expect((await ask('/healthz')).status).toBe(200)
  })

  test('is refused in the address, too', async () => {
    expect(refusalIn(await ask(`/graphql/stream?query=${encodeURIComponent(bomb)}`))).toMatchObject({
      code: 'invalid-input',
    })
  })
})

/** What a stranger would like to have executed, hidden from one of two parsers. */
const introspection = '{__schema{types{name}}}'
const hidden: readonly (readonly [string, string])[] = [
  ['behind a raw #', `query={__typename}%23&query=${introspection}`],
  ['behind a raw # that is not escaped', `query={__typename}#&query=${introspection}`],
  ['as a second parameter', `query={__typename}&query=${introspection}`],
  ['as a first parameter', `query=${introspection}&query={__typename}`],
  ['behind bytes that are not UTF-8', `query=%ff${introspection}`],
  ['behind a second question mark', `query={__typename}?query=${introspection}`],
  ['behind a percent sign', `query=%&query=${introspection}`],
]

describe('what was guarded is what is executed', () => {
  test.for(hidden)('a stranger introspects nothing %s', async ([, search]) => {
    const { text } = await ask(`/graphql/stream?${search}`)
    expect(text).not.toContain('"types"')
    expect(text).not.toContain('SystemVersion')
  })

  test('a document whose comment hides another is one document: its own', async () => {
    const { text } = await ask(`/graphql/stream?query=${encodeURIComponent('{__typename #}\n}')}`)
    expect(text).toContain('"__typename":"Query"')
  })

  test('the stream takes a JSON body and no other', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect(refusalIn(await post('/graphql/stream', JSON.stringify({ query: '{__typename}' }), type))).toMatchObject({
        code: 'invalid-input',
        fields: [{ path: 'content-type' }],
      })
  })

  test('a document is not asked for by its hash', async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } }
    for (const query of ['', undefined])
      expect(refusalIn(await post('/graphql', JSON.stringify({ query, extensions }))).code).toBe('invalid-input')
  })
})

/** Variables as they are sent, of which libraries look at every value many times over once one does not fit. */
const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 15_000 }, (_, at) => [`k${at}`, 1])))
const oversized: readonly (readonly [string, string])[] = [
  ['of fifteen thousand unknown fields', `{"i":${wide}}`],
  ['of fifteen thousand names', wide],
  ['of a list of fifty thousand', `{"i":{"username":${JSON.stringify(Array(50_000).fill(1))}}}`],
  ['of a hundred thousand brackets', `{"i":{"username":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`],
]
const logInBy = 'mutation($i:AuthLoginInput!){authLogin(input:$i){challenge{id}}}'

describe('variables that libraries would look at again and again', () => {
  const cases = oversized.flatMap(([what, variables]) =>
    (['/graphql', '/graphql/stream'] as const).map((path) => [what, path, variables] as const),
  )
  test.for(cases)('%s are refused at once at %s', async ([, path, variables]) => {
    const body = `{"query":${JSON.stringify(logInBy)},"variables":${variables}}`
    const begun = performance.now()
    const answer = await post(path, body)
    expect(performance.now() - begun).toBeLessThan(500)
    expect(refusalIn(answer)).toMatchObject({ code: 'invalid-input', fields: [{ path: 'variables' }] })
  })

  test('a document that does not fit in a hundred ways is told of once', async () => {
    const names = Array.from({ length: 300 }, (_, at) => `nothing${at}`).join(' ')
    const { text } = await post('/graphql', JSON.stringify({ query: `{systemVersion{${names}}}` }))
    expect((JSON.parse(text) as { errors: unknown[] }).errors).toHaveLength(1)
  })
})

const inAddress = (query: string): string => `/graphql/stream?query=${encodeURIComponent(query)}`
/** What is asked for where it is not answered, or in a way that the stream's library has words of its own for. */
const misplaced: readonly (readonly [string, () => Promise<Answer>])[] = [
  ['a mutation by an address', () => ask(inAddress('mutation{authDeviceStart{userCode}}'))],
  [
    'a mutation by an address, named beside a query',
    () => ask(`${inAddress('query A{__typename} mutation B{authDeviceStart{userCode}}')}&operationName=B`),
  ],
  ['a subscription at /graphql', () => post('/graphql', JSON.stringify({ query: 'subscription{__typename}' }))],
  ['an operation that is not in the document', () => ask(`${inAddress('query A{__typename}')}&operationName=B`)],
  ['one of two operations', () => ask(inAddress('query A{__typename} query B{__typename}'))],
  ['a subscription to nothing', () => ask(inAddress('subscription{__typename @skip(if:true)}'))],
  ['a document that does not fit', () => ask(inAddress('{systemVersion{nothing}}'))],
  [
    'variables that do not fit',
    () => post('/graphql/stream', JSON.stringify({ query: logInBy, variables: { i: { username: 1 } } })),
  ],
  [
    'a form at tRPC with fields',
    () => post('/trpc/auth.deviceStart', '--x\r\n\r\n--x--', 'multipart/form-data; boundary=x'),
  ],
  ['bytes at tRPC', () => post('/trpc/auth.deviceStart', '{}', 'application/octet-stream')],
  ['text at tRPC', () => post('/trpc/auth.deviceStart', '{}', 'text/plain')],
]

describe('what is asked for in the wrong place, or by a foreign page', () => {
  test.for(misplaced)('%s is refused as invalid input', async ([, request]) => {
    const answer = await request()
    expect(answer.status).toBe(400)
    expect(refusalIn(answer).code).toBe('invalid-input')
    expect(answer.text).not.toMatch(/AST|"event"|deviceCode|userCode|locked|append/)
  })
})

const nested = `${'['.repeat(3000)}${']'.repeat(3000)}`
const unreadable: readonly (readonly [string, () => Promise<Answer>, string])[] = [
  ['a body that is not JSON at tRPC', () => post('/trpc/auth.login', '{"username": sesame'), 'invalid-input'],
  ['a body of nested brackets at tRPC', () => post('/trpc/auth.login', nested), 'invalid-input'],
  [
    'an input of nested brackets at tRPC',
    () => post('/trpc/auth.login', `{"username":${nested},"password":"x"}`),
    'invalid-input',
  ],
  [
    'a form at tRPC',
    () => post('/trpc/auth.login', 'username=sesame', 'application/x-www-form-urlencoded'),
    'invalid-input',
  ],
  ['an input that is not JSON in the address', () => ask('/trpc/system.version?input=%7Bsesame'), 'invalid-input'],
  [
    'a batch whose input is no object',
    () => ask('/trpc/system.version,system.version?batch=1&input=3'),
    'invalid-input',
  ],
  ['a query by POST', () => post('/trpc/system.version', '{}'), 'invalid-input'],
  ['a percent sign and nothing behind it', () => ask('/trpc/%'), 'not-found'],
  ['half a character', () => ask('/trpc/%E0%A4%A'), 'not-found'],
  ['no name', () => ask('/trpc/'), 'not-found'],
  ['an unknown name', () => ask('/trpc/nothing.here'), 'not-found'],
  ['a name of the prototype', () => ask('/trpc/__proto__.toString'), 'not-found'],
  ['a body that is not JSON at GraphQL', () => post('/graphql', '{"query": sesame'), 'invalid-input'],
  ['a list at GraphQL', () => post('/graphql', '[{"query":"{__typename}"}]'), 'invalid-input'],
  [
    'nested brackets at GraphQL',
    () => post('/graphql', JSON.stringify({ query: `{systemVersion(input:${nested}){version}}` })),
    'invalid-input',
  ],
  ['variables that are no object', () => post('/graphql', '{"query":"{__typename}","variables":[1]}'), 'invalid-input'],
  ['bytes that are no text', () => post('/graphql', new Uint8Array([0xff, 0xfe, 0x00])), 'invalid-input'],
  ['an empty body', () => post('/graphql', ''), 'invalid-input'],
  [
    'variables in the address that are not JSON',
    () => ask('/graphql/stream?query={__typename}&variables=sesame'),
    'invalid-input',
  ],
]

describe('whatever cannot be read has one typed refusal', () => {
  test.for(unreadable)('%s', async ([, request, code]) => {
    const answer = await request()
    expect(refusalIn(answer).code).toBe(code)
    expect(answer.status).toBeLessThan(500)
    expect(answer.text).not.toMatch(/sesame|JSON at position|Unexpected token|RangeError|call stack/i)
  })

  test('and none of it is a fault', () => {
    expect(logged).toEqual([])
  })
})

/** The `Authorization` of a proof that nobody asked for, and other ways to end before an operation. */
const fruitless: readonly (readonly [string, (address: string) => Promise<Answer>])[] = [
  ['documents that are refused', (from) => postFrom(from, '/graphql', JSON.stringify({ query: bomb }))],
  ['bodies that are not JSON', (from) => postFrom(from, '/graphql', '{')],
  ['bodies that are not JSON at tRPC', (from) => postFrom(from, '/trpc/auth.login', '{')],
  ['streams that are refused', (from) => ask('/graphql/stream?query={', {}, from)],
  ['unknown procedures', (from) => ask('/trpc/nothing.here', {}, from)],
  ['paths that are no text', (from) => ask('/trpc/%', {}, from)],
  ['tokens that are not good', (from) => ask('/trpc/auth.whoami', { headers: { authorization: 'Bearer x' } }, from)],
  ['forms without a grant', (from) => postFrom(from, '/oauth/token', 'a=b', 'application/x-www-form-urlencoded')],
  ['looks whether it is ready', (from) => ask('/readyz', {}, from)],
  ['revocation lists', (from) => ask('/ssh/krl', {}, from)],
  ['public keys', (from) => ask('/.well-known/jwks.json', {}, from)],
  ['pages of the web', (from) => ask('/access/hosts', {}, from)],
]
const postFrom = (from: string, path: string, body: string, type = 'application/json'): Promise<Answer> =>
  ask(path, { method: 'POST', headers: { 'content-type': type }, body }, from)

describe('whatever ends before an operation counts once at the door', () => {
  test.for(fruitless.map(([what, request], at) => [what, request, `192.0.2.${at + 1}`] as const))(
    'a flood of %s is refused with a time to wait',
    async ([, request, address]) => {
      const statuses: number[] = []
      for (let sent = 0; sent < perMinute * 10 + 25; sent += 1) statuses.push((await request(address)).status)
      // a minute may have begun in between, and then some more were let in
      expect(statuses.filter((status) => status !== 429).length).toBeLessThanOrEqual(perMinute * 10 + 20)
      expect(statuses.filter((status) => status !== 429).length).toBeGreaterThanOrEqual(1)
      expect(statuses.at(-1)).toBe(429)
    },
  )

  test('what a clock that was wrong has counted ahead of time refuses nobody until then', async () => {
    const db = openStore(database.url, { size: 1, name: 'door' })
    const claim = (at: string, amount: number) =>
      claimFromBucket(db, { key: 'address:clock', windowStart: new Date(at), windowSeconds: 60, amount })
    await claim('2031-01-01T00:00:00Z', 900)
    expect(await claim('2026-11-28T08:00:00Z', 1)).toEqual({ current: 1, previous: 0 })
    // nodes whose clocks differ by less than a window go on counting together
    await claim('2026-11-28T08:01:00Z', 5)
    expect(await claim('2026-11-28T08:00:00Z', 1)).toEqual({ current: 6, previous: 1 })
    await db.destroy()
  })

  // after a flood from a million addresses one statement for all of them would be cut off, each time
  test('what has been counted long ago is forgotten some at a time, and what counts stays', async () => {
    const db = openStore(database.url, { size: 1, name: 'door' })
    const client = new pg.Client({ connectionString: database.adminUrl })
    await client.connect()
    await client.query(`insert into rate_bucket (key, window_start, current, previous)
      select 'address:flood-' || n, '2020-01-01Z', 1, 0 from generate_series(1, ${forgottenAtOnce + 1}) n`)
    const before = new Date('2020-01-02T00:00:00Z')
    const forgotten = [await deleteOldBuckets(db, before), await deleteOldBuckets(db, before)]
    expect([...forgotten, await deleteOldBuckets(db, before)]).toEqual([forgottenAtOnce, 1, 0])
    const { rowCount } = await client.query("select from rate_bucket where key = 'address:clock'")
    expect(rowCount).toBe(1)
    await Promise.all([client.end(), db.destroy()])
  })

  test('a process that is asked whether it lives answers whoever asks', async () => {
    for (let asked = 0; asked < perMinute * 12; asked += 1)
      expect((await ask('/healthz', {}, '192.0.2.200')).status).toBe(200)
  })

  test('a request is recorded though it came to no operation, once for each reason, address and minute', async () => {
    const client = new pg.Client({ connectionString: database.adminUrl })
    await client.connect()
    const { rows } = await client.query<{ count: string }>(
      "select count(*) from audit_entry where entry::jsonb ->> 'action' = 'request.refused'",
    )
    await client.end()
    expect(Number(rows[0]?.count)).toBeGreaterThan(5)
    expect(Number(rows[0]?.count)).toBeLessThan(perMinute * 10)
  })
})

const onError = (error: unknown): never => {
  throw error
}

test('old counts go, and where they cannot, it is told and tried again', async () => {
  const db = openStore(database.url, { size: 1, name: 'door' })
  const clock = { now: () => new Date('2026-11-28T08:10:30Z') }
  const errors: unknown[] = []
  const forget = () => forgetOldBuckets({ db, clock, onError: (error) => errors.push(error) })
  const insert = "insert into rate_bucket values ('address:old', '2026-11-28T08:07:00Z', 1, 0)"
  const deleted = "select from rate_bucket where key = 'address:old'"
  const admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  const { username } = new URL(database.url)
  await admin.query(insert)
  await admin.query(`revoke delete on rate_bucket from ${username}`)
  await forget()
  expect(errors).toEqual([expect.objectContaining({ code: '42501' })])
  expect((await admin.query(deleted)).rowCount).toBe(1)
  await admin.query(`grant delete on rate_bucket to ${username}`)
  await forget()
  expect(errors).toHaveLength(1)
  expect((await admin.query(deleted)).rowCount).toBe(0)
  await Promise.all([admin.end(), db.destroy()])
})

test('of many calls in one request each counts for its address, the first of them at the door', async () => {
  const clock = { now: () => new Date('2026-11-28T08:10:30Z') } // one minute, however long this takes
  const db = openStore(database.url, { size: 1, name: 'door' })
  const limiter = createLimiter({ db, clock, perMinute, servicePerMinute: perMinute, isExempt: () => false, onError })
  const caller = { credential: null, address: '198.51.100.9', userAgent: '', transport: 'trpc' } as const
  await limiter.admitRequest(caller)
  limiter.entered(caller)
  let admitted = 0
  for (let asked = 0; asked < perMinute * 12; asked += 1)
    await limiter.admitAddress(caller).then(
      () => (admitted += 1),
      () => undefined,
    )
  expect(admitted).toBe(perMinute * 10)
  limiter.close()
  await db.destroy()
})

test('with a database that says nothing all who ask at once are told together, not one after the other', async () => {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    setTimeout(() => socket.destroy(), 20)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const db = openStore(`postgres://nobody@127.0.0.1:${port}/none`, { size: 2, name: 'door' })
  const clock = { now: () => new Date('2026-11-28T08:10:30Z') }
  const limiter = createLimiter({ db, clock, perMinute, servicePerMinute: perMinute, isExempt: () => false, onError })
  const caller = { credential: null, address: '198.51.100.11', userAgent: '', transport: 'trpc' } as const
  const told = await Promise.allSettled(Array.from({ length: 20 }, () => limiter.admitRequest(caller)))
  for (const one of told) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  expect(connections).toBe(1)
  limiter.close()
  await db.destroy()
  server.close()
})

describe('a program with a bound token', () => {
  const servicePerMinute = 300

  test('counts by itself once it is known, and nobody else by its token from elsewhere', async () => {
    const clock = { now: () => new Date('2026-11-28T08:00:30Z') } // one minute, however long this takes
    const db = openStore(database.url, { size: 1, name: 'door' })
    const limiter = createLimiter({ db, clock, perMinute, servicePerMinute, isExempt: () => false, onError })
    const from = (address: string) =>
      ({ credential: 'gatehouse_svc_x', address, userAgent: '', transport: 'vault' }) as const
    const program = { type: 'Service', id: randomUUID(), name: 'p', bound: true } as const
    const admitted = async (ask: () => Promise<void>): Promise<number> => {
      let count = 0
      for (let asked = 0; asked < servicePerMinute + 50; asked += 1)
        await ask().then(
          () => (count += 1),
          () => undefined,
        )
      return count
    }
    const [here, there] = [from('198.51.100.7'), from('198.51.100.8')]
    expect(await admitted(() => limiter.admitRequest(here))).toBe(perMinute * 10)
    await limiter.admitCaller(program, there)
    expect(await admitted(() => limiter.admitRequest(here))).toBe(0)
    expect(await admitted(() => limiter.admitRequest(there))).toBe(servicePerMinute)
    expect(await admitted(() => limiter.admitCaller(program, there))).toBe(servicePerMinute - 1)
    const loose = { ...program, id: randomUUID(), bound: false }
    expect(await admitted(() => limiter.admitCaller(loose, there))).toBe(perMinute)
    limiter.close()
    await db.destroy()
  })
})

// Nobody learns by `internal` that they may ask again in a moment, and programs do not.
describe('while the database is away', () => {
  /** From beside it: nobody else comes in by then. */
  const allowing = async (connections: boolean): Promise<void> => {
    const beside = new URL(database.adminUrl)
    beside.pathname = '/postgres'
    const owner = new pg.Client({ connectionString: beside.href })
    await owner.connect()
    await owner.query(`alter database ${pg.escapeIdentifier(database.name)} allow_connections ${connections}`)
    if (!connections)
      await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [database.name])
    await owner.end()
  }
  beforeAll(() => allowing(false))
  afterAll(() => allowing(true))

  test.each<[string, () => Promise<Answer>]>([
    ['a call that is refused before its operation', () => ask('/trpc/auth.whoami', {}, '192.0.2.90')],
    ['the revocation list', () => ask('/ssh/krl', {}, '192.0.2.90')],
    ['the CAs to trust', () => ask('/ssh/user_ca_keys', {}, '192.0.2.90')],
  ])('%s is unavailable, and says when to ask again', async (_, asked) => {
    const { status, text } = await asked()
    expect([status, text]).toEqual([503, expect.stringMatching(/"unavailable".*"retryAfterSeconds":1/)])
  })
})
