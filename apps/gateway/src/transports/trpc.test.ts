import { Refusal, refusals, type RefusalCode } from '@gatehouse/contract'
import { Fault, type Enforcer } from '@gatehouse/enforcement'
import { Hono } from 'hono'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { sessionCookies } from './cookies.ts'
import { createRunner, type RequestContext } from './run.ts'
import { answerTrpc, buildRouter } from './trpc.ts'

/** What an operation was asked with, or what it comes to. */
type Outcome = 'answers' | Error

function serverOf(outcome: Outcome, other: Partial<Pick<Enforcer, 'call' | 'refused'>> = {}) {
  const [asked, refused]: [unknown[], string[]] = [[], []]
  const call = (
    { name, raw }: { readonly name: string; readonly raw: unknown },
    make: (output: unknown) => unknown,
  ): Promise<unknown> => {
    asked.push([name, raw])
    if (outcome !== 'answers') return Promise.reject(outcome)
    const output = name === 'system.version' ? { version: 'ünï+1 %' } : { tokens: null, challenge: null }
    return Promise.resolve(make(output)) // the outputs of the two operations that are asked
  }
  const enforcer = {
    call,
    refused: (_request: unknown, { code }: Refusal) => Promise.resolve(void refused.push(code)),
    ...other,
  } as unknown as Enforcer // nothing else of it is reached
  const runner = createRunner(enforcer, sessionCookies(8420, 60))
  const router = buildRouter(runner)
  const app = new Hono().all('/trpc/*', (http) => {
    const caller = { credential: null, address: '192.0.2.1', userAgent: 'test', transport: 'trpc' } as const
    const context: RequestContext = { http, caller, requestId: 'one', cookies: null }
    return answerTrpc({ router, runner, context })
  })
  return { app, asked, refused }
}

const shown = ['content-type', 'vary', 'www-authenticate', 'retry-after', 'allow']

interface Asked {
  readonly method?: 'GET' | 'POST'
  readonly name: string
  /** As text, so that it may be no JSON; absent: nothing is sent. */
  readonly input?: string
}

/** What a server answers, and what it asked and recorded for it. */
async function answerTo(outcome: Outcome, path: string, init: RequestInit) {
  const { app, asked, refused } = serverOf(outcome)
  const answer = await app.request(path, init)
  const headers = shown.map((name) => answer.headers.get(name))
  return { status: answer.status, headers, body: (await answer.json()) as unknown, asked, refused }
}

const json = { 'content-type': 'application/json' }

/** The same call by itself and as a batch of one, which is the library's to answer. */
async function bothWays(outcome: Outcome, { method = 'GET', name, input }: Asked) {
  const [path, one] = [`/trpc/${name}`, input === undefined ? '{}' : `{"0":${input}}`]
  const query = (text: string) => `input=${encodeURIComponent(text)}`
  const ask = (at: string, body: string | undefined) =>
    answerTo(outcome, at, method === 'GET' ? {} : { method, headers: json, ...(body === undefined ? {} : { body }) })
  const [single, batch] =
    method === 'GET'
      ? [
          await ask(input === undefined ? path : `${path}?${query(input)}`, undefined),
          await ask(`${path}?batch=1&${query(one)}`, undefined),
        ]
      : [await ask(path, input), await ask(`${path}?batch=1`, one)]
  return { single, batch: { ...batch, body: (batch.body as unknown[])[0] } }
}

const version = { name: 'system.version' } as const
const logIn = { method: 'POST', name: 'auth.login' } as const

describe('a call by itself is answered as a batch of one is', () => {
  test.each<Asked>([
    version,
    { ...version, input: '{"of":"Zoë + 1 % \\u2028"}' },
    { ...version, input: 'null' },
    { ...logIn, input: '{"username":"Zoë","password":"x"}' },
    logIn,
  ])('%o', async (asked) => {
    const { single, batch } = await bothWays('answers', asked)
    expect(single).toEqual(batch)
    expect(single.status).toBe(200)
    expect(single.asked).toEqual([[asked.name, asked.input === undefined ? undefined : JSON.parse(asked.input)]])
  })

  // the keys of our own record
  test.each(Object.keys(refusals) as RefusalCode[])('refused as %s', async (code) => {
    const refusal = new Refusal(code, { retryAfterSeconds: 7, maxAgeSeconds: 300, assurance: 'su' })
    for (const asked of [version, logIn]) {
      const { single, batch } = await bothWays(refusal, asked)
      expect(single).toEqual(batch)
      expect(single.body).toMatchObject({ error: { data: { refusal: { code } } } })
    }
  })

  test('failed', async () => {
    for (const error of [new Fault('one', new TypeError('secret')), new TypeError('secret')]) {
      const { single, batch } = await bothWays(error, version)
      expect(single).toEqual(batch)
      expect(single.status).toBe(500)
      expect(JSON.stringify(single)).not.toContain('secret')
    }
  })

  test.each<Asked>([
    { ...version, input: '{"of":' },
    { ...logIn, input: 'secret' },
    { ...version, method: 'POST', input: '{}' },
    { ...logIn, method: 'GET' },
    { name: 'no.such' },
  ])('that is none is refused and recorded: %o', async (asked) => {
    const { single, batch } = await bothWays('answers', asked)
    expect(single).toEqual(batch)
    expect([single.asked, single.refused]).toEqual([[], [expect.any(String)]])
    expect(JSON.stringify(single)).not.toContain('secret')
  })
})

test('a call of a batch that cannot be recorded as refused ends no process while the others take longer', async () => {
  const unheard: unknown[] = []
  const note = (reason: unknown): void => void unheard.push(reason)
  process.on('unhandledRejection', note)
  const failure = new TypeError('the audit log cannot be written')
  const { app } = serverOf('answers', {
    refused: () => Promise.reject(failure),
    call: async () => {
      await sleep(20)
      throw new Refusal('unavailable')
    },
  })
  const thrown: unknown[] = []
  app.onError((error, c) => {
    thrown.push(error)
    return c.text('', 500)
  })
  await app.request('/trpc/no.such,system.version?batch=1&input=%7B%7D')
  process.off('unhandledRejection', note)
  expect(unheard).toEqual([])
  expect(thrown).toEqual([failure])
})
