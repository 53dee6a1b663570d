import { randomUUID } from 'node:crypto'
import { once, type EventEmitter } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'
import { UnavailableError } from '@gatehouse/kit'
import { createDatabase, type TestDatabase } from '@gatehouse/testkit'
import { CompiledQuery, sql } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { isPlainRead } from '../src/alike-statements.ts'
import { askByName } from '../src/ask-by-name.ts'
import {
  arrayBytes,
  createTogetherScope,
  inTogetherScope,
  listenTo,
  namedStatement,
  NestedCheckoutError,
  openReserved,
  openStore,
  type Store,
  type StoreOptions,
} from '../src/index.ts'

let database: TestDatabase
const stores: Store[] = []
const open = (options: Partial<StoreOptions> = {}): Store => {
  const store = openStore(database.url, { name: 'store-test', size: 2, ...options })
  stores.push(store)
  return store
}
const one = (from: Store) => sql<{ one: number }>`select 1 as one`.execute(from)

beforeAll(async () => {
  database = await createDatabase('empty')
})
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.destroy()))
})
afterAll(() => database.drop())

describe('a statement with a name', () => {
  test('is parsed and planned once per connection, and answers as any other', async () => {
    const db = open({ size: 1 })
    const text = namedStatement('gatehouse-a-test', 'select $1::int as one')
    for (const value of [1, 2, 3]) {
      const { rows } = await db.executeQuery<{ one: number }>(CompiledQuery.raw(text, [value]))
      expect(rows).toEqual([{ one: value }])
    }
    const { rows } = await sql<{ name: string }>`select name from pg_prepared_statements`.execute(db)
    expect(rows).toEqual([{ name: 'gatehouse-a-test' }])
  })

  test('is described once per connection, also after it failed, and says how many rows it wrote', async () => {
    const client = new pg.Client({ connectionString: database.adminUrl })
    await client.connect()
    const told = { rowDescription: 0, noData: 0 }
    const notToBeWritten = { toPostgres: () => fail('not to be written') }
    const connection = connectionOf(client)
    for (const name of ['rowDescription', 'noData'] as const) connection.on(name, () => (told[name] += 1))
    const ask = (name: string, text: string, ...values: unknown[]) =>
      askByName(client as pg.PoolClient, { name, text, values })
    await client.query('create temporary table numbers (n int unique)')
    const half = 'select 10 / $1::int as half, null as nothing'
    expect((await ask('half', half, 5)).rows).toEqual([{ half: 2, nothing: null }])
    await expect(ask('half', half, 0)).rejects.toMatchObject({ code: '22012' })
    expect((await ask('half', half, 2)).rows).toEqual([{ half: 5, nothing: null }])
    const bare = 'select from generate_series(1, $1::int)' // rows without columns
    for (const count of [2, 0, 1]) expect((await ask('bare', bare, count)).rows).toHaveLength(count)
    const write = 'insert into numbers select * from unnest($1::int[])'
    await expect(ask('write', write, notToBeWritten)).rejects.toThrow('not to be written') // the first time as well
    for (const numbers of [[1, 2], [3], []])
      expect(await ask('write', write, numbers)).toMatchObject({ rowCount: numbers.length, rows: [] })
    await expect(ask('write', write, [3])).rejects.toMatchObject({ code: '23505' })
    // what cannot be written as a parameter leaves the connection as it was
    await expect(ask('write', write, notToBeWritten)).rejects.toThrow('not to be written')
    expect(await ask('write', write, [4])).toMatchObject({ rowCount: 1 })
    expect(told).toEqual({ rowDescription: 2, noData: 1 })
    await client.end()
  })
})
// A newer version of us changes tables while processes of the one before run.
describe('a statement whose tables have changed since it was prepared', () => {
  test('is prepared anew, and answers what is there now; in a transaction from the next one on', async () => {
    const db = open({ size: 1 })
    const text = namedStatement('gatehouse-stale', 'select * from changing where $1::int > 0')
    const ask = async (from: Store) => (await from.executeQuery(CompiledQuery.raw(text, [1]))).rows
    await sql`create temporary table changing as select 1 as one`.execute(db)
    for (let count = 0; count < 2; count += 1) expect(await ask(db)).toEqual([{ one: 1 }])
    await sql`alter table changing add column two int default 2`.execute(db)
    for (let count = 0; count < 2; count += 1) expect(await ask(db)).toEqual([{ one: 1, two: 2 }])
    await sql`alter table changing alter column one type text`.execute(db)
    const inTransaction = () => db.transaction().execute((tx) => ask(tx))
    await expect(inTransaction()).rejects.toMatchObject({ code: '0A000' })
    for (let count = 0; count < 2; count += 1) expect(await inTransaction()).toEqual([{ one: '1', two: 2 }])
    await sql`deallocate all`.execute(db)
    expect(await ask(db)).toEqual([{ one: '1', two: 2 }])
  })

  // the public bug reports porsager/postgres#76 and #172: a pooler that resets nothing lends what others have prepared
  test('is prepared in the place of what somebody else prepared under its name on the same connection', async () => {
    const db = open({ size: 1 })
    const text = namedStatement('gatehouse-taken', 'select $1::int as one')
    const ask = async (from: Store) => (await from.executeQuery(CompiledQuery.raw(text, [1]))).rows
    await sql`prepare "gatehouse-taken" as select 'of somebody else'`.execute(db)
    for (let count = 0; count < 2; count += 1) expect(await ask(db)).toEqual([{ one: 1 }])
    const other = open({ size: 1 })
    await sql`prepare "gatehouse-taken" as select 'of somebody else'`.execute(other)
    const inTransaction = () => other.transaction().execute((tx) => ask(tx))
    await expect(inTransaction()).rejects.toMatchObject({ code: '42P05' })
    expect(await inTransaction()).toEqual([{ one: 1 }])
  })

  test('is asked once more and no oftener', async () => {
    const client = new pg.Client({ connectionString: database.adminUrl })
    await client.connect()
    let failures = 0
    const connection = connectionOf(client)
    connection.on('errorMessage', () => (failures += 1))
    const gone = askByName(client as pg.PoolClient, { name: 'gone', text: 'execute nothing', values: [] })
    await expect(gone).rejects.toMatchObject({ code: '26000' })
    expect(failures).toBe(2)
    await client.end()
  })
})

describe("a transaction's own work", () => {
  test('asks for no second connection of its pool, however deep it is', async () => {
    const db = open()
    const deep = async (): Promise<void> => {
      await sleep(1)
      await one(db)
    }
    await expect(db.transaction().execute(() => deep())).rejects.toThrow(NestedCheckoutError)
    await expect(
      db
        .transaction()
        .setIsolationLevel('serializable')
        .setAccessMode('read only')
        .execute(() => deep()),
    ).rejects.toThrow(NestedCheckoutError)
  })

  test('in production that is said, and goes on', async () => {
    const said: Error[] = []
    const db = open({ onNestedCheckout: (error) => said.push(error) })
    await db.transaction().execute(() => one(db))
    expect(said).toEqual([expect.any(NestedCheckoutError)])
  })

  test('may use its own, and another pool; what goes on after it, and beside it, may use the pool', async () => {
    const [db, other] = [open(), open()]
    let later: Promise<unknown> = Promise.resolve()
    await db.transaction().execute(async (tx) => {
      await one(tx)
      await one(other)
      later = sleep(50).then(() => one(db))
    })
    await later
    await Promise.all([db.transaction().execute((tx) => one(tx)), one(db)])
  })
})

test('a pool that is full is unavailable, and no fault', async () => {
  const db = open({ size: 1 })
  const held = db.transaction().execute((tx) => sql`select pg_sleep(6)`.execute(tx))
  await sleep(50)
  await expect(one(db)).rejects.toThrow(UnavailableError)
  await held
}, 20_000)

test('a statement that takes longer than it may is unavailable, and no fault', async () => {
  const late = open()
    .transaction()
    .execute(async (tx) => {
      await sql`set local statement_timeout = 50`.execute(tx)
      await sql`select pg_sleep(9)`.execute(tx)
    })
  await expect(late).rejects.toMatchObject({
    name: 'UnavailableError',
    mayBeDone: false,
    hint: expect.stringContaining('took too long'),
  })
})

test('a server that is away is unavailable, and no fault', async () => {
  const db = openStore('postgres://nobody@127.0.0.1:9/none', { name: 'away' })
  await expect(one(db)).rejects.toThrow(UnavailableError)
  await db.destroy()
})

describe('a connection that is lost', () => {
  const pidOf = async (on: Store): Promise<number> =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(on)).rows[0]?.pid ?? 0
  const kill = async (pid: number) => void (await sql`select pg_terminate_backend(${pid}::int)`.execute(open()))
  /** What befalls work whose connection is lost as soon as it waits in a statement. */
  const lostIn = async (work: (tx: Store) => Promise<unknown>): Promise<unknown> => {
    const db = open({ size: 1 })
    const pid = await pidOf(db)
    const failed = work(db).then(
      () => null,
      (error: unknown) => error,
    )
    const other = open()
    const isWaiting = async () =>
      (await sql`select from pg_stat_activity where pid = ${pid}::int and wait_event = 'PgSleep'`.execute(other)).rows
    await expect.poll(isWaiting, { interval: 5 }).toHaveLength(1)
    await kill(pid)
    return failed
  }
  const isLost = (mayBeDone: boolean) => expect.objectContaining({ name: 'UnavailableError', mayBeDone })

  test('in a read is unavailable, and so is all that is asked on it after; nothing was done', async () => {
    expect(await lostIn((db) => sql`select pg_sleep(9)`.execute(db))).toEqual(isLost(false))
  })

  beforeAll(async () => {
    const admin = openStore(database.adminUrl, { name: 'store-test-admin' })
    await sql`create table slow (id int)`.execute(admin)
    await sql`grant insert, select on slow to public`.execute(admin)
    await sql`create function sleep() returns trigger language plpgsql
      as 'begin perform pg_sleep(new.id); return null; end'`.execute(admin)
    await sql`create constraint trigger at_its_end after insert on slow deferrable initially deferred
      for each row execute function sleep()`.execute(admin)
    await admin.destroy()
  })
  /** Whose commit takes so long. */
  const insert = (tx: Store, seconds: number) => sql`insert into slow values (${seconds}::int)`.execute(tx)

  test('in a transaction has undone it', async () => {
    const asleep = (db: Store) =>
      db.transaction().execute(async (tx) => {
        await insert(tx, 0)
        await sql`select pg_sleep(9) for update`.execute(tx)
      })
    expect(await lostIn(asleep)).toEqual(isLost(false))
    expect((await sql`select from slow`.execute(open())).rows).toEqual([])
  })

  test('in a commit, or in a change that is its own transaction, leaves open what was done', async () => {
    expect(await lostIn((db) => db.transaction().execute((tx) => insert(tx, 9)))).toEqual(isLost(true))
    expect(await lostIn((db) => insert(db, 9))).toEqual(isLost(true))
  })

  test('between two statements, as when the server restarts, is said by the next one', async () => {
    const db = open({ size: 1 })
    const work = db.transaction().execute(async (tx) => {
      await kill(await pidOf(tx))
      await sleep(50)
      return one(tx)
    })
    await expect(work).rejects.toEqual(isLost(false))
    expect((await one(db)).rows).toEqual([{ one: 1 }])
  })

  test('or says nothing within the time of an answer is not lent again', async () => {
    const url = new URL(database.url)
    url.searchParams.set('query_timeout', '100')
    const db = openStore(url.href, { name: 'store-test', size: 1 })
    stores.push(db)
    await expect(sql`select pg_sleep(1)`.execute(db)).rejects.toEqual(isLost(false))
    expect((await one(db)).rows).toEqual([{ one: 1 }])
  })

  test('is no mistake in a statement, which stays one', async () => {
    const db = open({ size: 1 })
    await expect(sql`select 1 / 0`.execute(db)).rejects.toMatchObject({ name: 'error', code: '22012' })
    const unfit = sql`select ${{ toPostgres: () => fail('unfit') }}::text`
    await expect(unfit.execute(db)).rejects.toThrow('unfit')
    expect((await one(db)).rows).toEqual([{ one: 1 }])
  })
})

/** What the server says to a client, which is private to the driver. */
const connectionOf = (client: pg.Client) => (client as unknown as { readonly connection: EventEmitter }).connection

const fail = (message: string): never => {
  throw new TypeError(message)
}

test('each end notices within half a minute that the other is gone, and an idle transaction ends', async () => {
  const db = open()
  const settingOf = async (name: string): Promise<string> =>
    (await sql<{ value: string }>`select current_setting(${name}) as value`.execute(db)).rows[0]?.value ?? ''
  expect(Number(await settingOf('tcp_keepalives_idle'))).toBe(10)
  expect(Number(await settingOf('tcp_keepalives_interval'))).toBe(5)
  expect(Number(await settingOf('tcp_keepalives_count'))).toBe(3)
  expect(await settingOf('idle_in_transaction_session_timeout')).toBe('30s')
  expect(await settingOf('statement_timeout')).toBe('15s')
  expect(await settingOf('application_name')).toBe('store-test')
})

// a process that is stopped and not dead answers the server's probes: its kernel does
test('who falls silent on a connection that may not loses it, and the lock that hangs on it', async () => {
  const lock = sql<{ got: boolean }>`select pg_try_advisory_lock(4711) as got`
  const [stopped, other] = [
    openReserved(database.url, 'stopped', { idleMilliseconds: 300 }),
    openReserved(database.url, 'other'),
  ]
  await stopped.connection().execute(async (db) => {
    expect((await lock.execute(db)).rows).toEqual([{ got: true }])
    await vi.waitFor(async () => expect((await lock.execute(other)).rows).toEqual([{ got: true }]), { timeout: 5000 })
    await expect(lock.execute(db)).rejects.toThrow()
  })
  await Promise.all([stopped.destroy(), other.destroy()])
})

describe('whoever listens', () => {
  const options = { name: 'listen-test', channel: 'a-channel', onHeard: () => undefined, onError: () => undefined }

  test('is let go at once by a server that takes the connection and says nothing', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // listening on TCP
    const listening = listenTo(`postgres://somebody@127.0.0.1:${port}/none`, options)
    const [socket] = (await once(server, 'connection')) as [Socket]
    const ended = once(socket, 'close')
    const begun = performance.now()
    await listening.close()
    expect(performance.now() - begun).toBeLessThan(500)
    await ended
    server.close()
  })

  test('hears, and leaves nothing behind', async () => {
    const heard: number[] = []
    const listening = listenTo(database.url, { ...options, onHeard: () => heard.push(performance.now()) })
    await expect.poll(() => heard.length, { interval: 5 }).toBe(1)
    const db = open()
    await sql`notify "a-channel"`.execute(db)
    await expect.poll(() => heard.length, { interval: 5 }).toBe(2)
    const found = () =>
      sql<{ port: number }>`select client_port as port from pg_stat_activity
        where application_name = 'listen-test'`.execute(db)
    const { rows } = await found()
    expect(rows).toHaveLength(1)
    // a database whose machine is gone without a word would else be listened to for two hours
    for (const seconds of await secondsToProbe(rows[0]?.port ?? 0)) expect(seconds).toBeLessThanOrEqual(10)
    await listening.close()
    await expect.poll(async () => (await found()).rows, { interval: 5 }).toEqual([])
  })

  /** When each end of a connection asks whether the other is there, by Linux's own table; elsewhere nobody says. */
  async function secondsToProbe(port: number): Promise<number[]> {
    const table = await readFile('/proc/net/tcp', 'utf8').catch(() => null)
    if (table === null) return []
    const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
    const timers = table
      .split('\n')
      .flatMap((line) => (line.includes(hex) ? (/ 02:([0-9A-F]{8}) /.exec(line) ?? []) : []))
    const seconds = timers.filter((one) => one.length === 8).map((one) => Number.parseInt(one, 16) / 100)
    expect(seconds).toHaveLength(2)
    return seconds
  }
})

test('what an address says already stays', async () => {
  const url = new URL(database.url)
  url.searchParams.set('options', '-c synchronous_commit=off')
  const db = openStore(url.href, { name: 'store-test' })
  const { rows } = await sql<{ value: string }>`select current_setting('synchronous_commit') as value`.execute(db)
  await db.destroy()
  expect(rows).toEqual([{ value: 'off' }])
})

test('a list comes through in the wire form as it was given: nulls, quotes, other scripts, nothing', async () => {
  const db = open()
  const texts = ['{"a":"\\"b\\""}', '', null, 'żółć 漢字 😀', 'x'.repeat(70_000)]
  const ids = [randomUUID(), randomUUID()]
  const bytes = [Buffer.from([0, 255, 34]), null, Buffer.alloc(0)]
  const { rows } = await sql<{ texts: string[]; ids: string[]; bytes: Buffer[]; none: string[] }>`
    select ${arrayBytes.text(texts)}::text[] as texts, ${arrayBytes.uuid(ids)}::uuid[] as ids,
      ${arrayBytes.bytea(bytes)}::bytea[] as bytes, ${arrayBytes.text([])}::text[] as none`.execute(db)
  expect(rows[0]).toEqual({ texts, ids, bytes, none: [] })
  expect(() => arrayBytes.uuid(['no id'])).toThrow(TypeError)
})

describe('reads that are asked together', () => {
  const numbered = (db: Store, id: number) =>
    sql<{ id: number; at: Date; big: string; list: string[] }>`
      select n as id, timestamptz '2026-01-01T00:00:00Z' as at, 9007199254740993 as big, array['a', null] as list
      from generate_series(${id}::int, ${id}::int + 1) as n order by n desc`.execute(db)

  test('are one statement and answer each as it would be answered alone, the failed one as well', async () => {
    const db = open({ size: 1 })
    const texts: string[] = []
    const { query } = pg.Client.prototype
    const alone = await Promise.all([1, 5, 9].map((id) => numbered(db, id)))
    pg.Client.prototype.query = function (this: pg.Client, ...args: readonly unknown[]): unknown {
      texts.push(String(args[0]))
      return Reflect.apply(query, this, args)
    } as typeof query
    try {
      await inTogetherScope(createTogetherScope(), async () => {
        const together = await Promise.all([1, 5, 9, 5].map((id) => numbered(db, id)))
        expect(together.map(({ rows }) => rows)).toEqual([0, 1, 2, 1].map((at) => alone[at]?.rows))
        expect(texts).toHaveLength(1)
        const divided = (by: number) => sql<{ one: number }>`select 10 / ${by}::int as one`.execute(db)
        const settled = await Promise.allSettled([divided(5), divided(0), divided(2)])
        expect(settled.map((one) => (one.status === 'fulfilled' ? one.value.rows : 'failed'))).toEqual([
          [{ one: 2 }],
          'failed',
          [{ one: 5 }],
        ])
      })
    } finally {
      pg.Client.prototype.query = query
    }
  })

  test('each answer by their own parameters, also where two of them look alike', async () => {
    const db = open({ size: 1 })
    const asked: readonly unknown[] = [Number.NaN, null, 2n ** 53n, '9007199254740992', Number.POSITIVE_INFINITY]
    const answers = await inTogetherScope(createTogetherScope(), () =>
      Promise.all(asked.map((value) => sql<{ one: string }>`select ${value}::numeric::text as one`.execute(db))),
    )
    expect(answers.map(({ rows }) => rows[0]?.one)).toEqual([
      'NaN',
      null,
      '9007199254740992',
      '9007199254740992',
      'Infinity',
    ])
  })

  test('may have parameters that write themselves, each its own', async () => {
    const db = open({ size: 1 })
    const answers = await inTogetherScope(createTogetherScope(), () =>
      Promise.all(
        ['a', 'b'].map((value) => sql<{ one: string }>`select ${{ toPostgres: () => value }}::text as one`.execute(db)),
      ),
    )
    expect(answers.map(({ rows }) => rows[0]?.one)).toEqual(['a', 'b'])
  })

  test('that took too long together are not asked again one by one', async () => {
    const db = open({ size: 1 })
    await sql`set statement_timeout = 50`.execute(db)
    const begun = performance.now()
    const settled = await inTogetherScope(createTogetherScope(), () =>
      Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => sql`select pg_sleep(10), ${index}::int as one`.execute(db)),
      ),
    )
    for (const one of settled) expect(one).toMatchObject({ status: 'rejected', reason: expect.any(UnavailableError) })
    expect(performance.now() - begun).toBeLessThan(800) // one by one it is a second
  })

  test('are none where something is changed or locked; a transaction has its own connection', async () => {
    const db = open({ size: 1 })
    await sql`create temp table together (id int primary key)`.execute(db)
    await inTogetherScope(createTogetherScope(), async () => {
      const insert = (id: number) => sql`insert into together (id) values (${id})`.execute(db)
      await Promise.all([insert(1), insert(2)])
      await db.transaction().execute(async (tx) => {
        await sql`insert into together (id) values (3)`.execute(tx)
        const { rows } = await sql<{ id: number }>`select id from together order by id for update`.execute(tx)
        expect(rows.map(({ id }) => id)).toEqual([1, 2, 3])
      })
    })
    const notPlain = [
      'select 1 for update',
      'with a as (delete from t returning 1) select * from a',
      'select 1; select 2',
    ]
    expect(notPlain.filter(isPlainRead)).toEqual([])
    expect(isPlainRead('select "updated_at", "locked_until" from t where id = $1')).toBe(true)
    expect(isPlainRead(namedStatement('gatehouse-read-a-test', 'select 1'))).toBe(true)
    expect(isPlainRead(namedStatement('gatehouse-a-test', 'select audit_append($1)'))).toBe(false)
  })
})

/** Bytes of what the collector took for long-lived; only a look at all of it makes them fewer. */
const oldBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? Number.NaN

test('rows that were read and are not wanted any more do not outlive the next collection', async () => {
  const db = open({ size: 1 })
  const pages = 240
  let [most, characters] = [0, 0]
  const before = oldBytes()
  for (let page = 0; page < pages; page += 1) {
    const { rows } = await sql<{ text: string }>`
      select n, repeat('x', 1000) || n as text from generate_series(1, 250) as n`.execute(db)
    // so much that young ones are collected every few pages
    for (const { text } of rows) characters += Array.from(text).length
    most = Math.max(most, oldBytes() - before)
  }
  expect(characters).toBeGreaterThan(pages * 250 * 1000)
  // all pages together would be 60 MB
  expect(most).toBeLessThan(30_000_000)
})
