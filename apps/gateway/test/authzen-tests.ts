import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { json, others, root, type Asked, type DecisionSystem } from './decisions-system.ts'

const decisionIn = ({ status, text }: { status: number; text: string }): unknown =>
  status === 200 ? (JSON.parse(text) as { decision: unknown }).decision : status
const decisionsIn = ({ status, text }: { status: number; text: string }): unknown =>
  status === 200
    ? (JSON.parse(text) as { evaluations: { decision: boolean }[] }).evaluations.map((one) => one.decision)
    : status

const user = (id: string, properties?: object) => ({ type: 'user', id, ...(properties && { properties }) })
const record = (id: string, properties?: object) => ({ type: 'record', id, ...(properties && { properties }) })
const archived = record('record-2', { status: 'archived' })

/**
 * AuthZEN 1.0: its certification scenario and the to-do list of its interop. On the application of the file that calls
 * it, since starting one takes seconds.
 */
export const authzenTests = (system: () => DecisionSystem): void =>
  void describe('AuthZEN 1.0', () => {
    const ask: DecisionSystem['ask'] = (...asked) => system().ask(...asked)
    const post: DecisionSystem['post'] = (...asked) => system().post(...asked)
    const evaluation = (question: unknown, as: string | undefined = 'bound', headers: Asked['headers'] = {}) =>
      post('/access/v1/evaluation', question, as, headers)
    const evaluations = (questions: unknown, as = 'bound') => post('/access/v1/evaluations', questions, as)

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
    })

    // openid/authzen#511, 3.4.1: one that says too little was 400 for all of them
    test('denies one that says too little without losing the others, and records that once', async () => {
      const refusals = async (): Promise<number> => {
        const { rows } = await system().admin.query<{ refused: number }>(
          "select count(*)::int as refused from audit_entry where action = 'request.refused'",
        )
        return rows[0]?.refused ?? 0
      }
      const before = await refusals()
      const answer = await evaluations({
        subject: alice,
        action: read,
        evaluations: [{ resource: record1 }, {}, { resource: { type: 'Doc' } }, { resource: record1, action: 'read' }],
      })
      expect([answer.status, decisionsIn(answer)]).toEqual([200, [true, false, false, false]])
      expect(JSON.parse(answer.text)).toMatchObject({
        evaluations: [
          {},
          { context: { error: { status: 400, message: expect.stringContaining('evaluations.1.resource') } } },
          {},
          {},
        ],
      })
      expect(await refusals()).toBe(before + 1)
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

    // Threat C6: what was left out in silence passed for what was decided on
    test('names all that it did not look at, under whatever name it was said', async () => {
      const said = { 'amount-eur': 10_001, 'owner.name': 'ada', __x: 1, nothing: null, 'and-nothing': null }
      const answer = await evaluation({ ...whole, resource: record('record-1', said), context: { 'x y': 1, z: 2 } })
      expect((JSON.parse(answer.text) as { context: { ignored: string[] } }).context.ignored.toSorted()).toEqual([
        'context.x y',
        'context.z',
        'properties.__x',
        'properties.amount-eur',
        'properties.owner.name',
      ])
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
  })
