import { availableParallelism } from 'node:os'
import type { Row } from './row.ts'

/**
 * Each compares ours with a peer in this very run. Loaded one by one, so that one's native modules do not warm
 * another's caches.
 */
const benches: Readonly<Record<string, () => Promise<Row[]>>> = {
  token: async () => (await import('./token.ts')).tokenBench(),
  decision: async () => (await import('./decision.ts')).decisionBench(),
  chain: async () => (await import('./chain.ts')).chainBench(),
  audit: async () => (await import('./audit.ts')).auditBench(),
  ssh: async () => (await import('./ssh.ts')).sshBench(),
  storm: async () => (await import('./storm.ts')).stormBench(),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  process.stderr.write(`there is no bench ${unknown.join(', ')}; there are: ${Object.keys(benches).join(', ')}\n`)
  process.exit(2)
}

process.stdout.write(
  `${availableParallelism()} cores, Node ${process.versions.node}; both sides of a ratio are measured in turns in this run\n`,
)
for (const name of wanted.length > 0 ? wanted : Object.keys(benches)) {
  process.stderr.write(`${name} …\n`)
  for (const row of (await benches[name]?.()) ?? []) {
    process.stdout.write(
      `\n${row.what}\n  ours   ${row.ours}\n  peer   ${row.peer}\n  ratio  ${row.ratio.toFixed(2)}  (${row.reads})\n`,
    )
  }
}
process.exit(0) // pools and clusters of the benches shall not keep it
