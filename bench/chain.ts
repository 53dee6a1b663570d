import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { startHome } from '@gatehouse/testkit'
import { bySocket, clusterData } from '@gatehouse/testkit/servers'
import { httpLoad } from './http-load.ts'
import { accessTokenOf, baseOf } from './log-in.ts'
import { placeApart, type Placement } from './processors.ts'
import { compare, compareSingle, perSecond, readable, type Row, type Side } from './row.ts'

/**
 * Calls of a round, one after the other and at once. Alone, the first few hundred take 6 % longer than those after
 * them: the other side had the processors.
 */
const calls = { alone: 1000, together: 1600 } as const
/** Rounds of single calls: the medians of a few still differ by a tenth from those of the next. */
const aloneRounds = 15
/** Before the first is timed, of each side: all of them are measured as what has served for a while. */
const warmCalls = 6000
/** Callers at once, where throughput is measured: what a busy hour of one node has. */
const callersAtOnce = 16

/**
 * A whole call (limits, token, session query, policy decision, handler, audit entry on disk) against a bare Hono route
 * and against a naive chain, all over kept connections and in processes of their own.
 */
export async function chainBench(): Promise<Row[]> {
  const home = await startHome({ env: { GATEHOUSE_RATE_LIMIT_LOOPBACK: '0' } })
  const bare = await peer('./bare-route.ts', [])
  const naive = await peer('./naive-chain.ts', [
    bySocket(home.dev().database.adminUrl, clusterData(join(home.home, 'postgres'))), // as the gateway has it
  ])
  try {
    const token = await accessTokenOf(home.dev(), 'Operator')
    const sides = (width: number): Sides => ({
      ours: httpLoad('gatehouse', { url: `${baseOf(home.dev())}/trpc/auth.whoami`, headers: bearer(token), width }),
      // the same request: what it costs to send and read a token's kilobyte is nobody's chain
      bare: httpLoad('bare', { url: `http://127.0.0.1:${bare.says.port}/`, headers: bearer(token), width }),
      bareWithoutToken: httpLoad('bare', { url: `http://127.0.0.1:${bare.says.port}/`, headers: {}, width }),
      naive: httpLoad('naive', {
        url: `http://127.0.0.1:${naive.says.port}/`,
        headers: bearer(naive.says.token ?? ''),
        width,
      }),
    })
    const servers = [home.dev().processes.gateway, bare.pid, naive.pid]
    return [...(await latency(sides(1), servers)), ...(await throughput(sides(callersAtOnce)))]
  } finally {
    bare.stop()
    naive.stop()
    await home.remove()
  }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

type Sides = Readonly<Record<'ours' | 'bare' | 'bareWithoutToken' | 'naive', Side>>

async function latency(sides: Sides, servers: readonly number[]): Promise<Row[]> {
  const { ours, bare, naive } = sides
  // ours last: whoever has done nothing for some seconds is slower for the next two thousand calls
  for (const side of [naive, bare, ours]) await side.run(warmCalls)
  const placement = placeApart(servers)
  const rows = await latencyApart(sides, placement).finally(placement.end)
  const together = await compareSingle({ ...ours, rounds: aloneRounds }, bare, calls.alone)
  return [
    ...rows,
    {
      id: 'chain.latency',
      what: 'one whole call: auth.whoami over HTTP, authenticated, decided, audited; the median call',
      ours: readable(together.median.oursMicroseconds),
      peer: `${readable(together.median.peerMicroseconds)} (bare Hono route, the same request)`,
      ratio: together.median.ratio,
      reads: 'times the latency of a route that does nothing; at most 12 is what is asked',
    },
  ]
}

async function latencyApart({ ours, bare, bareWithoutToken, naive }: Sides, { apart }: Placement): Promise<Row[]> {
  const toBare = await compareSingle({ ...ours, rounds: aloneRounds }, bare, calls.alone)
  const toBareWithoutToken = await compareSingle(ours, bareWithoutToken, calls.alone)
  const toNaive = await compareSingle(ours, naive, calls.alone)
  const where = apart ? 'the client on a processor of its own' : 'where the system placed client and servers'
  return [
    {
      id: null,
      what: `one whole call, the median, ${where}`,
      ours: readable(toBare.median.oursMicroseconds),
      peer: `${readable(toBare.median.peerMicroseconds)} (bare Hono route, the same request)`,
      ratio: toBare.median.ratio,
      reads: 'times the latency of a route that does nothing, each with a wake-up in it',
    },
    {
      id: null,
      what: 'the same, where the bare route is asked without a token',
      ours: readable(toBareWithoutToken.median.oursMicroseconds),
      peer: `${readable(toBareWithoutToken.median.peerMicroseconds)} (bare Hono route)`,
      ratio: toBareWithoutToken.median.ratio,
      reads: 'times the latency of a route that does nothing and reads less',
    },
    {
      id: null,
      what: 'the same, the mean of all calls',
      ours: readable(toBare.mean.oursMicroseconds),
      peer: `${readable(toBare.mean.peerMicroseconds)} (bare Hono route)`,
      ratio: toBare.mean.ratio,
      reads: 'times the mean latency of a route that does nothing',
    },
    {
      id: null,
      what: 'the median call against a naive chain',
      ours: readable(toNaive.median.oursMicroseconds),
      peer:
        `${readable(toNaive.median.peerMicroseconds)} ` +
        '(jose, statefulIsAuthorized, one INSERT; no session looked up)',
      ratio: toNaive.median.ratio,
      reads: 'times the latency of a chain without sessions, limits and proofs',
    },
  ]
}

async function throughput({ ours, bare, naive }: Sides): Promise<Row[]> {
  const [toBare, toNaive] = [await compare(ours, bare, calls.together), await compare(ours, naive, calls.together)]
  return [
    {
      id: 'chain.throughput',
      what: `the whole call, ${callersAtOnce} at once`,
      ours: `${perSecond(toBare.oursMicroseconds)} calls/s`,
      peer: `${perSecond(toBare.peerMicroseconds)} calls/s (bare Hono route)`,
      ratio: 1 / toBare.ratio,
      reads: "calls per second of ours in units of the peer's; at least 0.08 is what is asked",
    },
    {
      id: 'chain.naive',
      what: `the same against a naive chain, ${callersAtOnce} at once`,
      ours: `${perSecond(toNaive.oursMicroseconds)} calls/s`,
      peer: `${perSecond(toNaive.peerMicroseconds)} calls/s (jose, statefulIsAuthorized, one INSERT)`,
      ratio: 1 / toNaive.ratio,
      reads: "calls per second of ours in units of the peer's; at least 3 is what is asked",
    },
  ]
}

interface Peer {
  /** What it printed once it listened. */
  readonly says: { readonly port: number; readonly token?: string }
  readonly pid: number
  readonly stop: () => void
}

/** Starts a peer in a process of its own; it ends when its input does, so with this process at the latest. */
async function peer(program: string, args: readonly string[]): Promise<Peer> {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, [path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  // our own program's line
  return { says: JSON.parse(line.toString()) as Peer['says'], pid: child.pid ?? 0, stop: () => child.stdin.end() }
}
