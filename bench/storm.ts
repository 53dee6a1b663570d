import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startHome } from '@gatehouse/testkit'
import { accessTokenOf, baseOf } from './log-in.ts'
import { median, readable, type Row } from './row.ts'

const callsPerRound = 200
const rounds = 3
const inFlight = 50
const memoryEveryMs = 50

/**
 * `patient` waits as a refusal tells it to, as our own clients and browsers' people do; `hammering` asks again at once.
 */
type Manner = 'patient' | 'hammering'

interface Measured {
  readonly p99: number
  readonly residentMib: number
  /** How many log-ins got which status. */
  readonly answered: string
}

/**
 * What a storm of log-ins costs everybody else, and the gateway's memory: the same calls without it, with one of
 * patient people, with one that does not listen, in turns.
 */
export async function stormBench(): Promise<Row[]> {
  const home = await startHome({ env: { GATEHOUSE_RATE_LIMIT_LOOPBACK: '0' } })
  try {
    const base = baseOf(home.dev())
    const token = await accessTokenOf(home.dev(), 'Operator')
    const gateway = home.dev().processes.gateway
    const calls = (): Promise<number> => slowest(base, token)
    await calls()
    const before = residentMib(gateway)
    const turns: { idle: number; patient: Measured; hammering: Measured }[] = []
    for (let round = 0; round < rounds; round += 1) {
      const idle = await calls()
      turns.push({
        idle,
        patient: await during(base, { manner: 'patient', gateway, calls }),
        hammering: await during(base, { manner: 'hammering', gateway, calls }),
      })
    }
    const idle = median(turns.map((turn) => turn.idle))
    const row = (id: string | null, manner: Manner, reads: string): Row => {
      const [last] = turns.slice(-1)
      return {
        id,
        what:
          `p99 of auth.whoami while ${inFlight} ${manner} clients log in (answers of the last turn: ` +
          `${last?.[manner].answered ?? ''})`,
        ours: readable(median(turns.map((turn) => turn[manner].p99)) * 1000),
        peer: `${readable(idle * 1000)} (p99 idle)`,
        ratio: median(turns.map((turn) => turn[manner].p99 / turn.idle)),
        reads,
      }
    }
    const peak = Math.max(...turns.flatMap(({ patient, hammering }) => [patient.residentMib, hammering.residentMib]))
    return [
      row('storm.p99', 'patient', 'times the idle p99 of the same run; 2 to 4 is the aim'),
      row(null, 'hammering', 'times the idle p99 of the same run; a flood that heeds no refusal'),
      {
        id: null,
        what: "resident memory of the gateway at the storms' peak",
        ours: `${peak.toFixed(0)} MiB`,
        peer: `${before.toFixed(0)} MiB (before them)`,
        ratio: peak / before,
        reads: 'times the memory before; one hash at a time, so bounded',
      },
    ]
  } finally {
    await home.remove()
  }
}

/** Measures while a storm goes on, from its first answer. */
async function during(
  base: string,
  { manner, gateway, calls }: { manner: Manner; gateway: number; calls: () => Promise<number> },
): Promise<Measured> {
  const flood = spawn(
    process.execPath,
    [fileURLToPath(new URL('./login-flood.ts', import.meta.url)), base, String(inFlight), manner],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  let printed = ''
  flood.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  const over = once(flood, 'close')
  await Promise.race([once(flood.stdout, 'data'), over])
  let peak = 0
  const watching = setInterval(() => {
    peak = Math.max(peak, residentMib(gateway))
  }, memoryEveryMs)
  const p99 = await calls()
  clearInterval(watching)
  flood.stdin.end()
  await over
  return { p99, residentMib: Math.max(peak, residentMib(gateway)), answered: printed.trim().split('\n').at(-1) ?? '' }
}

/** The 99th percentile of a person's calls, one after the other, in milliseconds. */
async function slowest(base: string, token: string): Promise<number> {
  const times: number[] = []
  for (let call = 0; call < callsPerRound; call += 1) {
    const start = performance.now()
    const response = await fetch(`${base}/trpc/auth.whoami`, { headers: { authorization: `Bearer ${token}` } })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`whoami answered ${response.status}`)
    times.push(performance.now() - start)
  }
  return times.toSorted((left, right) => left - right)[Math.floor(callsPerRound * 0.99)] ?? Number.NaN
}

const residentMib = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
