// Threat C22: what is held open has a cap, and ends when its client has gone. Against a whole system.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGatewayHome, type GatewayFacts, type GatewayHome } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, logIn, outside, principalOf, type Outside } from './support/outside.ts'

/** Of a person and of one of their sessions, as `interfaces.md` declares it. */
const personMax = 32
const sessionMax = 16

let home: GatewayHome
let dev: GatewayFacts
let base: string
/** Three sessions of one viewer, from as many codes as there are at once. */
const viewers: Outside[] = []
beforeAll(async () => {
  home = await startGatewayHome()
  dev = home.dev()
  base = baseOf(dev)
  for (let session = 0; session < 3; session += 1) viewers.push(await logIn(base, principalOf(dev, 'Viewer')))
})
afterAll(() => home?.remove())

interface Opened {
  /** Null: it stays open. */
  readonly refusal: () => string | null
  readonly close: () => void
}

const requests = {
  trpc: (token: string | null) =>
    [`${base}/trpc/lease.watch?input=%7B%7D`, { headers: { authorization: `Bearer ${token}` } }] as const,
  graphql: (token: string | null) =>
    [
      `${base}/graphql/stream`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'subscription { leaseWatch { id state } }' }),
      },
    ] as const,
}
type Surface = keyof typeof requests

/** Opens a stream, and listens to it. */
async function open(surface: Surface, token: string | null): Promise<Opened> {
  const abort = new AbortController()
  const [url, init] = requests[surface](token)
  const response = await fetch(url, { ...init, signal: abort.signal })
  let text = ''
  const read = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  }
  void read().catch(() => undefined)
  return { refusal: () => /"code":"([a-z-]+)"/.exec(text)?.[1] ?? null, close: () => abort.abort() }
}

const openMany = (surface: Surface, token: string | null, count: number): Promise<Opened[]> =>
  Promise.all(Array.from({ length: count }, () => open(surface, token)))
const stillOpen = (streams: readonly Opened[]): number => streams.filter(({ refusal }) => refusal() === null).length
/** Waits until so many stay open, and a moment longer: no more and no fewer. */
async function expectOpen(streams: readonly Opened[], count: number): Promise<void> {
  await expect.poll(() => stillOpen(streams), { timeout: 20_000 }).toBe(count)
  await sleep(500)
  expect(stillOpen(streams)).toBe(count)
}
const megabytesOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

describe('three hundred streams of one viewer', () => {
  test('come to what is declared for a session and for a person; calls stay fast and memory flat', async () => {
    const before = megabytesOf(dev.processes.gateway)
    const streams = (
      await Promise.all(viewers.map(({ token }, index) => openMany(index === 1 ? 'graphql' : 'trpc', token, 100)))
    ).flat()
    await expectOpen(streams, personMax)
    expect(new Set(streams.map(({ refusal }) => refusal()))).toEqual(new Set([null, 'rate-limited']))

    const token = viewers[0]?.token ?? null
    const times: number[] = []
    for (let call = 0; call < 20; call += 1) {
      const begun = performance.now()
      expect((await outside(base, token).query('auth.whoami')).status).toBe(200)
      times.push(performance.now() - begun)
    }
    times.sort((a, b) => a - b)
    expect(times[10], 'the median call').toBeLessThan(200)
    expect(megabytesOf(dev.processes.gateway) - before).toBeLessThan(100)
    for (const { close } of streams) close()
  }, 60_000)
})

test.for(['trpc', 'graphql'] as const)(
  'streams at %s end within seconds of their client’s going, and their places come free',
  { timeout: 30_000 },
  async (surface) => {
    const { token } = await logIn(base, principalOf(dev, 'Developer'))
    const first = await openMany(surface, token, sessionMax)
    await expectOpen(first, sessionMax)
    await expect.poll((await open(surface, token)).refusal).toBe('rate-limited')
    for (const { close } of first) close()
    await sleep(2000)
    const again = await openMany(surface, token, sessionMax)
    await expectOpen(again, sessionMax)
    for (const { close } of again) close()
  },
)

test('a request for emergency access is told by either transport to who may see it, and to no Viewer', async () => {
  const operator = await logIn(base, principalOf(dev, 'Operator'))
  const asked = await operator.mutate('breakGlass.request', {
    incident: 'INC-7',
    severity: 'low',
    justification: 'the database host does not answer',
    workspace: 'default',
    actions: ['lease.list'],
  })
  const { id } = asked.data as { id: string }
  const abort = new AbortController()
  const watch = (surface: Surface, token: string | null) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const query = `subscription { breakGlassWatch(input: { id: "${id}" }) { id state } }`
    const { signal } = abort
    return surface === 'trpc'
      ? fetch(`${base}/trpc/breakGlass.watch?input=${encodeURIComponent(JSON.stringify({ id }))}`, { headers, signal })
      : fetch(`${base}/graphql/stream`, { method: 'POST', headers, body: JSON.stringify({ query }), signal })
  }
  const until = async (response: Response, word: RegExp): Promise<string> => {
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      if (word.test(text)) break
    }
    return text
  }
  const streams = await Promise.all((['trpc', 'graphql'] as const).map((surface) => watch(surface, operator.token)))
  const told = streams.map((stream) => until(stream, /"state":"cancelled"/i))
  for (const surface of ['trpc', 'graphql'] as const)
    expect(await until(await watch(surface, viewers[0]?.token ?? null), /"code":/)).toContain('"not-found"')
  await operator.mutate('breakGlass.cancel', { id, reason: 'over' })
  for (const text of await Promise.all(told)) expect(text).toMatch(/"state":"cancelled"/i)
  abort.abort()
}, 30_000)
