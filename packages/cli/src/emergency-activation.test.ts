// The token of an emergency stands in one command's environment, and is shown with the key that it is bound to.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { freshConfigHome, run } from '../test/run.ts'
import { startWireServer, type Answer, type WireServer } from '../test/wire-server.ts'
import { ProofKey, thumbprintOf } from './dpop-proof.ts'

const session = { id: '01900000-0000-7000-8000-000000000001', request: 'r1', expiresAt: '2026-11-01T13:00:00.000Z' }
const tokens = { accessToken: 'access', refreshToken: 'refresh', accessExpiresAt: '2026-11-01T13:00:00.000Z' }
const now = new Date('2026-11-01T12:00:00Z')
const outputs: Record<string, Answer> = {
  'auth.login': { output: { tokens, challenge: null } },
  'auth.refresh': { output: { tokens, challenge: null } },
  'breakGlass.activate': { output: { session, accessToken: 'token-4711', tokenType: 'DPoP' } },
  'emergencySession.revoke': { output: session },
}

const request = {
  id: session.id,
  state: 'pending',
  requesterName: 'dora',
  missing: 2,
  secondsLeft: 3600,
  approvals: [] as unknown[],
  denials: [] as unknown[],
  closedReason: null,
  session: null,
}
const yes = { principal: 'ada', principalId: 'a', team: 'sre', method: 'webauthn', uncounted: null }
const no = { principal: 'olga', principalId: 'o', team: 'ops', reason: 'nobody knows of it' }
const asked = [
  ...'--incident INC-7 --severity critical --workspace shop --actions lease.list --justification'.split(' '),
  'payments fail and the database host does not answer',
]
/** What somebody who watches is sent. */
const sends = (...stream: readonly unknown[]): void => {
  outputs['breakGlass.request'] = { output: request }
  outputs['breakGlass.watch'] = { stream }
}

let server: WireServer
let env: Record<string, string>
beforeAll(async () => {
  server = await startWireServer(({ name }) => outputs[name] ?? { output: { items: [], nextCursor: null } })
})
afterAll(() => server.close())
beforeEach(async () => {
  env = { GATEHOUSE_CONFIG_HOME: freshConfigHome(), GATEHOUSE_URL: server.url }
  mkdirSync(env['GATEHOUSE_CONFIG_HOME'] ?? '', { recursive: true })
  await run(['auth', 'login', 'ada', '--password-stdin'], { env, now, stdin: 'correct horse\n' })
  delete outputs['breakGlass.watch']
  server.calls.length = 0
})

/** Ends with 7 where the token is in its environment. */
const program = [process.execPath, '-e', "process.exit(process.env.GATEHOUSE_TOKEN === 'token-4711' ? 7 : 1)"]
const activate = (...words: readonly string[]) => run(['break-glass', 'activate', session.id, ...words], { env, now })
const namesAsked = () => server.calls.map(({ name }) => name)

/** What was changed: beside it the command line looks whether the session is still there. */
const namesDone = () => namesAsked().filter((name) => name !== 'breakGlass.watch')

test('a command ends when somebody else ends its session, which is then not ended again', async () => {
  sends({ ...request, state: 'active' }, { ...request, state: 'ended' })
  const waits = [process.execPath, '-e', 'setInterval(() => undefined, 1000)']
  const { code, talk } = await activate('--', ...waits)
  expect([code, namesDone()]).toEqual([129, ['breakGlass.activate']])
  expect(talk).toContain(`has been ended, and its command with it · gatehouse emergency-session get ${session.id}`)
})

test('a command gets the token, its exit code is the answer, and the session ends with it', async () => {
  const { code, out, talk } = await activate('--', ...program)
  expect(code).toBe(7)
  expect(namesDone()).toEqual(['breakGlass.activate', 'emergencySession.revoke'])
  const ending = server.calls.find(({ name }) => name === 'emergencySession.revoke')
  expect(ending).toMatchObject({ input: { id: session.id, reason: 'its command ended' }, token: 'access' })
  expect(out + talk).not.toContain('token-4711')
  expect(talk).toContain('the emergency session has ended')
})

test('with --keep it goes on, and without a command it is shown', async () => {
  expect((await activate('--keep', '--', ...program)).code).toBe(7)
  expect(namesDone()).toEqual(['breakGlass.activate'])
  expect(JSON.parse((await activate('--json')).out)).toMatchObject({ accessToken: 'token-4711' })
})

test.each(['/nonexistent/program', 'no-such-program', '/tmp'])(
  '%s is no program: exit 1, nothing begins',
  async (name) => {
    const { code, talk } = await activate('--', name)
    expect([code, talk]).toEqual([1, expect.stringContaining(`cannot start ${name} · there is no such program`)])
    expect(namesDone()).toEqual([])
  },
)

test('a command that cannot be started after all is exit 1, and the session does not outlive it', async () => {
  const file = join(freshConfigHome(), 'program')
  writeFileSync(file, '#!/nonexistent/interpreter', { mode: 0o755 })
  const { code, talk } = await activate('--', file)
  expect([code, talk]).toEqual([1, expect.stringContaining(`cannot start ${file}`)])
  expect(namesDone()).toEqual(['breakGlass.activate', 'emergencySession.revoke'])
})

test('a token that is bound to the key of the log-in is shown with its proof, and no other', async () => {
  const directory = join(env['GATEHOUSE_CONFIG_HOME'] ?? '', 'tokens')
  const [file = ''] = readdirSync(directory).filter((name) => name.endsWith('.json'))
  const kept = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { key: unknown }
  const tokenOf = (jkt: string): string =>
    `e30.${Buffer.from(JSON.stringify({ cnf: { jkt } })).toString('base64url')}.x`
  const proofs = async (GATEHOUSE_TOKEN: string): Promise<string | undefined> => {
    server.calls.length = 0
    await run(['team', 'list'], { env: { ...env, GATEHOUSE_TOKEN }, now })
    return server.calls[0]?.proof
  }
  expect(await proofs(tokenOf(thumbprintOf(ProofKey.parse(kept.key))))).toEqual(expect.any(String))
  expect(await proofs(tokenOf('another'))).toBeUndefined()
  expect(await proofs(`e30.${'A'.repeat(12)}.x`)).toBeUndefined()
})

describe('who waits for a request', () => {
  test('is told who votes and what is missing, and 0 says that it is approved', async () => {
    const once = { ...request, missing: 1, approvals: [yes], denials: [no] }
    sends(request, once, { ...once, state: 'approved', missing: 0, secondsLeft: 1800 })
    const { code, talk } = await run(['break-glass', 'request', ...asked, '--wait'], { env, now })
    expect(code).toBe(0)
    expect(talk.trim().split('\n').slice(-6)).toEqual([
      `tell two people of two teams to read it: gatehouse break-glass get ${session.id}`,
      'waits for 2 more people · 1 h left',
      'ada approved it with a key, for team sre',
      'olga denied it for team ops: nobody knows of it',
      'waits for 1 more person · 1 h left',
      `approved · 30 min left · gatehouse break-glass activate ${session.id}`,
    ])
    expect(namesAsked()).toEqual(['breakGlass.request', 'breakGlass.watch'])
  })

  test('of a drill is told that it is one, and to finish it', async () => {
    sends({ ...request, drill: true, state: 'approved', missing: 0, secondsLeft: 1800 })
    const { code, talk } = await run(['break-glass', 'watch', session.id], { env, now })
    expect([code, talk.trim()]).toEqual([
      0,
      `drill, no emergency: approved · 30 min left · gatehouse break-glass drill-finish ${session.id}`,
    ])
  })

  test.each([
    ['denied', 3, 'denied by two teams'],
    ['lapsed', 6, 'its time is over'],
    ['cancelled', 6, 'taken back'],
  ])('%s is exit code %d', async (state, exit, words) => {
    sends({ ...request, state, secondsLeft: null })
    const { code, talk } = await run(['break-glass', 'watch', session.id], { env, now })
    expect([code, talk]).toEqual([exit, expect.stringContaining(words)])
  })

  test('reads documents with --json, one a line, the request among them once', async () => {
    sends(request, { ...request, state: 'approved' })
    const { code, out } = await run(['break-glass', 'request', ...asked, '--wait', '--json'], { env, now })
    const states = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as typeof request).state)
    expect([code, states]).toEqual([0, ['pending', 'approved']])
  })

  test('leaves it open with Ctrl-C, and is told how to go on', async () => {
    sends(request)
    const waiting = run(['break-glass', 'watch', session.id], { env, now })
    await vi.waitFor(() => expect(namesAsked()).toContain('breakGlass.watch'))
    process.emit('SIGINT')
    const { code, talk } = await waiting
    expect([code, talk]).toEqual([7, expect.stringContaining(`gatehouse break-glass watch ${session.id}`)])
    expect(namesAsked()).not.toContain('breakGlass.cancel')
  })
})
