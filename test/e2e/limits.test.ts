import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGatewayHome, type GatewayHome } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../packages/testkit/src/free-port.ts'
import { baseOf, logIn, outside, principalOf, untilReady } from './support/outside.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const perMinute = 100
/** Two nodes claim in blocks: what one has prepaid the other cannot use. */
const blockSlack = 20

describe('the limit of calls, counted over two nodes', () => {
  let home: GatewayHome
  let secondGateway: ChildProcess
  let bases: readonly string[]

  beforeAll(async () => {
    home = await startGatewayHome({ env: { GATEHOUSE_RATE_LIMIT_LOOPBACK: '1' } })
    const port = await freePort()
    secondGateway = spawn(process.execPath, ['scripts/gateway.mjs'], {
      cwd: root,
      env: { ...home.env, GATEHOUSE_PORT: String(port) },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    const second = `http://localhost:${port}`
    await untilReady(second)
    bases = [baseOf(home.dev()), second]
  })
  afterAll(async () => {
    secondGateway.kill('SIGTERM')
    await home.remove()
  })

  test('a session has a limit of its own', async () => {
    const operator = await logIn(bases[0] ?? '', principalOf(home.dev(), 'Operator'))
    await startOfAMinute()
    const statuses: number[] = []
    for (let i = 0; i < perMinute + 30; i += 1) statuses.push((await operator.query('system.version')).status)
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(perMinute)
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(perMinute - blockSlack)
    expect(statuses.at(-1)).toBe(429)
  })

  test("operations count, not requests: a stranger's batches get a hundred answers or so, then 429", async () => {
    await startOfAMinute()
    const query = `{ ${Array.from({ length: 20 }, (_, i) => `a${i}: systemVersion { version }`).join(' ')} }`
    let answered = 0
    let refusals: readonly { code?: string; retryAfterSeconds?: number }[] = []
    for (let i = 0; i < 10; i += 1) {
      const { body } = await outside(bases[i % 2] ?? '').graphql(query)
      const { data, errors = [] } = body as {
        data: Record<string, unknown> | null
        errors?: { extensions: { code: string } }[]
      }
      answered += Object.values(data ?? {}).filter((value) => value !== null).length
      refusals = [...refusals, ...errors.map(({ extensions }) => extensions)]
    }
    expect(answered).toBeLessThanOrEqual(perMinute)
    expect(answered).toBeGreaterThanOrEqual(perMinute - blockSlack) // the log-in before counted, too
    expect(answered + refusals.length).toBe(200)
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ code: 'rate-limited', retryAfterSeconds: expect.any(Number) as number })
    const again = await outside(bases[0] ?? '').query('system.version')
    expect([again.status, again.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/) as string])
  })

  test('forwarding headers of nobody we trust buy nothing', async () => {
    const response = await fetch(`${bases[1]}/trpc/system.version`, {
      headers: { 'x-forwarded-for': '203.0.113.77', forwarded: 'for=203.0.113.78', 'x-real-ip': '203.0.113.79' },
    })
    expect(response.status).toBe(429)
  })
})

/** Waits for the next window unless what is counted ends in this one: on a busy machine it takes some seconds. */
async function startOfAMinute(): Promise<void> {
  const into = Date.now() % 60_000
  if (into > 45_000) await sleep(60_500 - into)
}
