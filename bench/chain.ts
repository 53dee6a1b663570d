import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startHome } from '@gatehouse/testkit'
import { baseOf, logIn, principalOf } from '../test/e2e/support/outside.ts'
import { compare, readable, type Row, type Side } from './row.ts'

const calls = 300

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
    const operator = await logIn(base, principalOf(home.dev(), 'Operator'))
    const headers = { authorization: `Bearer ${operator.token}` }
    const ours: Side = { name: 'gatehouse', run: (times) => fetchTimes(`${base}/trpc/auth.whoami`, headers, times) }
    const peer: Side = {
      name: 'bare route',
      run: (times) => fetchTimes(`http://127.0.0.1:${port.toString().trim()}/`, {}, times),
    }
    const { oursMicroseconds, peerMicroseconds, ratio } = await compare(ours, peer, calls)
    return [
      {
        what: 'one whole call: auth.whoami over HTTP, authenticated, decided, audited',
        ours: readable(oursMicroseconds),
        peer: `${readable(peerMicroseconds)} (bare Hono route)`,
        ratio,
        reads: 'times the latency of a route that does nothing',
      },
    ]
  } finally {
    bare.stdin.end()
    await home.remove()
  }
}

async function fetchTimes(url: string, headers: Record<string, string>, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    const response = await fetch(url, { headers })
    if (!response.ok) throw new Error(`${url} answered ${response.status}`)
    await response.arrayBuffer()
  }
}
