import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startGatewayHome, type GatewayFacts, type GatewayHome } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../packages/testkit/src/free-port.ts'
import { baseOf, freshTotp, logIn, outside, principalOf, type Outside } from './support/outside.ts'
import { gatehouseOverTls, makePair, readOverTls, servedFingerprint, startTlsGateway } from './support/tls-gateway.ts'

describe('what scripts may rely on, driven from outside', () => {
  let home: GatewayHome
  let dev: GatewayFacts
  let base: string
  let admin: Outside
  let viewer: Outside

  beforeAll(async () => {
    home = await startGatewayHome()
    dev = home.dev()
    base = baseOf(dev)
    admin = await logIn(base, principalOf(dev, 'Admin'))
    viewer = await logIn(base, principalOf(dev, 'Viewer'))
  })
  afterAll(() => home.remove())

  test('public documents answer without credentials, with validators', async () => {
    const jwks = (await (await fetch(`${base}/.well-known/jwks.json`)).json()) as {
      keys: { kty: string; alg: string; kid: string; d?: string }[]
    }
    expect(jwks.keys.length).toBeGreaterThanOrEqual(1)
    for (const key of jwks.keys) expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256' })
    expect(JSON.stringify(jwks)).not.toContain('"d"')
    expect(await (await fetch(`${base}/ssh/ca.pub`)).text()).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+ ?.*\n$/)
    expect(await (await fetch(`${base}/ssh/management.pub`)).text()).toMatch(/^ssh-ed25519 /)
    const krl = await fetch(`${base}/ssh/krl`)
    expect(
      Buffer.from(await krl.arrayBuffer())
        .subarray(0, 6)
        .toString('latin1'),
    ).toBe('SSHKRL')
    expect(krl.headers.get('last-modified')).toBeTruthy()
    const again = await fetch(`${base}/ssh/krl`, { headers: { 'if-none-match': krl.headers.get('etag') ?? '' } })
    expect(again.status).toBe(304)
  })

  test('log-in answers tokens or a challenge, exactly one', async () => {
    const { username, password } = principalOf(dev, 'Developer')
    const answer = await outside(base).mutate('auth.login', { username, password })
    expect(answer.data['tokens']).toBeNull()
    expect(answer.data['challenge']).toMatchObject({
      id: expect.any(String) as string,
      methods: ['totp'],
      expiresAt: expect.stringMatching(/Z$/) as string,
    })
    const wrong = await outside(base).mutate('auth.login', { username, password: 'not it' })
    const unknown = await outside(base).mutate('auth.login', { username: 'nobody-here', password: 'not it' })
    expect([wrong.status, wrong.code]).toEqual([401, 'invalid-credentials'])
    // but for the request that each was
    const told = (body: unknown) => JSON.stringify(body).replace(/"requestId":"[^"]+"/, '')
    expect(told(unknown.body)).toBe(told(wrong.body))
  })

  test('whoami has its fields, and auth.verify those of RFC 7662', async () => {
    const who = await viewer.query('auth.whoami')
    expect(who.data).toMatchObject({
      username: principalOf(dev, 'Viewer').username,
      roles: ['Viewer'],
      teams: ['developers'],
      assurance: 'su',
      missing: [],
    })
    const verified = await outside(base).mutate('auth.verify', { token: viewer.token })
    expect(verified.data).toMatchObject({
      active: true,
      username: principalOf(dev, 'Viewer').username,
      iss: 'control-center',
      aud: ['orchestrator', 'cli'],
    })
    expect((await outside(base).mutate('auth.verify', { token: 'nonsense' })).data).toEqual({ active: false })
  })

  test("refusals have the contract's codes and statuses on both transports", async () => {
    const cases = [
      [await outside(base).query('lease.list'), 401, 'unauthenticated'],
      [await viewer.query('lease.get', { id: '00000000-0000-7000-8000-000000000000' }), 404, 'not-found'],
      [await viewer.query('lease.get', { id: '../../etc' }), 400, 'invalid-input'],
      [await viewer.mutate('team.create', { name: 'mine' }), 403, 'forbidden'],
      [await viewer.query('no.such', {}), 404, 'not-found'],
    ] as const
    for (const [answer, status, code] of cases) expect([answer.status, answer.code]).toEqual([status, code])
    const denied = await viewer.graphql('mutation { teamCreate(input: { name: "mine" }) { id } }')
    expect(denied.refusal).toMatchObject({ code: 'forbidden', reason: 'forbid', policies: ['viewer-read-only'] })
    const again = await viewer.mutate('team.create', { name: 'mine' })
    for (const { refusal } of [denied, again]) {
      const decision = refusal?.['decisionId']
      const explained = await admin.query('policy.explain', { decision })
      expect(explained.data).toMatchObject({ decision: 'deny', policies: ['viewer-read-only'] })
      const own = await viewer.query('policy.explain', { decision })
      expect([own.code, own.data], 'its id alone shows nobody the decision').toEqual(['forbidden', {}])
    }
    const invalid = await viewer.query('lease.list', { first: 0, colour: 'red' })
    expect(invalid.refusal?.['fields']).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: 'first' }), expect.objectContaining({ path: 'colour' })]),
    )
  })

  test('a forwarding header from nobody we trust is told in the status, and binds no host to who sent it', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.77' }
    const refused = await admin.mutate(
      'sshHost.register',
      { name: 'behind-a-proxy', address: '127.0.0.1', port: 1, user: 'deploy', access: 'ca' },
      forwarded,
    )
    expect(refused.refusal?.['fields']).toEqual([
      { path: 'sourceAddresses', message: expect.stringContaining('trusted_proxies') as string },
    ])
    const { parts, untrustedForwarding } = (await admin.query('system.status')).data
    expect(parts).toContainEqual(expect.objectContaining({ name: 'proxies', health: 'degraded' }))
    expect(untrustedForwarding).toEqual([
      expect.objectContaining({ address: expect.stringMatching(/^127\.0\.0\.1$|^::1$/) as string, count: 1 }),
    ])
  })

  test('lists are connections on GraphQL and pages on tRPC, newest first', async () => {
    const graphql = await admin.graphql(
      '{ userList(first: 3) { edges { cursor node { id username createdAt } } pageInfo { hasNextPage endCursor } } }',
    )
    const { edges, pageInfo } = graphql.data['userList'] as {
      edges: { cursor: string; node: { id: string } }[]
      pageInfo: { hasNextPage: boolean; endCursor: string }
    }
    expect([edges.length, pageInfo.hasNextPage]).toEqual([3, true])
    const trpc = await admin.query('user.list', { first: 3, after: pageInfo.endCursor })
    const { items } = trpc.data as { items: { id: string }[]; nextCursor: string | null }
    expect(items.length).toBeGreaterThan(0)
    expect(new Set([...edges.map(({ node }) => node.id), ...items.map(({ id }) => id)]).size).toBe(3 + items.length)
  })

  test("with Gatehouse-Session: cookie the tokens are cookies, and a call without the header is nobody's", async () => {
    const { username, password, totpSecret } = principalOf(dev, 'Developer')
    const header = { 'gatehouse-session': 'cookie' }
    const first = await outside(base).mutate('auth.login', { username, password }, header)
    const { id } = first.data['challenge'] as { id: string }
    const second = await outside(base).mutate(
      'auth.completeMfa',
      { challengeId: id, totp: await freshTotp(totpSecret) },
      header,
    )
    expect(second.data['tokens']).toEqual({ accessExpiresAt: expect.any(String) as string })
    const cookies = second.headers.getSetCookie()
    // tokens of the session, and what the browser is known by at the next log-in
    expect(cookies).toHaveLength(3)
    for (const cookie of cookies)
      expect(cookie).toMatch(
        new RegExp(
          `^__Host-[^=]*${new URL(base).port}[^=]*=.*; Path=/;? ?.*(HttpOnly; Secure|Secure; ` +
            'HttpOnly|HttpOnly).*SameSite=Strict',
        ),
      )
    const cookie = cookies.map((one) => one.split(';')[0]).join('; ')
    expect((await outside(base).graphql('{ authWhoami { username } }', {}, { ...header, cookie })).data).toEqual({
      authWhoami: { username },
    })
    expect((await outside(base).graphql('{ authWhoami { username } }', {}, { cookie })).code).toBe('unauthenticated')
    const refreshed = await outside(base).mutate('auth.refresh', {}, { ...header, cookie })
    expect([refreshed.status, refreshed.headers.getSetCookie().length]).toEqual([200, 2])
  })

  test('GraphQL tells step-up by RFC 9470, and never tells a viewer to step up for what stays forbidden', async () => {
    const stale = await viewer.mutate('user.create', { username: 'x-person', role: 'Viewer' })
    expect([stale.status, stale.code]).toEqual([403, 'forbidden'])
    const anonymous = await outside(base).mutate('auth.stepUpComplete', { totp: '000000' })
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Bearer/) as string,
    ])
  })

  test('subscriptions stream on both transports', async () => {
    const abort = new AbortController()
    const headers = {
      authorization: `Bearer ${admin.token}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
    }
    const opened = await Promise.all([
      fetch(`${base}/graphql/stream`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query: 'subscription { leaseWatch { id state } }' }),
        signal: abort.signal,
      }),
      fetch(`${base}/trpc/lease.watch?input=%7B%7D`, { headers, signal: abort.signal }),
    ])
    for (const response of opened) {
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    }
    abort.abort()
  })

  test('a gateway that speaks TLS: log-in from the command line, and a new pair served without a restart', async () => {
    const directory = join(home.home, 'own-certificate')
    mkdirSync(directory)
    const pair = await makePair(directory)
    const port = await freePort()
    const url = `https://localhost:${port}`
    const gateway = startTlsGateway(home.env, pair, port)
    try {
      await expect.poll(() => readOverTls(pair, `${url}/readyz`), { timeout: 30_000 }).toMatchObject({ status: 200 })
      const { username, password, totpSecret } = principalOf(dev, 'Developer')
      const over = { url, pair, home: join(directory, 'cli') }
      const words = ['auth', 'login', username, '--password-stdin', '--totp', await freshTotp(totpSecret)]
      expect(await gatehouseOverTls(words, { ...over, stdin: `${password}\n` })).toMatchObject({ code: 0 })
      const whoami = await gatehouseOverTls(['auth', 'whoami', '--json'], over)
      expect(JSON.parse(whoami.out)).toMatchObject({ username, assurance: 'su' })
      const before = await servedFingerprint(port)
      await makePair(directory)
      await expect.poll(() => servedFingerprint(port), { timeout: 15_000 }).not.toBe(before)
      expect((await gatehouseOverTls(['auth', 'whoami', '--json'], over)).code).toBe(0)
    } finally {
      gateway.kill('SIGTERM')
      await once(gateway, 'exit')
    }
  })

  test('first steps of the admin: the one-time password, then a factor, then everything', async () => {
    const first = await outside(base).mutate(
      'auth.login',
      dev.admin.oneTimePassword === null ? {} : { username: 'admin', password: dev.admin.oneTimePassword },
    )
    const token = (first.data['tokens'] as { accessToken: string }).accessToken
    const fresh = outside(base, token)
    expect((await fresh.query('user.list')).code).toBe('password-change-required')
    const changed = await fresh.mutate('password.change', {
      currentPassword: dev.admin.oneTimePassword,
      newPassword: 'correct horse battery staple 9',
    })
    const second = outside(base, (changed.data['tokens'] as { accessToken: string }).accessToken)
    expect((await fresh.query('auth.whoami')).code, 'the old token is dead').toBe('unauthenticated')
    expect((await second.query('user.list')).code).toBe('mfa-enrolment-required')
    const enrolment = await second.mutate('totp.enroll', { name: 'test' })
    const { id, secret, otpauthUri } = enrolment.data as { id: string; secret: string; otpauthUri: string }
    expect(otpauthUri).toMatch(/^otpauth:\/\/totp\//)
    expect((await second.mutate('totp.confirm', { id, code: await freshTotp(secret) })).status).toBe(200)
    expect((await second.query('auth.whoami')).data).toMatchObject({ assurance: 'su', missing: [] })
    expect((await second.query('user.list')).status).toBe(200)
  })
})
