import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startHome } from '@gatehouse/testkit'
import { baseOf, logIn, principalOf } from '../test/e2e/support/outside.ts'
import { median, readable, type Row } from './row.ts'

const callsPerRound = 200
const rounds = 3
const inFlight = 50

/** What a storm of log-ins costs everybody else, and the gateway's memory: the same calls with and without it, in turns. */
export async function stormBench(): Promise<Row[]> {
  const home = await startHome({ env: { GATEHOUSE_RATE_LIMIT_LOOPBACK: '0' } })
  try {
    const base = baseOf(home.dev())
    const operator = await logIn(base, principalOf(home.dev(), 'Operator'))
    const gateway = home.dev().processes.gateway
    await slowest(base, operator.token ?? '')
    const before = residentMib(gateway)
    const measured: { idle: number; storm: number }[] = []
    let answered = {}
    let peak = before
    for (let round = 0; round < rounds; round += 1) {
      const idle = await slowest(base, operator.token ?? '')
      const flood = spawn(process.execPath, [fileURLToPath(new URL('./login-flood.ts', import.meta.url)), base, String(inFlight)], { stdio: ['pipe', 'pipe', 'inherit'] })
      const storm = await slowest(base, operator.token ?? '')
      peak = Math.max(peak, residentMib(gateway))
      flood.stdin.end()
      const [printed] = (await once(flood.stdout, 'data')) as [Buffer] // it prints once, at its end
      answered = JSON.parse(printed.toString()) as object
      measured.push({ idle, storm })
    }
    const [idle, storm] = [median(measured.map((one) => one.idle)), median(measured.map((one) => one.storm))]
    return [
      { what: `p99 of auth.whoami while ${inFlight} log-ins are in flight (their last answers: ${JSON.stringify(answered)})`, ours: readable(storm * 1000), peer: `${readable(idle * 1000)} (p99 idle)`, ratio: median(measured.map((one) => one.storm / one.idle)), reads: 'times the idle p99 of the same run; 2 to 4 is the aim' },
      { what: 'resident memory of the gateway at the storm\'s peak', ours: `${peak.toFixed(0)} MiB`, peer: `${before.toFixed(0)} MiB (before it)`, ratio: peak / before, reads: 'times the memory before; one hash at a time, so bounded' },
    ]
  } finally {
    await home.remove()
  }
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

const residentMib = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
