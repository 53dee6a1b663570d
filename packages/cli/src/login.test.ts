import { readFileSync, statSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { freshConfigHome, run } from '../test/run.ts'
import { startWireServer, type Answer, type ReceivedCall, type WireServer } from '../test/wire-server.ts'

const servers: WireServer[] = []
const serve = async (answer: (call: ReceivedCall) => Answer | Promise<Answer>): Promise<WireServer> => {
  const server = await startWireServer(answer)
  servers.push(server)
  return server
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const soon = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
const tokens = (name: string, seconds = 900) => ({
  accessToken: `access-${name}`,
  refreshToken: `refresh-${name}`,
  accessExpiresAt: soon(seconds),
})
const whoami = {
  id: 'u1',
  username: 'ada',
  roles: ['Operator'],
  teams: [],
  assurance: 'su',
  assuranceAt: soon(0),
  sessionId: 's1',
  missing: [],
  displayName: 'Ada',
  sessionExpiresAt: soon(3600),
}
const challenge = { id: 'c1', methods: ['totp'], expiresAt: soon(300) }

/** A server on which ada logs in with her password and 123456. */
const loginServer = (who: unknown = whoami) =>
  serve(({ name, input }) => {
    if (name === 'auth.login')
      return (input as { password: string }).password === 'correct horse'
        ? { output: { tokens: null, challenge } }
        : { refusal: { code: 'invalid-credentials' }, status: 401, message: 'the name, password or code is wrong' }
    if (name === 'auth.completeMfa')
      return (input as { totp: string }).totp === '123456'
        ? { output: { tokens: tokens('one') } }
        : { refusal: { code: 'invalid-credentials', retryAfterSeconds: 12 }, status: 401 }
    return name === 'auth.whoami' ? { output: who } : { refusal: { code: 'not-found' }, status: 404 }
  })
const tokenFiles = (home: string): string[] =>
  readdirSync(join(home, 'tokens')).map((file) => join(home, 'tokens', file))

describe('log-in', () => {
  test('takes the password from standard input, the code from --totp, and keeps tokens for their owner', async () => {
    const server = await loginServer()
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const { code, out, talk } = await run(
      ['auth', 'login', '--username', 'ada', '--password-stdin', '--totp', '123456'],
      { env, stdin: 'correct horse\n' },
    )
    expect([code, out]).toEqual([0, ''])
    expect(talk).toContain('as ada · Operator · second factor, fresh')
    const [file = ''] = tokenFiles(env.GATEHOUSE_CONFIG_HOME)
    expect([
      statSync(file).mode & 0o777,
      statSync(join(env.GATEHOUSE_CONFIG_HOME, 'tokens')).mode & 0o777,
      tokenFiles(env.GATEHOUSE_CONFIG_HOME).length,
    ]).toEqual([0o600, 0o700, 1])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      username: 'ada',
      accessToken: 'access-one',
      refreshToken: 'refresh-one',
    })
  })

  test('prints no token but with --json, where it is what was asked for', async () => {
    const server = await loginServer()
    const { out, talk } = await run(
      ['auth', 'login', '--username', 'ada', '--password-stdin', '--totp', '123456', '--json'],
      { env: { GATEHOUSE_URL: server.url }, stdin: 'correct horse' },
    )
    expect(JSON.parse(out)).toMatchObject({
      tokens: {
        accessToken: expect.any(String),
        refreshToken: expect.any(String),
        accessExpiresAt: expect.any(String),
      },
      challenge: null,
    })
    expect(talk).not.toMatch(/access-one|refresh-one/)
  })

  test('asks for what is missing on a terminal, and again for a mistyped code', async () => {
    const server = await loginServer()
    const { code, questions, talk } = await run(['login', 'ada'], {
      env: { GATEHOUSE_URL: server.url },
      typed: ['correct horse', '654321', '123456'],
    })
    expect([code, questions]).toEqual([
      0,
      ['password: ', 'code of your authenticator: ', 'code of your authenticator: '],
    ])
    expect(talk).toContain('that code was used already; the next one comes within 12 s')
  })

  test.each([
    [['auth', 'login', '--password-stdin'], '--username'],
    [['auth', 'login', '--username', 'ada'], '--password-stdin'],
    [['auth', 'login', '--username', 'ada', '--password-stdin'], '--totp'],
  ])('%j without a terminal is exit 2 and names %s', async (words, flag) => {
    const server = await loginServer()
    const { code, talk } = await run(words, { env: { GATEHOUSE_URL: server.url }, stdin: 'correct horse\n' })
    expect([code, talk.includes(flag)]).toEqual([2, true])
  })

  test('refused is exit 4 and keeps nothing', async () => {
    const server = await loginServer()
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    expect(
      (await run(['auth', 'login', '--username', 'ada', '--password-stdin'], { env, stdin: 'wrong\n' })).code,
    ).toBe(4)
    expect(readdirSync(env.GATEHOUSE_CONFIG_HOME)).toEqual([])
  })

  test('says which first steps are missing, in the order in which they have to be done', async () => {
    const server = await loginServer({ ...whoami, assurance: 'pw', missing: ['authenticator', 'passwordChange'] })
    const { talk } = await run(['auth', 'login', '--username', 'ada', '--password-stdin', '--totp', '123456'], {
      env: { GATEHOUSE_URL: server.url },
      stdin: 'correct horse\n',
    })
    expect(talk.indexOf('gatehouse password change')).toBeGreaterThan(0)
    expect(talk.indexOf('gatehouse totp enroll')).toBeGreaterThan(talk.indexOf('gatehouse password change'))
  })
})

const loggedIn = async (
  server: WireServer,
  seconds: number,
): Promise<{ GATEHOUSE_URL: string; GATEHOUSE_CONFIG_HOME: string }> => {
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
  await run(['auth', 'login', '--username', 'ada', '--password-stdin', '--totp', '123456'], {
    env,
    stdin: 'correct horse\n',
  })
  const [file = ''] = tokenFiles(env.GATEHOUSE_CONFIG_HOME)
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...tokens('one', seconds) }))
  return env
}

/**
 * As `loginServer`, with refresh tokens that are spent by use: a second use ends the family. It takes no proofs, as a
 * server that is known by another name.
 */
const refreshingServer = () => {
  let round = 1
  let dead = false
  const names = ['one', 'two', 'three', 'four']
  return serve(({ name, input, token, proof }) => {
    if (proof !== undefined)
      return { refusal: { code: 'invalid-input', fields: [{ path: 'DPoP', message: 'a fresh proof' }] }, status: 400 }
    if (name === 'auth.login') return { output: { tokens: null, challenge } }
    if (name === 'auth.completeMfa') return { output: { tokens: tokens('one') } }
    const known = !dead && token === `access-${names[round - 1]}`
    if (name === 'auth.whoami')
      return known ? { output: whoami } : { refusal: { code: 'unauthenticated' }, status: 401, message: 'log in first' }
    if (name !== 'auth.refresh') return { refusal: { code: 'not-found' }, status: 404 }
    if ((input as { refreshToken: string }).refreshToken !== `refresh-${names[round - 1]}`) dead = true
    if (dead) return { refusal: { code: 'unauthenticated' }, status: 401, message: 'log in first' }
    round += 1
    return { output: { tokens: tokens(names[round - 1] ?? 'x') } }
  })
}

/** As `loginServer`, until its sessions end. */
const endingServer = async () => {
  let ended = false
  const server = await serve(({ name }) => {
    if (name === 'auth.login') return { output: { tokens: tokens('one'), challenge: null } }
    if (ended) return { refusal: { code: 'unauthenticated' }, status: 401, message: 'log in first' }
    if (name === 'auth.refresh') return { output: { tokens: tokens('bound') } }
    return { output: name === 'auth.logout' ? { ended: 1 } : whoami }
  })
  return { server, end: () => void (ended = true) }
}

const runProcess = promisify(execFile)
const bin = join(import.meta.dirname, '..', 'bin', 'gatehouse.js')

describe('tokens', () => {
  test('near their end are refreshed before they are used', async () => {
    const server = await refreshingServer()
    const env = await loggedIn(server, 5)
    server.calls.length = 0
    expect((await run(['auth', 'whoami'], { env })).code).toBe(0)
    expect(server.calls.map(({ name, token }) => [name, token])).toEqual([
      ['auth.refresh', null],
      ['auth.whoami', 'access-two'],
    ])
  })

  test('that the server no longer takes are refreshed once, and the call made again', async () => {
    const server = await refreshingServer()
    const env = await loggedIn(server, 900)
    const [file = ''] = tokenFiles(env.GATEHOUSE_CONFIG_HOME)
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), accessToken: 'access-stale' }))
    expect((await run(['auth', 'whoami'], { env })).code).toBe(0)
  })

  // A refresh token used twice ends its family: commands that run at the same time must not do that to their own.
  test('are refreshed by one of eight commands that start at once, and all eight succeed', async () => {
    const server = await refreshingServer()
    const env = await loggedIn(server, 5)
    server.calls.length = 0
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        runProcess(process.execPath, [bin, 'auth', 'whoami', '--json'], {
          env: { ...process.env, GATEHOUSE_TOKEN_STORE: 'file', ...env },
        }),
      ),
    )
    expect(results.map(({ stdout }) => JSON.parse(stdout).username)).toEqual(Array.from({ length: 8 }, () => 'ada'))
    expect(server.calls.filter(({ name }) => name === 'auth.refresh')).toHaveLength(1)
  })

  test('of a session that has ended are exit 4, with the command that helps', async () => {
    const { server, end } = await endingServer()
    const env = await loggedIn(server, 900)
    end()
    const { code, talk } = await run(['auth', 'whoami'], { env })
    expect([code, talk]).toEqual([4, 'gatehouse: log in first · gatehouse auth login\n'])
    expect(server.calls.at(-1)?.name).toBe('auth.refresh')
  })

  // Whoever can change a context's address must not get the tokens that were given by another server.
  test('never go to another server than the one that gave them', async () => {
    const server = await loginServer()
    const env = { GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    await run(['context', 'add', 'prod', server.url], { env })
    await run(['auth', 'login', '--username', 'ada', '--password-stdin', '--totp', '123456'], {
      env,
      stdin: 'correct horse\n',
    })
    const other = await serve(() => ({ refusal: { code: 'unauthenticated' }, status: 401 }))
    const contexts = join(env.GATEHOUSE_CONFIG_HOME, 'contexts.json')
    writeFileSync(contexts, readFileSync(contexts, 'utf8').replace(server.url, other.url))
    expect((await run(['auth', 'whoami'], { env })).code).toBe(4)
    expect(other.calls.map(({ token }) => token)).toEqual([null])
  })

  test('of the environment are used as they are, and never refreshed', async () => {
    const server = await serve(() => ({ refusal: { code: 'unauthenticated' }, status: 401 }))
    expect(
      (await run(['auth', 'whoami'], { env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'api-token' } })).code,
    ).toBe(4)
    expect(server.calls.map(({ name, token }) => [name, token])).toEqual([['auth.whoami', 'api-token']])
  })
})

describe('log-out', () => {
  test('ends the session and forgets its tokens', async () => {
    const { server } = await endingServer()
    const env = await loggedIn(server, 900)
    expect(await run(['auth', 'logout', '--json'], { env })).toMatchObject({ code: 0, out: '{\n  "ended": 1\n}\n' })
    expect(tokenFiles(env.GATEHOUSE_CONFIG_HOME)).toEqual([])
  })

  test('forgets the tokens of a session that is dead already, too', async () => {
    const { server, end } = await endingServer()
    const env = await loggedIn(server, 900)
    end()
    expect((await run(['auth', 'logout'], { env })).code).toBe(0)
    expect(tokenFiles(env.GATEHOUSE_CONFIG_HOME)).toEqual([])
  })
})

test('password change reads the old one, then the new, and keeps the new tokens', async () => {
  const server = await serve(({ name, input }) => {
    if (name === 'auth.login') return { output: { tokens: tokens('one'), challenge: null } }
    if (name === 'auth.whoami') return { output: whoami }
    return JSON.stringify(input) === '{"currentPassword":"old one","newPassword":"new one"}'
      ? { output: { tokens: tokens('two') } }
      : { refusal: { code: 'invalid-credentials' }, status: 401 }
  })
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
  await run(['auth', 'login', '--username', 'ada', '--password-stdin'], { env, stdin: 'old one\n' })
  expect((await run(['password', 'change', '--password-stdin'], { env, stdin: 'old one\nnew one\n' })).code).toBe(0)
  expect(readFileSync(tokenFiles(env.GATEHOUSE_CONFIG_HOME)[0] ?? '', 'utf8')).toContain('refresh-two')
  expect((await run(['password', 'change', '--password-stdin'], { env, stdin: 'only one\n' })).code).toBe(2)
})
