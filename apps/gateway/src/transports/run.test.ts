import type { OperationName } from '@gatehouse/contract'
import { secret } from '@gatehouse/contract'
import type { Call, Enforcer } from '@gatehouse/enforcement'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { sessionCookies, sessionHeader } from './cookies.ts'
import { createRunner, type RequestContext } from './run.ts'

const at = new Date('2026-11-23T12:00:00Z')

/** Calls an operation that answers this, in a browser's session; what the browser gets, and its cookies. */
async function answered(
  name: OperationName,
  output: unknown,
  heard: (call: Call) => void = () => undefined,
): Promise<{ body: unknown; cookies: string }> {
  const unused = (): never => {
    throw new TypeError('not asked here')
  }
  const enforcer = {
    call: (call: Call, make: (output: unknown) => unknown) => {
      heard(call)
      return Promise.resolve(make(output))
    },
    subscribe: unused,
    internal: unused,
    isKnown: unused,
  } as unknown as Enforcer // its answer is all that the runner looks at
  const cookies = sessionCookies(8420, 60)
  const app = new Hono().post('/', async (http) => {
    const context: RequestContext = {
      http,
      requestId: 'r',
      caller: { credential: null, address: '192.0.2.1', userAgent: 'test', transport: 'graphql' },
      cookies: cookies.read(http),
    }
    return http.json((await createRunner(enforcer, cookies).call(context, name, {})) as object) // outputs are objects
  })
  const response = await app.request('/', { method: 'POST', headers: { [sessionHeader]: 'cookie' } })
  return { body: await response.json(), cookies: response.headers.get('set-cookie') ?? '' }
}

test('a browser gets the tokens of its session as cookies, never in the body', async () => {
  const { body, cookies } = await answered('auth.refresh', {
    tokens: { accessToken: secret('a-token'), refreshToken: secret('r-token'), accessExpiresAt: at },
  })
  expect(body).toEqual({ tokens: { accessExpiresAt: at.toISOString() } })
  expect(cookies).toContain('a-token')
})

test("a program's account keeps the number of its tokens, which are no session's", async () => {
  const { body, cookies } = await answered('serviceAccount.get', {
    id: 's',
    name: 'ci',
    description: '',
    teams: [],
    status: 'active',
    tokens: 3,
    createdAt: at,
  })
  expect(body).toMatchObject({ tokens: 3 })
  expect(cookies).toBe('')
})

test('what takes minutes is told when its client has gone; of all else nobody follows it', async () => {
  const signals: unknown[] = []
  const hear = ({ signal }: Call) => signals.push(signal)
  const empty = { policyVersion: '', decisions: 0, notReplayable: 0, flipped: 0, principals: [], flips: [] }
  await answered('policy.simulate', empty, hear)
  await answered('auth.logout', { ended: 1 }, hear)
  expect(signals).toEqual([expect.any(AbortSignal), undefined])
})
