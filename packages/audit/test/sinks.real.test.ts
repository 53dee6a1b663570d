// Sinks: what the audit log holds arrives, at least once and in order, whatever the receiver or this process does.
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, statSync, symlinkSync, appendFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpsServer, type Server } from 'node:https'
import { createServer as createTlsServer } from 'node:tls'
import { once } from 'node:events'
import { createServer as createSocketServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OperationName, Output } from '@gatehouse/contract'
import { systemRandom } from '@gatehouse/enforcement'
import { directory } from '@gatehouse/identity'
import { createOutbound, parseAllowedPlace } from '@gatehouse/kit/outbound'
import { createSelfSigned } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { auditHandlers } from '../src/index.ts'
import { takeSink, type SinkDeps } from '../src/sinks/deliver.ts'
import { sendSecondsMax } from '../src/sinks/send-http.ts'
import { sealOldUrls } from '../src/sinks/seal-old-urls.ts'
import { claimSeconds, selectRequiredDown } from '../src/sinks/sink.queries.ts'
import { openHarness, type Harness } from './harness.ts'
import { testSealer } from './test-keys.ts'
import { parseSyslog } from './independent-readers.ts'
import { moveToLeaves, readTail } from '../src/leaf.queries.ts'

type SinkName = Extract<OperationName, `auditSink.${string}`>

let h: Harness
let certificate: string
let key: string
const files = mkdtempSync(join(tmpdir(), 'gatehouse-sinks-'))
const servers: (Server | NetServer)[] = []
beforeAll(async () => {
  h = await openHarness()
  const own = await createSelfSigned('sink.example')
  ;({ certificate, key } = own)
})
afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  await h.admin.deleteFrom('audit_sink').execute()
})
afterAll(() => h.close())

const outbound = createOutbound({
  allowed: ['127.0.0.0/8'].flatMap((place) => parseAllowedPlace(place) ?? []),
  ownPorts: [],
  resolve: () => Promise.resolve(['127.0.0.1']),
})
const deps = (): SinkDeps => ({
  db: h.db,
  subjectKeys: h.subjectKeys,
  clock: h.clock,
  random: systemRandom(h.clock),
  sealer: testSealer,
  change: h.change,
  outbound,
  source: { version: '1.0.0', host: 'gatehouse.test' },
  sinkDirectory: files,
})
const handlers = () =>
  auditHandlers({
    ...deps(),
    witnesses: [],
    change: h.change,
    outside: h.outside,
    people: { eraseEverywhere: () => Promise.resolve([]), forgetNames: () => Promise.resolve() },
    subjectKeys: h.subjectKeys,
    decider: h.decider,
    stepUpMaxAgeSeconds: 300,
    records: h.db,
    emergencies: { removeOver: () => Promise.resolve(0) },
    retentionFloor: { days: 365, breakGlassDays: 2555 },
    key: h.key,
    listenForLeaves: h.listenForLeaves,
    directory,
  })
const ask = async <N extends SinkName>(name: N, raw: unknown): Promise<Output<N>> =>
  (await h.call(name, raw, handlers()[name] as never)) as Output<N> // the handler of this very name
const create = (input: Readonly<Record<string, unknown>>) =>
  ask('auditSink.create', { name: `sink-${randomUUID()}`, ...input })
/** Puts entries into the tree, as calls and the sequencer do. */
const write = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1)
    await h.call('team.list', {}, () => Promise.resolve({ items: [], nextCursor: null }))
  await place()
}
const place = async (): Promise<void> => {
  const tail = await readTail(h.admin)
  await moveToLeaves(h.admin, { tail, base: tail, limit: 10_000 })
}
/** Delivers to one sink that waits; answers whether one did. */
const deliverOne = async (by: SinkDeps): Promise<boolean> => {
  const deliver = await takeSink(by)
  await deliver?.()
  return deliver !== null
}
const deliverAll = async (): Promise<void> => {
  while (await deliverOne(deps()));
}
const stateOf = async (id: string) => {
  const { items } = await ask('auditSink.list', {})
  const found = items.find((sink) => sink.id === id)
  if (found === undefined) throw new TypeError('it is there')
  return found
}

interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}
/** A receiver over TLS that answers by a function of what it got. */
async function receiver(answer: (received: Received) => number) {
  const got: Received[] = []
  const server = createHttpsServer({ cert: certificate, key }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url: path = '', headers } = request
      const received = { path, headers, body: Buffer.concat(chunks).toString('utf8') }
      const status = answer(received)
      if (status < 300) got.push(received)
      response.writeHead(status).end('{"text":"Success","code":0}')
    })
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  return { got, url: `https://sink.example:${port}/in` }
}
/** A receiver that, while it hangs, takes what comes and does not answer: as a process that was stopped. */
async function hangingReceiver() {
  let until = Promise.resolve()
  let goOn = (): void => undefined
  const server = createHttpsServer({ cert: certificate, key }, (request, response) => {
    request.resume().on('end', () => void until.then(() => response.writeHead(200).end()))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  return {
    url: `https://sink.example:${port}/in`,
    hang: () => void (until = new Promise((resolve) => (goOn = resolve))),
    goOn: () => goOn(),
  }
}
/** A receiver that takes connections and gets stuck: before TLS, without reading a byte, or in what it answers. */
async function stuckReceiver(how: 'shakes no hands' | 'reads nothing' | 'drips') {
  const sockets = new Set<Socket>()
  const drip = (socket: Socket): void => {
    socket.write('HTTP/1.1 200 OK\r\nx-slow: ')
    const timer = setInterval(() => socket.write('a'), 50)
    socket.on('close', () => clearInterval(timer))
  }
  const server =
    how === 'drips'
      ? createTlsServer({ cert: certificate, key }, (socket) => drip(socket.on('error', () => undefined).resume()))
      : createSocketServer((socket) => (how === 'reads nothing' ? socket.pause() : socket.resume()))
  server.on('connection', (socket: Socket) => void sockets.add(socket.on('error', () => undefined)))
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  const reached = once(server, 'connection')
  return {
    port,
    reached,
    breakAll: () => {
      for (const socket of sockets) socket.resetAndDestroy()
    },
  }
}
const linesIn = (got: readonly Received[]): { seq: number; event?: { seq: number } }[] =>
  got.flatMap(({ body }) =>
    body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { seq: number }),
  )
const secret = 'a secret of a receiver'

describe('a sink by HTTPS', () => {
  test('gets every entry in order, from the beginning or from now on, and its token', async () => {
    await write(3)
    const { got, url } = await receiver(() => 200)
    const late = await receiver(() => 200)
    const sink = await create({ kind: 'http', url, secret, authority: certificate, from: 'beginning' })
    const fromNow = await create({ kind: 'http', url: late.url, secret, authority: certificate })
    const before = Number(sink.lagEntries)
    await place()
    await write(120)
    await deliverAll()
    const seqs = linesIn(got).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => index))
    expect(seqs.length).toBeGreaterThan(before + 100)
    expect(linesIn(late.got)[0]?.seq).toBe(fromNow.cursor + 1)
    expect(got[0]?.headers).toMatchObject({ authorization: `Bearer ${secret}`, 'content-type': 'application/x-ndjson' })
    expect(await stateOf(sink.id)).toMatchObject({ lagEntries: 0, deadLetters: 0, failingSince: null })
  })

  test('of Splunk gets what its collector takes; a webhook is signed over what it gets', async () => {
    const [hec, hook] = [await receiver(() => 200), await receiver(() => 202)]
    await create({ kind: 'hec', url: hec.url, secret, authority: certificate })
    await create({ kind: 'webhook', url: hook.url, secret, authority: certificate })
    await write(2)
    await deliverAll()
    expect(hec.got[0]?.headers['authorization']).toBe(`Splunk ${secret}`)
    expect(linesIn(hec.got).every(({ event }) => typeof event?.seq === 'number')).toBe(true)
    const [signed] = hook.got
    const [, seconds = '', given = ''] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(signed?.headers['gatehouse-signature'])) ?? []
    expect(given).toBe(createHmac('sha256', secret).update(`${seconds}.${signed?.body}`).digest('hex'))
  })

  // The public bug report liwala/ay-framework#304: the path of a URL may be what lets one write there
  test('gets what its whole URL is for, of which only the host is shown, recorded or stored in clear', async () => {
    const { got, url } = await receiver(() => 200)
    const [path, host] = ['/receiver/CANARY-PATH/in?key=CANARY-KEY', new URL(url).host]
    for (const kind of ['http', 'hec', 'webhook']) {
      const sink = await create({ kind, url: new URL(path, url).href, secret, authority: certificate })
      expect(sink.target).toBe(host)
      expect((await stateOf(sink.id)).target).toBe(host)
      await write(1)
      await deliverAll()
      expect(got.at(-1)?.path).toBe(path)
    }
    const { rows } = await sql<{ said: string; input: string | null }>`
      select row_to_json(audit_sink)::text as said, null as input from audit_sink union all
      select entry, entry::json ->> 'detail' from audit_entry where action like 'auditSink.%'`.execute(h.admin)
    expect(rows.filter(({ said }) => said.includes('CANARY'))).toEqual([])
    expect(rows.filter(({ input }) => input?.includes(`"target":"${host}"`))).toHaveLength(3)
    // `kms status` says what is sealed by how columns of bytes begin: what is sealed within a text, nobody is told of
    const kept = await h.admin.selectFrom('audit_sink').select(['target', 'url']).execute()
    expect(kept.map(({ target, url: sealed }) => [target, Buffer.isBuffer(sealed)])).toEqual(
      Array(3).fill([JSON.stringify({ host }), true]),
    )
    // one that was kept in clear, by a version before
    await sql`update audit_sink set url = null, target = ${JSON.stringify({ url: new URL('/before', url).href })}
      where kind = 'http'`.execute(h.admin)
    await write(1)
    await deliverAll()
    expect(got.map((received) => received.path)).toContain('/before')
  })

  test('that an older version kept in clear is sealed by the next start, by two at once, and stays there', async () => {
    const { got, url } = await receiver(() => 200)
    const made = []
    for (const kind of ['http', 'hec', 'webhook'])
      made.push(await create({ kind, url, secret, authority: certificate }))
    await create({ kind: 'syslog', host: 'logs.example' })
    const clear = JSON.stringify({ url: new URL('/CANARY-PATH?key=CANARY-KEY', url).href })
    await sql`update audit_sink set url = null, target = ${clear} where kind <> 'syslog'`.execute(h.admin)
    const unread = await create({ kind: 'http', url, secret, authority: certificate })
    await sql`update audit_sink set url = null, target = 'none' where id = ${unread.id}`.execute(h.admin)
    const sealed = await Promise.all([sealOldUrls(h.db, testSealer), sealOldUrls(h.db, testSealer)])
    expect(sealed.toSorted()).toEqual([0, 3])
    const { rows } = await sql<{ target: string }>`select target, url from audit_sink`.execute(h.admin)
    expect(JSON.stringify(rows)).not.toContain('CANARY')
    const { host } = new URL(url)
    const [shown, other] = [{ host }, { host: 'logs.example', port: 6514 }].map((target) => JSON.stringify(target))
    expect(rows.map(({ target }) => target).toSorted()).toEqual(['none', other, shown, shown, shown])
    await h.admin.deleteFrom('audit_sink').where('id', '=', unread.id).execute()
    for (const { id } of made) expect((await stateOf(id)).target).toBe(new URL(url).host)
    await write(1)
    await deliverAll()
    expect(got.map(({ path }) => path)).toEqual(made.map(() => '/CANARY-PATH?key=CANARY-KEY'))
  })

  test('that fails is tried again later and loses nothing; that it fails and recovers is in the log', async () => {
    let status = 503
    const { got, url } = await receiver(() => status)
    const sink = await create({ kind: 'http', url, authority: certificate })
    await write(2)
    await deliverAll()
    expect(await stateOf(sink.id)).toMatchObject({ lastError: 'it answers with status 503', deadLetters: 0 })
    const { lagEntries } = await stateOf(sink.id)
    expect(lagEntries).toBeGreaterThan(1)
    await deliverAll()
    expect(got).toEqual([]) // it is not due yet
    status = 200
    h.clock.shiftSeconds(10)
    await place()
    await deliverAll()
    const seqs = linesIn(got).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => sink.cursor + 1 + index))
    expect(await stateOf(sink.id)).toMatchObject({ failingSince: null, lastError: null })
    const told = (await h.entries()).filter(({ detail }) => JSON.stringify(detail).includes(sink.id))
    expect(told.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['auditSink.failing', 'auditSink.recovered']),
    )
  })

  test('that will not take one entry gets all others; the one can be tried again', async () => {
    let refuses = true
    const { got, url } = await receiver(({ body }) => (refuses && body.includes('"team.get"') ? 400 : 200))
    const sink = await create({ kind: 'http', url, authority: certificate })
    await write(3)
    await h.call('team.get', { id: 'sre' }, () => Promise.resolve({})).catch(() => undefined)
    await write(3)
    await deliverAll()
    const { items } = await ask('auditSink.deadLetters', { id: sink.id })
    expect(items).toMatchObject([{ error: 'it answers with status 400', due: false }])
    const dead = items[0]?.seq ?? -1
    expect(linesIn(got).map(({ seq }) => seq)).not.toContain(dead)
    refuses = false
    expect(await ask('auditSink.retry', { id: sink.id })).toMatchObject({ retried: 1 })
    await place()
    await deliverAll()
    expect(linesIn(got).map(({ seq }) => seq)).toContain(dead)
    expect((await ask('auditSink.deadLetters', { id: sink.id })).items).toEqual([])
  })

  test('that is slow in refusing is let go before others have waited long, however many are tried again', async () => {
    let slow = false
    const { url } = await receiver(() => {
      if (slow) h.clock.shiftSeconds(sendSecondsMax - 1)
      return 400
    })
    const sink = await create({ kind: 'http', url, authority: certificate })
    await write(15)
    await deliverAll()
    expect(await ask('auditSink.retry', { id: sink.id })).toMatchObject({ retried: expect.any(Number) })
    await write(1)
    slow = true
    const begun = h.clock.now().getTime()
    await deliverOne(deps())
    const seconds = (h.clock.now().getTime() - begun) / 1000
    h.clock.shiftSeconds(-Math.floor(seconds))
    expect(seconds).toBeLessThan(120)
    // each answer renews the claim, and none takes as long as it lasts
    expect(claimSeconds).toBeGreaterThan(2 * sendSecondsMax)
    expect(await stateOf(sink.id)).toMatchObject({ lastError: null })
  })

  test('is never said to fail, nor to have recovered, without an entry that says so', async () => {
    let status = 503
    const { url } = await receiver(() => status)
    const sink = await create({ kind: 'http', url, authority: certificate })
    await write(1)
    // as a kill between the two leaves it
    const dying = { ...deps(), change: { event: () => Promise.reject(new Error('died here')) } }
    await deliverOne(dying).catch(() => undefined)
    expect(await stateOf(sink.id)).toMatchObject({ failingSince: null })
    h.clock.shiftSeconds(claimSeconds + 1)
    await deliverAll()
    expect((await stateOf(sink.id)).failingSince).not.toBeNull()
    status = 200
    h.clock.shiftSeconds(300)
    await deliverOne(dying).catch(() => undefined)
    expect((await stateOf(sink.id)).failingSince).not.toBeNull()
    h.clock.shiftSeconds(-(claimSeconds + 1 + 300))
  })

  test('whose process died in the middle gets the same again from another, once the claim has lapsed', async () => {
    const { got, url } = await receiver(() => 200)
    const sink = await create({ kind: 'http', url, authority: certificate })
    await write(2)
    // as a kill between the receiver's answer and our note of it leaves the row
    await h.admin
      .updateTable('audit_sink')
      .set({ claim: randomUUID(), claimed_until: new Date(h.clock.now().getTime() + claimSeconds * 1000) })
      .where('id', '=', sink.id)
      .execute()
    await deliverAll()
    expect(got).toEqual([])
    h.clock.shiftSeconds(claimSeconds + 1)
    await deliverAll()
    expect(linesIn(got).length).toBeGreaterThan(1)
  })

  test('is not let go by a process that was away for so long that it is another’s by now', async () => {
    const { got, url } = await receiver(() => 200)
    const sink = await create({ kind: 'http', url, authority: certificate })
    await write(2)
    const late = await takeSink(deps())
    h.clock.shiftSeconds(claimSeconds + 1)
    const another = await takeSink(deps())
    await late?.()
    expect(await stateOf(sink.id)).toMatchObject({ cursor: sink.cursor })
    expect(await takeSink(deps())).toBeNull() // the other one is still at it
    await another?.()
    expect((await stateOf(sink.id)).cursor).toBeGreaterThan(sink.cursor)
    const seqs = linesIn(got).map(({ seq }) => seq)
    expect(seqs).toEqual([...new Set(seqs), ...new Set(seqs)]) // twice rather than never
    h.clock.shiftSeconds(-(claimSeconds + 1))
  })

  test('that is paused gets nothing, and goes on where it stopped', async () => {
    const { got, url } = await receiver(() => 200)
    const sink = await create({ kind: 'http', url, authority: certificate })
    expect(await ask('auditSink.pause', { id: sink.id })).toMatchObject({ state: 'paused' })
    await write(2)
    await deliverAll()
    expect(got).toEqual([])
    await ask('auditSink.resume', { id: sink.id })
    await deliverAll()
    expect(linesIn(got)[0]?.seq).toBe(sink.cursor + 1)
    await ask('auditSink.remove', { id: sink.id })
    await expect(ask('auditSink.pause', { id: sink.id })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('is not trusted by another certificate, and never reached inside', async () => {
    const { got, url } = await receiver(() => 200)
    const stranger = await createSelfSigned('other.example')
    const sink = await create({ kind: 'http', url, authority: stranger.certificate })
    await write(1)
    await deliverAll()
    expect(got).toEqual([])
    expect((await stateOf(sink.id)).failingSince).not.toBeNull()
  })
})

describe('a sink by syslog', () => {
  test('gets each entry as a message of RFC 5424 in a frame of RFC 5425', async () => {
    const chunks: Buffer[] = []
    const server = createTlsServer({ cert: certificate, key }, (socket) => {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('error', () => undefined)
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // listening on TCP
    const target = { kind: 'syslog', host: 'sink.example', port, authority: certificate }
    const sink = await create(target)
    await write(3)
    await deliverAll()
    const bytes = Buffer.concat(chunks.splice(0))
    const messages: string[] = []
    for (let at = 0; at < bytes.length;) {
      const space = bytes.indexOf(' ', at)
      const length = Number(bytes.subarray(at, space).toString('ascii'))
      messages.push(bytes.subarray(space + 1, space + 1 + length).toString('utf8'))
      at = space + 1 + length
    }
    const seqs = messages.map((message) => (JSON.parse(parseSyslog(message).message) as { seq: number }).seq)
    expect(seqs).toEqual(seqs.map((_, index) => sink.cursor + 1 + index))
    expect(seqs.length).toBeGreaterThan(2)
    expect(await stateOf(sink.id)).toMatchObject({ lagEntries: 0 })

    await create({ ...target, messageBytes: 480 })
    await write(1)
    await deliverAll()
    const short =
      Buffer.concat(chunks)
        .toString('utf8')
        .match(/\d{3} <\d+>1 [^[]*\[[^\]]*cut="message[^\]]*\]/g) ?? []
    expect(short.length).toBeGreaterThan(0)
    for (const frame of short) expect(Number(frame.slice(0, 3))).toBe(Buffer.byteLength(frame.slice(4), 'utf8'))
  })
})

describe('a sink that is required', () => {
  const rename = (name: string) =>
    h.call('auditView.remove', { id: randomUUID() }, async (permit) => {
      await h.change(permit, (tx) =>
        tx.insertInto('team').values({ id: randomUUID(), name, description: '' }).execute(),
      )
      return { id: permit.input.id }
    })
  const teams = async () => (await h.admin.selectFrom('team').select('name').execute()).map(({ name }) => name)
  const outcome = (name: string): Promise<string> =>
    rename(name).then(
      () => 'done',
      ({ code }: { code: string }) => code,
    )
  /** What is known of sinks is half a second old at most. */
  const within = { timeout: 1000, interval: 100 }

  // Acceptance 7, threat F1
  test.each(['full', 'paused'])(
    'refuses every change within a second while it is %s, and heals by itself',
    async (how) => {
      let status = 200
      const { url } = await receiver(() => status)
      const sink = await create({ kind: 'http', url, secret, authority: certificate, required: true })
      await write(1)
      await deliverAll()
      await expect.poll(() => outcome(`before-${how}-${randomUUID()}`), within).toBe('done')
      if (how === 'full') {
        status = 507
        await write(1)
        await deliverAll()
      } else await ask('auditSink.pause', { id: sink.id })
      await expect.poll(() => outcome(`try-${randomUUID()}`), within).toBe('unavailable')
      const begun = performance.now()
      await expect(rename('half-done')).rejects.toMatchObject({
        code: 'unavailable',
        details: { hint: expect.stringContaining('has to reach a sink') },
      })
      expect(performance.now() - begun).toBeLessThan(1000)
      expect(await teams()).not.toContain('half-done')
      // reading goes on
      await h.call('team.list', {}, () => Promise.resolve({ items: [], nextCursor: null }))
      status = 200
      if (how === 'paused') await ask('auditSink.resume', { id: sink.id })
      h.clock.shiftSeconds(10)
      await place()
      await deliverAll()
      await expect.poll(() => outcome(`after-${how}`), within).toBe('done')
      expect(await stateOf(sink.id)).toMatchObject({ required: true, failingSince: null })
    },
  )

  test('locks nobody out of requiring it no more, and of what comes due', async () => {
    const { url } = await receiver(() => 200)
    const sink = await create({ kind: 'http', url, secret, authority: certificate, required: true })
    await ask('auditSink.pause', { id: sink.id })
    await expect.poll(() => outcome(`try-${randomUUID()}`), within).toBe('unavailable')
    await h.internal('sshKey.sweep', (permit) =>
      h.change(permit, () => Promise.resolve({ hosts: 0, failed: [], left: 0 })),
    )
    // by its name, as the refusal says it
    expect(await ask('auditSink.require', { id: sink.name, required: false })).toMatchObject({ required: false })
    await expect.poll(() => outcome('not-required'), within).toBe('done')
  })

  // Acceptance 7: a receiver that was stopped takes connections, and never answers
  test('is down while it hangs, in the middle of a delivery, and up again as soon as it answers', async () => {
    const { url, hang, goOn } = await hangingReceiver()
    const sink = await create({ kind: 'http', url, secret, authority: certificate, required: true })
    await write(1)
    await deliverAll()
    await expect.poll(() => outcome(`before-it-hangs-${randomUUID()}`), within).toBe('done')
    hang()
    await write(1)
    const delivering = deliverOne(deps())
    h.clock.shiftSeconds(3)
    await expect.poll(() => outcome(`hanging-${randomUUID()}`), within).toBe('unavailable')
    goOn()
    await delivering
    await expect.poll(() => outcome(`answering-${randomUUID()}`), within).toBe('done')
    h.clock.shiftSeconds(-3)
    expect(await stateOf(sink.id)).toMatchObject({ lastError: null, failingSince: null })
  })

  test.each(['shakes no hands', 'reads nothing', 'drips'] as const)(
    'is down while its receiver %s, and fails once the connection breaks',
    async (how) => {
      const { port, reached, breakAll } = await stuckReceiver(how)
      const kind = how === 'reads nothing' ? 'syslog' : 'http'
      const target =
        kind === 'http' ? { url: `https://sink.example:${port}/in`, secret } : { host: 'sink.example', port }
      const sink = await create({ kind, ...target, authority: certificate, required: true })
      await write(1)
      const delivering = deliverOne(deps())
      await reached
      expect(await selectRequiredDown(h.db, new Date(h.clock.now().getTime() + 1500))).toEqual([])
      h.clock.shiftSeconds(3)
      await expect.poll(() => outcome(`${kind}-${randomUUID()}`), within).toBe('unavailable')
      breakAll()
      await delivering
      h.clock.shiftSeconds(-3)
      expect(await stateOf(sink.id)).toMatchObject({ failingSince: expect.any(Date) })
      expect(await selectRequiredDown(h.db, h.clock.now())).toEqual([sink.name])
    },
  )

  test('is not down while it refuses one entry after another, however long that takes', async () => {
    const seen: Promise<string[]>[] = []
    const { url } = await receiver(() => {
      h.clock.shiftSeconds(1.5)
      seen.push(selectRequiredDown(h.db, h.clock.now()))
      return 400
    })
    await create({ kind: 'http', url, secret, authority: certificate, required: true })
    await write(5)
    await deliverOne(deps())
    h.clock.shiftSeconds(-1.5 * seen.length)
    expect(seen.length).toBeGreaterThan(5)
    expect((await Promise.all(seen)).flat()).toEqual([])
  })

  test('is down when nobody delivers to it, and not while it catches up', async () => {
    const { url } = await receiver(() => 200)
    const sink = await create({ kind: 'http', url, secret, authority: certificate, required: true })
    await write(1)
    expect(await selectRequiredDown(h.db, h.clock.now())).toEqual([])
    const later = new Date(h.clock.now().getTime() + 60_000)
    expect(await selectRequiredDown(h.db, later)).toEqual([sink.name])
    await h.admin.updateTable('audit_sink').set({ delivered_at: later }).where('id', '=', sink.id).execute()
    expect(await selectRequiredDown(h.db, later)).toEqual([])
  })
})

describe('a sink in a file', () => {
  test('has a line for each entry, for its owner alone; a line that was cut off is written again', async () => {
    const sink = await create({ kind: 'file', file: 'audit.jsonl' })
    await write(2)
    await deliverAll()
    const path = join(files, 'audit.jsonl')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    appendFileSync(path, '{"cut off')
    await write(2)
    await deliverAll()
    const seqs = linesIn([{ path, headers: {}, body: readFileSync(path, 'utf8') }]).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => sink.cursor + 1 + index))
  })

  // Threat F6: somebody who is erased must not stay in a file that we write ourselves
  test('is written again from where it began once somebody in it was erased, paused or not', async () => {
    const sink = await create({ kind: 'file', file: 'again.jsonl' })
    await write(3)
    await deliverAll()
    const path = join(files, 'again.jsonl')
    const before = readFileSync(path, 'utf8')
    appendFileSync(path, '{"of":"an erased person"}\n')
    const erase = () => h.admin.updateTable('audit_sink').set({ anew: true }).where('id', '=', sink.id).execute()
    await erase()
    await deliverAll()
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true)
    expect(readFileSync(path, 'utf8')).not.toContain('erased person')
    await ask('auditSink.pause', { id: sink.id })
    await erase()
    await deliverAll()
    expect(readFileSync(path, 'utf8')).toBe('')
    await ask('auditSink.resume', { id: sink.id })
    await deliverAll()
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true)
  })

  test('has it for itself: two would write over one another', async () => {
    const sink = await create({ kind: 'file', file: 'own.jsonl' })
    await expect(create({ kind: 'file', file: 'own.jsonl' })).rejects.toMatchObject({ code: 'conflict' })
    await ask('auditSink.remove', { id: sink.id })
    await create({ kind: 'file', file: 'own.jsonl' })
  })

  // Threat F3: settings of an audit log that write where somebody wants them to.
  test('stands in its directory and nowhere else, and follows no link', async () => {
    for (const file of ['../up', '/etc/passwd', 'a/b', '.hidden', '', 'A', 'a\0b'])
      await expect(create({ kind: 'file', file }), file).rejects.toMatchObject({ code: 'invalid-input' })
    const outside = join(mkdtempSync(join(tmpdir(), 'gatehouse-outside-')), 'target')
    writeFileSync(outside, 'untouched')
    symlinkSync(outside, join(files, 'link.jsonl'))
    const sink = await create({ kind: 'file', file: 'link.jsonl' })
    await write(1)
    await deliverAll()
    expect(readFileSync(outside, 'utf8')).toBe('untouched')
    expect((await stateOf(sink.id)).lastError).toContain('cannot be opened')
  })
})

test.each([
  [{ kind: 'http' }, 'url'],
  [{ kind: 'http', url: 'http://sink.example/' }, 'url'],
  [{ kind: 'http', url: 'https://ada:canary@sink.example/' }, 'url'],
  [{ kind: 'http', url: 'https://canary@sink.example' }, 'url'],
  [{ kind: 'http', url: 'https://sink.example\\\\@inside.example/' }, 'url'],
  [{ kind: 'hec', url: 'https://sink.example/' }, 'secret'],
  [{ kind: 'webhook', url: 'https://sink.example/' }, 'secret'],
  [{ kind: 'hec', url: 'https://sink.example/', secret: 'a\r\nHost: b' }, 'secret'],
  [{ kind: 'http', url: 'https://sink.example/', secret: 'caf\u00e9' }, 'secret'],
  [{ kind: 'syslog' }, 'host'],
  [{ kind: 'file' }, 'file'],
  [{ kind: 'file', file: 'a', messageBytes: 480 }, 'messageBytes'],
  [{ kind: 'syslog', host: 'sink.example', messageBytes: 479 }, 'messageBytes'],
  [{ kind: 'syslog', host: 'sink.example', url: 'https://sink.example/' }, 'url'],
  [{ kind: 'file', file: 'a', secret }, 'secret'],
])('%o is refused by the name of its field `%s`', async (input, field) => {
  await expect(create(input)).rejects.toMatchObject({ code: 'invalid-input', details: { fields: [{ path: field }] } })
})

test('neither the secret of a sink nor what it answers is in the database, the list or the log in clear', async () => {
  const { url } = await receiver(() => 401)
  await create({ kind: 'hec', url, secret, authority: certificate })
  await write(1)
  await deliverAll()
  const rows = await h.admin.selectFrom('audit_sink').selectAll().execute()
  const all = JSON.stringify([await ask('auditSink.list', {}), await h.entries()])
  expect(all).not.toContain(secret)
  expect(rows.every((row) => row.secret === null || !row.secret.includes(secret))).toBe(true)
})
