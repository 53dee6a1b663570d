import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtPrograms } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshConfigHome } from './run.ts'
import { startWireServer, type WireServer } from './wire-server.ts'

const packageRoot = join(import.meta.dirname, '..')
const { cli: bin } = await builtPrograms()

const entry = (index: number) => ({
  id: `entry-${index}`,
  seq: index,
  at: '2026-11-23T08:00:00.000Z',
  action: 'lease.list',
  note: 'x'.repeat(900),
})
const lease = (index: number) => ({ id: `lease-${index}`, state: 'active', purpose: 'y'.repeat(400) })
const page = { items: Array.from({ length: 1000 }, (_, index) => entry(index)), nextCursor: null }
const whole = `${JSON.stringify(page, null, 2)}\n`

let server: WireServer
let env: NodeJS.ProcessEnv
beforeAll(async () => {
  server = await startWireServer(({ name }) => {
    if (name === 'audit.search') return { output: page }
    if (name === 'lease.watch') return { stream: Array.from({ length: 2000 }, (_, index) => lease(index)) }
    if (name === 'policy.reload')
      return { refusal: { code: 'forbidden', policies: ['p'.repeat(150_000)] }, status: 403 }
    return { output: { version: '1.2.3' } }
  })
  env = {
    ...process.env,
    GATEHOUSE_URL: server.url,
    GATEHOUSE_TOKEN: 'token',
    GATEHOUSE_CONFIG_HOME: freshConfigHome(),
  }
})
afterAll(() => server.close())

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a shell line in which `gatehouse` is this package's; each child is a real process with real streams. */
const shell = (line: string): Promise<Ran> =>
  new Promise((resolve) => {
    const script = `gatehouse() { '${process.execPath}' '${bin}' "$@"; }\n${line}`
    execFile('bash', ['-c', script], { env, timeout: 30_000, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
  })

describe('a pipe that is read slowly', () => {
  test('gets all of the data', async () => {
    const { out } = await shell('gatehouse audit search --first 200 --json | (sleep 1; wc -c)')
    expect(Number(out)).toBe(Buffer.byteLength(whole))
  })

  test('gets all of a table, too', async () => {
    const { out } = await shell('gatehouse audit search -o wide | (sleep 1; wc -l)')
    expect(Number(out)).toBe(page.items.length + 1)
  })

  test('gets all of a refusal on standard error', async () => {
    const { out } = await shell('gatehouse policy reload --json 2>&1 >/dev/null | (sleep 1; wc -c)')
    expect(Number(out)).toBeGreaterThan(150_000)
  })

  test('gets all of the help', async () => {
    const [slow, direct] = [await shell('gatehouse --help | (sleep 1; cat)'), await shell('gatehouse --help')]
    expect(slow.out).toBe(direct.out)
  })

  test('gets all of a stream', async () => {
    const { out } = await shell('gatehouse lease watch --json 2>/dev/null | (sleep 1; head -2000 | wc -l)')
    expect(Number(out)).toBe(2000)
  })
})

describe('output that cannot be written', () => {
  test.each([
    'audit search --json',
    'audit search',
    'audit search --quiet',
    'system version',
    '--help',
    'audit search --help',
    '--version',
    'completion bash',
    'context list --json',
    'lease watch --json',
    'lease watch',
  ])('`gatehouse %s > /dev/full` is exit 1 and said', async (words) => {
    const { code, err } = await shell(`gatehouse ${words} > /dev/full`)
    expect([code, err]).toEqual([1, expect.stringContaining('cannot write to standard output: ENOSPC')])
  })

  test('is said as JSON where JSON was asked for', async () => {
    const { err } = await shell('gatehouse audit search --json > /dev/full')
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'fault' } })
  })

  test('on standard error is exit 1, also when there is nowhere left to say so', async () => {
    expect((await shell('gatehouse context add other http://127.0.0.1:9 2> /dev/full')).code).toBe(1)
  })

  test('leaves the exit code of a refusal as it is', async () => {
    expect((await shell('gatehouse policy reload 2> /dev/full')).code).toBe(3)
  })
})

describe('a reader that goes away', () => {
  test.each(['audit search --json', 'audit search -o wide', '--help', 'lease watch --json', 'lease watch'])(
    'ends `gatehouse %s` quietly',
    async (words) => {
      const { out, err } = await shell(`gatehouse ${words} | head -1 >/dev/null; echo \${PIPESTATUS[0]}`)
      expect([out, err]).toEqual(['0\n', ''])
    },
  )

  test('before the first byte is no crash either', async () => {
    const { out, err } = await shell('(sleep 1; gatehouse audit search --json) | true; echo ${PIPESTATUS[0]}')
    expect([out, err]).toEqual(['0\n', ''])
  })

  test('on standard error leaves the exit code', async () => {
    const { out } = await shell('gatehouse policy reload 2>&1 >/dev/null | true; echo ${PIPESTATUS[0]}')
    expect(out).toBe('3\n')
  })
})

describe('standard input', () => {
  test('that is closed, empty or a directory is refused in words', async () => {
    for (const from of ['< /dev/null', '<&-', '< /']) {
      const { code, err } = await shell(`gatehouse auth verify --token-stdin ${from}`)
      expect([from, code === 1 || code === 2, err.startsWith('gatehouse: ')]).toEqual([from, true, true])
    }
  })

  test('that nobody ends keeps nothing waiting that does not read it', async () => {
    const { code, out } = await shell('gatehouse system version --quiet < <(sleep 20 >/dev/null 2>&1); echo done')
    expect([code, out]).toEqual([0, 'done\n'])
  })
})

test('nothing in the command line leaves the process by force: what a pipe has not taken would be lost', () => {
  const sources = globSync(['bin/**/*.js', 'src/**/*.ts'], { cwd: packageRoot }).filter(
    (path) => !path.endsWith('.test.ts'),
  )
  expect(sources.length).toBeGreaterThan(50)
  const forced = /\bprocess\s*\??\.\s*(exit|abort|reallyExit)\b|\[['"]exit['"]\]|\{[^}]*\bexit\b[^}]*\}\s*=\s*process\b/
  expect(sources.filter((path) => forced.test(readFileSync(join(packageRoot, path), 'utf8')))).toEqual([])
})
