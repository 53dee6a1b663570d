import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { builtPrograms } from '@gatehouse/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freshConfigHome } from './run.ts'
import { startWireServer, type WireServer } from './wire-server.ts'

const { cli: bin } = await builtPrograms()

/** Elsewhere the keyring is the system's own, which a test must not fill. */
const isLinux = process.platform === 'linux'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

let server: WireServer
let logins = 0
beforeAll(async () => {
  const soon = (): string => new Date(Date.now() + 900_000).toISOString()
  server = await startWireServer(({ name, token }) => {
    if (name === 'auth.login')
      return {
        output: {
          tokens: { accessToken: `access-${(logins += 1)}`, refreshToken: 'refresh-secret', accessExpiresAt: soon() },
          challenge: null,
        },
      }
    if (name === 'auth.logout') return { output: { ended: 1 } }
    return token === null
      ? { refusal: { code: 'unauthenticated' }, status: 401 }
      : {
          output: {
            id: 'u1',
            username: 'ada',
            roles: ['Operator'],
            teams: [],
            assurance: 'pw',
            assuranceAt: null,
            sessionId: 's1',
            missing: [],
            displayName: 'Ada',
            sessionExpiresAt: soon(),
          },
        }
  })
})
afterAll(() => server.close())

const gatehouse = (words: readonly string[], env: NodeJS.ProcessEnv, stdin = ''): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...words],
      { env: { ...process.env, GATEHOUSE_URL: server.url, ...env } },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
    child.stdin?.end(stdin)
  })
const logIn = (env: NodeJS.ProcessEnv, ...more: string[]): Promise<Ran> =>
  gatehouse(['auth', 'login', 'ada', '--password-stdin', ...more], env, 'correct horse\n')
const fileIn = (home: string): string => {
  const [file] = readdirSync(join(home, 'tokens'))
  return file === undefined ? '' : readFileSync(join(home, 'tokens', file), 'utf8')
}

describe.runIf(isLinux)('where no keyring answers', () => {
  // what the library would do by itself is to use the kernel's key ring, which is empty after a reboot
  const noBus = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus', GATEHOUSE_TOKEN_STORE: '' }

  test('a fresh log-in is kept in the file, and said to be', async () => {
    const env = { ...noBus, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const { code, err } = await logIn(env)
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/tokens kept in .*\.json, for you alone; no keyring answers here\n/),
    ])
    expect(fileIn(env.GATEHOUSE_CONFIG_HOME)).toContain('refresh-secret')
    expect((await gatehouse(['auth', 'whoami', '--quiet'], env)).code).toBe(0)
    expect(readFileSync('/proc/keys', 'utf8')).not.toContain('context-')
  })

  test('a keyring that was wished for by name is told why it is not, and the log-in is kept all the same', async () => {
    const env = { ...noBus, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const { code, err } = await logIn(env, '--token-store', 'keyring')
    expect([code, err.includes('the keyring says: ')]).toEqual([0, true])
    expect(fileIn(env.GATEHOUSE_CONFIG_HOME)).toContain('refresh-secret')
  })

  test('tokens that lie in one are not lost, only out of reach: exit 1, and the way out is named', async () => {
    const env = { ...noBus, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    await logIn(env)
    const [file = ''] = readdirSync(join(env.GATEHOUSE_CONFIG_HOME, 'tokens'))
    writeFileSync(
      join(env.GATEHOUSE_CONFIG_HOME, 'tokens', file),
      JSON.stringify({ server: server.url, username: 'ada', keptIn: 'keyring' }),
    )
    const { code, err } = await gatehouse(['auth', 'whoami'], env)
    expect([code, err.includes('gatehouse auth login --token-store file')]).toEqual([1, true])
    expect((await logIn(env)).code).toBe(0)
    expect((await gatehouse(['auth', 'whoami', '--quiet'], env)).code).toBe(0)
  })
})

describe.runIf(isLinux)('a keyring that takes calls and never answers', () => {
  const path = join(freshConfigHome(), 'bus')
  /** How often a process has come to ask: each is waited for as long as a keyring may take. */
  let asked = 0
  const bus = createServer(() => void (asked += 1))
  const silent = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}`, GATEHOUSE_TOKEN_STORE: '' }
  beforeAll(() => once(bus.listen(path), 'listening'))
  afterAll(() => void bus.close())

  beforeEach(() => {
    asked = 0
  })

  test('is waited for once, and the log-in is kept in the file', async () => {
    const env = { ...silent, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const { code, err } = await logIn(env)
    expect([code, err]).toEqual([0, expect.stringMatching(/tokens kept in .*for you alone; no keyring answers here/)])
    expect(asked).toBe(1)
    expect(fileIn(env.GATEHOUSE_CONFIG_HOME)).toContain('refresh-secret')
  })

  test('that has the tokens is not waited for again in the same run, and the way out is named', async () => {
    const env = { ...silent, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    await logIn(env, '--token-store', 'file')
    const [file = ''] = readdirSync(join(env.GATEHOUSE_CONFIG_HOME, 'tokens'))
    writeFileSync(
      join(env.GATEHOUSE_CONFIG_HOME, 'tokens', file),
      JSON.stringify({ server: server.url, username: 'ada', keptIn: 'keyring' }),
    )
    // `doctor` asks for the tokens in several ways
    const { out } = await gatehouse(['doctor', '--json'], env)
    expect(out).toContain('it does not answer within 2 s · unlock it, or: gatehouse auth login --token-store file')
    expect(asked).toBe(1)
    // a log-in asks what is there before, and then keeps its tokens
    const again = await logIn(env)
    expect([again.code, asked]).toEqual([0, 2])
  })
})

describe.runIf(isLinux)('a real keyring', () => {
  const directory = freshConfigHome()
  let bus: ChildProcess
  let session: NodeJS.ProcessEnv

  beforeAll(async () => {
    for (const name of ['run', 'home']) mkdirSync(join(directory, name), { mode: 0o700 })
    session = {
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(directory, 'bus')}`,
      XDG_RUNTIME_DIR: join(directory, 'run'),
      HOME: join(directory, 'home'),
      GATEHOUSE_TOKEN_STORE: '',
    }
    bus = spawn(
      'dbus-daemon',
      ['--session', '--nofork', '--print-address', `--address=unix:path=${join(directory, 'bus')}`],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    await new Promise((resolve) => bus.stdout?.once('data', resolve))
    // it goes on in the background once it has been unlocked, and ends with its bus
    const keyring = spawn('gnome-keyring-daemon', ['--unlock', '--components=secrets'], {
      env: { ...process.env, ...session },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    keyring.stdin.end('keyring password')
    await new Promise((resolve) => keyring.once('exit', resolve))
  })
  afterAll(() => void bus?.kill())

  test('has the tokens, and the file says only that it has', async () => {
    const env = { ...session, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const { code, err } = await logIn(env)
    expect([code, err.includes('tokens kept in the keyring of this system')], err).toEqual([0, true])
    expect(JSON.parse(fileIn(env.GATEHOUSE_CONFIG_HOME))).toEqual({
      server: server.url,
      username: 'ada',
      keptIn: 'keyring',
    })
    expect((await gatehouse(['auth', 'whoami', '--quiet'], env)).code).toBe(0)
    expect(JSON.parse((await gatehouse(['auth', 'status', '--json'], env)).out)).toMatchObject({
      tokens: 'keyring',
      tokensPath: null,
      account: { username: 'ada' },
    })
    expect(JSON.parse((await gatehouse(['doctor', '--json'], env)).out)).toMatchObject({
      items: expect.arrayContaining([
        { name: 'tokens', health: 'ok', message: 'in the keyring of this system' },
      ]) as unknown[],
    })
  })

  test('and a file are never mixed up: two homes have two entries, and what was wished for is remembered', async () => {
    const [one, two] = [
      { ...session, GATEHOUSE_CONFIG_HOME: freshConfigHome() },
      { ...session, GATEHOUSE_CONFIG_HOME: freshConfigHome() },
    ]
    await logIn(one)
    await logIn(two)
    expect((await gatehouse(['auth', 'logout'], one)).code).toBe(0)
    expect([(await gatehouse(['auth', 'whoami'], one)).code, (await gatehouse(['auth', 'whoami'], two)).code]).toEqual([
      4, 0,
    ])
    await logIn(two, '--token-store', 'file')
    expect(fileIn(two.GATEHOUSE_CONFIG_HOME)).toContain('refresh-secret')
    await logIn(two)
    expect(fileIn(two.GATEHOUSE_CONFIG_HOME)).toContain('refresh-secret')
  })

  test('loses the tokens with their log-out, and with their context', async () => {
    const env: NodeJS.ProcessEnv = { ...session, GATEHOUSE_CONFIG_HOME: freshConfigHome(), GATEHOUSE_URL: '' }
    await gatehouse(['context', 'add', 'prod', server.url], env)
    await logIn(env)
    expect(JSON.parse((await gatehouse(['context', 'list', '--json'], env)).out)).toMatchObject({
      items: [{ name: 'prod', username: 'ada', tokens: 'keyring' }],
    })
    expect((await gatehouse(['context', 'remove', 'prod', '--yes'], env)).code).toBe(0)
    await gatehouse(['context', 'add', 'prod', server.url], env)
    expect((await gatehouse(['auth', 'whoami'], env)).code).toBe(4)
  })
})
