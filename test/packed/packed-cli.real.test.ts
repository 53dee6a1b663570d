import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWireServer, type WireServer } from '../../packages/cli/test/wire-server.ts'
import { packCli } from '../../scripts/pack/pack-cli.ts'
import { nodes } from './nodes.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const directory = mkdtempSync(join(tmpdir(), 'gatehouse-packed-'))

const leases = Array.from({ length: 1000 }, (_, index) => ({ id: `lease-${index}` }))
const soon = '2099-01-01T00:00:00.000Z'
const tokens = { accessToken: 'access', refreshToken: 'refresh', accessExpiresAt: soon }
const who = {
  id: 'u1',
  username: 'ada',
  displayName: 'Ada',
  roles: ['Operator'],
  teams: [],
  assurance: 'pw',
  assuranceAt: null,
  sessionId: 's1',
  sessionExpiresAt: soon,
  missing: [],
}

let packed: string
let server: WireServer
beforeAll(async () => {
  packed = await packCli(root, directory)
  server = await startWireServer(({ name }) => {
    if (name === 'lease.list') return { output: { items: leases, nextCursor: null } }
    if (name === 'auth.login') return { output: { tokens, challenge: null } }
    if (name === 'auth.refresh') return { output: { tokens } }
    return name === 'auth.whoami' ? { output: who } : { output: { version: '9.9.9' } }
  })
})
afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

test('the package is one program of at most 4 MiB, with the licences of what went into it', () => {
  const stage = join(directory, 'cli')
  expect(readdirSync(stage).toSorted()).toEqual([
    'LICENSE',
    'README.md',
    'THIRD-PARTY.txt',
    'gatehouse.js',
    'package.json',
  ])
  expect(statSync(join(stage, 'gatehouse.js')).size).toBeLessThanOrEqual(4 * 1024 * 1024)
})

describe.each(nodes)('in an empty directory, offline, under Node $major', ({ node }) => {
  const home = mkdtempSync(join(directory, 'home-'))
  const env = (): NodeJS.ProcessEnv => ({
    PATH: `${dirname(node)}:/usr/bin:/bin`,
    HOME: home,
    GATEHOUSE_TOKEN: 'token',
    GATEHOUSE_CONFIG_HOME: join(home, 'config'),
    npm_config_cache: join(home, 'npm-cache'),
  })
  const bin = join(home, 'node_modules', '.bin', 'gatehouse')
  const gatehouse = (words: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    run(bin, words, { env: { ...env(), ...more }, cwd: home }).then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        code: error.code,
        out: error.stdout,
        err: error.stderr,
      }),
    )

  beforeAll(async () => {
    writeFileSync(join(home, 'package.json'), '{ "private": true }\n')
    mkdirSync(join(home, 'config'))
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', packed], { env: env(), cwd: home })
  })

  test('it installs, and is not the one of the repository', () => {
    expect([existsSync(bin), existsSync(join(home, 'node_modules', '@gatehouse', 'contract'))]).toEqual([true, false])
  })

  test('it says its version and all its commands', async () => {
    expect(await gatehouse(['--version'])).toMatchObject({ code: 0, out: 'gatehouse 0.1.0\n', err: '' })
    expect((await gatehouse(['--help'])).out).toContain('gatehouse ')
  })

  test('it calls a server and prints all of the answer', async () => {
    const { code, out } = await gatehouse(['lease', 'list', '--json'], { GATEHOUSE_URL: server.url })
    expect([code, JSON.parse(out).items.length]).toEqual([0, 1000])
  })

  test('it keeps contexts, and refuses an address that is none', async () => {
    expect((await gatehouse(['context', 'add', 'prod', server.url])).code).toBe(0)
    expect((await gatehouse(['context', 'list', '--quiet'])).out).toBe('prod\n')
    expect((await gatehouse(['context', 'add', 'other', 'no address'])).code).toBe(2)
  })

  test('without the keyring library it keeps tokens in the file, and says so', async () => {
    const line = `printf 'a password\\n' | '${bin}' auth login ada --password-stdin`
    const outside = { ...env(), GATEHOUSE_TOKEN: '', GATEHOUSE_URL: server.url }
    const { stderr } = await run('sh', ['-c', line], { env: outside, cwd: home })
    expect(stderr).toContain('no keyring answers here')
    expect(await gatehouse(['auth', 'whoami', '--quiet'], outside)).toMatchObject({ code: 0, err: '' })
  })

  test('what needs the checkout of the server says so', async () => {
    const { code, err } = await gatehouse(['admin', 'init'])
    expect([code, err]).toEqual([1, expect.stringContaining("needs the server's checkout")])
  })
})
