import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startGatewayHome, type GatewayFacts, type GatewayHome } from '@gatehouse/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../packages/testkit/src/free-port.ts'
import { fuzzedAuthorization, pseudoRandom } from './support/fuzzed-authorization.ts'
import { statusesOf } from './support/raw-requests.ts'
import { baseOf, freshTotp, logIn, outside, principalOf, totp, untilReady } from './support/outside.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const callsMax = 1000
const fuzzedHeaders = 8_000
const fuzzingConnections = 8

/** What RFC 9110 §5.5 lets stand in a header. */
const isHeader = (lines: string): boolean => /^[\t\r\n\x20-\x7e\x80-\xff]*$/.test(lines)
const inTens = (lines: readonly string[]): (readonly string[])[] =>
  Array.from({ length: 10 }, (_, at) => lines.filter((_line, index) => index % 10 === at))

describe('abuse, from outside, over two gateway processes', () => {
  let home: GatewayHome
  let dev: GatewayFacts
  let secondGateway: ChildProcess
  let bases: readonly string[]

  beforeAll(async () => {
    home = await startGatewayHome()
    dev = home.dev()
    const port = await freePort()
    secondGateway = spawn(process.execPath, ['scripts/gateway.mjs'], {
      cwd: root,
      env: { ...home.env, GATEHOUSE_PORT: String(port) },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    const second = `http://localhost:${port}`
    await untilReady(second)
    bases = [baseOf(dev), second]
  })
  afterAll(async () => {
    secondGateway.kill('SIGTERM')
    await home.remove()
  })

  test('1,000 parallel refreshes of one token: one succeeds, the family dies, other calls stay quick', async () => {
    const operator = await logIn(baseOf(dev), principalOf(dev, 'Operator'))
    const bystander = await logIn(baseOf(dev), principalOf(dev, 'Developer'))
    const bystanding = await startBystander(baseOf(dev), bystander.token ?? '')
    const answers = await Promise.all(
      Array.from({ length: callsMax }, (_, i) =>
        outside(bases[i % 2] ?? '').mutate('auth.refresh', { refreshToken: operator.refreshToken }),
      ),
    )
    const slowest = await bystanding.stop()
    const won = answers.filter((answer) => answer.status === 200)
    expect(won).toHaveLength(1)
    expect(answers.filter((answer) => answer.status >= 500 && answer.status !== 503)).toEqual([])
    expect(slowest.calls).toBeGreaterThan(3)
    expect(slowest.milliseconds).toBeLessThan(1000)
    const child = won[0]?.data['tokens'] as { refreshToken: string; accessToken: string } | undefined
    for (const base of bases) {
      expect((await outside(base).mutate('auth.refresh', { refreshToken: child?.refreshToken })).code).toBe(
        'unauthenticated',
      )
      expect((await outside(base, child?.accessToken ?? '').query('auth.whoami')).code).toBe('unauthenticated')
      expect((await operator.as(operator.token ?? '').query('auth.whoami')).code).toBe('unauthenticated')
    }
  })

  // Threat B7
  test('8,000 malformed Authorization headers, as raw bytes: never let in, never an error of the server', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const random = pseudoRandom(seed)
    const good = (await logIn(baseOf(dev), principalOf(dev, 'Auditor'))).token ?? ''
    const port = Number(new URL(baseOf(dev)).port)
    const lines = Array.from({ length: fuzzedHeaders }, () => fuzzedAuthorization(random, good))
    // what the HTTP parser takes goes one behind the other, in equal parts; what it does not ends its connection
    const [sound, unsound] = [lines.filter((line) => isHeader(line)), lines.filter((line) => !isHeader(line))]
    const parts = Array.from({ length: fuzzingConnections }, (_, at) =>
      sound.filter((_line, index) => index % fuzzingConnections === at),
    )
    const statuses = (
      await Promise.all([
        ...parts.map((part) => statusesOf(port, '/trpc/auth.whoami', part)),
        ...inTens(unsound).map((part) => statusesOf(port, '/trpc/auth.whoami', part, 1)),
      ])
    ).flat()
    const told = new Map<number, number>()
    for (const status of statuses) told.set(status, (told.get(status) ?? 0) + 1)
    // 400 and 431 are of the HTTP parser, for what is no header at all or longer than any
    expect(
      [...told.keys()].filter((status) => ![401, 400, 431].includes(status)),
      `seed ${seed}: ${JSON.stringify([...told])}`,
    ).toEqual([])
    expect([told.get(401), statuses.length]).toEqual([sound.length, lines.length])
    expect((await outside(baseOf(dev), good).query('auth.whoami')).status).toBe(200)
  })

  test('200 parallel wrong codes over both nodes: at most five are checked, and the database counts', async () => {
    const person = principalOf(dev, 'Operator', 1)
    const challenge = await challengeOf(bases[0] ?? '', person)
    const wrong = wrongCode(person.totpSecret)
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        outside(bases[i % 2] ?? '').mutate('auth.completeMfa', { challengeId: challenge, totp: wrong }),
      ),
    )
    const looked = answers.filter((answer) => answer.code === 'invalid-credentials')
    expect(looked.length).toBeLessThanOrEqual(5)
    expect(looked.length + answers.filter((answer) => answer.code === 'rate-limited').length).toBe(200)
    const refused = await outside(bases[1] ?? '').mutate('auth.completeMfa', {
      challengeId: challenge,
      totp: await freshTotp(person.totpSecret, 'aRequest'),
    })
    expect(refused.code, 'the right code comes too late as well').toBe('rate-limited')
    expect(refused.refusal?.['retryAfterSeconds']).toBeGreaterThan(0)
    expect(await failuresInDatabase(dev)).toBeGreaterThanOrEqual(5)
  })

  // Threat A5. Whatever is not refused by the throttle has come to the hash, or to the queue before it.
  test('200 parallel wrong passwords over both nodes: at most five are hashed, even the right one', async () => {
    const { username, password } = principalOf(dev, 'Admin', 1)
    const spellings = [username, username.toUpperCase(), ` ${username}`]
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        outside(bases[i % 2] ?? '').mutate('auth.login', { username: spellings[i % 3], password: `wrong ${i}` }),
      ),
    )
    expect(answers.filter((answer) => answer.code !== 'rate-limited').length).toBeLessThanOrEqual(5)
    expect(
      answers.filter((answer) => answer.status === 200 || (answer.status >= 500 && answer.status !== 503)),
    ).toEqual([])
    for (const base of bases)
      expect((await outside(base).mutate('auth.login', { username, password })).code).toBe('rate-limited')
  })

  // Over HTTP the cookie and the header are what keeps a victim's browser and command line apart from strangers.
  test('a known device is let in while strangers have used the guesses up, by header and by cookie', async () => {
    const person = principalOf(dev, 'Developer')
    const [base = ''] = bases
    const challengeId = await challengeOf(base, person)
    const asBrowser = { 'gatehouse-session': 'cookie' }
    const browser = await outside(base).mutate(
      'auth.completeMfa',
      { challengeId, totp: await freshTotp(person.totpSecret, 'aRequest') },
      asBrowser,
    )
    const cookie = browser.headers.getSetCookie().find((one) => one.includes('-device='))
    expect(cookie).toMatch(/^__Host-gatehouse-\d+-device=ghd_[\w-]{43}; .*HttpOnly; Secure; SameSite=Strict$/)
    expect(JSON.stringify(browser.body)).not.toContain('ghd_')
    const program = await outside(base).mutate('auth.completeMfa', {
      challengeId: await challengeOf(base, person),
      totp: await freshTotp(person.totpSecret, 'aRequest'),
    })
    const { deviceToken } = program.data['tokens'] as { deviceToken: string } // as the contract has it
    const login = { username: person.username, password: person.password }
    for (let guess = 0; guess < 5; guess += 1) await outside(base).mutate('auth.login', { ...login, password: 'wrong' })
    expect((await outside(base).mutate('auth.login', login)).code).toBe('rate-limited')
    expect((await outside(base).mutate('auth.login', login, { 'gatehouse-device': deviceToken })).status).toBe(200)
    expect(
      (await outside(base).mutate('auth.login', login, { ...asBrowser, cookie: cookie?.split(';')[0] ?? '' })).status,
    ).toBe(200)
    // without the header that browsers send with each call a cookie is nothing
    expect((await outside(base).mutate('auth.login', login, { cookie: cookie?.split(';')[0] ?? '' })).code).toBe(
      'rate-limited',
    )
  })

  test('a code is good once: not again, not on the other transport, not with spaces', async () => {
    const person = principalOf(dev, 'Auditor')
    const [first, second, third] = await Promise.all([0, 1, 0].map((node) => challengeOf(bases[node] ?? '', person)))
    const code = await freshTotp(person.totpSecret, 'aRequest')
    expect((await outside(bases[0] ?? '').mutate('auth.completeMfa', { challengeId: first, totp: code })).status).toBe(
      200,
    )
    const again = await outside(bases[1] ?? '').mutate('auth.completeMfa', { challengeId: second, totp: code })
    expect(again.code).toBe('invalid-credentials')
    const onGraphql = await outside(bases[0] ?? '').graphql(
      'mutation($input: AuthCompleteMfaInput!) { authCompleteMfa(input: $input) { tokens { accessToken } } }',
      { input: { challengeId: third, totp: `${code.slice(0, 3)} ${code.slice(3)}` } },
    )
    expect(onGraphql.code).toBe('invalid-credentials')
  })

  test('one document or batch of many log-ins counts every one of them', async () => {
    const { username } = principalOf(dev, 'Viewer')
    const fields = Array.from(
      { length: 15 },
      (_, i) => `a${i}: authLogin(input: { username: "${username}", password: "wrong-${i}" }) { challenge { id } }`,
    ).join(' ')
    const answer = await outside(bases[0] ?? '').graphql(`mutation { ${fields} }`)
    const codes = (answer.body as { errors: { extensions: { code: string } }[] }).errors.map(
      ({ extensions }) => extensions.code,
    )
    expect(codes.filter((code) => code === 'invalid-credentials').length).toBeLessThanOrEqual(5)
    expect(codes).toHaveLength(15)
  })

  test('a malformed authorization header is nobody, never an error', async () => {
    const headers = [
      'Bearer',
      'bearer  ',
      'Basic dTpw',
      'Bearer a b',
      `Bearer ${'x'.repeat(7000)}`,
      'Bearer eyJhbGciOiJub25lIn0.e30.',
      'Bearer \u00ff',
      'Bearer ..',
      `Bearer ${'.'.repeat(500)}`,
    ]
    for (const authorization of headers) {
      const response = await fetch(`${bases[0]}/trpc/auth.whoami`, { headers: { authorization } })
      expect(response.status, authorization.slice(0, 40)).toBe(401)
      await response.body?.cancel()
    }
  })
})

/**
 * Calls whoami all the time, from a process of its own, so that the storm's own client does not slow what is measured.
 */
interface Bystander {
  stop(): Promise<{ milliseconds: number; calls: number }>
}

/** Answers once it has called for the first time, so that what it measures lies beside what comes next. */
async function startBystander(base: string, token: string): Promise<Bystander> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./support/bystander.mjs', import.meta.url)), base, token],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await Promise.race([once(child.stdout, 'data'), ended])
  return {
    stop: async () => {
      child.stdin.end()
      await ended
      return JSON.parse(printed.slice(printed.indexOf('\n'))) as { milliseconds: number; calls: number }
    },
  }
}

async function challengeOf(
  base: string,
  { username, password }: { username: string; password: string },
): Promise<string> {
  const answer = await outside(base).mutate('auth.login', { username, password })
  const { challenge } = answer.data as { challenge: { id: string } | null }
  if (challenge === null) throw new TypeError(`no challenge: ${JSON.stringify(answer.body)}`)
  return challenge.id
}

/** A code that is not right now, before or after. */
function wrongCode(secret: string): string {
  const near = new Set([-60, -30, 0, 30, 60].map((seconds) => totp(secret, new Date(Date.now() + seconds * 1000))))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.has(code)) ?? '666666'
}

async function failuresInDatabase(dev: GatewayFacts): Promise<number> {
  const client = new pg.Client({ connectionString: dev.database.adminUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ failures: number }>('select max(failures) as failures from guess_throttle')
    return rows[0]?.failures ?? 0
  } finally {
    await client.end()
  }
}
