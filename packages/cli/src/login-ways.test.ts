import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { freshConfigHome, run } from '../test/run.ts'
import { startWireServer, type Answer, type ReceivedCall, type WireServer } from '../test/wire-server.ts'

const servers: WireServer[] = []
const serve = async (
  answers: Readonly<Record<string, Answer | ((call: ReceivedCall) => Answer)>>,
): Promise<WireServer> => {
  const server = await startWireServer((call) => {
    const answer = answers[call.name]
    return typeof answer === 'function' ? answer(call) : (answer ?? { refusal: { code: 'not-found' }, status: 404 })
  })
  servers.push(server)
  return server
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const soon = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
const tokens = (name: string) => ({
  accessToken: `access-${name}`,
  refreshToken: `refresh-${name}`,
  accessExpiresAt: soon(900),
})
const who = {
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
const refused = (code: string, status = 401, details = {}): Answer => ({ refusal: { code, ...details }, status })
const keptIn = (home: string): Record<string, unknown> => {
  const [file = ''] = readdirSync(join(home, 'tokens'))
  // what the command wrote
  return JSON.parse(readFileSync(join(home, 'tokens', file), 'utf8')) as Record<string, unknown>
}

/** A device grant that is decided at the third question. */
const deviceServer = (end: object, more: Readonly<Record<string, Answer | ((call: ReceivedCall) => Answer)>> = {}) => {
  let polls = 0
  return serve({
    'auth.deviceStart': {
      output: {
        deviceCode: 'secret-device-code',
        userCode: 'WDJB-MJHT',
        verificationUri: 'http://localhost:1/device',
        verificationUriComplete: 'http://localhost:1/device?code=WDJB-MJHT',
        expiresAt: soon(600),
        intervalSeconds: 0,
      },
    },
    'auth.devicePoll': () =>
      (polls += 1) < 3
        ? { output: { state: 'waiting', intervalSeconds: 0, tokens: null } }
        : { output: { intervalSeconds: 0, tokens: null, ...end } },
    'auth.whoami': { output: who },
    ...more,
  })
}

describe('log-in by the browser', () => {
  test('is what a terminal does by itself: address and code are shown, tokens kept once it is approved', async () => {
    const server = await deviceServer({ state: 'used', tokens: tokens('device') })
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const { code, out, talk, questions } = await run(['auth', 'login'], { env, typed: [] })
    expect([code, out, questions]).toEqual([0, '', []])
    for (const said of [
      'http://localhost:1/device?code=WDJB-MJHT',
      'type the code WDJB-MJHT',
      'logged in to',
      'as ada',
    ])
      expect(talk).toContain(said)
    expect(talk).not.toContain('secret-device-code')
    expect(keptIn(env.GATEHOUSE_CONFIG_HOME)).toMatchObject({ username: 'ada', accessToken: 'access-device' })
    expect(server.calls.map(({ name }) => name)).toEqual([
      'auth.deviceStart',
      'auth.devicePoll',
      'auth.devicePoll',
      'auth.devicePoll',
      'auth.whoami',
      'auth.refresh',
    ])
    expect(server.calls.find(({ name }) => name === 'auth.deviceStart')?.input).toMatchObject({
      client: expect.stringMatching(/^gatehouse on /) as string,
    })
  })

  test('works without a terminal by --device; --quiet leaves the address, --json the tokens', async () => {
    const server = await deviceServer({ state: 'used', tokens: tokens('device') })
    expect(await run(['auth', 'login', '--device', '--quiet'], { env: { GATEHOUSE_URL: server.url } })).toMatchObject({
      code: 0,
      out: 'http://localhost:1/device?code=WDJB-MJHT\n',
      talk: '',
    })
    const { out } = await run(['auth', 'login', '--device', '--json'], { env: { GATEHOUSE_URL: server.url } })
    expect(JSON.parse(out)).toMatchObject({ tokens: { accessToken: 'access-device' }, challenge: null })
  })

  test.each([
    ['denied', 'was denied'],
    ['expired', 'nobody approved'],
    ['used', 'was used already'],
  ])('that ends as %s is exit 4 and keeps nothing', async (state, said) => {
    const server = await deviceServer({ state })
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const { code, talk } = await run(['auth', 'login', '--device'], { env })
    expect([code, talk.includes(said), readdirSync(env.GATEHOUSE_CONFIG_HOME)]).toEqual([4, true, []])
  })

  test('asks on when it is told to slow down, or the server is away for a moment', async () => {
    let polls = 0
    const answers = [
      refused('rate-limited', 429, { retryAfterSeconds: 0 }),
      refused('unavailable', 503),
      { output: { state: 'used', intervalSeconds: 0, tokens: tokens('device') } },
    ]
    const server = await deviceServer({}, { 'auth.devicePoll': () => answers[polls++] ?? refused('not-found', 404) })
    expect((await run(['auth', 'login', '--device'], { env: { GATEHOUSE_URL: server.url } })).code).toBe(0)
    expect(polls).toBe(3)
  })

  test('waits no longer than the code is good', async () => {
    const server = await deviceServer({ state: 'waiting' })
    const { code, talk } = await run(['auth', 'login', '--device'], {
      env: { GATEHOUSE_URL: server.url },
      now: new Date(Date.now() + 700_000),
    })
    expect([code, talk.includes('nobody approved')]).toEqual([4, true])
  })

  test('ends at Ctrl-C, and says so', async () => {
    const server = await deviceServer(
      {},
      {
        'auth.devicePoll': () => (
          process.emit('SIGINT'),
          { output: { state: 'waiting', intervalSeconds: 30, tokens: null } }
        ),
      },
    )
    const { code, talk } = await run(['auth', 'login', '--device'], { env: { GATEHOUSE_URL: server.url } })
    expect([code, talk.includes('cancelled; you are not logged in')]).toEqual([1, true])
  })

  test('takes over from the password where there are only keys; without a terminal it is named', async () => {
    const keysOnly = {
      'auth.login': { output: { tokens: null, challenge: { id: 'c1', methods: ['webauthn'], expiresAt: soon(300) } } },
    }
    const server = await deviceServer({ state: 'used', tokens: tokens('device') }, keysOnly)
    expect(
      (await run(['auth', 'login', 'ada'], { env: { GATEHOUSE_URL: server.url }, typed: ['correct horse'] })).code,
    ).toBe(0)
    const { code, talk } = await run(['auth', 'login', 'ada', '--password-stdin'], {
      env: { GATEHOUSE_URL: server.url },
      stdin: 'correct horse\n',
    })
    expect([code, talk]).toEqual([
      4,
      'gatehouse: this account proves itself by a security key or passkey · gatehouse auth login --device\n',
    ])
  })
})

describe('log-in by a backup code', () => {
  const backupServer = () =>
    serve({
      'auth.login': {
        output: { tokens: null, challenge: { id: 'c1', methods: ['totp', 'backupCode'], expiresAt: soon(300) } },
      },
      'auth.completeMfa': ({ input }) =>
        JSON.stringify(input) === '{"challengeId":"c1","backupCode":"abcd-efgh-jkmn-pqrs"}'
          ? { output: { tokens: tokens('backup') } }
          : refused('invalid-credentials'),
      'auth.whoami': { output: { ...who, assurance: 'mfa' } },
    })

  test('reads it from the second line of standard input', async () => {
    const server = await backupServer()
    expect(
      (
        await run(['auth', 'login', 'ada', '--password-stdin', '--backup-code'], {
          env: { GATEHOUSE_URL: server.url },
          stdin: 'correct horse\nabcd-efgh-jkmn-pqrs\n',
        })
      ).code,
    ).toBe(0)
    expect(
      (
        await run(['auth', 'login', 'ada', '--password-stdin', '--backup-code'], {
          env: { GATEHOUSE_URL: server.url },
          stdin: 'correct horse\n',
        })
      ).code,
    ).toBe(2)
  })

  test('asks for it, also when it is typed where a code could be', async () => {
    const server = await backupServer()
    const env = { GATEHOUSE_URL: server.url }
    expect(
      await run(['auth', 'login', 'ada', '--backup-code'], { env, typed: ['correct horse', 'abcd-efgh-jkmn-pqrs'] }),
    ).toMatchObject({ code: 0, questions: ['password: ', 'one of your backup codes: '] })
    expect(
      await run(['auth', 'login', 'ada'], { env, typed: ['correct horse', '123 456', 'abcd-efgh-jkmn-pqrs'] }),
    ).toMatchObject({
      code: 0,
      questions: [
        'password: ',
        'code of your authenticator, or a backup code: ',
        'code of your authenticator, or a backup code: ',
      ],
    })
    expect(server.calls.filter(({ name }) => name === 'auth.completeMfa').map(({ input }) => input)).toContainEqual({
      challengeId: 'c1',
      totp: '123 456',
    })
  })
})

describe('log-in with an API token', () => {
  const tokenServer = () =>
    serve({
      'auth.whoami': ({ token }) =>
        token === 'gh-token' ? { output: { ...who, assurance: 'pw', sessionId: null } } : refused('unauthenticated'),
      'auth.verify': { output: { active: true, exp: Math.floor(Date.now() / 1000) + 86_400 + 60 } },
      'auth.logout': { output: { ended: 1 } },
    })

  test('reads it from standard input, checks it, keeps it for you alone, and never refreshes it', async () => {
    const server = await tokenServer()
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const { code, out, talk } = await run(['auth', 'login', '--with-token'], { env, stdin: 'gh-token\n' })
    expect([code, out]).toEqual([0, ''])
    expect(talk).toContain('as ada · by an API token, good for 1 d')
    expect(talk).not.toContain('gh-token')
    expect(keptIn(env.GATEHOUSE_CONFIG_HOME)).toMatchObject({
      username: 'ada',
      accessToken: 'gh-token',
      refreshToken: null,
    })
    expect((await run(['auth', 'whoami'], { env, now: new Date(Date.now() + 90_000_000) })).code).toBe(0)
    expect(server.calls.map(({ name }) => name)).not.toContain('auth.refresh')
  })

  test('that is worth nothing is exit 4 and keeps nothing', async () => {
    const server = await tokenServer()
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    expect(await run(['auth', 'login', '--with-token'], { env, stdin: 'wrong\n' })).toMatchObject({ code: 4 })
    expect(readdirSync(env.GATEHOUSE_CONFIG_HOME)).toEqual([])
  })

  test('is forgotten by log-out without a call: it belongs to more than this machine', async () => {
    const server = await tokenServer()
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    await run(['auth', 'login', '--with-token'], { env, stdin: 'gh-token\n' })
    const { code, talk } = await run(['auth', 'logout'], { env })
    expect([
      code,
      talk.includes('still works elsewhere'),
      readdirSync(join(env.GATEHOUSE_CONFIG_HOME, 'tokens')),
    ]).toEqual([0, true, []])
    expect(server.calls.map(({ name }) => name)).not.toContain('auth.logout')
  })

  test('whose scopes do not reach `auth whoami` logs in, greets and says its status by its own claims', async () => {
    const outside = refused('forbidden', 403, { reason: 'no-permit' })
    const server = await serve({
      'auth.verify': {
        output: { active: true, username: 'ada', scope: 'lease.list', exp: Math.floor(Date.now() / 1000) + 90_000 },
      },
      'auth.whoami': outside,
      'lease.list': outside,
      'approval.list': outside,
      'session.list': outside,
    })
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const login = await run(['auth', 'login', '--with-token'], { env, stdin: 'gh-token\n' })
    expect([login.code, login.talk]).toEqual([
      0,
      expect.stringContaining('as ada · by an API token for lease.list, good for 1 d'),
    ])
    const [greeting, status] = [await run([], { env }), await run(['auth', 'status', '--json'], { env })]
    expect([greeting.code, greeting.out]).toEqual([0, expect.stringMatching(/^ada · by an API token for lease\.list/)])
    expect([status.code, JSON.parse(status.out)]).toEqual([
      0,
      expect.objectContaining({
        kind: 'apiToken',
        account: null,
        token: expect.objectContaining({ username: 'ada', scopes: ['lease.list'] }) as unknown,
      }),
    ])
  })

  test('cannot be mixed with another way', async () => {
    expect((await run(['auth', 'login', 'ada', '--with-token'], { stdin: 'gh-token\n' })).code).toBe(2)
    expect((await run(['auth', 'login', '--device', '--with-token'], { stdin: 'gh-token\n' })).code).toBe(2)
  })
})

describe('step-up of a person who has only keys', () => {
  const page = {
    deviceCode: 'secret-device-code',
    userCode: 'WDJB-MJHT',
    verificationUri: 'http://localhost:1/device',
    verificationUriComplete: 'http://localhost:1/device?user_code=WDJB-MJHT',
    expiresAt: soon(600),
    intervalSeconds: 0,
  }
  /** A server on which the browser's answer comes at the second question. */
  const serverOf = (
    end: 'used' | 'denied' | 'expired',
    more: Readonly<Record<string, Answer | ((call: ReceivedCall) => Answer)>> = {},
    methods = ['webauthn'],
  ) => {
    let polls = 0
    return serve({
      'auth.stepUpBegin': ({ input }) => ({
        output:
          (input as { inBrowser?: boolean }).inBrowser === true
            ? { methods, options: null, browser: page }
            : { methods, options: {}, browser: null },
      }), // as the command sends it
      'auth.devicePoll': () => ({
        output: { state: (polls += 1) < 2 ? 'waiting' : end, intervalSeconds: 0, tokens: null },
      }),
      'auth.whoami': { output: who },
      ...more,
    })
  }
  const asked = async (server: WireServer, words: readonly string[], typed: readonly string[] | undefined = []) =>
    run(words, {
      env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' },
      ...(typed === undefined ? {} : { typed }),
    })
  const names = (server: WireServer): string[] => server.calls.map(({ name }) => name)

  test('is handed to a browser, and what was refused is done once it is proved there', async () => {
    let reloads = 0
    const server = await serverOf('used', {
      'policy.reload': () =>
        (reloads += 1) === 1
          ? refused('step-up-required', 401, { assurance: 'su', maxAgeSeconds: 300 })
          : { output: { version: 'v', policies: 3, changed: false } },
    })
    const { code, questions, talk } = await asked(server, ['policy', 'reload'])
    expect([code, questions, reloads]).toEqual([0, [], 2])
    for (const said of ['http://localhost:1/device?user_code=WDJB-MJHT', 'type the code WDJB-MJHT', 'approve only if'])
      expect(talk).toContain(said)
    expect(talk).not.toContain('secret-device-code')
    expect(names(server)).toEqual([
      'policy.reload',
      'auth.stepUpBegin',
      'auth.stepUpBegin',
      'auth.devicePoll',
      'auth.devicePoll',
      'policy.reload',
    ])
  })

  test.each([['auth step-up'], ['mfa webauthn verify']])(
    '`%s` does it by itself, and shows how fresh the session is now',
    async (words) => {
      const server = await serverOf('used')
      const { code, out } = await asked(server, words.split(' '))
      expect([code, out.includes('ada'), names(server).at(-1)]).toEqual([0, true, 'auth.whoami'])
    },
  )

  test.each([
    ['denied', 'denied in the browser'],
    ['expired', 'in time'],
  ] as const)('that ends as %s is exit 4, and nothing is done', async (end, said) => {
    const server = await serverOf(end, {
      'policy.reload': refused('step-up-required', 401, { assurance: 'su', maxAgeSeconds: 300 }),
    })
    const { code, talk } = await asked(server, ['policy', 'reload'])
    expect([code, talk.includes(said), names(server).filter((name) => name === 'policy.reload').length]).toEqual([
      4,
      true,
      1,
    ])
  })

  test('is no question where there is no terminal, unless it is asked for; then it waits for the browser', async () => {
    const server = await serverOf('used', {
      'policy.reload': refused('step-up-required', 401, { assurance: 'su', maxAgeSeconds: 300 }),
    })
    expect(
      (await run(['policy', 'reload'], { env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' } })).code,
    ).toBe(4)
    expect(
      (await run(['auth', 'step-up'], { env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' } })).code,
    ).toBe(2)
    const quiet = await run(['auth', 'step-up', '--in-browser', '--quiet'], {
      env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' },
    })
    expect([quiet.code, quiet.out]).toEqual([0, 'http://localhost:1/device?user_code=WDJB-MJHT\n'])
    const json = await run(['auth', 'step-up', '--in-browser', '--json'], {
      env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' },
    })
    expect([json.code, JSON.parse(json.out)]).toEqual([
      0,
      expect.objectContaining({ username: 'ada', assurance: 'su' }),
    ])
    expect(
      (
        await run(['auth', 'step-up', '--in-browser', '--totp', '123456'], {
          env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' },
        })
      ).code,
    ).toBe(2)
  })

  test('can be asked for by who has codes as well', async () => {
    const server = await serverOf('used', {}, ['totp', 'webauthn'])
    const { code, questions } = await asked(server, ['auth', 'step-up', '--in-browser'])
    expect([code, questions, names(server)]).toEqual([
      0,
      [],
      ['auth.stepUpBegin', 'auth.devicePoll', 'auth.devicePoll', 'auth.whoami'],
    ])
  })
})

/** What a proof says (RFC 9449 §4.2), once its signature has been checked with the key in its own header. */
const claimsOf = (proof: string): Record<string, unknown> => {
  const [head = '', body = '', signature = ''] = proof.split('.')
  const { jwk, ...header } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { jwk: JsonWebKey }
  expect(header).toEqual({ typ: 'dpop+jwt', alg: 'EdDSA' })
  expect(Object.keys(jwk).toSorted()).toEqual(['crv', 'kty', 'x'])
  expect(
    verify(
      null,
      Buffer.from(`${head}.${body}`),
      createPublicKey({ key: jwk, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    ),
  ).toBe(true)
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
}

describe('a session', () => {
  const bindingServer = () =>
    serve({
      'auth.login': { output: { tokens: { ...tokens('one'), deviceToken: 'ghd_known' }, challenge: null } },
      'auth.whoami': { output: who },
      'auth.refresh': ({ proof }) =>
        proof === undefined ? refused('unauthenticated') : { output: { tokens: tokens('bound') } },
    })
  const loggedIn = async (server: WireServer, ...more: string[]) => {
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    const { code } = await run(['auth', 'login', 'ada', '--password-stdin', ...more], { env, stdin: 'correct horse\n' })
    expect(code).toBe(0)
    return env
  }

  // Threat: tokens that are stolen from a disk or a log; without the key they are worth nothing.
  test('is bound to a key of this machine, and each of its requests bears a proof for itself', async () => {
    const server = await bindingServer()
    const env = await loggedIn(server)
    expect(keptIn(env.GATEHOUSE_CONFIG_HOME)).toMatchObject({
      accessToken: 'access-bound',
      key: { kty: 'OKP', crv: 'Ed25519' },
    })
    server.calls.length = 0
    for (const words of [
      ['auth', 'whoami'],
      ['auth', 'whoami'],
      ['auth', 'refresh'],
    ])
      expect((await run(words, { env })).code).toBe(0)
    const proofs = server.calls.map(({ proof }) => claimsOf(proof ?? ''))
    const ath = createHash('sha256').update('access-bound').digest('base64url')
    expect(proofs.map(({ htm, htu, ath: hash }) => [htm, htu, hash])).toEqual([
      ['GET', `${server.url}/trpc/auth.whoami`, ath],
      ['GET', `${server.url}/trpc/auth.whoami`, ath],
      ['POST', `${server.url}/trpc/auth.refresh`, undefined],
    ])
    expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(3)
  })

  test("whose tokens are handed on by --json stays a bearer's: who gets them has no key", async () => {
    const server = await bindingServer()
    const env = await loggedIn(server, '--json')
    expect(keptIn(env.GATEHOUSE_CONFIG_HOME)).toMatchObject({ accessToken: 'access-one' })
    expect(server.calls.map(({ name }) => name)).not.toContain('auth.refresh')
  })

  test('that the server does not bind is kept as it is', async () => {
    const server = await serve({
      'auth.login': { output: { tokens: tokens('one'), challenge: null } },
      'auth.whoami': { output: who },
      'auth.refresh': refused('invalid-input', 400),
    })
    expect(keptIn((await loggedIn(server)).GATEHOUSE_CONFIG_HOME)).toMatchObject({ accessToken: 'access-one' })
  })

  // Threat A13: strangers who spend an account's guesses must not shut out the machine that its owner works at.
  test('leaves what this machine is known by for the next log-in, after log-out too, for no other server', async () => {
    const server = await bindingServer()
    const env = await loggedIn(server)
    await run(['auth', 'logout'], { env })
    await run(['auth', 'login', 'ada', '--password-stdin'], { env, stdin: 'correct horse\n' })
    const other = await bindingServer()
    await run(['auth', 'login', 'ada', '--password-stdin'], {
      env: { ...env, GATEHOUSE_URL: other.url },
      stdin: 'correct horse\n',
    })
    const shown = (from: WireServer) =>
      from.calls.filter(({ name }) => name === 'auth.login').map(({ device }) => device)
    expect([shown(server), shown(other)]).toEqual([[undefined, 'ghd_known'], [undefined]])
    expect(server.calls.filter(({ name }) => name === 'auth.whoami').map(({ device }) => device)).toEqual([
      undefined,
      undefined,
    ])
  })
})

describe('tokens in a file', () => {
  test('are said to be there, at log-in, by `auth status` and in the list of contexts', async () => {
    const server = await serve({
      'auth.login': { output: { tokens: tokens('one'), challenge: null } },
      'auth.whoami': { output: who },
    })
    const env = { GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    await run(['context', 'add', 'prod', server.url], { env })
    const { talk } = await run(['auth', 'login', 'ada', '--password-stdin'], { env, stdin: 'correct horse\n' })
    const path = join(env.GATEHOUSE_CONFIG_HOME, 'tokens', 'context-prod.json')
    expect([talk.includes(`tokens kept in ${path}, for you alone`), statSync(path).mode & 0o777]).toEqual([true, 0o600])
    expect(JSON.parse((await run(['auth', 'status', '--json'], { env })).out)).toMatchObject({
      server: server.url,
      context: 'prod',
      tokens: 'file',
      tokensPath: path,
      kind: 'session',
      account: { username: 'ada' },
    })
    expect((await run(['auth', 'status'], { env })).out).toMatch(/tokens +in .*context-prod\.json, for you alone/)
    expect(JSON.parse((await run(['context', 'list', '--json'], { env })).out)).toMatchObject({
      items: [{ name: 'prod', current: true, username: 'ada', tokens: 'file' }],
    })
    await run(['context', 'remove', 'prod', '--yes'], { env })
    expect(readdirSync(join(env.GATEHOUSE_CONFIG_HOME, 'tokens'))).toEqual([])
  })

  test('of two contexts at one server are two accounts', async () => {
    const server = await serve({
      'auth.login': ({ input }) => ({
        output: { tokens: tokens((input as { username: string }).username), challenge: null },
      }),
      'auth.whoami': ({ token }) => ({ output: { ...who, username: token?.replace('access-', '') } }),
    })
    const env = { GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    for (const name of ['ada', 'grace']) {
      await run(['context', 'add', name, server.url], { env })
      await run(['auth', 'login', name, '--password-stdin', '--context', name], { env, stdin: 'correct horse\n' })
    }
    expect((await run(['auth', 'status', '--quiet', '--context', 'grace'], { env })).out).toBe('grace\n')
    expect((await run(['auth', 'status', '--quiet'], { env })).out).toBe('ada\n')
    await run(['context', 'use', 'grace'], { env })
    expect((await run(['auth', 'status', '--quiet'], { env })).out).toBe('grace\n')
  })

  test('and nowhere else: a place that is none is exit 2 before anything is asked', async () => {
    const { code, talk } = await run(['auth', 'login', 'ada'], {
      env: { GATEHOUSE_URL: 'http://127.0.0.1:1', GATEHOUSE_TOKEN_STORE: 'cupboard' },
      typed: [],
    })
    expect([code, talk.includes('GATEHOUSE_TOKEN_STORE')]).toEqual([2, true])
  })

  test('nobody is logged in: `auth status` is exit 4, says how, and `auth refresh` has nothing to do', async () => {
    const server = await serve({ 'auth.whoami': refused('unauthenticated') })
    expect(await run(['auth', 'status'], { env: { GATEHOUSE_URL: server.url } })).toMatchObject({
      code: 4,
      talk: 'log in: gatehouse auth login\n',
    })
    expect((await run(['auth', 'refresh'], { env: { GATEHOUSE_URL: server.url } })).code).toBe(4)
    expect((await run(['auth', 'refresh'], { env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x' } })).code).toBe(2)
  })

  test('are exchanged by `auth refresh`', async () => {
    const server = await serve({
      'auth.login': { output: { tokens: tokens('one'), challenge: null } },
      'auth.whoami': { output: who },
      'auth.refresh': { output: { tokens: tokens('two') } },
    })
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    await run(['auth', 'login', 'ada', '--password-stdin'], { env, stdin: 'correct horse\n' })
    expect((await run(['auth', 'refresh'], { env })).code).toBe(0)
    expect(keptIn(env.GATEHOUSE_CONFIG_HOME)).toMatchObject({ accessToken: 'access-two' })
  })
})
