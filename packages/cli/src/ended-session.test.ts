// A session that is over says so and why, whichever of its tokens the server was asked with.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshConfigHome, run } from '../test/run.ts'
import { startWireServer, type Answer, type WireServer } from '../test/wire-server.ts'

const loggedInAt = new Date('2026-11-01T12:00:00Z')
const later = (seconds: number): Date => new Date(loggedInAt.getTime() + seconds * 1000)
const ended: Answer = {
  refusal: { code: 'unauthenticated', reason: 'session-revoked' },
  status: 401,
  message: 'your session was ended; log in again',
}
const disabled: Answer = {
  refusal: { code: 'unauthenticated', reason: 'user-disabled' },
  status: 401,
  message: 'your account is disabled; an administrator can enable it',
}

let server: WireServer
let answer: Answer | null = null
beforeAll(async () => {
  const tokens = { accessToken: 'access', refreshToken: 'refresh', accessExpiresAt: later(900).toISOString() }
  server = await startWireServer(({ name }) => {
    if (name === 'auth.login') return { output: { tokens, challenge: null } }
    if (answer !== null) return answer
    return name === 'auth.refresh' ? { output: { tokens } } : { output: { username: 'ada', roles: [], missing: [] } }
  })
})
afterAll(() => server.close())

const after = async (seconds: number, how: Answer, words: readonly string[]) => {
  const env = { GATEHOUSE_CONFIG_HOME: freshConfigHome(), GATEHOUSE_URL: server.url }
  answer = null
  await run(['auth', 'login', 'ada', '--password-stdin'], { env, now: loggedInAt, stdin: 'correct horse\n' })
  answer = how
  return run(words, { env, now: later(seconds) })
}

test.each([
  ['while the access token is fresh', 10],
  ['when it has to be refreshed first', 880],
  ['long after', 90_000],
])('%s', async (_, seconds) => {
  const { code, talk } = await after(seconds, ended, ['lease', 'list'])
  expect([code, talk]).toEqual([4, 'gatehouse: your session was ended; log in again · gatehouse auth login\n'])
})

test('`auth status`, `auth refresh` and the greeting say it, too', async () => {
  expect((await after(10, ended, ['auth', 'status'])).talk).toBe(
    'your session was ended; log in again\nlog in: gatehouse auth login\n',
  )
  expect((await after(10, ended, ['auth', 'refresh'])).talk).toContain('your session was ended')
  expect((await after(10, ended, [])).out).toContain('your session was ended')
})

test('a log-out of it forgets the tokens as ever', async () => {
  expect(await after(10, ended, ['auth', 'logout'])).toMatchObject({ code: 0, talk: 'there was no session any more\n' })
})

test('who is locked is told so and whom to ask, and is not sent to log in', async () => {
  const locked: Answer = {
    refusal: { code: 'unauthenticated', reason: 'user-locked' },
    status: 401,
    message: 'your account is locked; ask an administrator, who can remove the lock',
  }
  const { code, talk } = await after(10, locked, ['lease', 'list'])
  expect([code, talk]).toEqual([
    4,
    'gatehouse: your account is locked; ask an administrator, who can remove the lock\n',
  ])
})

test('who is disabled is not sent to log in', async () => {
  const { code, talk } = await after(10, disabled, ['lease', 'list'])
  expect([code, talk]).toEqual([4, 'gatehouse: your account is disabled; an administrator can enable it\n'])
})
