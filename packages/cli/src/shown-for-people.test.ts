import { afterEach, describe, expect, test } from 'vitest'
import { run, freshConfigHome, type RunOptions } from '../test/run.ts'
import { startWireServer, type Answer, type WireServer } from '../test/wire-server.ts'

const ada = '01a2231a-c28d-7092-8dcb-d0753a4c59d8'
const shop = '01a2231d-98bf-7a65-828b-858509ac30e6'
const at = '2026-11-28T17:05:00.000Z'
const now = new Date('2026-11-28T17:05:02.000Z')

let server: WireServer | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

const asking = async (words: readonly string[], outputs: Record<string, unknown>, options: RunOptions = {}) => {
  const started = await startWireServer(({ name }): Answer => ({ output: outputs[name] }))
  server = started
  const env = { GATEHOUSE_URL: started.url, GATEHOUSE_TOKEN: 'x', GATEHOUSE_CONFIG_HOME: freshConfigHome() }
  const result = await run(words, { now, env, ...options })
  return { ...result, asked: started.calls.map(({ name }) => name) }
}

const decision = {
  id: '01a2231e-0715-7081-b51e-8c6ada04d803',
  at,
  principal: { type: 'User', id: ada },
  action: 'lease.get',
  resource: { type: 'User', id: ada },
  workspace: shop,
  outcome: 'refused',
  effect: 'deny',
  policies: ['viewer-read-only'],
  policyVersion: '14365c84878dfbb6760943e09ea54959',
  replayable: true,
}
const may = (access: string) => ({ operations: [{ operation: 'user.list', access, workspaces: [] }] })
const people = { items: [{ id: ada, username: 'ada-admin' }], nextCursor: null }
const page = { items: [decision], nextCursor: null }

describe('a table for people', () => {
  test('within a thing has its words on a terminal of 80 columns, and ids where there is room', async () => {
    const step = { at, kind: 'emergency', state: null, text: 'approved the request', by: 'ada-admin', session: shop }
    const steps = [{ id: `${ada}/approved/1`, ...step }]
    const outputs = { 'incident.get': { id: ada, title: 'keys on a page', timeline: steps } }
    const get = ['incident', 'get', ada]
    const { out } = await asking(get, outputs, { width: 80 })
    expect(out).toMatch(/^2 s ago {2}emergency {2}ada-admin {2}approved the request/m)
    const narrow = await asking(get, outputs, { width: 40 })
    expect(narrow.talk).toBe('no room here for session · -o wide\n')
    expect((await asking([...get, '-o', 'wide'], outputs, { width: 40 })).out).toContain(shop)
    expect((await asking(get, outputs)).out).toContain(`${ada}/approved/1`)
  })

  test.each([60, 44])('says of each step of an incident who did it on a terminal of %i columns', async (width) => {
    const step = (kind: string, by: string, state: string | null) => ({ id: shop, at, kind, state, by, request: shop })
    const timeline = [
      { ...step('state', 'ada.lovelace@example.org', 'contained'), text: 'moved on to contained, the key is revoked' },
      { ...step('note', 'olga-operator', null), text: 'the host is cut off from the network' },
    ]
    const { out } = await asking(['incident', 'get', ada], { 'incident.get': { id: ada, timeline } }, { width })
    const lines = out.split('\n').filter((line) => line.startsWith('2 s ago'))
    expect(lines.map((line) => line.split(/ {2,}/).slice(1, 3))).toEqual([
      ['state', 'ada.lovelace@example.org'],
      ['note', 'olga-operator'],
    ])
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
  })

  test('keeps where it is narrow the names that a command takes, and begins with no empty line', async () => {
    const environment = { requiresMfa: false, requiresApproval: false, timeZone: 'UTC', networks: [], workspaces: 0 }
    const environments = ['staging', 'production'].map((id) => ({ id, tier: 'production', ...environment }))
    const outputs = { 'environment.list': { environments } }
    const { out } = await asking(['environment', 'list'], outputs, { width: 60 })
    expect(out.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual([
      'environments',
      'ID',
      'staging',
      'production',
      '',
    ])
  })

  test('says since when as it says when, also within a thing', async () => {
    const backends = [{ section: 'kms', kind: 'age', state: 'usable', since: at, checkedAt: at }]
    const { out } = await asking(['kms-backend', 'list'], { 'kmsBackend.list': { backends } })
    expect(out).toMatch(/usable +2 s ago +2 s ago/)
  })

  test('says what is wrong and what to do in full, however narrow the terminal is', async () => {
    const [message, advice] = [
      'one key encryption key alone opens this database',
      'keep a copy of it on another machine',
    ]
    const backend = { section: 'kms', kind: 'age', state: 'unusable', problem: 'is no longer in its file', advice }
    const outputs = {
      'kms.status': { health: 'ok', warnings: [{ kind: 'single-key', message, advice }], keys: [], sealed: [] },
      'kmsBackend.list': { backends: [backend, { ...backend, section: 'kms.second', problem: null, advice: null }] },
    }
    const narrow = { width: 44 }
    expect((await asking(['kms', 'status'], outputs, narrow)).out).toContain(`\nsingle-key: ${message}: ${advice}\n`)
    const { out } = await asking(['kms-backend', 'list'], outputs, narrow)
    expect(out.split('\n').filter((line) => line.includes(advice))).toEqual([
      `kms: is no longer in its file: ${advice}`,
    ])
    const wide = await asking(['kms', 'status'], outputs, { width: 200 })
    expect(wide.out.split(advice)).toHaveLength(2)
  })

  test('says by name what an alert is about, and has its id for programs', async () => {
    const alert = { id: shop, severity: 'high', title: 'Something.', count: 1, lastAt: at, state: 'open' }
    const about = (name: string | null) => ({ ...alert, about: { type: 'System', id: 'gatehouse', name } })
    const outputs = { 'alert.list': { items: [about('disk of db-2 full'), about(null)], nextCursor: null } }
    const { out } = await asking(['alert', 'list'], outputs)
    expect(out).toMatch(/Something\. +disk of db-2 full +1 .*\n.*Something\. +this Gatehouse +1 /)
    expect((await asking(['alert', 'list', '--json'], outputs)).out).toContain('"id": "gatehouse"')
  })

  test('has the names of people where only their ids came, and the effect beside the time', async () => {
    const outputs = { 'decision.list': page, 'access.mine': may('allowed'), 'user.list': people }
    const { out } = await asking(['decision', 'list'], outputs, { width: 80 })
    expect(out.split('\n')[1]).toMatch(/^2 s ago {2}deny {4}User ada-admin {2}lease\.get/)
    const wide = await asking(['decision', 'list', '--json'], outputs)
    expect([JSON.parse(wide.out), wide.asked]).toEqual([page, ['decision.list']])
  })

  test('keeps the ids for who may not list people, and asks for nothing that would be refused', async () => {
    const { out, asked } = await asking(['decision', 'list'], { 'decision.list': page, 'access.mine': may('denied') })
    expect(out).toContain('01a2231a')
    expect(asked).toEqual(['decision.list', 'access.mine'])
  })

  test('says what a recorded decision was about, to who may see it, before it explains it', async () => {
    const told = { decision: 'deny', reasons: [], errors: [], nearest: [], wouldAllow: [], conditions: [], ignored: [] }
    const mayAsk = (access: string) => ({
      operations: [
        { operation: 'decision.get', access },
        { operation: 'user.list', access },
      ],
    })
    const outputs = (access: string) => ({
      'policy.explain': { ...told, decisionId: shop },
      'access.mine': mayAsk(access),
      'decision.get': { ...decision, resource: { type: 'Lease', id: 'l1' }, workspace: 'default' },
      'user.list': people,
    })
    const explain = ['policy', 'explain', '--decision', shop]
    const { out } = await asking(explain, outputs('allowed'))
    expect(out.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^lease\.get on Lease l1 in default, by ada-admin, 2 s ago \(/),
      'deny: no policy permits it',
    ])
    const denied = await asking(explain, outputs('denied'))
    expect([denied.out, denied.asked]).toEqual(['deny: no policy permits it\n', ['policy.explain', 'access.mine']])
    expect((await asking([...explain, '--json'], outputs('allowed'))).asked).toEqual(['policy.explain'])
  })

  test('says who types what next, and where an approver finds the request', async () => {
    const outputs = { 'approval.request': { id: shop, state: 'pending' } }
    const request = ['approval', 'request', 'mfa.reset', '--resource', 'ada', '--reason', 'lost phone']
    const { talk } = await asking(request, outputs)
    expect(talk).toBe(
      'tell whoever shall approve it; it waits in their "gatehouse approval list", and they run: ' +
        `gatehouse approval approve ${shop}\n`,
    )
    for (const form of ['--json', '--quiet']) expect((await asking([...request, form], outputs)).talk).toBe('')
  })

  test('says how policies came into force in words; programs get the code', async () => {
    const change = { id: shop, at, kind: 'rolledBack', version: 'v1', policies: 3, changedBy: null, reason: 'locked' }
    const outputs = {
      'policy.history': { items: [change, { ...change, id: ada, kind: 'files' }], nextCursor: null },
      'policy.rollback': { version: 'v1', pin: { id: shop, version: 'v1', kind: 'rolledBack', at } },
      'access.mine': may('denied'),
    }
    const listed = await asking(['policy', 'history'], outputs)
    expect(listed.out).toMatch(/2 s ago {2}rolled back .*\n2 s ago {2}from files /)
    const rollback = ['policy', 'rollback', shop, '--reason', 'locked']
    expect((await asking(rollback, outputs)).out).toMatch(/^published set .* kind rolled back/m)
    expect((await asking([...rollback, '--json'], outputs)).out).toContain('"rolledBack"')
  })

  test('of the audit log and of decisions says who, what and what came of it at 60 columns, and has ids', async () => {
    const who = { type: 'User', id: ada, name: 'margaret.hamilton' }
    const entry = { ...decision, principal: who, action: 'sshCertificate.sign', refusal: 'forbidden', seq: 4711 }
    const outputs = {
      'audit.search': { items: [entry], nextCursor: null },
      'decision.list': { items: [{ ...decision, principal: who, action: 'sshCertificate.sign' }], nextCursor: null },
    }
    const linesOf = async (noun: string, verb: string) =>
      (await asking([noun, verb], outputs, { width: 60 })).out.trimEnd().split('\n')
    const search = await linesOf('audit', 'search')
    expect(search[0]?.split(/ {2,}/)).toEqual(['AT', 'PRINCIPAL', 'ACTION', 'OUTCOME', 'ID'])
    expect(search[1]).toMatch(/^2 s ago {2}margaret\.ha… {2}sshCertific… {2}refused {2}01a2231e-0715$/)
    const decided = await linesOf('decision', 'list')
    expect(decided[0]?.split(/ {2,}/)).toEqual(['AT', 'EFFECT', 'PRINCIPAL', 'ACTION', 'ID'])
  })

  test('has lengths of time in words, with no unit in their names; programs get seconds', async () => {
    const limits = {
      role: 'Admin',
      sessionAbsoluteSeconds: 43_200,
      sessionIdleSeconds: 5400,
      accessTokenTtlSeconds: 90,
      refreshTokenTtlSeconds: 604_800,
    }
    const settings = { roleLimits: [limits], alertQuietMinutes: 15, leaseExpiryAlertMinutes: 1440 }
    const { out } = await asking(['settings', 'get'], { 'settings.get': settings })
    expect(out).toMatch(/^alert quiet +15 min$/m)
    expect(out).toMatch(/^lease expiry alert +1 d$/m)
    expect(out).toMatch(/^ROLE +SESSION ABSOLUTE +SESSION IDLE +ACCESS TOKEN TTL +REFRESH TOKEN TTL$/m)
    expect(out).toMatch(/^Admin +12 h +1 h 30 min +1 min 30 s +7 d$/m)
    const forPrograms = await asking(['settings', 'get', '--json'], { 'settings.get': settings })
    expect(JSON.parse(forPrograms.out)).toEqual(settings)
  })

  test('has the filters of a saved search in words; programs get them as they are kept', async () => {
    const view = { id: ada, name: 'refused today', filters: '{"kinds":["change","refusal"],"from":"1d"}', own: true }
    const outputs = { 'auditView.list': { items: [view], nextCursor: null } }
    expect((await asking(['audit-view', 'list'], outputs)).out).toMatch(/ kinds change, refusal, from 1d /)
    const forPrograms = await asking(['audit-view', 'list', '--json'], outputs)
    expect(JSON.parse(forPrograms.out)).toMatchObject({ items: [view] })
  })

  test('says what is left of a time, and how long something took, in words too', async () => {
    const session = { state: 'active', requesterName: 'ada', workspaceName: 'shop', secondsLeft: 3595.4, id: shop }
    const { out } = await asking(['emergency-session', 'list'], {
      'emergencySession.list': { items: [session], nextCursor: null },
    })
    expect(out).toMatch(/TIME LEFT.*\n.* 59 min 55 s /)
    const alert = {
      id: ada,
      kind: 'auth-failures',
      facts: [
        { name: 'windowSeconds', value: '300' },
        { name: 'API_KEY', value: '7' },
      ],
    }
    const { out: shown } = await asking(['alert', 'get', ada], { 'alert.get': alert })
    expect(shown).toMatch(/^kind +failed log-ins$/m)
    expect(shown).toMatch(/window: 5 min, API_KEY: 7/)
    const proof = { lease: ada, state: 'refused', secondsToDead: 6.44 }
    expect((await asking(['lease', 'proof', ada], { 'lease.proof': proof })).out).toMatch(/^time to dead +6\.4 s$/m)
  })

  test.each([
    ['is still to come', { state: 'approved', expiresAt: '2026-11-28T17:20:02.000Z' }, /^expires at +in 15 min/m],
    ['is past', { state: 'expired', expiresAt: at }, /^expired at +2 s ago/m],
  ])('of a thing whose end %s says so beside the time', async (_, approval, shown) => {
    const { out } = await asking(['approval', 'get', ada], { 'approval.get': { id: ada, ...approval } })
    expect(out).toMatch(shown)
  })

  test.each([
    ['approval', { state: 'used' }, 'used'],
    ['approval', { state: 'denied' }, 'denied'],
    ['lease', { state: 'revoked', endedAt: at }, 'ended 2 s ago'],
    ['lock', { holds: false, removedAt: at }, 'removed 2 s ago'],
  ])('of %s that was ended before its time says that, and not when it would have ended', async (noun, of, said) => {
    const thing = { id: ada, ...of, expiresAt: '2026-11-28T17:20:02.000Z' }
    const lists = { [`${noun}.list`]: { items: [thing], nextCursor: null } }
    const { out } = await asking([noun, 'list'], lists, { width: 200 })
    expect(out).toContain(said)
    expect(out).not.toContain('in 15 min')
    if (noun === 'lock') return
    const one = await asking([noun, 'get', ada], { [`${noun}.get`]: thing })
    expect(one.out).toContain('state')
    expect(one.out).not.toContain('in 15 min')
  })

  test('of files says how long each is; their text is for --json', async () => {
    const output = { version: 'v', files: [{ path: 'admin/a.cedar', text: 'permit (\n);\n' }] }
    expect((await asking(['policy', 'files'], { 'policy.files': output })).out).toContain('admin/a.cedar  2 lines\n')
  })
})

test('a receipt of a decision is told in a screen; what makes it exact comes with --json', async () => {
  const receipt = { ...decision, request: '{"context":{}}', missing: null, files: [], entry: '{"v":4}' }
  const { out, talk } = await asking(['decision', 'get', decision.id], {
    'decision.get': receipt,
    'access.mine': may('allowed'),
    'user.list': people,
  })
  expect(out).toContain('User ada-admin')
  expect(out).not.toContain('{')
  expect(talk).toContain('with --json also request, entry')
})

test('a proof that goes to a file is the text of the server, line for line', async () => {
  const proof = 'c2sp.org/tlog-proof@v1\nindex 222\nAAAA=\n\ngatehouse.local/audit\n228\n'
  const { out } = await asking(['audit', 'proof', decision.id, '--quiet'], { 'audit.proof': { proof } })
  expect(out).toBe(proof)
})

test('a calendar is told by the clock on its wall, to the minute, in words', async () => {
  const calendar = {
    workspace: 'default',
    timeZone: 'Europe/Helsinki',
    ownTimeZone: true,
    businessHours: ['mon-fri 08:00-18:00'],
    holidays: [],
    onCall: [{ user: ada, username: 'olga', from: '2026-11-28T08:00:00.000Z', to: '2026-12-05T08:30:00.000Z' }],
    now: {
      localTime: '2026-11-28 19:05',
      day: 'sat',
      businessHours: false,
      weekend: true,
      holiday: false,
      onCall: ['olga'],
    },
    updatedAt: at,
    updatedBy: 'ada-admin',
  }
  const { out } = await asking(['calendar', 'get', 'default'], { 'calendar.get': calendar })
  expect(out).toContain('Saturday 2026-11-28 19:05 · outside of business hours · weekend · olga on call\n')
  expect(out).toContain('on call, by the clock of Europe/Helsinki\n')
  expect(out).toContain('olga  2026-11-28 10:00  2026-12-05 10:30\n')
})

describe('the matrix', () => {
  const row = (operation: string) => ({
    operation,
    permissions: ['Admin', 'Operator', 'Viewer', 'other service'].map((caller) => ({ caller, may: 'yes' })),
  })
  const outputs = { 'policy.matrix': { rows: [row('sshCertificate.sign')] } }

  test('names the callers that a narrow terminal has no room for, and how they are seen', async () => {
    const { out, talk } = await asking(['policy', 'matrix'], outputs, { width: 40 })
    expect(out.split('\n')[0]).toBe('OPERATION            ADMIN  OPERATOR')
    expect(talk).toContain('no room here for Viewer, service · -o wide, or --caller Viewer,service\n')
  })

  test('shows the callers that are asked for', async () => {
    const { out, talk } = await asking(['policy', 'matrix', '--caller', 'viewer,service'], outputs, { width: 40 })
    expect(out.split('\n')[0]).toBe('OPERATION            VIEWER  SERVICE')
    expect(talk).not.toContain('no room')
    const wrong = await asking(['policy', 'matrix', '--caller', 'viewr'], outputs)
    expect([wrong.code, wrong.talk]).toEqual([2, expect.stringContaining('is none of Admin, Operator')])
  })
})

test('a file that is not there is told of in words, and not in those of the system', async () => {
  for (const words of [
    ['policy', 'publish', '/nonexistent', '--reason', 'x'],
    ['policy', 'test', '/nonexistent'],
    ['decision', 'verify', '/nonexistent'],
    ['audit', 'verify', '--offline', '/nonexistent', '--key', '/nonexistent'],
  ]) {
    const { code, talk } = await run(words, { env: { GATEHOUSE_URL: 'http://127.0.0.1:1', GATEHOUSE_TOKEN: 'x' } })
    expect([code, talk], words.join(' ')).toEqual([2, expect.stringContaining('there is no such file or directory')])
    expect(talk).not.toContain('ENOENT')
  }
})
