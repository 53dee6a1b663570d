import { Refusal, type OperationName } from '@gatehouse/contract'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { GatewayEnv } from './request-context.ts'
import { plainContext } from './request-context.ts'
import { codecPath, temporalCodecFor } from './temporal-codec.ts'
import { sessionCookies } from './transports/cookies.ts'
import type { RequestContext } from './transports/run.ts'

const temporalWeb = 'http://localhost:8423'
const sealed = Buffer.from('binary/encrypted').toString('base64')
const plainEncoding = Buffer.from('json/plain').toString('base64')

/** The endpoint before an operation that knows one token, and says what it was asked as whom. */
function endpoint() {
  const asked: { name: OperationName; credential: string | null; raw: unknown }[] = []
  const refused: string[] = []
  const answer = temporalCodecFor({
    temporalWebUrl: temporalWeb,
    cookies: sessionCookies(8420, 60),
    runner: {
      call: ({ caller }: RequestContext, name, raw) => {
        asked.push({ name, credential: caller.credential, raw })
        if (caller.credential !== 'good') return Promise.reject(new Refusal('unauthenticated'))
        const { payloads } = raw as { payloads: string[] }
        return Promise.resolve({
          payloads: payloads.map((data) => ({ encoding: plainEncoding, data: `open ${data}` })),
        })
      },
      refused: (_request, refusal) => Promise.resolve(void refused.push(refusal.code)),
    },
  })
  const app = new Hono<GatewayEnv>()
  app.all(codecPath, (c) => answer?.(c, plainContext(c, { isTrustedProxy: () => false })) ?? c.notFound())
  const socket = { incoming: { socket: { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' } } }
  const ask = (headers: Record<string, string>, body: unknown = payloads, method = 'POST') =>
    app.request(
      codecPath,
      {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
      },
      socket,
    )
  return { ask, asked, refused }
}

const payloads = {
  payloads: [
    { metadata: { encoding: sealed }, data: 'QUJD' },
    { metadata: { encoding: plainEncoding }, data: 'InN0YXRlIg==' },
  ],
}
const cookie = { cookie: '__Host-gatehouse-8420-access=good' }

test('Temporal Web sees what is sealed opened, and what is not as it is, as who is logged in', async () => {
  const { ask, asked } = endpoint()
  const answer = await ask({ ...cookie, origin: temporalWeb })
  expect(await answer.json()).toEqual({
    payloads: [{ metadata: { encoding: plainEncoding }, data: 'open QUJD' }, payloads.payloads[1]],
  })
  expect(answer.headers.get('access-control-allow-origin')).toBe(temporalWeb)
  expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(asked).toEqual([{ name: 'workflow.decode', credential: 'good', raw: { payloads: ['QUJD'] } }])
})

test.each(['http://localhost:8424', 'https://localhost:8423', 'null', 'http://localhost:8423.evil.example'])(
  'the page of %s may neither ask nor read, whoever is logged in',
  async (origin) => {
    const { ask, asked, refused } = endpoint()
    const answer = await ask({ ...cookie, origin })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    const preflight = await ask({ origin, 'access-control-request-method': 'POST' }, undefined, 'OPTIONS')
    expect(preflight.status).toBe(403)
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
    expect(asked).toEqual([])
    expect(refused).toEqual(['forbidden'])
  },
)

test('a stranger gets nothing back, not even what was never sealed', async () => {
  const { ask, asked } = endpoint()
  const plain = { payloads: [payloads.payloads[1]] }
  for (const body of [payloads, plain, { payloads: [] }]) {
    const answer = await ask({}, body)
    expect(answer.status).toBe(401)
    expect(await answer.text()).not.toContain('InN0YXRlIg')
  }
  expect(asked).toHaveLength(3)
  expect(await (await ask({ authorization: 'Bearer good' }, plain)).json()).toEqual(plain)
})

test('cookies are not looked at without an origin; a token is', async () => {
  const { ask, asked } = endpoint()
  expect((await ask(cookie)).status).toBe(401)
  expect((await ask({ authorization: 'Bearer good' })).status).toBe(200)
  expect(asked.map(({ credential }) => credential)).toEqual([null, 'good'])
})

test('a preflight of Temporal Web is answered for its own headers and no others', async () => {
  const { ask } = endpoint()
  const answer = await ask({ origin: temporalWeb }, undefined, 'OPTIONS')
  expect(answer.status).toBe(204)
  expect(answer.headers.get('access-control-allow-headers')).toBe('content-type, authorization, x-namespace')
  expect(answer.headers.get('access-control-allow-methods')).toBe('POST')
})

test.each([
  ['a form', { 'content-type': 'text/plain' }, JSON.stringify(payloads)],
  ['no JSON', {}, '{'],
  ['no payloads', {}, {}],
])('%s is refused before anything is opened, and recorded', async (_what, headers, body) => {
  const { ask, asked, refused } = endpoint()
  expect((await ask({ ...cookie, origin: temporalWeb, ...headers }, body)).status).toBe(400)
  expect(asked).toEqual([])
  expect(refused).toEqual(['invalid-input'])
})

test('without Temporal Web there is no such endpoint', () => {
  const deps = { runner: { call: () => Promise.reject(new Error('asked')), refused: () => Promise.resolve() } }
  expect(temporalCodecFor({ ...deps, cookies: { readAccess: () => null }, temporalWebUrl: null })).toBeNull()
})
