// Tokens that come from the environment: what is wrong with them is said by the variable's name, and nothing is sent
// that cannot be a token.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer, type Answer, type WireServer } from '../test/wire-server.ts'

const refused = (refusal: { code: string; [detail: string]: unknown }, status: number): Answer => ({ refusal, status })

let server: WireServer
let answers: Readonly<Record<string, Answer>> = {}
beforeAll(async () => {
  server = await startWireServer(({ name }) => answers[name] ?? refused({ code: 'unauthenticated' }, 401))
})
afterAll(() => server.close())
beforeEach(() => {
  answers = {}
  server.calls.length = 0
})

const withToken = (words: readonly string[], token: string) =>
  run(words, { env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: token } })

describe('a token that cannot be one', () => {
  test.each([
    ['cut short', `gatehouse_pat_${'a'.repeat(20)}`],
    ['with a letter too many', `gatehouse_svc_${'a'.repeat(50)}`],
    ['with a newline', `gatehouse_pat_${'a'.repeat(49)}\n`],
    ['in quotes', `"gatehouse_pat_${'a'.repeat(49)}"`],
    ['not of this alphabet', 'töken'],
  ])('%s is exit 2 and names the variable, and nothing is sent', async (_, token) => {
    for (const words of [['lease', 'list'], ['auth', 'status'], []]) {
      const { code, talk } = await withToken(words, token)
      expect([code, talk]).toEqual([2, expect.stringContaining('GATEHOUSE_TOKEN has no token')])
      expect(talk).not.toContain(token.trim())
    }
    expect(server.calls).toEqual([])
  })
})

describe('a token that the server does not take', () => {
  const token = `gatehouse_pat_${'a'.repeat(49)}`

  test('is told by the variable that it came from, with what to do', async () => {
    const { code, talk } = await withToken(['lease', 'list'], token)
    expect([code, talk]).toEqual([
      4,
      expect.stringMatching(/does not take the token of GATEHOUSE_TOKEN · .*unset it to use your own log-in/),
    ])
  })

  test('from a file is told by the file', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'gatehouse-cli-')), 'token.txt')
    writeFileSync(path, `${token}\n`)
    const { code, talk } = await run(['lease', 'list'], {
      env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN_FILE: path },
    })
    expect([code, talk.includes(`GATEHOUSE_TOKEN_FILE (${path})`)]).toEqual([4, true])
  })

  test('is told by `auth status` and the greeting, too, which do not send people to log in', async () => {
    const status = await withToken(['auth', 'status'], token)
    expect([status.code, status.talk]).toEqual([4, expect.stringContaining('the token of GATEHOUSE_TOKEN')])
    expect(status.talk).not.toContain('log in: ')
    expect((await withToken([], token)).out).toContain('the token of GATEHOUSE_TOKEN')
  })
})

describe("a program's token", () => {
  const token = `gatehouse_svc_${'b'.repeat(49)}`
  const program = {
    id: 's1',
    username: 'ci-deploy',
    displayName: 'ci-deploy',
    roles: [],
    teams: ['sre'],
    assurance: 'pw',
    assuranceAt: null,
    sessionId: null,
    sessionExpiresAt: '2026-12-01T00:00:00.000Z',
    sessionIdleExpiresAt: null,
    missing: [],
  }

  test('says whose it is', async () => {
    answers = { 'auth.whoami': { output: program } }
    const [status, whoami] = [await withToken(['auth', 'status'], token), await withToken(['auth', 'whoami'], token)]
    expect([status.code, status.out]).toEqual([
      0,
      expect.stringMatching(/ci-deploy[^]*an API token[^]*GATEHOUSE_TOKEN/),
    ])
    expect([whoami.code, whoami.out]).toEqual([0, expect.stringContaining('ci-deploy')])
  })

  test('whose scopes do not reach so far says what it says of itself, asked without a credential', async () => {
    answers = {
      'auth.whoami': refused({ code: 'forbidden', reason: 'no-permit', policies: [] }, 403),
      'auth.verify': { output: { active: true, client_id: 'ci-deploy', scope: 'lease.list', exp: 1_796_083_200 } },
    }
    const [status, whoami] = [await withToken(['auth', 'status'], token), await withToken(['auth', 'whoami'], token)]
    expect([status.code, status.out]).toEqual([0, expect.stringMatching(/ci-deploy[^]*for lease\.list/)])
    expect([whoami.code, whoami.out]).toEqual([0, expect.stringMatching(/ci-deploy[^]*lease\.list/)])
    expect((await withToken(['auth', 'verify', '--json'], token)).code).toBe(0)
    // policy lets few programs ask what tokens are worth, but anybody what their own is
    const asked = server.calls.filter(({ name }) => name === 'auth.verify')
    expect(asked.map((call) => call.token)).toEqual([null, null, null])
  })
})
