// Threats of asking others: claims that are not so, workspaces of other teams, existence told by an answer. And AuthZEN
// 1.0: its certification scenario and the to-do list of its interop, through the real application.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { withSeeding } from '@gatehouse/compose'
import { loadConfig } from '@gatehouse/config'
import { operations, type OperationName, type Wire } from '@gatehouse/contract'
import { seedPrincipals, type SeedPrincipal } from '@gatehouse/identity'
import { createDatabase, type TestDatabase } from '@gatehouse/testkit'
import { generateSync } from 'otplib'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeGateway, type Gateway } from '../src/compose.ts'
import { policiesWithOtherSystems } from './decisions-fixture.ts'

const root = resolve(import.meta.dirname, '../../..')

let database: TestDatabase
let gateway: Gateway
let home: string
let admin: pg.Client
let seeds: readonly SeedPrincipal[]
let fixture: Awaited<ReturnType<typeof policiesWithOtherSystems>>
const faults: string[] = []
const tokens = new Map<string, string>()

/** Who works with to-dos and records, by the ids that the examples have. */
const others = {
  CiRmZDA2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Operator', mail: 'rick@the-citadel.com' },
  CiRmZDE2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Developer', mail: 'morty@the-citadel.com' },
  CiRmZDI2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Developer', mail: 'summer@the-smiths.com' },
  CiRmZDM2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Viewer', mail: 'beth@the-smiths.com' },
  CiRmZDQ2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Viewer', mail: 'jerry@the-smiths.com' },
  alice: { role: 'Developer', mail: 'alice@example.com' },
  bob: { role: 'Operator', mail: 'bob@example.com' },
} as const

beforeAll(async () => {
  ;[database, home, fixture] = await Promise.all([
    createDatabase(),
    mkdtemp(join(tmpdir(), 'gh-decisions-')),
    policiesWithOtherSystems(),
  ])
  const settings = join(home, 'security.toml')
  await writeFile(
    settings,
    `[rate_limit]\nper_minute = 10000\n[password]\nmemory_kib = 19456\npasses = 2\n[mfa]\nrequired_roles = []\n` +
      `[cedar]\npolicies_path = "${fixture.path}"\nhot_reload = false\n`,
  )
  const env = { DATABASE_URL: database.url, GATEHOUSE_HOME: home, GATEHOUSE_DEV: '1', GATEHOUSE_CONFIG: settings }
  const config = loadConfig(env, root)
  seeds = await withSeeding(config, seedPrincipals)
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) })
  gateway = await composeGateway(config, log, () => undefined)
  admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  for (const name of ['ada-admin', 'dora-developer', 'olga-operator']) tokens.set(name, await logIn(name))
  await makePeople()
  await makePrograms()
})
afterAll(async () => {
  await gateway.close()
  await admin.end()
  await database.drop()
  await fixture.remove()
  await rm(home, { recursive: true, force: true })
})

/** People of the examples, past their first steps, and the policies that name them. */
async function makePeople(): Promise<void> {
  const owners: Record<string, string> = {}
  for (const [username, { role, mail }] of Object.entries(others)) {
    const { id } = (await call('user.create', { username, role }, 'ada-admin')) as { id: string }
    if (role === 'Developer') owners[mail] = id
  }
  await admin.query('update users set must_change_password = false')
  await fixture.write(owners)
  await call('policy.reload', {}, 'ada-admin')
}

/** A program of the developers' team with a bound token and one without; a workspace of theirs and one of sre's. */
async function makePrograms(): Promise<void> {
  await call('serviceAccount.create', { name: 'platform', teams: ['developers'] }, 'ada-admin')
  for (const [name, sourceAddresses] of [
    ['bound', ['127.0.0.1/32']],
    ['loose', []],
  ] as const) {
    const input = { name, purpose: 'asks', scopes: ['policy.*'], sourceAddresses, serviceAccount: 'platform' }
    const made = (await call('apiToken.create', input, 'ada-admin')) as { token: string }
    tokens.set(name, made.token)
  }
  await call('workspace.create', { name: 'shop', environment: 'production', teams: ['developers'] }, 'ada-admin')
  await call('workspace.create', { name: 'vault', environment: 'development', teams: ['sre'] }, 'ada-admin')
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

async function ask(path: string, { method = 'GET', headers = {}, body }: Asked, as?: string) {
  const token = as === undefined ? undefined : tokens.get(as)
  const init = {
    method,
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { body }),
  }
  const socket = { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' }
  const response = await gateway.app.request(`http://localhost${path}`, init, { incoming: { socket } })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const json = { 'content-type': 'application/json' }
const post = (path: string, value: unknown, as?: string, headers: Asked['headers'] = {}) =>
  ask(path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(value) }, as)

/** What an operation answers over tRPC; a refusal is thrown by its code. */
async function call(name: OperationName, input: unknown, as?: string): Promise<unknown> {
  const answer =
    operations[name].kind === 'mutation'
      ? await post(`/trpc/${name}`, input, as)
      : await ask(`/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`, {}, as)
  const { result, error } = JSON.parse(answer.text) as {
    result?: { data: unknown }
    error?: { data: { refusal: { code: string } } }
  }
  if (error !== undefined) throw new Error(error.data.refusal.code + JSON.stringify(error.data.refusal))
  return result?.data
}

const refusal = async (answer: Promise<unknown>): Promise<string> => {
  try {
    await answer
    return 'allowed'
  } catch (error) {
    return /^[a-z-]+/.exec((error as Error).message)?.[0] ?? 'unknown'
  }
}

async function logIn(username: string): Promise<string> {
  const person = seeds.find((one) => one.username === username)
  if (person === undefined) throw new TypeError(username)
  const first = (await call('auth.login', { username, password: person.password.expose() })) as {
    challenge: { id: string }
  }
  const totp = generateSync({ secret: person.totpSecret.expose() })
  const second = (await call('auth.completeMfa', { challengeId: first.challenge.id, totp })) as {
    tokens: { accessToken: string }
  }
  return second.tokens.accessToken
}

type Evaluation = Wire<'policy.evaluate'>
const evaluate = (question: object, as = 'bound'): Promise<Evaluation> =>
  call('policy.evaluate', question, as) as Promise<Evaluation>

const server = { type: 'Server', id: 'web-1' }
const person = (id: string) => ({ principal: { type: 'User', id } })
const sessionOf = async (username: string): Promise<string> => {
  const { rows } = await admin.query<{ id: string }>(
    'select s.id from session s join users u on u.id = s.user_id where u.username = $1',
    [username],
  )
  return rows[0]?.id ?? ''
}

describe('policy.evaluate', () => {
  test('answers decision, reasons with what each policy is for, obligations, and where it is recorded', async () => {
    const asked = { ...person('oscar-operator'), action: 'monitor', resource: server }
    expect(await evaluate(asked)).toMatchObject({
      decision: 'allow',
      policies: ['members-see-platform'],
      reasons: [{ policy: 'members-see-platform', effect: 'permit', severity: 'low' }],
      errors: [],
      obligations: [],
      ignored: [],
      durationMicroseconds: expect.any(Number) as number,
    })
    const denied = await evaluate({ ...person('oscar-operator'), action: 'ssh', resource: server, workspace: 'shop' })
    expect(denied).toMatchObject({ decision: 'deny', obligations: [{ kind: 'mfa', approval: null }] })
    expect(denied.policies).toContain('environment-asks-for-mfa')
    expect(denied.reasons[0]?.doc).toContain('two factors')
  })

  test('believes nothing that is claimed of a subject: roles, teams, factors, age of proof, time, place', async () => {
    const claims = {
      mfa: true,
      mfaFresh: true,
      onCall: true,
      businessHours: true,
      corporateNetwork: true,
      roles: ['Admin'],
      teams: ['sre'],
      now: '2020-01-01T00:00:00Z',
      approval: 'an-approval',
    }
    const asked = { action: 'ssh', resource: server, workspace: 'shop', context: claims }
    const viewer = await evaluate({
      ...person('vera-viewer'),
      ...asked,
      properties: { environment: 'x', tier: 'development' },
    })
    expect(viewer).toMatchObject({ decision: 'deny' })
    expect(viewer.policies).toContain('viewer-leaves-platform-alone')
    expect(viewer.ignored.toSorted()).toEqual(
      [...Object.keys(claims).map((name) => `context.${name}`), 'properties.environment', 'properties.tier'].toSorted(),
    )
    expect((await evaluate({ ...person('oscar-operator'), ...asked })).decision).toBe('deny')
  })

  test('names a fact that was said in another form than the schema has, and decides nothing by it', async () => {
    const asked = { ...person('oscar-operator'), action: 'monitor', resource: server }
    const wrong = { context: { force: 'maybe', justification: 7 }, properties: { provider: true } }
    expect(await evaluate({ ...asked, ...wrong })).toMatchObject({
      decision: 'deny',
      policies: [],
      errors: [
        '`properties.provider` is a text',
        '`context.force` is true or false',
        '`context.justification` is a text',
      ],
    })
  })

  test('takes the proof of the session that it names, if it is theirs and alive', async () => {
    const asked = { action: 'create', resource: server, workspace: 'shop', context: { justification: 'release' } }
    tokens.set('oscar-operator', await logIn('oscar-operator'))
    const [own, foreign] = [await sessionOf('oscar-operator'), await sessionOf('dora-developer')]
    const with_ = (session: string) => evaluate({ ...person('oscar-operator'), ...asked, session })
    // the hour is the test's own: what the session proves shows in what is left to forbid it
    expect((await with_(own)).policies).not.toContain('environment-asks-for-mfa')
    expect(await with_(foreign)).toMatchObject({ decision: 'deny', policies: [], errors: [expect.any(String)] })
    expect(await with_('not-a-session')).toMatchObject({ decision: 'deny', errors: [expect.any(String)] })
    await call('auth.logout', {}, 'oscar-operator')
    expect(await with_(own)).toMatchObject({ decision: 'deny', policies: [], errors: [expect.any(String)] })
  })

  test('says the same of whoever is disabled and of whoever is not there', async () => {
    const asked = { action: 'monitor', resource: server }
    await admin.query(`update users set status = 'disabled' where username = 'bob'`)
    const answers = [await evaluate({ ...person('bob'), ...asked }), await evaluate({ ...person('nobody'), ...asked })]
    await admin.query(`update users set status = 'active' where username = 'bob'`)
    const [one, two] = answers.map(({ decisionId: _id, durationMicroseconds: _time, ...rest }) => rest)
    expect(one).toEqual(two)
    expect(one).toMatchObject({ decision: 'deny', policies: [] })
    await admin.query(`update users set must_change_password = true where username = 'bob'`)
    expect(await evaluate({ ...person('bob'), ...asked })).toMatchObject({
      decision: 'deny',
      errors: ['they have to change their password first'],
    })
    await admin.query(`update users set must_change_password = false where username = 'bob'`)
  })

  test("lets a bound program ask in its teams' workspaces and the default one, and nowhere else", async () => {
    const asked = { ...person('dora-developer'), action: 'monitor', resource: server }
    for (const workspace of ['default', 'shop'])
      expect((await evaluate({ ...asked, workspace })).decision).toBe('allow')
    expect(await refusal(evaluate({ ...asked, workspace: 'vault' }))).toBe('not-found')
    expect(await refusal(evaluate({ ...asked, workspace: 'no-such' }))).toBe('not-found')
    expect(await refusal(evaluate(asked, 'loose'))).toMatch(/^(forbidden|not-found)$/)
    // what belongs to no workspace is told to those who see everything
    const beyond = { ...person('dora-developer'), action: 'user.create', resource: { type: 'system', id: 'gatehouse' } }
    expect(await refusal(evaluate(beyond))).toMatch(/^(forbidden|not-found)$/)
    expect((await evaluate({ ...beyond, context: { role: 'Viewer' } }, 'ada-admin')).decision).toBe('deny')
  })

  test('decides operations of Gatehouse as a call would be, with its floor, for oneself and for others', async () => {
    const mine = { action: 'lease.list', resource: { type: 'Workspace', id: 'default' } }
    expect(await evaluate(mine, 'dora-developer')).toMatchObject({
      decision: 'allow',
      obligations: [{ kind: 'ownOnly', approval: null }],
    })
    const publish = { action: 'policy.publish', resource: { type: 'System', id: 'gatehouse' } }
    expect(await evaluate(publish, 'ada-admin')).toMatchObject({ decision: 'allow', policies: ['admin-everything'] })
    expect(await evaluate({ ...publish, ...person('anton-admin') }, 'ada-admin')).toMatchObject({
      decision: 'deny',
      policies: [],
      obligations: [{ kind: 'mfa', approval: null }],
    })
    expect(await evaluate(publish, 'dora-developer')).toMatchObject({ decision: 'deny', obligations: [] })
    const anothers = { action: 'session.revoke', resource: { type: 'Session', id: await sessionOf('ada-admin') } }
    const nobodys = { ...anothers, resource: { type: 'Session', id: '00000000-0000-7000-8000-000000000000' } }
    const [one, two] = [await evaluate(anothers, 'dora-developer'), await evaluate(nobodys, 'dora-developer')]
    expect([one.policies, one.errors]).toEqual([two.policies, two.errors])
  })

  test('says which approval an allow hangs on and uses none up', async () => {
    await call(
      'approval.request',
      {
        action: 'deploy',
        resourceType: 'Cluster',
        resource: 'web',
        workspace: 'shop',
        parameters: ['version=1.4.2'],
        reason: 'release',
        ticket: 'OPS-31',
      },
      'dora-developer',
    )
    await admin.query(
      `update approval set state = 'approved', decided_at = now(), approver_id =
         (select id from users where username = 'ada-admin')`,
    )
    const asked = {
      ...person('dora-developer'),
      action: 'deploy',
      resource: { type: 'Cluster', id: 'web' },
      workspace: 'shop',
      parameters: ['version=1.4.2'],
    }
    for (let round = 0; round < 2; round += 1) {
      const { policies } = await evaluate(asked)
      expect(policies).not.toContain('environment-asks-for-approval')
    }
    expect((await evaluate({ ...asked, parameters: ['version=1.4.3'] })).policies).toContain(
      'environment-asks-for-approval',
    )
    const { rows } = await admin.query<{ used: string }>('select count(used_at) as used from approval')
    expect(rows[0]?.used).toBe('0')
  })

  test('records each answer as a decision about whom it is about; what says something of them is sealed', async () => {
    const { decisionId } = await evaluate({
      ...person('dora-developer'),
      action: 'delete',
      resource: server,
      workspace: 'shop',
      address: '198.51.100.77',
      context: { justification: 'as Dora said', force: true },
    })
    const receipt = (await call('decision.get', { id: decisionId }, 'ada-admin')) as Wire<'decision.get'>
    expect(receipt).toMatchObject({ action: 'delete', effect: 'deny', replayable: true, workspace: expect.any(String) })
    expect(receipt.principal.type).toBe('User')
    expect(receipt.request).toContain('as Dora said')
    const { rows } = await admin.query<{ text: string }>(
      'select entry || coalesce(asked, $2) as text from audit_entry where id = $1',
      [decisionId, ''],
    )
    expect(rows[0]?.text).not.toMatch(/as Dora said|198\.51\.100\.77|dora/)
    const found = (await call('decision.list', { action: 'delete', from: '1h' }, 'ada-admin')) as Wire<'decision.list'>
    expect(found.items.map(({ id }) => id)).toContain(decisionId)
  })
})

describe('policy.explain', () => {
  type Explanation = Wire<'policy.explain'>
  const explain = (question: object, as: string): Promise<Explanation> =>
    call('policy.explain', question, as) as Promise<Explanation>

  test('names the condition of each policy that decided, and what would make it allow', async () => {
    const asked = { ...person('oscar-operator'), action: 'ssh', resource: server, workspace: 'shop' }
    const told = await explain(asked, 'ada-admin')
    expect(told).toMatchObject({ decision: 'deny', obligations: [{ kind: 'mfa' }] })
    expect(told.conditions).toContainEqual({
      policy: 'environment-asks-for-mfa',
      clause: 'unless',
      text: 'context.mfa',
      holds: false,
      met: true,
    })
    expect(told.wouldAllow).toContain('prove a second factor now')
    const viewer = await explain({ ...asked, ...person('vera-viewer') }, 'ada-admin')
    expect(viewer.wouldAllow.some((way) => way.includes('have the role Operator instead of Viewer'))).toBe(true)
  })

  test('explains a decision of the past by the set that made it, to those who see them all', async () => {
    const denied = await evaluate({ ...person('vera-viewer'), action: 'delete', resource: server, workspace: 'shop' })
    const told = await explain({ decision: denied.decisionId }, 'ada-admin')
    expect(told).toMatchObject({ decision: 'deny', policies: denied.policies, decisionId: denied.decisionId })
    expect(told.conditions.map(({ policy }) => policy)).toEqual(expect.arrayContaining(denied.policies))
    for (const as of ['dora-developer', 'olga-operator'])
      expect(await refusal(explain({ decision: denied.decisionId }, as))).toMatch(/^(forbidden|not-found)$/)
    expect(await refusal(explain({ decision: 'no-such-entry' }, 'ada-admin'))).toMatch(/^(not-found|invalid-input)$/)
    expect(await refusal(explain({ action: 'ssh' }, 'ada-admin'))).toBe('invalid-input')
    expect(await refusal(explain({ action: 'ssh', resource: server }, 'bound'))).toBe('forbidden')
  })
})

describe('policy.whoCould', () => {
  type WhoCould = Wire<'policy.whoCould'>
  const ask = (question: object, as = 'ada-admin'): Promise<WhoCould> =>
    call('policy.whoCould', question, as) as Promise<WhoCould>
  const everybody = async (question: object, as = 'ada-admin'): Promise<WhoCould['principals']> => {
    const found: WhoCould['principals'] = []
    for (let after: string | null | undefined = undefined; after !== null;) {
      const page: WhoCould = await ask({ ...question, ...(after === undefined ? {} : { after }) }, as)
      found.push(...page.principals)
      after = page.next
    }
    return found
  }
  const deploy = { action: 'deploy', resource: { type: 'Cluster', id: 'web' }, workspace: 'shop' }

  test('finds exactly those whom `policy.evaluate` allows it, and of the others says what they lack', async () => {
    for (const question of [deploy, { ...deploy, action: 'read' }]) {
      const found = await everybody(question)
      const { rows } = await admin.query<{ id: string; type: string }>(
        `select id, 'User' as type from users where status = 'active'
         union all select id, 'Service' from service_account where status = 'active'`,
      )
      for (const principal of rows) {
        const { decision, policies } = await evaluate({ ...question, principal }, 'ada-admin')
        const one = found.find(({ id }) => id === principal.id)
        const about = `${principal.type} ${one?.name ?? principal.id} ${question.workspace} ${question.action}`
        expect(one?.answer === 'allow', about).toBe(decision === 'allow')
        if (decision === 'allow') expect(one?.policies, about).toEqual(policies)
      }
    }
    const operator = (await everybody(deploy)).find(({ name }) => name === 'oscar-operator')
    expect(operator).toMatchObject({ type: 'User', answer: 'needs' })
    expect(operator?.needs[0]).toMatch(/second factor|approval/)
    expect(operator?.policies.length).toBeGreaterThan(0)
  })

  test('leaves out who is disabled, and goes on from page to page without loss or doubling', async () => {
    const question = { action: 'policy.reload', resource: { type: 'System', id: 'gatehouse' } }
    const all = await everybody(question)
    const paged: string[] = []
    let after: string | null = null
    do {
      const page: WhoCould = await ask({ ...question, first: 1, ...(after === null ? {} : { after }) })
      paged.push(...page.principals.map(({ id }) => id))
      after = page.next
    } while (after !== null)
    expect(paged).toEqual(all.map(({ id }) => id))
    const ada = all.find(({ name }) => name === 'ada-admin')
    expect(ada?.needs).toContain('prove a second factor now')
    await admin.query(`update users set status = 'disabled' where username = 'alice'`)
    const without = await everybody({ ...deploy, action: 'read' })
    expect(without.map(({ name }) => name)).not.toContain('alice')
    await admin.query(`update users set status = 'active' where username = 'alice'`)
    expect(await refusal(ask({ ...question, after: 'nobody' }))).toBe('invalid-input')
  })

  test('answers for another time by the policies and the hour of then', async () => {
    const { policyVersion } = await ask(deploy)
    const { rows } = await admin.query<{ at: Date; version: string }>(
      'select at, version from policy_change order by position limit 1',
    )
    const [first] = rows
    const then = await ask({ ...deploy, at: first?.at.toISOString() ?? '' })
    expect([then.policyVersion, then.at]).toEqual([first?.version, first?.at.toISOString()])
    expect(then.policyVersion).not.toBe(policyVersion)
    expect(await refusal(ask({ ...deploy, at: '2001-01-01T00:00:00Z' }))).toBe('conflict')
    const soon = await ask({ ...deploy, at: '2099-01-01T00:00:00Z' })
    expect(soon).toMatchObject({ policyVersion, at: '2099-01-01T00:00:00.000Z' })
  })

  test('finds recorded decisions by the names that other systems give their actions', async () => {
    const asked = { action: 'no_such-action', resource: server }
    const { decisionId } = await evaluate(asked)
    const found = (await call(
      'decision.list',
      { action: asked.action, from: '1h' },
      'ada-admin',
    )) as Wire<'decision.list'>
    expect(found.items.map(({ id }) => id)).toEqual([decisionId])
  })

  test('says why nobody was asked about, and is for those who may ask about everybody there', async () => {
    const unknown = await ask({ ...deploy, action: 'no-such-action' })
    expect(unknown).toMatchObject({ principals: [], errors: ['the policies know no action `no-such-action`'] })
    for (const [as, question] of [
      ['dora-developer', deploy],
      ['olga-operator', { ...deploy, workspace: 'shop' }],
      ['olga-operator', { action: 'policy.reload', resource: { type: 'System', id: 'gatehouse' } }],
      ['bound', deploy],
    ] as const)
      expect(await refusal(ask(question, as)), as).toMatch(/^(forbidden|not-found)$/)
    expect((await ask({ ...deploy, workspace: 'vault' }, 'olga-operator')).looked).toBeGreaterThan(5)
  })
})

describe('policy.test', () => {
  type Run = Wire<'policy.test'>
  const run = (input: object, as = 'ada-admin'): Promise<Run> => call('policy.test', input, as) as Promise<Run>
  const suite = (text: string) => [{ path: 'mine.yaml', text }]

  test('runs the suites of the server, or those that are given, by the set in force or by a candidate', async () => {
    const own = await run({})
    expect(own.passed).toBeGreaterThan(500)
    expect([own.failed, own.cases.filter(({ passed }) => !passed)]).toEqual([0, []])
    const suites = suite('caller: Developer\ncases:\n  - { call: policy.status, expect: allow }\n')
    expect(await run({ suites })).toMatchObject({ passed: 1, failed: 0, policyVersion: own.policyVersion })
    const nobody = '@id("none")\nforbid (principal, action == Action::"policy.status", resource);'
    const tried = await run({ suites, files: [{ path: 'admin/none.cedar', text: nobody }] })
    expect(tried).toMatchObject({ passed: 0, failed: 1, cases: [{ file: 'mine.yaml', passed: false }] })
    expect(tried.policyVersion).not.toBe(own.policyVersion)
  })

  test('names what is wrong with suites and policies, and is for those who read the policies of all', async () => {
    expect(await refusal(run({ suites: suite('caller: [') }))).toBe('invalid-input')
    expect(await refusal(run({ suites: [{ path: '../x.yaml', text: 'x' }] }))).toBe('invalid-input')
    expect(await refusal(run({ files: [{ path: 'a.cedar', text: 'permit (' }] }))).toBe('invalid-input')
    expect(await refusal(run({}, 'olga-operator'))).toBe('forbidden')
  })
})

const evaluation = (question: unknown, as: string | undefined = 'bound', headers: Asked['headers'] = {}) =>
  post('/access/v1/evaluation', question, as, headers)
const evaluations = (questions: unknown, as = 'bound') => post('/access/v1/evaluations', questions, as)
const decisionIn = ({ status, text }: { status: number; text: string }): unknown =>
  status === 200 ? (JSON.parse(text) as { decision: unknown }).decision : status
const decisionsIn = ({ status, text }: { status: number; text: string }): unknown =>
  status === 200
    ? (JSON.parse(text) as { evaluations: { decision: boolean }[] }).evaluations.map((one) => one.decision)
    : status

const user = (id: string, properties?: object) => ({ type: 'user', id, ...(properties && { properties }) })
const record = (id: string, properties?: object) => ({ type: 'record', id, ...(properties && { properties }) })
const archived = record('record-2', { status: 'archived' })

describe('AuthZEN 1.0', () => {
  const [alice, bob] = [user('alice'), user('bob')]
  const [read, write] = [{ name: 'read' }, { name: 'write' }]
  const record1 = record('record-1')

  const basic = [
    [{ subject: alice, action: read, resource: record1 }, true],
    [{ subject: alice, action: write, resource: record1 }, true],
    [{ subject: bob, action: read, resource: record1 }, true],
    [{ subject: bob, action: write, resource: record1 }, false],
    [{ subject: alice, action: write, resource: archived }, false],
    [{ subject: user('bob', { role: 'admin' }), action: write, resource: archived }, true],
    [{ subject: alice, action: { name: 'delete', properties: { soft: true } }, resource: record1 }, true],
    [{ subject: alice, action: { name: 'delete', properties: { soft: false } }, resource: record1 }, false],
    [
      {
        subject: alice,
        action: read,
        resource: record1,
        context: { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' },
      },
      true,
    ],
    [
      {
        subject: user('alice', { department: 'Sales', role: 'manager' }),
        action: { name: 'read', properties: { method: 'GET' } },
        resource: record('record-1', { status: 'active', owner: 'bob' }),
      },
      true,
    ],
    [{ subject: alice, action: read, resource: record1, foo: 'bar', futureField: { nested: true } }, true],
    // the server knows that alice is none, whatever the request says
    [{ subject: user('alice', { role: 'admin', roles: ['Admin'] }), action: write, resource: archived }, false],
  ] as const
  test('answers the certification scenario: Basic', async () => {
    for (const [question, expected] of basic)
      expect([question, decisionIn(await evaluation(question))]).toEqual([question, expected])
    for (let round = 0; round < 3; round += 1) expect(decisionIn(await evaluation(basic[0][0]))).toBe(true)
  })

  const whole = { subject: alice, action: read, resource: record1 }
  const { subject: _subject, ...withoutSubject } = whole
  const { action: _action, ...withoutAction } = whole
  const { resource: _resource, ...withoutResource } = whole
  test.each([
    ['no subject', withoutSubject],
    ['no action', withoutAction],
    ['no resource', withoutResource],
    ['no type of the subject', { ...whole, subject: { id: 'alice' } }],
    ['no id of the subject', { ...whole, subject: { type: 'user' } }],
    ['no name of the action', { ...whole, action: {} }],
    ['no type of the resource', { ...whole, resource: { id: 'record-1' } }],
    ['no id of the resource', { ...whole, resource: { type: 'record' } }],
    ['a subject that is a text', { ...whole, subject: 'alice' }],
    ['a name that is a number', { ...whole, action: { name: 123 } }],
    ['a context that is a list', { ...whole, context: [1] }],
    ['a list', [whole]],
    ['half a character', { ...whole, subject: user('\ud800') }],
  ])('is 400 with %s', async (_, question) => {
    const answer = await evaluation(question)
    expect([answer.status, answer.text]).toEqual([400, expect.stringMatching(/^the input is not valid: /)])
  })

  test('is 400 for another content type, JSON that is none, and nothing at all', async () => {
    const raw = (body: string, type = 'application/json') =>
      ask('/access/v1/evaluation', { method: 'POST', body, headers: { 'content-type': type } }, 'bound')
    expect((await raw(JSON.stringify(whole), 'text/plain')).status).toBe(400)
    expect((await raw('{"subject":')).status).toBe(400)
    expect((await raw('')).status).toBe(400)
    expect((await ask('/access/v1/evaluation', {}, 'bound')).status).toBe(405)
  })

  test('is 401 for a stranger before anything is read, 403 for whoever may not ask', async () => {
    const stranger = await post('/access/v1/evaluation', { nonsense: true })
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('Bearer'),
    ])
    expect((await evaluation(whole, 'loose')).status).toBe(403)
    const elsewhere = { ...whole, resource: record('record-1', { workspace: 'vault' }) }
    expect((await evaluation(elsewhere)).status).toBe(403)
    expect(decisionIn(await evaluation(whole, 'ada-admin')), 'a person who may ask about everybody').toBe(true)
  })

  test('gives the id of a request back, on errors too', async () => {
    const headers = { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' }
    for (const question of [whole, {}])
      expect((await evaluation(question, 'bound', headers)).headers.get('x-request-id')).toBe(headers['x-request-id'])
    expect((await evaluation(whole)).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('answers the certification scenario: Batch', async () => {
    expect(
      decisionsIn(
        await evaluations({ subject: bob, resource: record1, evaluations: [{ action: read }, { action: write }] }),
      ),
    ).toEqual([true, false])
    const active = record('record-1', { status: 'active' })
    expect(
      decisionsIn(
        await evaluations({
          subject: alice,
          action: write,
          evaluations: [{ resource: active }, { resource: archived }],
        }),
      ),
    ).toEqual([true, false])
    const bobAsAdmin = user('bob', { role: 'admin' })
    expect(
      decisionsIn(
        await evaluations({
          action: write,
          resource: archived,
          evaluations: [{ subject: alice }, { subject: bobAsAdmin }],
        }),
      ),
    ).toEqual([false, true])
    const full = [whole, { subject: bob, action: write, resource: record1 }]
    expect(decisionsIn(await evaluations({ evaluations: full }))).toEqual([true, false])
    expect(
      decisionsIn(
        await evaluations({
          subject: alice,
          action: write,
          resource: active,
          evaluations: [{}, { resource: archived }],
        }),
      ),
    ).toEqual([true, false])
    expect(decisionIn(await evaluations(whole)), 'without a list it is one question').toBe(true)
    expect(decisionIn(await evaluations({ ...whole, evaluations: [] }))).toBe(true)
    expect((await evaluations({ subject: alice, evaluations: [{ resource: record1 }] })).status).toBe(400)
  })

  test('ends a row at the first deny or the first permit where it is asked to', async () => {
    const rows = [{ resource: record1 }, { resource: archived }, { resource: record1 }]
    const asked = (semantic: string) =>
      evaluations({ subject: alice, action: write, evaluations: rows, options: { evaluations_semantic: semantic } })
    expect(decisionsIn(await asked('execute_all'))).toEqual([true, false, true])
    expect(decisionsIn(await asked('deny_on_first_deny'))).toEqual([true, false])
    expect(decisionsIn(await asked('permit_on_first_permit'))).toEqual([true])
    expect((await asked('some_other')).status).toBe(400)
  })

  test('denies one that may not be asked without losing the others, and takes 50 at most', async () => {
    const hidden = { resource: record('record-1', { workspace: 'vault' }) }
    const answer = await evaluations({ subject: alice, action: read, evaluations: [hidden, { resource: record1 }] })
    expect(JSON.parse(answer.text)).toMatchObject({
      evaluations: [{ decision: false, context: { error: { status: 403 } } }, { decision: true }],
    })
    const many = (count: number) =>
      evaluations({
        subject: alice,
        action: read,
        evaluations: Array.from({ length: count }, () => ({ resource: record1 })),
      })
    expect(decisionsIn(await many(50))).toHaveLength(50)
    expect((await many(51)).status).toBe(400)
    expect((await many(10_000)).status).toBeGreaterThanOrEqual(400)
  })

  test('asks about no operation of Gatehouse, and of no type that it does not have', async () => {
    const own = { ...whole, action: { name: 'user.create' }, resource: { type: 'System', id: 'gatehouse' } }
    expect(JSON.parse((await evaluation(own, 'ada-admin')).text)).toMatchObject({ decision: false })
    for (const strange of [
      { ...whole, subject: { type: 'robot', id: 'r2' } },
      { ...whole, subject: { type: 'constructor', id: 'r2' } },
      { ...whole, resource: { type: 'spaceship', id: 'x' } },
      { ...whole, action: { name: 'fly' } },
      { ...whole, action: { name: 'platformRead' } },
    ])
      expect(decisionIn(await evaluation(strange))).toBe(false)
  })

  test('answers the 40 decisions of the to-do list, and its rows', async () => {
    const [rick, morty, summer, beth, jerry] = Object.keys(others) as [string, string, string, string, string]
    const todo = (ownerID: string) => ({
      type: 'todo',
      id: '7240d0db-8ff0-41ec-98b2-34a096273b92',
      properties: { ownerID },
    })
    const asked: [string, string, object, boolean][] = []
    for (const pid of [rick, morty, summer, beth, jerry]) {
      const { mail, role } = others[pid as keyof typeof others]
      const [all, own] = [role === 'Operator', role !== 'Viewer']
      for (const seen of ['beth@the-smiths.com', mail])
        asked.push([pid, 'can_read_user', { type: 'user', id: seen }, true])
      asked.push([pid, 'can_read_todos', { type: 'todo', id: 'todo-1' }, true])
      asked.push([pid, 'can_create_todo', { type: 'todo', id: 'todo-1' }, own])
      for (const name of ['can_update_todo', 'can_delete_todo']) {
        asked.push([pid, name, todo('rick@the-citadel.com'), all])
        asked.push([pid, name, todo(mail), own])
      }
    }
    expect(asked).toHaveLength(40)
    for (const [id, name, resource, expected] of asked) {
      const answer = await evaluation({ subject: user(id), action: { name }, resource, context: {} })
      expect([id, name, resource, decisionIn(answer)]).toEqual([id, name, resource, expected])
    }
    const rows = (id: string, second: string) =>
      evaluations({
        subject: user(id),
        action: { name: 'can_update_todo' },
        resource: {},
        context: {},
        evaluations: [{ resource: todo('rick@the-citadel.com') }, { resource: todo(second) }],
      })
    expect(decisionsIn(await rows(rick, 'jerry@the-smiths.com'))).toEqual([true, true])
    expect(decisionsIn(await rows(morty, 'morty@the-citadel.com'))).toEqual([false, true])
    expect(decisionsIn(await rows(jerry, 'jerry@the-smiths.com'))).toEqual([false, false])
  })

  test('says where it answers, and has no search', async () => {
    const { status, headers, text } = await ask('/.well-known/authzen-configuration', {})
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
    const document = JSON.parse(text) as Record<string, string>
    const base = document['policy_decision_point'] ?? ''
    expect(document).toEqual({
      policy_decision_point: base,
      access_evaluation_endpoint: `${base}/access/v1/evaluation`,
      access_evaluations_endpoint: `${base}/access/v1/evaluations`,
    })
  })

  test('answers the examples of the guide', async () => {
    const guide = await readFile(resolve(root, 'docs/guides/ask-for-decisions.md'), 'utf8')
    const examples = [...guide.matchAll(/gatehouse\.example\.org(\/access\/\S+) [^]*?-d '(\{[^']+\})'/g)]
    expect(examples).toHaveLength(2)
    for (const [, path = '', body = ''] of examples) {
      const answer = await ask(path, { method: 'POST', headers: json, body }, 'bound')
      expect([path, answer.status, answer.text]).toEqual([path, 200, expect.stringContaining('"reasons":[')])
    }
  })

  test('leaves no fault behind', () => expect(faults).toEqual([]))
})
