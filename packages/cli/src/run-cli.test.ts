import { afterEach, describe, expect, test } from 'vitest'
import { freshConfigHome, run } from '../test/run.ts'
import { startWireServer, type Answer, type ReceivedCall, type WireServer } from '../test/wire-server.ts'

const servers: WireServer[] = []
const serve = async (
  answers: Readonly<Record<string, Answer | ((call: ReceivedCall) => Answer)>>,
): Promise<WireServer> => {
  const server = await startWireServer((call) => {
    const answer = answers[call.name]
    return typeof answer === 'function' ? answer(call) : (answer ?? { refusal: { code: 'not-found' }, status: 404 })
  })
  servers.push(server)
  return server
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const now = new Date('2026-11-23T12:00:00Z')
const lease = {
  id: '01lease',
  backend: 'ssh-certificate',
  revocability: 'denies',
  revokedWithinSeconds: 60,
  role: 'deploy@db-1',
  workspace: 'default',
  purpose: 'look',
  principal: 'u1',
  principalType: 'User',
  principalName: 'ada',
  state: 'active',
  issuedAt: '2026-11-23T11:59:00.000Z',
  expiresAt: '2026-11-23T12:42:00.000Z',
  renewableUntil: null,
  wrappedUntil: null,
  endedAt: null,
  reason: null,
  attempts: 0,
  lastError: null,
  workflowUrl: null,
  hostId: null,
}
const page = { items: [lease], nextCursor: null }
const at = ({ url }: WireServer) => ({ now, env: { GATEHOUSE_URL: url, GATEHOUSE_TOKEN: 'token' } })

describe('a list', () => {
  test('is a table with times as people read them', async () => {
    const server = await serve({ 'lease.list': { output: page } })
    const { code, out, talk } = await run(['lease', 'list', '--state', 'active'], at(server))
    expect([code, talk]).toEqual([0, ''])
    expect(out).toBe(
      'PRINCIPAL NAME  ROLE         STATE   EXPIRES AT  PURPOSE  BACKEND          REVOCABILITY         ' +
        'WORKSPACE  ID\n' +
        'ada             deploy@db-1  active  in 42 min   look     ssh-certificate  denied within 1 min  ' +
        'default    01lease\n',
    )
    expect(server.calls).toEqual([{ name: 'lease.list', method: 'GET', input: { state: 'active' }, token: 'token' }])
  })

  test('says how soon a credential is denied, of one lease in one line and for programs in two fields', async () => {
    const server = await serve({ 'lease.get': { output: lease } })
    const { out } = await run(['lease', 'get', lease.id], at(server))
    expect(out.split('\n').filter((line) => line.startsWith('revo'))).toEqual(['revocability     denied within 1 min'])
    const json = await run(['lease', 'get', lease.id, '--json'], at(server))
    expect(JSON.parse(json.out)).toMatchObject({ revocability: 'denies', revokedWithinSeconds: 60 })
  })

  test('says of a revoked lease when it ended, not when it would have', async () => {
    const endedAt = new Date(now.getTime() - 180_000).toISOString()
    const items = [{ ...lease, state: 'revoked', endedAt }]
    const server = await serve({ 'lease.list': { output: { items, nextCursor: null } } })
    const { out } = await run(['lease', 'list'], at(server))
    expect(out).toContain('revoked  ended 3 min ago')
    expect(out).not.toContain('in 42 min')
  })

  test("is exactly the operation's output with --json", async () => {
    const { out, talk } = await run(['lease', 'list', '--json'], at(await serve({ 'lease.list': { output: page } })))
    expect(JSON.parse(out)).toEqual(page)
    expect(talk).toBe('')
  })

  test('of the audit log leaves reads out unless they are asked for, and says so in its help', async () => {
    const server = await serve({ 'audit.search': { output: { items: [], nextCursor: null } } })
    await run(['audit', 'search', '--actor', 'ada'], at(server))
    await run(['audit', 'search', '--kinds', 'read'], at(server))
    await run(['audit', 'search', '--action', 'lease'], at(server))
    await run(['audit', 'search', '--action', 'lease.list'], at(server))
    expect(server.calls.map(({ input }) => input)).toEqual([
      { actor: 'ada', kinds: ['change', 'refusal', 'event'] },
      { kinds: ['read'] },
      { action: 'lease', kinds: ['change', 'refusal', 'event'] },
      { action: 'lease.list' },
    ])
    expect((await run(['audit', 'search', '--help'], at(server))).out).toMatch(/--kinds .*default change,refusal,event/)
  })

  test('is asked for with its own fields only, whatever flags of everywhere stand beside', async () => {
    const server = await serve({ 'lease.list': { output: page } })
    await run(
      ['lease', 'list', '--state', 'active', '--json', '--quiet', '--yes', '--totp', '123456', '-o', 'wide'],
      at(server),
    )
    expect(server.calls[0]?.input).toEqual({ state: 'active' })
  })

  test('is ids with --quiet, everything with -o wide', async () => {
    const server = await serve({ 'lease.list': { output: page } })
    expect((await run(['lease', 'list', '-q'], at(server))).out).toBe('01lease\n')
    expect((await run(['lease', 'list', '-o', 'wide'], { ...at(server), width: 40 })).out).toContain('ATTEMPTS')
  })

  test('keeps data and talk apart when it is empty, and says where to go on', async () => {
    const empty = await run(
      ['lease', 'list'],
      at(await serve({ 'lease.list': { output: { items: [], nextCursor: null } } })),
    )
    const more = await run(
      ['lease', 'list'],
      at(await serve({ 'lease.list': { output: { items: [lease], nextCursor: 'abc' } } })),
    )
    expect([empty.out, empty.talk, more.talk]).toEqual(['', 'no results\n', 'more: --after abc\n'])
  })

  test('of nothing, asked for by an action that is none, says so, with the one that was meant', async () => {
    const page = { items: [], nextCursor: null }
    const counts = { counted: 0, complete: true, since: null, kinds: [], actions: [], categories: [], severities: [] }
    const stats = { ...counts, outcomes: [], decisions: [], workspaces: [], actors: [], days: [] }
    const server = await serve({
      'audit.search': { output: page },
      'audit.stats': { output: stats },
      'decision.list': { output: page },
    })
    const talkOf = async (...words: string[]): Promise<string> => (await run(words, at(server))).talk
    const unknown = 'no operation or event is called `lease.rvoke`, and none begins so; did you mean lease.revoke?\n'
    expect(await talkOf('audit', 'search', '--action', 'lease.rvoke')).toBe(`no results\n${unknown}`)
    expect(await talkOf('audit', 'stats', '--action', 'lease.rvoke')).toBe(unknown)
    expect(await talkOf('audit', 'search', '--action', 'lease.rvoke', '--json')).toBe('')
    expect(await talkOf('audit', 'search', '--action', 'lease')).toBe('no results\n')
    expect(await talkOf('decision', 'list', '--action', 'deploy')).toBe('no results\n')
    expect(await talkOf('decision', 'list', '--action', 'xylophone')).toContain('action of the platform is called')
  })
})

describe('one thing', () => {
  test('is shown field by field, with exact times beside', async () => {
    const revoked = { ...lease, state: 'revoked', endedAt: '2026-11-23T12:00:00.000Z' }
    const server = await serve({ 'lease.revoke': { output: revoked }, 'lease.get': { output: lease } })
    const { out } = await run(['lease', 'revoke', '01lease', '--reason', 'done'], at(server))
    expect(out).toContain('ended at         now (2026-11-23 12:00:00 UTC)\n')
    expect(out).not.toContain('12:42:00')
    expect(server.calls).toEqual([
      { name: 'lease.revoke', method: 'POST', input: { id: '01lease', reason: 'done' }, token: 'token' },
    ])
    const living = await run(['lease', 'get', '01lease'], at(server))
    expect(living.out).toContain('expires at       in 42 min (2026-11-23 12:42:00 UTC)\n')
  })

  test('cannot steer the terminal by its text', async () => {
    const server = await serve({ 'lease.get': { output: { ...lease, purpose: 'x\u001b[2Jy' } } })
    expect((await run(['lease', 'get', '01lease'], at(server))).out).not.toContain('\u001b')
  })
})

describe('input is checked before it leaves', () => {
  test.each([
    [['ssh-key', 'generate', 'db-1', '--purpose', 'x', '--ttl', '0'], '--ttl'],
    [['ssh-key', 'generate', 'db-1'], '--purpose'],
    [['lease', 'list', '--first', '1000'], '--first'],
    [['lease', 'revoke', 'not an id', '--reason', 'x'], '--id'],
    [['ssh-host', 'register', '--name', 'DB', '--address', 'x', '--user', 'u', '--access', 'ca'], '--name'],
  ])('%j is exit 2 and names %s', async (words, flag) => {
    const server = await serve({})
    const { code, out, talk } = await run(words, at(server))
    expect([code, out, server.calls]).toEqual([2, '', []])
    expect(talk).toContain(flag)
  })

  test('a refusal of it is JSON on standard error, with the fields', async () => {
    const { talk } = await run(['lease', 'list', '--json', '--first', 'many'], at(await serve({})))
    expect(JSON.parse(talk)).toMatchObject({ error: { code: 'invalid-input', fields: [{ path: 'first' }] } })
  })
})

describe('a refusal of the server', () => {
  test('has its exit code, on standard error only', async () => {
    const server = await serve({
      'policy.reload': {
        refusal: { code: 'forbidden', reason: 'forbid', policies: ['viewer-read-only'] },
        status: 403,
      },
    })
    const { code, out, talk } = await run(['policy', 'reload', '--json'], at(server))
    expect([code, out]).toEqual([3, ''])
    expect(JSON.parse(talk)).toEqual({
      error: {
        code: 'forbidden',
        message: 'denied by viewer-read-only',
        reason: 'forbid',
        policies: ['viewer-read-only'],
        hint: 'why: gatehouse policy explain policy.reload System:gatehouse, or ask an Admin',
      },
    })
  })

  test('by a policy says what the policy says, and by which command one learns why', async () => {
    const denied = { code: 'forbidden', reason: 'forbid', policies: ['viewer-read-only', 'of-our-own'] }
    const server = await serve({ 'policy.reload': { refusal: denied, status: 403 } })
    const { talk } = await run(['policy', 'reload'], at(server))
    expect(talk).toBe(
      'gatehouse: denied by viewer-read-only (Viewers change nothing but their own account), of-our-own · ' +
        'why: gatehouse policy explain policy.reload System:gatehouse, or ask an Admin\n',
    )
    expect(server.calls.map(({ name }) => name)).toEqual(['policy.reload'])
  })

  test('about a thing of which only the server knows where it lies is explained by its decision', async () => {
    const [lease, decisionId] = ['019a1b2c-3d4e-7000-8000-000000000001', '019a1b2c-3d4e-7000-8000-000000000002']
    const denied = { code: 'forbidden', reason: 'forbid', policies: ['of-our-own'] }
    const hintOf = async (refusal: { readonly code: string; readonly [detail: string]: unknown }) => {
      const server = await serve({ 'lease.get': { refusal, status: 403 } })
      return (await run(['lease', 'get', lease], at(server))).talk
    }
    expect(await hintOf({ ...denied, decisionId })).toBe(
      'gatehouse: denied by of-our-own · ' +
        `Admins and Auditors see why: gatehouse policy explain --decision ${decisionId}\n`,
    )
    expect(await hintOf(denied)).toBe('gatehouse: denied by of-our-own · ask an Admin if you need access\n')
    expect(await hintOf({ code: 'forbidden', reason: 'no-permit', policies: [], decisionId })).toContain(
      `an Admin sees what is missing by: gatehouse policy explain --decision ${decisionId}\n`,
    )
  })

  test('beyond workspaces names no question that whoever was denied may not ask either', async () => {
    const decisionId = '019a1b2c-3d4e-7000-8000-000000000002'
    const denied = { code: 'forbidden', reason: 'forbid', policies: ['of-our-own'], decisionId }
    const server = await serve({ 'policy.reload': { refusal: denied, status: 403 } })
    const { talk } = await run(['policy', 'reload'], at(server))
    expect(talk).toContain(`Admins and Auditors see why: gatehouse policy explain --decision ${decisionId}\n`)
    expect(server.calls.map(({ name }) => name)).toEqual(['policy.reload'])
  })

  test.each([
    [['Operator'], 'why: gatehouse policy explain lease.list Workspace:default, or ask an Admin'],
    [['Viewer'], 'Admins and Auditors see why: gatehouse policy explain --decision D'],
    [['Operator', 'Viewer'], 'Admins and Auditors see why: gatehouse policy explain --decision D'],
  ])('in a workspace names the question to %j as they may ask it, and else who may', async (roles, hint) => {
    const denied = { code: 'forbidden', reason: 'forbid', policies: ['of-our-own'], decisionId: 'D' }
    const server = await serve({ 'lease.list': { refusal: denied, status: 403 }, 'auth.whoami': { output: { roles } } })
    expect((await run(['lease', 'list'], at(server))).talk).toBe(`gatehouse: denied by of-our-own · ${hint}\n`)
  })

  test('in a workspace sends who may not ask who they are to others', async () => {
    const denied = { code: 'forbidden', reason: 'forbid', policies: ['of-our-own'], decisionId: 'D' }
    const refused = { refusal: denied, status: 403 }
    const server = await serve({ 'lease.list': refused, 'auth.whoami': refused })
    const { talk } = await run(['lease', 'list'], at(server))
    expect(talk).toContain('Admins and Auditors see why: gatehouse policy explain --decision D\n')
  })

  test('for the lack of a fresh factor is exit 4 where nobody can be asked, and says how', async () => {
    const server = await serve({
      'policy.reload': {
        refusal: { code: 'step-up-required', assurance: 'su', maxAgeSeconds: 300 },
        status: 401,
        message: 'this needs a second factor proved more recently',
      },
    })
    const { code, talk } = await run(['policy', 'reload'], at(server))
    expect(code).toBe(4)
    expect(talk).toContain('gatehouse auth step-up --totp CODE')
    expect(server.calls.map(({ name }) => name)).toEqual(['policy.reload'])
  })

  test('for the lack of a fresh factor is mended on a terminal, and the call made again', async () => {
    let proved = false
    const server = await serve({
      'policy.reload': () =>
        proved ? { output: { version: 'v2', nodes: [] } } : { refusal: { code: 'step-up-required' }, status: 401 },
      'auth.stepUpBegin': { output: { methods: ['totp', 'webauthn'], options: {} } },
      'auth.stepUpComplete': ({ input }) => {
        proved = JSON.stringify(input) === '{"totp":"123456"}'
        return proved ? { output: {} } : { refusal: { code: 'invalid-credentials' }, status: 401 }
      },
    })
    const { code, questions } = await run(['policy', 'reload'], { ...at(server), typed: ['000000', '123456'] })
    expect([code, questions.length]).toEqual([0, 2])
    expect(server.calls.map(({ name }) => name)).toEqual([
      'policy.reload',
      'auth.stepUpBegin',
      'auth.stepUpComplete',
      'auth.stepUpComplete',
      'policy.reload',
    ])
  })

  test('for the lack of a fresh factor is mended by --totp without a terminal', async () => {
    let proved = false
    const server = await serve({
      'policy.reload': () =>
        proved ? { output: { version: 'v2', nodes: [] } } : { refusal: { code: 'step-up-required' }, status: 401 },
      'auth.stepUpComplete': () => ((proved = true), { output: {} }),
    })
    expect((await run(['policy', 'reload', '--totp', '123456'], at(server))).code).toBe(0)
  })

  test("that is a fault gives the request's id and exit 1", async () => {
    const server = await serve({ 'lease.list': { refusal: { code: 'internal', requestId: 'req-7' }, status: 500 } })
    const { code, talk } = await run(['lease', 'list'], at(server))
    expect([code, talk]).toEqual([1, 'gatehouse: the server failed; its log says why under req-7\n'])
  })

  test('is exit 8 where no server answers', async () => {
    const { code, talk } = await run(['lease', 'list'], {
      env: { GATEHOUSE_URL: 'http://127.0.0.1:1', GATEHOUSE_TOKEN: 'x' },
    })
    expect(code).toBe(8)
    expect(talk).toContain('http://127.0.0.1:1 does not answer')
  })

  test('by something that is no Gatehouse is no crash', async () => {
    const server = await serve({ 'lease.list': { output: page } })
    const { code, talk } = await run(['context', 'add', 'x', `${server.url}/path`])
    expect([code, talk.includes('leave out')]).toEqual([2, true])
  })
})

describe('words', () => {
  test('that are no command get the nearest one, and exit 2', async () => {
    const { code, talk } = await run(['lease', 'revke'])
    expect([code, talk]).toEqual([
      2,
      'gatehouse: there is no command `lease revke` · did you mean gatehouse lease revoke?\n',
    ])
  })

  test('may have flags before them', async () => {
    const server = await serve({ 'lease.list': { output: page } })
    expect(JSON.parse((await run(['--json', 'lease', 'list'], at(server))).out)).toEqual(page)
  })

  test('`help` and `--help` are the same', async () => {
    expect((await run(['help', 'lease', 'list'])).out).toBe((await run(['lease', 'list', '--help'])).out)
    expect((await run(['lease', '--help'])).out).toContain('lease watch')
  })
})

describe('the server', () => {
  const other = 'http://127.0.0.1:1'

  test('is --context, before GATEHOUSE_URL, before the current context', async () => {
    const GATEHOUSE_CONFIG_HOME = freshConfigHome()
    const server = await serve({ 'system.version': { output: { version: '1' } } })
    const env = { GATEHOUSE_CONFIG_HOME }
    await run(['context', 'add', 'first', server.url], { env })
    await run(['context', 'add', 'second', other], { env })
    expect((await run(['system', 'version'], { env })).code).toBe(0)
    expect((await run(['system', 'version'], { env: { ...env, GATEHOUSE_URL: other } })).code).toBe(8)
    expect(
      (await run(['system', 'version', '--context', 'first'], { env: { ...env, GATEHOUSE_URL: other } })).code,
    ).toBe(0)
    expect((await run(['context', 'use', 'second'], { env })).code).toBe(0)
    expect((await run(['system', 'version'], { env })).code).toBe(8)
  })

  test('is none, in words and exit 2, when nothing says which', async () => {
    const { code, talk } = await run(['lease', 'list'])
    expect([code, talk.includes('npm start')]).toEqual([2, true])
  })

  test('is forgotten with --yes only, where nobody can be asked', async () => {
    const env = { GATEHOUSE_CONFIG_HOME: freshConfigHome() }
    await run(['context', 'add', 'first', other], { env })
    expect((await run(['context', 'remove', 'first'], { env })).code).toBe(2)
    expect((await run(['context', 'list', '--quiet'], { env })).out).toBe('first\n')
    expect((await run(['context', 'remove', 'first', '--yes'], { env })).code).toBe(0)
    expect((await run(['context', 'list', '--quiet'], { env })).out).toBe('')
  })
})

describe('a stream', () => {
  test('prints each item as it comes: a line of JSON, or a row', async () => {
    const ended = { ...lease, state: 'revoked' }
    let opened = 0
    const server = await serve({
      'lease.watch': () =>
        opened++ === 0
          ? { stream: [lease, ended] }
          : { refusal: { code: 'forbidden', policies: ['enough'] }, status: 403 },
    })
    const { code, out } = await run(['lease', 'watch', '--json'], at(server))
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).state),
    ).toEqual(['active', 'revoked'])
    expect(code).toBe(3)
  })

  test('keeps its columns in line, whatever comes', async () => {
    const ended = { ...lease, state: 'irrevocable', expiresAt: '2026-11-23T11:00:00.000Z' }
    let opened = 0
    const server = await serve({
      'lease.watch': () =>
        opened++ === 0 ? { stream: [lease, ended] } : { refusal: { code: 'forbidden' }, status: 403 },
    })
    const [head = '', ...rows] = (await run(['lease', 'watch'], at(server))).out.trimEnd().split('\n')
    expect(rows.map((row) => row.indexOf('ssh-certificate'))).toEqual([
      head.indexOf('BACKEND'),
      head.indexOf('BACKEND'),
    ])
  })
})

describe('the tail of the audit log', () => {
  const entry = (id: string) => ({
    id,
    seq: 7,
    at: '2026-11-23T10:00:00.000Z',
    kind: 'change',
    action: 'team.create',
    category: 'people',
    severity: 'medium',
    outcome: 'allowed',
    principal: { type: 'User', id: 'u', name: 'ada' },
    resource: { type: 'Team', id: 't' },
    workspace: null,
    ip: null,
    sessionId: null,
    requestId: 'r',
    decision: null,
    refusal: null,
    detail: '{}',
  })

  test('says on a narrow terminal what came of each, below one head that all of them fit', async () => {
    let opened = 0
    const entries = ['team.create', 'emergencySession.revokeCredentials'].map((action, at) => ({
      ...entry(`01a22d20-3de5-7000-8000-00000000000${at}`),
      action,
    }))
    const server = await serve({
      'audit.tail': () =>
        opened++ === 0
          ? { stream: [{ entries, cursor: '8' }] }
          : { refusal: { code: 'forbidden', policies: ['enough'] }, status: 403 },
    })
    const { out } = await run(['audit', 'tail'], { ...at(server), width: 50 })
    const lines = out.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^AT +ACTION +OUTCOME +ID$/)
    expect(lines.slice(1).every((line) => line.includes(' allowed  01a22d20-3de5'))).toBe(true)
    expect(lines.every((line) => line.length <= 50)).toBe(true)
  })

  test('is a line for each entry, and is taken up where it broke off', async () => {
    let opened = 0
    const server = await serve({
      'audit.tail': () =>
        opened++ === 0
          ? {
              stream: [
                { entries: [], cursor: '5' },
                { entries: [entry('a'), entry('b')], cursor: '8' },
              ],
            }
          : { refusal: { code: 'forbidden', policies: ['enough'] }, status: 403 },
    })
    const { code, out } = await run(['audit', 'tail', '--actor', 'ada', '--json'], at(server))
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual(['a', 'b'])
    const asked = server.calls.filter(({ name }) => name === 'audit.tail').map(({ input }) => input)
    const first = { actor: 'ada', kinds: ['change', 'refusal', 'event'] }
    expect([asked, code]).toEqual([[first, { ...first, after: '8' }], 3])
  })
})

describe('completion', () => {
  const complete = async (words: string[], options = {}) =>
    (await run(['__complete', ...words], options)).out.split('\n').filter((line) => line !== '')

  test('offers words, flags, and the values of flags', async () => {
    expect(await complete(['lea'])).toEqual(['lease', 'lease-view'])
    expect(await complete(['lease', ''])).toEqual([
      'expiring',
      'force-revoke',
      'get',
      'irrevocable',
      'issue',
      'list',
      'proof',
      'renew',
      'revoke',
      'revoke-many',
      'run',
      'stats',
      'unwrap',
      'watch',
    ])
    expect(await complete(['lease', 'list', '--st'])).toEqual(['--state'])
    expect(await complete(['lease', 'list', '--state', 're'])).toEqual(['revoked'])
  })

  test('offers hosts that are there now, and nothing when the server does not answer', async () => {
    const server = await serve({
      'sshHost.list': { output: { items: [{ name: 'db-1' }, { name: 'web-1' }], nextCursor: null } },
    })
    expect(await complete(['ssh', 'connect', 'd'], at(server))).toEqual(['db-1'])
    expect(await complete(['ssh', 'connect', 'd'], { env: { GATEHOUSE_URL: 'http://127.0.0.1:1' } })).toEqual([])
  })
})
