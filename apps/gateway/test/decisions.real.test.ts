// Threats of asking others: claims that are not so, workspaces of other teams, existence told by an answer. And AuthZEN
// 1.0: its certification scenario and the to-do list of its interop, through the real application.
import type { Wire } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authzenTests } from './authzen-tests.ts'
import { openDecisions, type DecisionSystem } from './decisions-system.ts'
import { erasedTextsTests } from './erased-texts.ts'
import { hostKey } from './nested-fields.ts'

let system: DecisionSystem
beforeAll(async () => {
  system = await openDecisions()
})
afterAll(() => system.close())

const call: DecisionSystem['call'] = (...asked) => system.call(...asked)
const refusal = async (answer: Promise<unknown>): Promise<string> => {
  try {
    await answer
    return 'allowed'
  } catch (error) {
    return /^[a-z-]+/.exec((error as Error).message)?.[0] ?? 'unknown'
  }
}

type Evaluation = Wire<'policy.evaluate'>
const evaluate = (question: object, as = 'bound'): Promise<Evaluation> =>
  call('policy.evaluate', question, as) as Promise<Evaluation>

const server = { type: 'Server', id: 'web-1' }
const person = (id: string) => ({ principal: { type: 'User', id } })
const sessionOf = async (username: string): Promise<string> => {
  const { rows } = await system.admin.query<{ id: string }>(
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
    system.tokens.set('oscar-operator', await system.logIn('oscar-operator'))
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
    await system.admin.query(`update users set status = 'disabled' where username = 'bob'`)
    const answers = [await evaluate({ ...person('bob'), ...asked }), await evaluate({ ...person('nobody'), ...asked })]
    await system.admin.query(`update users set status = 'active' where username = 'bob'`)
    const [one, two] = answers.map(({ decisionId: _id, durationMicroseconds: _time, ...rest }) => rest)
    expect(one).toEqual(two)
    expect(one).toMatchObject({ decision: 'deny', policies: [] })
    await system.admin.query(`update users set must_change_password = true where username = 'bob'`)
    expect(await evaluate({ ...person('bob'), ...asked })).toMatchObject({
      decision: 'deny',
      errors: ['they have to change their password first'],
    })
    await system.admin.query(`update users set must_change_password = false where username = 'bob'`)
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

  test('knows of no thing of another workspace than the one that is asked about', async () => {
    const { rows } = await system.admin.query<{ id: string }>(
      `insert into ssh_host (id, name, workspace_id, address, port, user_name, access, principals, source_addresses,
        host_key) select gen_random_uuid(), 'of-the-vault', id, '192.0.2.9', 22, 'root', 'ca', '{root}',
        '{192.0.2.1/32}', $1 from workspace where name = 'vault' returning id`,
      [hostKey],
    )
    const asked = { action: 'sshHost.get', resource: { type: 'SshHost', id: rows[0]?.id ?? '' } }
    expect(await evaluate({ ...asked, workspace: 'vault' }, 'ada-admin')).toMatchObject({ decision: 'allow' })
    expect(await evaluate({ ...asked, workspace: 'shop' }, 'ada-admin')).toMatchObject({
      decision: 'deny',
      errors: ['there is no such thing here'],
    })
  })

  test('takes the address of whoever asks for nobody else’s', async () => {
    const addressIn = async ({ decisionId: id }: Evaluation): Promise<unknown> => {
      const { request } = (await call('decision.get', { id }, 'ada-admin')) as Wire<'decision.get'>
      return (JSON.parse(request ?? '') as { context: { ip: { __extn: { arg: string } } } }).context.ip.__extn.arg
    }
    const asked = { action: 'monitor', resource: server }
    expect(await addressIn(await evaluate({ ...person('dora-developer'), ...asked }))).toBe('0.0.0.0')
    expect(await addressIn(await evaluate(asked, 'dora-developer'))).not.toBe('0.0.0.0')
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
    await system.admin.query(
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
    const { rows } = await system.admin.query<{ used: string }>('select count(used_at) as used from approval')
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
    const { rows } = await system.admin.query<{ text: string }>(
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
      const { rows } = await system.admin.query<{ id: string; type: string }>(
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
    await system.admin.query(`update users set status = 'disabled' where username = 'alice'`)
    const without = await everybody({ ...deploy, action: 'read' })
    expect(without.map(({ name }) => name)).not.toContain('alice')
    await system.admin.query(`update users set status = 'active' where username = 'alice'`)
    expect(await refusal(ask({ ...question, after: 'nobody' }))).toBe('invalid-input')
  })

  test('answers for another time by the policies and the hour of then', async () => {
    const { policyVersion } = await ask(deploy)
    const { rows } = await system.admin.query<{ at: Date; version: string }>(
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

authzenTests(() => system)

erasedTextsTests(() => system)

test('leaves no fault behind', () => expect(system.faults).toEqual([]))
