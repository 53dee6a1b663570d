import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startHome } from '@gatehouse/testkit'
import { accessTokenOf, baseOf } from './log-in.ts'
import { compare, perSecond, readable, type Row, type Side } from './row.ts'

const calls = 300
/** Callers at once, where throughput is measured: what a busy hour of one node has. */
const callersAtOnce = 16

/**
 * A whole call (limits, token, session query, policy decision, handler, audit entry on disk) against a bare Hono route,
 * both over HTTP and in processes of their own.
 */
export async function chainBench(): Promise<Row[]> {
  const home = await startHome({ env: { GATEHOUSE_RATE_LIMIT_LOOPBACK: '0' } })
  const bare = spawn(process.execPath, [fileURLToPath(new URL('./bare-route.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const [port] = (await once(bare.stdout, 'data')) as [Buffer]
    const base = baseOf(home.dev())
    const headers = { authorization: `Bearer ${await accessTokenOf(home.dev(), 'Operator')}` }
    const bareUrl = `http://127.0.0.1:${port.toString().trim()}/`
    const side = (name: string, asked: { url: string; headers: Record<string, string>; width: number }): Side => ({
      name,
      run: (times) => fetchTimes({ ...asked, times }),
    })
    const measured = (width: number) =>
      compare(
        side('gatehouse', { url: `${base}/trpc/auth.whoami`, headers, width }),
        side('bare', { url: bareUrl, headers: {}, width }),
        calls,
      )
    const [one, many] = [await measured(1), await measured(callersAtOnce)]
    return [
      {
        id: 'chain.latency',
        what: 'one whole call: auth.whoami over HTTP, authenticated, decided, audited',
        ours: readable(one.oursMicroseconds),
        peer: `${readable(one.peerMicroseconds)} (bare Hono route)`,
        ratio: one.ratio,
        reads: 'times the latency of a route that does nothing',
      },
      {
        id: 'chain.throughput',
        what: `the same, ${callersAtOnce} at once`,
        ours: `${perSecond(many.oursMicroseconds)} calls/s`,
        peer: `${perSecond(many.peerMicroseconds)} calls/s (bare Hono route)`,
        ratio: 1 / many.ratio,
        reads: "calls per second of ours in units of the peer's",
      },
    ]
  } finally {
    bare.stdin.end()
    await home.remove()
  }
}

interface Fetching {
  readonly url: string
  readonly headers: Record<string, string>
  readonly times: number
  /** Requests in flight at once. */
  readonly width: number
}

async function fetchTimes({ url, headers, times, width }: Fetching): Promise<void> {
  let left = times
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const response = await fetch(url, { headers })
      if (!response.ok) throw new Error(`${url} answered ${response.status}`)
      await response.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: width }, caller))
}
