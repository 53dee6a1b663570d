import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('outbound-packets.ts', import.meta.url))
/** A network in which every address is this machine's: what is sent arrives, and would be answered. */
const network = 'ip link set lo up && ip route add local 0.0.0.0/0 dev lo && ip -6 route add local ::/0 dev lo'
const inNetwork = (command: string) =>
  spawnSync('unshare', ['-rn', 'sh', '-c', `${network} && ${command}`], { encoding: 'utf8' })
const hasNetworks = inNetwork('true').status === 0

const urls = [
  'http://169.254.169.254/latest/meta-data/',
  'http://[::1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[fe80::1]/',
  'http://127.1/',
  'http://2130706433/',
  'http://2852039166/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://10.0.0.1/',
  'http://[fd00:ec2::254]/',
  'http://100.100.100.200/',
  'http://localhost/',
  'http://0.0.0.0/',
  'file:///etc/passwd',
]

// Threat C17: zero packets, as the kernel counts them, and not only an error at the end.
test.runIf(hasNetworks)('no packet leaves for what is the server’s own, a cloud’s or a private network’s', () => {
  const run = inNetwork(`'${process.execPath}' '${script}' '${JSON.stringify(urls)}'`)
  expect(run.status, run.stderr).toBe(0)
  const { before, after, outcomes, listed, control } = JSON.parse(run.stdout) as {
    before: object
    after: { connections: number }
    outcomes: string[]
    listed: string
    control: { connections: number }
  }
  expect(new Set(outcomes)).toEqual(new Set(['refused']))
  expect(outcomes.length).toBeGreaterThan(urls.length)
  expect(after).toEqual(before)
  expect([listed, control.connections - after.connections]).toEqual(['answered', 1])
})
