import { availableParallelism } from 'node:os'
import { ensurePeer, peerPrograms } from './peer-program.ts'
import type { Row } from './row.ts'

interface Bench {
  /** What scripts know its rows by; see docs/interfaces.md. */
  readonly ids: readonly string[]
  readonly run: () => Promise<Row[]>
}

/**
 * Each compares ours with a peer in this very run. Loaded one by one, so that one's native modules do not warm
 * another's caches.
 */
const benches: Readonly<Record<string, Bench>> = {
  token: { ids: ['token.cold', 'token.warm'], run: async () => (await import('./token.ts')).tokenBench() },
  decision: {
    ids: ['decision.hit', 'decision.miss', 'decision.growth'],
    run: async () => (await import('./decision.ts')).decisionBench(),
  },
  chain: {
    ids: ['chain.latency', 'chain.throughput', 'chain.naive'],
    run: async () => (await import('./chain.ts')).chainBench(),
  },
  audit: {
    ids: ['audit.append16', 'audit.append256', 'audit.transaction'],
    run: async () => (await import('./audit.ts')).auditBench(),
  },
  ssh: {
    ids: ['ssh.certificate'],
    run: async () => {
      ensurePeer(peerPrograms.sshKeygen, say)
      return (await import('./ssh.ts')).sshBench()
    },
  },
  kms: {
    ids: ['kms.single', 'kms.batch', 'kms.file'],
    run: async () => {
      ensurePeer(peerPrograms.openssl, say)
      return (await import('./kms.ts')).kmsBench()
    },
  },
  leases: {
    ids: ['lease.issue', 'lease.expiry', 'lease.ready'],
    run: async () => (await import('./leases.ts')).leasesBench(),
  },
  storm: { ids: ['storm.p99'], run: async () => (await import('./storm.ts')).stormBench() },
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** The benches that are meant by names of benches and of rows; without any, all. Null: one is unknown. */
function chosen(names: readonly string[]): ReadonlyMap<string, ReadonlySet<string> | null> | null {
  if (names.length === 0) return new Map(Object.keys(benches).map((name) => [name, null]))
  const found = new Map<string, Set<string> | null>()
  for (const name of names) {
    const bench = Object.hasOwn(benches, name)
      ? name
      : Object.keys(benches).find((one) => benches[one]?.ids.includes(name))
    if (bench === undefined) return null
    const ids = found.get(bench)
    if (bench === name) found.set(bench, null)
    else if (ids !== null) found.set(bench, (ids ?? new Set()).add(name))
  }
  return found
}

/** Names the row for people, with both sides; scripts get the ratio alone. */
const printed = ({ what, ours, peer, ratio, reads }: Row): string =>
  `\n${what}\n  ours   ${ours}\n  peer   ${peer}\n  ratio  ${ratio.toFixed(2)}  (${reads})\n`

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  const wanted = chosen(args.filter((arg) => arg !== '--json'))
  if (wanted === null) {
    const known = Object.entries(benches).flatMap(([name, { ids }]) => [name, ...ids])
    say(`there is no such bench; there are: ${known.join(', ')}. --json prints [{ id, ratio }]`)
    return 2
  }
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}`
  const head = `${machine}; both sides of a ratio are measured in turns in this run`
  if (json) say(head)
  else process.stdout.write(`${head}\n`)
  const rows: Row[] = []
  for (const [name, ids] of wanted) {
    say(`${name} …`)
    const found = ((await benches[name]?.run()) ?? []).filter(({ id }) => ids === null || (id !== null && ids.has(id)))
    rows.push(...found)
    if (!json) process.stdout.write(found.map(printed).join(''))
  }
  const ratios = rows.flatMap(({ id, ratio }) => (id === null ? [] : [{ id, ratio }]))
  if (json) process.stdout.write(`${JSON.stringify(ratios, null, 2)}\n`)
  return 0
}

const code = await main(process.argv.slice(2))
// pools and clusters of the benches shall not keep it; what is written is let out first
process.stdout.write('', () => process.exit(code))
