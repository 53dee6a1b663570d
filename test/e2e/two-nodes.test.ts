// Over two real gateway processes, from outside: OAuth's endpoints, a person who is disabled, keys that turn under
// load.
import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startGatewayHome, type GatewayFacts, type GatewayHome } from '@gatehouse/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../packages/testkit/src/free-port.ts'
import { baseOf, logIn, outside, principalOf, untilReady, type Outside } from './support/outside.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
let home: GatewayHome
let dev: GatewayFacts
let secondGateway: ChildProcess
let bases: readonly [string, string]

beforeAll(async () => {
  home = await startGatewayHome()
  dev = home.dev()
  const port = await freePort()
  secondGateway = spawn(process.execPath, ['scripts/gateway.mjs'], {
    cwd: root,
    env: { ...home.env, GATEHOUSE_PORT: String(port) },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  bases = [baseOf(dev), `http://localhost:${port}`]
  await untilReady(bases[1])
})
afterAll(async () => {
  secondGateway.kill('SIGTERM')
  await home.remove()
})

interface FormAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}
async function form(
  base: string,
  path: string,
  fields: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<FormAnswer> {
  const response = await fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  } // what these endpoints answer is an object or nothing
}
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const codes = (ask: (base: string) => Promise<string | null>): Promise<(string | null)[]> => Promise.all(bases.map(ask))
const whoami = (token: string | null) =>
  codes(async (base) => (await outside(base, token ?? '').query('auth.whoami')).code)
const alive = [null, null]
const dead = ['unauthenticated', 'unauthenticated']

async function inDatabase<T extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: dev.database.adminUrl })
  await client.connect()
  try {
    return (await client.query<T>(sql, [...values])).rows
  } finally {
    await client.end()
  }
}

async function approve(person: Outside, userCode: string): Promise<void> {
  for (const decision of ['look', 'approve'])
    expect((await person.mutate('auth.deviceApprove', { userCode, decision })).status, decision).toBe(200)
}

describe('the endpoints of OAuth', () => {
  test('say in the metadata where they are and what they understand', async () => {
    const metadata = (await (await fetch(`${bases[0]}/.well-known/oauth-authorization-server`)).json()) as Record<
      string,
      unknown
    > // RFC 8414 §3.2: an object
    expect(metadata).toMatchObject({
      issuer: bases[0],
      jwks_uri: `${bases[0]}/.well-known/jwks.json`,
      token_endpoint: `${bases[0]}/oauth/token`,
      grant_types_supported: ['refresh_token', deviceGrant],
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'RS256'],
    })
    for (const key of ['jwks_uri']) expect((await fetch(text(metadata[key]))).status).toBe(200)
  })

  test('let a device in by forms alone, and renew, show and end what it got, on both nodes', async () => {
    const person = await logIn(bases[0], principalOf(dev, 'Operator'))
    const started = await form(
      bases[0],
      '/oauth/device_authorization',
      { client_id: 'a client' },
      { 'x-forwarded-host': 'evil.example' },
    )
    expect(started.headers.get('cache-control')).toBe('no-store')
    expect(started.body).toMatchObject({
      verification_uri: `${bases[0]}/device`,
      interval: 5,
      user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/) as string,
    })
    const asked = { grant_type: deviceGrant, device_code: text(started.body['device_code']), client_id: 'a client' }
    expect((await form(bases[0], '/oauth/token', asked)).body['error']).toBe('authorization_pending')
    expect((await form(bases[1], '/oauth/token', asked)).body['error']).toBe('slow_down')
    await approve(person, text(started.body['user_code']))
    await inDatabase("update device_grant set polled_at = polled_at - interval '1 minute'")
    const given = await form(bases[1], '/oauth/token', asked)
    expect(given.body).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) as number })
    const access = text(given.body['access_token'])
    expect(await whoami(access)).toEqual(alive)
    const renewed = await form(bases[0], '/oauth/token', {
      grant_type: 'refresh_token',
      refresh_token: text(given.body['refresh_token']),
    })
    expect(renewed.status).toBe(200)
    const token = text(renewed.body['access_token'])
    expect(
      (
        await form(
          bases[1],
          '/oauth/introspect',
          { token, token_type_hint: 'access_token' },
          { authorization: `Bearer ${person.token}` },
        )
      ).body,
    ).toMatchObject({ active: true, acr: 'mfa', username: principalOf(dev, 'Operator').username })
    expect((await form(bases[1], '/oauth/introspect', { token })).status).toBe(401)
    expect(
      (
        await form(bases[1], '/oauth/revoke', {
          token: text(renewed.body['refresh_token']),
          token_type_hint: 'refresh_token',
        })
      ).status,
    ).toBe(200)
    expect(await whoami(token)).toEqual(dead)
    expect(
      (
        await form(bases[0], '/oauth/token', {
          grant_type: 'refresh_token',
          refresh_token: text(renewed.body['refresh_token']),
        })
      ).body['error'],
    ).toBe('invalid_grant')
    expect(
      (await form(bases[0], '/oauth/introspect', { token }, { authorization: `Bearer ${person.token}` })).body,
    ).toEqual({ active: false })
    expect((await form(bases[1], '/oauth/revoke', { token: person.token ?? '' })).status).toBe(200)
    expect(await whoami(person.token)).toEqual(dead)
  })

  test('refuse what is no form, stands twice, is missing or unknown, in the words of RFC 6749', async () => {
    const wrong: readonly [string, string | Record<string, string>, Record<string, string>, string][] = [
      ['/oauth/token', '{"grant_type":"refresh_token"}', { 'content-type': 'application/json' }, 'invalid_request'],
      ['/oauth/token', 'grant_type=refresh_token&grant_type=refresh_token&refresh_token=x', {}, 'invalid_request'],
      ['/oauth/token', {}, {}, 'invalid_request'],
      ['/oauth/token', { grant_type: 'refresh_token' }, {}, 'invalid_request'],
      ['/oauth/token', { grant_type: 'refresh_token', refresh_token: '' }, {}, 'invalid_request'],
      ['/oauth/token', { grant_type: 'password', username: 'a', password: 'b' }, {}, 'unsupported_grant_type'],
      ['/oauth/token', { grant_type: 'refresh_token', refresh_token: 'x' }, {}, 'invalid_grant'],
      ['/oauth/token', { grant_type: deviceGrant, device_code: 'x' }, {}, 'invalid_grant'],
      [
        '/oauth/token',
        { grant_type: 'refresh_token', refresh_token: 'x' },
        { authorization: 'Basic YTpi' },
        'invalid_client',
      ],
      ['/oauth/revoke', {}, {}, 'invalid_request'],
      ['/oauth/token', `grant_type=refresh_token&refresh_token=${'x'.repeat(20_000)}`, {}, 'invalid_request'],
      ['/oauth/device_authorization', { client_id: 'x'.repeat(101) }, {}, 'invalid_request'],
    ]
    for (const [path, fields, headers, error] of wrong) {
      const answer = await form(bases[0], path, fields, headers)
      expect(answer.body['error'], `${path} ${JSON.stringify(fields).slice(0, 60)}`).toBe(error)
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
    expect((await form(bases[0], '/oauth/revoke', { token: "nobody's" })).status).toBe(200)
    expect((await fetch(`${bases[0]}/oauth/token`)).status).toBe(405)
  })

  test('honour no cookie', async () => {
    const person = await logIn(bases[0], principalOf(dev, 'Viewer'))
    const port = new URL(bases[0]).port
    const name = `__Host-gatehouse-${port}`
    const cookie = `${name}-access=${person.token}; ${name}-refresh=${person.refreshToken}`
    const headers = { cookie, 'gatehouse-session': 'cookie' }
    expect((await outside(bases[0]).mutate('auth.logout', {}, { cookie })).code, 'without the header').toBe(
      'unauthenticated',
    )
    expect((await form(bases[0], '/oauth/token', { grant_type: 'refresh_token' }, headers)).body['error']).toBe(
      'invalid_request',
    )
    expect((await form(bases[0], '/oauth/introspect', { token: person.token ?? '' }, headers)).status).toBe(401)
    expect(await whoami(person.token)).toEqual(alive)
  })
})

// Threat A12: every kind of credential, on every node, within a second.
test('every credential of a disabled person is refused on both nodes within a second, open streams too', async () => {
  const admin = await logIn(bases[0], principalOf(dev, 'Admin'))
  const victim = principalOf(dev, 'Developer')
  const session = await logIn(bases[1], victim)
  const { id } = (await session.query('auth.whoami')).data
  const challenge = (
    await outside(bases[1]).mutate('auth.login', { username: victim.username, password: victim.password })
  ).data['challenge'] as { id: string } // he has an authenticator
  const apiToken = text(
    (await session.mutate('apiToken.create', { name: 'report', purpose: 'a report', scopes: ['read'] })).data['token'],
  )
  expect(await whoami(apiToken)).toEqual(alive)
  expect((await form(bases[0], '/oauth/revoke', { token: apiToken })).body['error']).toBe('unsupported_token_type')
  const device = await form(bases[1], '/oauth/device_authorization', {})
  await approve(session, text(device.body['user_code']))
  const stream = await fetch(`${bases[1]}/trpc/lease.watch?input=${encodeURIComponent('{}')}`, {
    headers: { authorization: `Bearer ${session.token}`, accept: 'text/event-stream' },
  })
  expect(stream.status).toBe(200)
  const ended = stream.text().then(
    () => performance.now(),
    () => performance.now(),
  )
  expect(await whoami(session.token)).toEqual(alive)

  expect((await admin.mutate('user.disable', { id, reason: 'left' })).status).toBe(200)
  const at = performance.now()
  expect(await whoami(session.token)).toEqual(dead)
  expect(
    await codes(
      async (base) => (await outside(base).mutate('auth.refresh', { refreshToken: session.refreshToken })).code,
    ),
  ).toEqual(dead)
  expect(
    await codes(
      async (base) =>
        (await outside(base).mutate('auth.completeMfa', { challengeId: challenge.id, totp: '000000' })).code,
    ),
  ).toEqual(['invalid-credentials', 'invalid-credentials'])
  expect(
    (await form(bases[0], '/oauth/token', { grant_type: deviceGrant, device_code: text(device.body['device_code']) }))
      .body['error'],
  ).toBe('access_denied')
  expect(await whoami(apiToken)).toEqual(dead)
  expect(performance.now() - at).toBeLessThan(1000)
  expect((await ended) - at).toBeLessThan(2000)
  expect((await admin.mutate('user.enable', { id })).status).toBe(200)
  expect(await whoami(session.token), 'what is dead stays dead').toEqual(dead)
})

// Threat A12, for what is a program's: it belongs to an account, not to whoever made it.
test("a disabled program's token is refused on both nodes within a second", async () => {
  const admin = await logIn(bases[0], principalOf(dev, 'Admin'))
  const account = text((await admin.mutate('serviceAccount.create', { name: 'two-nodes-bot' })).data['id'])
  const token = text(
    (
      await admin.mutate('apiToken.create', {
        name: 'report',
        purpose: 'a report',
        scopes: ['auth.whoami'],
        serviceAccount: account,
      })
    ).data['token'],
  )
  expect(await whoami(token)).toEqual(alive)
  expect((await admin.mutate('serviceAccount.disable', { id: account, reason: 'no longer needed' })).status).toBe(200)
  const at = performance.now()
  expect(await whoami(token)).toEqual(dead)
  expect(performance.now() - at).toBeLessThan(1000)
})

test('signing keys turn under load: no good token is refused, one of a removed key is, on both nodes', async () => {
  const admin = await logIn(bases[0], principalOf(dev, 'Admin', 1))
  const person = await logIn(bases[1], principalOf(dev, 'Auditor'))
  let [token, refreshToken] = [person.token ?? '', person.refreshToken]
  const refusals: (string | null)[] = []
  let calls = 0
  let over = false
  const load = async (): Promise<void> => {
    while (!over) {
      const answers = await whoami(token)
      refusals.push(...answers.filter((code) => code !== null))
      calls += answers.length
    }
  }
  const loads = [load(), load()]
  for (let round = 0; round < 4; round += 1) {
    expect((await admin.mutate('signingKey.rotate', { reason: `round ${round}` })).status).toBe(200)
    const renewed = await outside(bases[round % 2] ?? '').mutate('auth.refresh', { refreshToken })
    const tokens = renewed.data['tokens'] as { accessToken: string; refreshToken: string } // asserted by the next calls
    token = tokens.accessToken
    refreshToken = tokens.refreshToken
    await sleep(300)
  }
  over = true
  await Promise.all(loads)
  expect(refusals).toEqual([])
  expect(calls).toBeGreaterThan(20)
  // our own header
  const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }
  expect((await admin.mutate('signingKey.rotate', { reason: 'last' })).status).toBe(200)
  expect(await whoami(token)).toEqual(alive)
  await inDatabase(
    "update signing_key set status = 'removed', private_key = '' where kid = $1 and status = 'previous'",
    [kid],
  )
  await expect.poll(() => whoami(token), { timeout: 3000, interval: 200 }).toEqual(dead)
  for (const base of bases) expect(await (await fetch(`${base}/.well-known/jwks.json`)).text()).not.toContain(kid)
})
