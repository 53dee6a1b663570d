// What becomes of tokens whose exchange got no answer: shown again while the server takes that, never later.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshConfigHome, run, type RunResult } from '../test/run.ts'
import { startWireServer, type Answer, type WireServer } from '../test/wire-server.ts'

const loggedInAt = new Date('2026-11-01T12:00:00Z')
const later = (seconds: number): Date => new Date(loggedInAt.getTime() + seconds * 1000)

/** The access token of a log-in ends at once, so that the next command refreshes. */
const tokensOf = (number: number, endsIn: number): Answer => ({
  output: {
    tokens: {
      accessToken: `access-${number}`,
      refreshToken: `refresh-${number}`,
      accessExpiresAt: later(endsIn).toISOString(),
    },
    challenge: null,
  },
})

let server: WireServer
let refreshes: Answer[] = []
beforeAll(async () => {
  server = await startWireServer(({ name }) => {
    if (name === 'auth.login') return tokensOf(1, 0)
    if (name === 'auth.refresh') return refreshes.shift() ?? { refusal: { code: 'unauthenticated' }, status: 401 }
    return { output: { items: [], cursor: null, hasMore: false } }
  })
})
afterAll(() => server.close())

let home = ''
beforeEach(() => {
  home = freshConfigHome()
  refreshes = []
  server.calls.length = 0
})

const gatehouse = (
  words: readonly string[],
  at: Date,
  more: { stdin?: string; url?: string } = {},
): Promise<RunResult> =>
  run(words, {
    env: { GATEHOUSE_CONFIG_HOME: home, GATEHOUSE_URL: more.url ?? server.url },
    now: at,
    ...(more.stdin === undefined ? {} : { stdin: more.stdin }),
  })
const logIn = (bound: Answer): Promise<RunResult> => {
  refreshes = [bound]
  return gatehouse(['auth', 'login', 'ada', '--password-stdin'], loggedInAt, { stdin: 'correct horse\n' })
}
const list = (at: Date): Promise<RunResult> => gatehouse(['team', 'list', '--json'], at)
const place = (): string =>
  join(home, 'tokens', readdirSync(join(home, 'tokens')).find((name) => name.endsWith('.json')) ?? 'none')
const kept = (): Record<string, unknown> | null =>
  existsSync(place()) ? (JSON.parse(readFileSync(place(), 'utf8')) as Record<string, unknown>) : null
const shownTokens = (): unknown[] =>
  server.calls.flatMap(({ name, input }) =>
    name === 'auth.refresh' ? [(input as { refreshToken: string }).refreshToken] : [],
  )
const proofs = (): number =>
  new Set(server.calls.flatMap(({ name, proof }) => (name === 'auth.refresh' ? [proof] : []))).size

test('a lost answer is asked for again, with a new proof, and the new tokens are kept', async () => {
  await logIn(tokensOf(2, 0))
  server.calls.length = 0
  refreshes = [{ lost: true }, tokensOf(3, 900)]
  expect((await list(later(60))).code).toBe(0)
  expect(shownTokens()).toEqual(['refresh-2', 'refresh-2'])
  expect(proofs()).toBe(2)
  expect(kept()).toMatchObject({ refreshToken: 'refresh-3' })
  expect(kept()).not.toHaveProperty('refreshAskedAt')
})

test('an answer that leaves open whether it was done is as a lost one', async () => {
  await logIn(tokensOf(2, 0))
  server.calls.length = 0
  const open = { refusal: { code: 'unavailable', mayBeDone: true }, status: 503 }
  refreshes = [open, tokensOf(3, 900)]
  expect((await list(later(60))).code).toBe(0)
  expect(shownTokens()).toEqual(['refresh-2', 'refresh-2'])
  refreshes = [{ refusal: { code: 'unavailable' }, status: 503 }]
  expect((await list(later(2000))).code).toBe(8)
  expect(shownTokens().at(-1)).toBe('refresh-3')
  expect(kept()).toMatchObject({ refreshToken: 'refresh-3' })
})

test('a process that was killed while it waited leaves word, and the next command asks again in time', async () => {
  await logIn(tokensOf(2, 0))
  writeFileSync(place(), JSON.stringify({ ...kept(), refreshAskedAt: later(60).toISOString() }))
  refreshes = [tokensOf(3, 900)]
  expect((await list(later(70))).code).toBe(0)
  expect(kept()).toMatchObject({ refreshToken: 'refresh-3' })
})

test('later than the server takes it, a token that may be spent is forgotten, and the way on is named', async () => {
  await logIn(tokensOf(2, 0))
  writeFileSync(place(), JSON.stringify({ ...kept(), refreshAskedAt: later(60).toISOString() }))
  server.calls.length = 0
  const { code, talk } = await list(later(85))
  expect(code).not.toBe(0)
  expect(talk).toContain('gatehouse auth login')
  expect(shownTokens()).toEqual([])
  expect(kept()).toBeNull()
})

test('a bearer’s token whose answer was lost is never shown again', async () => {
  await logIn({ refusal: { code: 'invalid-input' }, status: 400 })
  expect(kept()).not.toHaveProperty('key')
  server.calls.length = 0
  refreshes = [{ lost: true }]
  expect((await list(later(60))).talk).toContain('the answer with your new tokens was lost')
  expect(shownTokens()).toEqual(['refresh-1'])
  expect(kept()).toBeNull()
})

test('a log-in whose tokens may have been spent by the exchange that binds them is not kept', async () => {
  const { code, talk } = await logIn({ lost: true })
  expect(code).not.toBe(0)
  expect(talk).toContain('the answer with your new tokens was lost')
  expect(existsSync(join(home, 'tokens')) ? kept() : null).toBeNull()
})

test.each([
  ['refused for now', { refusal: { code: 'rate-limited', retryAfterSeconds: 9 }, status: 429 } satisfies Answer, null],
  ['nobody there', null, 'http://127.0.0.1:9'],
])('tokens that were surely not spent stay: %s', async (_, answer, url) => {
  await logIn(tokensOf(2, 0))
  const before = kept()
  refreshes = answer === null ? [] : [answer]
  // the address of the account stays; only who answers there changes
  if (url !== null) {
    await server.close()
    server = { ...server, close: () => Promise.resolve() }
  }
  expect((await list(later(60))).code).not.toBe(0)
  expect(kept()).toEqual(before)
})
