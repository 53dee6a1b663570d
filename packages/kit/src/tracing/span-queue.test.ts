// What watches a system must not be the way to stop it: a collector that is slow, gone or hostile costs
// spans, and nothing else.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { beginRequest } from './begin-request.ts'
import { createOtlpSender } from './otlp-sender.ts'
import { asRequest, beginSpan, inSpan, runningRequest, withoutRequest, type Span } from './running-request.ts'
import { openSpanQueue, spansPerRequestMax, spansQueuedMax, type SpanLoss } from './span-queue.ts'

const requestId = (at: number): string =>
  `01939fd4-7a3e-7c52-9c0b-${(at * 2654435761).toString(16).slice(-12).padStart(12, '0')}`
const parent = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true, state: '' }

function queueWith(send: (spans: readonly Span[]) => Promise<void>, more: { ratio?: number; perSecond?: number } = {}) {
  const lost: Record<SpanLoss, number> = { 'queue-full': 0, 'request-too-long': 0, 'not-sent': 0 }
  const errors: unknown[] = []
  let sent = 0
  const queue = openSpanQueue({
    send,
    ratio: more.ratio ?? 1,
    tracesPerSecondMax: more.perSecond ?? 10_000,
    onSent: (count) => (sent += count),
    onLost: (reason, count) => (lost[reason] += count),
    onError: (error) => errors.push(error),
  })
  const record = (count: number, id = requestId(count)) => {
    const recorder = queue.recorderFor({ requestId: id, parent: null, trusted: false })
    for (let at = 0; at < count; at += 1) recorder?.record(span)
  }
  return { queue, lost, errors, record, sent: () => sent }
}

const span: Span = {
  name: 'x',
  kind: 'internal',
  traceId: parent.traceId,
  spanId: parent.spanId,
  parentId: null,
  state: '',
  begunAt: 1,
  endedAt: 2,
  attributes: {},
  failed: false,
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function collector(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
}

const senderTo = (url: string) =>
  createOtlpSender({ url, headers: {}, resource: { 'service.name': 'test' }, epochMilliseconds: () => 0 })

describe('the queue', () => {
  test('holds so many spans while its collector hangs, counts the rest, and lets nobody wait', async () => {
    const { queue, lost, record } = queueWith(() => new Promise(() => undefined))
    for (let at = 0; at < 40; at += 1) record(250, requestId(at))
    // 512 are under way, as many as the queue holds wait
    expect(lost['queue-full']).toBe(40 * 250 - spansQueuedMax - 512)
    expect(lost['not-sent']).toBe(0)
    void queue
  })

  test('takes so much of one request and no more, however long it lasts', () => {
    const { lost, record } = queueWith(() => Promise.resolve())
    record(spansPerRequestMax + 50)
    expect(lost['request-too-long']).toBe(50)
  })

  test('loses what its collector does not take, says so once, and is well when it is', async () => {
    let status = 503
    const url = await collector((_request, response) => response.writeHead(status).end())
    const { queue, lost, errors, record, sent } = queueWith(senderTo(url))
    for (const at of [1, 2, 3]) for (let more = 0; more < 3; more += 1) record(200, requestId(at * 10 + more))
    await vi.waitFor(() => expect(lost['not-sent']).toBeGreaterThan(0))
    expect(errors).toHaveLength(1)
    status = 200
    record(100, requestId(99))
    await queue.close()
    expect(sent() + lost['not-sent']).toBe(9 * 200 + 100)
    expect(sent()).toBeGreaterThan(0)
  })

  test('rejects nothing into the process when nobody listens', async () => {
    const { queue, lost, errors, record } = queueWith(senderTo('http://127.0.0.1:9/v1/traces'))
    record(10)
    await queue.close()
    expect(lost['not-sent']).toBe(10)
    expect(errors).toHaveLength(1)
  })
})

describe('which requests are recorded', () => {
  const recorded = (queue: ReturnType<typeof queueWith>['queue'], count: number, more: object = {}) =>
    Array.from({ length: count }, (_, at) =>
      queue.recorderFor({ requestId: requestId(at), parent: null, trusted: false, ...more }),
    ).filter((recorder) => recorder !== null).length

  test('no more traces a second than were allowed, whatever their callers say of them', () => {
    const { queue } = queueWith(() => Promise.resolve(), { perSecond: 20 })
    // a second may end meanwhile
    expect(recorded(queue, 500, { parent })).toBeLessThanOrEqual(40)
    expect(recorded(queue, 500, { parent, trusted: true })).toBeLessThanOrEqual(40)
  })

  test('a stranger’s flag says nothing, a proxy’s decides', () => {
    const { queue } = queueWith(() => Promise.resolve(), { ratio: 0 })
    expect(recorded(queue, 50, { parent })).toBe(0)
    expect(recorded(queue, 50, { parent, trusted: true })).toBe(50)
    const all = queueWith(() => Promise.resolve(), { ratio: 1 })
    expect(recorded(all.queue, 50, { parent: { ...parent, sampled: false } })).toBe(50)
    expect(recorded(all.queue, 50, { parent: { ...parent, sampled: false }, trusted: true })).toBe(0)
  })

  test('a part of all requests is about that part', () => {
    const { queue } = queueWith(() => Promise.resolve(), { ratio: 0.25 })
    const count = recorded(queue, 2000)
    expect(count).toBeGreaterThan(350)
    expect(count).toBeLessThan(650)
  })
})

describe('spans', () => {
  test('lie below the one in whose work they are, and only what is a request’s is recorded', async () => {
    const spans: Span[] = []
    const sampler = { recorderFor: () => ({ record: (one: Span) => void spans.push(one) }) }
    const request = beginRequest(sampler, { requestId: requestId(1), parent, trusted: false })
    await asRequest({ request, parentId: parent.spanId }, { name: 'GET', kind: 'server' }, async (root) => {
      await inSpan({ name: 'outer' }, async () => {
        beginSpan({ name: 'inner' })?.end()
        await withoutRequest(() => inSpan({ name: 'nobody’s' }, () => Promise.resolve(runningRequest())))
      })
      await inSpan({ name: 'broken' }, () => Promise.reject(new TypeError('no'))).catch(() => undefined)
      root?.end({ attributes: { 'http.route': '/graphql' } })
    })
    const byName = new Map(spans.map((one) => [one.name, one]))
    expect([...byName.keys()]).toEqual(['inner', 'outer', 'broken', 'GET'])
    expect(byName.get('GET')).toMatchObject({ parentId: parent.spanId, traceId: parent.traceId })
    expect(byName.get('outer')?.parentId).toBe(byName.get('GET')?.spanId)
    expect(byName.get('inner')?.parentId).toBe(byName.get('outer')?.spanId)
    expect(byName.get('broken')).toMatchObject({ failed: true, parentId: byName.get('GET')?.spanId })
  })

  test('cost nothing but a look where nothing is recorded', async () => {
    expect(beginSpan({ name: 'x' })).toBeNull()
    expect(await inSpan({ name: 'x' }, (open) => Promise.resolve(open))).toBeNull()
  })
})
