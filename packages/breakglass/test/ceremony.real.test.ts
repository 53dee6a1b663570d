// From the request to the session: who asks, who votes, what is signed, and that nothing closes the way.
import { randomUUID } from 'node:crypto'
import type { Raw } from '@gatehouse/contract'
import { createSoftwareAuthenticator, volume, type SoftwareAuthenticator } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { verifyExport } from '../src/verify.ts'
import {
  ada,
  anton,
  ask,
  asking,
  begin,
  dora,
  olga,
  oscar,
  type Request,
  session0,
  sessionsOf,
  stateOf,
  system,
  toldToWait,
  vera,
  yes,
  withOnCall,
} from './on-call.ts'
import type { Person } from './system.ts'

withOnCall()

describe('the way to emergency access', () => {
  test('two people of two teams open it, its token does what was asked for, and all of it is told', async () => {
    const request = await ask()
    expect(request).toMatchObject({ state: 'pending', version: 1, missing: 2, requesterName: 'dora-developer' })
    const seen = await system.call(ada, 'breakGlass.get', { id: request.id }, 1)
    expect(JSON.parse(seen.document)).toMatchObject({ incident: 'INC-7', version: 1, requester: { id: dora.id } })
    expect(seen.voters.map(({ principal }) => principal).toSorted()).toEqual([
      'ada-admin',
      'anton-admin',
      'olga-operator',
    ])
    expect(seen.voters.find(({ principal }) => principal === 'ada-admin')?.teams).toEqual(['platform-admin'])
    expect(seen.whyNotYou).toBeNull()
    expect((await yes(ada, request)).state).toBe('pending')
    const approved = await yes(olga, request, 1)
    expect(approved).toMatchObject({ state: 'approved', missing: 0 })
    expect(approved.approvals.map(({ principal, team, method }) => [principal, team, method])).toEqual([
      ['ada-admin', 'platform-admin', 'totp'],
      ['olga-operator', 'sre', 'totp'],
    ])
    const { session, accessToken, tokenType } = await system.call(dora, 'breakGlass.activate', { id: request.id })
    expect([tokenType, session.state, session.approvers]).toEqual(['Bearer', 'active', ['ada-admin', 'olga-operator']])
    const [header = '', payload = ''] = accessToken.expose().split('.')
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
    expect(read(header)).toMatchObject({ alg: 'RS256', typ: 'bg+jwt' })
    expect(read(payload)).toMatchObject({ aud: 'gatehouse', bg: session.id, incident: 'INC-7' })
    expect(await system.outcome(accessToken.expose(), 'sshHost.list', {}, 1)).toBe('allowed')
    const alerts = await system.db
      .selectFrom('alert')
      .select(['kind', 'facts'])
      .where('about_id', '=', session.id)
      .execute()
    expect(alerts.map(({ kind }) => kind)).toEqual(['break-glass-created'])
    expect(JSON.parse(alerts[0]?.facts ?? '')).toMatchObject({ request: request.id, incident: request.incidentId })
    const told = await sql<{ user_id: string }>`select user_id from notification where kind = 'emergency'
      and text like '%began an emergency session%'`.execute(system.db)
    expect(told.rows.map((row) => row.user_id)).toEqual(expect.arrayContaining([ada.id, anton.id]))
    await system.call(ada, 'emergencySession.revoke', { id: session.id, reason: 'a test' })
    expect(await system.outcome(accessToken.expose(), 'sshHost.list', {}, 1)).toBe('unauthenticated')
    expect(await stateOf(request)).toBe('ended')
    const { deeds } = await system.call(ada, 'emergencySession.audit', { id: session.id })
    expect(deeds.map(({ action, outcome }) => [action, outcome])).toContainEqual(['sshHost.list', 'allowed'])
  })

  test('a request opens its incident or joins one that is open, and stands in its timeline to the review', async () => {
    const incident = `OPS-${Date.now()}`
    const asked = await Promise.all([ask({ incident }), ask({ incident })])
    const { request, session } = await begin({ incident })
    const [id = ''] = [...new Set([...asked, request, session].map(({ incidentId }) => incidentId ?? ''))]
    expect([...asked, request, session].map(({ incidentId }) => incidentId)).toEqual([id, id, id, id])
    const opened = await system.call(ada, 'incident.get', { id })
    expect(opened).toMatchObject({ severity: 'critical', state: 'detected', openedBy: 'dora-developer' })
    expect(opened.timeline.filter(({ kind }) => kind === 'opened' || kind === 'found-again')).toHaveLength(1)
    const severe = await sql`select 1 from alert where kind = 'incident-severe' and facts like ${`%${id}%`}`.execute(
      system.db,
    )
    expect(severe.rows).toEqual([]) // the alert of the request tells of it
    for (const { id: other } of asked) await system.call(dora, 'breakGlass.cancel', { id: other, reason: 'twice' })
    await system.call(ada, 'emergencySession.revoke', { id: session.id, reason: 'over' })
    const review = { needed: true, summary: 'the host had hung; it was restarted' }
    await system.call(oscar, 'breakGlass.review', { id: session.id, ...review })
    // by the clock of another gateway it began when the first vote was written
    await sql`update emergency_session set activated_at = (select min(at) from break_glass_vote
      where request_id = ${request.id}) where id = ${session.id}`.execute(system.db)
    const { timeline } = await system.call(ada, 'incident.get', { id }, 1)
    const steps = timeline.filter((step) => step.request === request.id)
    expect(steps.map(({ by, text }) => `${by} ${text}`)).toEqual([
      'dora-developer asked for emergency access to default',
      'ada-admin approved the request with a code',
      'olga-operator approved the request with a code',
      'dora-developer began the emergency session on default',
      'ada-admin the emergency session ended: it was revoked',
      'oscar-operator reviewed the emergency session: it was needed',
    ])
    expect(steps.at(-1)?.session).toBe(session.id)
    expect(timeline.filter(({ text }) => text === 'the request was taken back')).toHaveLength(2)
  })

  test('who opened an incident by a request reads it, without what others noted, and no more', async () => {
    const asked = await ask({ incident: `OWN-${randomUUID()}` })
    const id = asked.incidentId ?? ''
    await system.call(olga, 'incident.update', { id, note: 'it may be an inside job', action: 'ask who was there' })
    await system.call(olga, 'incident.transition', { id, to: 'triaged', note: 'by the key in the log' })
    const own = await system.call(dora, 'incident.get', { id }, 1)
    expect(own).toMatchObject({ id, state: 'triaged', whole: false, actions: [] })
    // the first two are of one moment
    expect(
      own.timeline.map(({ kind, by, text }) => `${kind} ${by} ${kind === 'opened' ? '' : text}`).toSorted(),
    ).toEqual([
      'emergency dora-developer asked for emergency access to default',
      'moved olga-operator ',
      'opened dora-developer ',
    ])
    const ids = async (who: Person, input: Raw<'incident.list'>): Promise<string[]> =>
      (await system.call(who, 'incident.list', input)).items.map((one) => one.id)
    const { id: other } = await system.call(olga, 'incident.open', { title: 'not of Dora', severity: 'low' })
    expect(await ids(dora, { mine: true })).toContain(id)
    expect(await ids(dora, { mine: true })).not.toContain(other)
    expect(await ids(olga, {})).toEqual(expect.arrayContaining([id, other]))
    expect(await system.outcome(dora, 'incident.list', {})).toBe('forbidden')
    expect(await system.outcome(dora, 'incident.get', { id: other })).toBe('not-found')
    expect(await system.outcome(vera, 'incident.get', { id })).toBe('not-found')
    expect(await system.outcome(dora, 'incident.transition', { id, to: 'contained' })).toBe('forbidden')
    expect(await system.outcome(dora, 'incident.update', { id, owner: 'dora-developer' })).toBe('forbidden')
    expect((await system.call(olga, 'incident.get', { id })).whole).toBe(true)
    await system.call(olga, 'incident.update', { id, owner: 'dora-developer' })
    const led = await system.call(dora, 'incident.get', { id })
    expect([led.whole, led.timeline.some(({ kind }) => kind === 'note')]).toEqual([true, true])
  })

  test('a request for an incident that is unknown or over is refused, and an edit moves it to another', async () => {
    const nowhere = await system.refusal(dora, 'breakGlass.request', { ...asking, incident: randomUUID() })
    expect(nowhere.details.fields?.[0]?.path).toBe('incident')
    const ofAlert = { ...asking, incident: 'alert/audit-witness-refuted/w' }
    expect((await system.refusal(dora, 'breakGlass.request', ofAlert)).details.fields?.[0]?.path).toBe('incident')
    const { id } = await system.call(olga, 'incident.open', { title: 'the shop is down', severity: 'low' })
    const request = await ask({ incident: id })
    expect(request.incidentId).toBe(id)
    const edited = await system.call(dora, 'breakGlass.update', { id: request.id, incident: `NEW-${Date.now()}` })
    expect([edited.version, edited.incidentId === id]).toEqual([2, false])
    await system.call(olga, 'incident.transition', { id, to: 'false-positive' })
    expect((await system.refusal(dora, 'breakGlass.request', { ...asking, incident: id })).details.fields?.[0]).toEqual(
      {
        path: 'incident',
        message: 'an incident that is not over; this one is false-positive: name a new number instead',
      },
    )
  })

  test('an emergency token does nothing that was not asked for, and is for no other verifier', async () => {
    const { token } = await begin()
    expect(await system.outcome(token, 'sshKey.list', {})).toBe('forbidden')
    expect(await system.outcome(token, 'breakGlass.list', {})).toBe('forbidden')
    expect(await system.outcome(token, 'user.list', {})).toBe('forbidden')
    expect(await system.outcome(token, 'apiToken.create', { name: 'x', purpose: 'x', scopes: ['read'] })).toBe(
      'forbidden',
    )
    expect(await system.outcome(token, 'auth.whoami', {})).toBe('forbidden')
    const verdict = await system.call(dora, 'auth.verify', { token })
    expect(verdict).toMatchObject({ active: false })
  })

  test('a rule of one person, of nobody or of Viewers is refused, and another waits for a second Admin', async () => {
    const set = (rule: Record<string, unknown>) => system.refusal(ada, 'breakGlass.ruleSet', { rule, reason: 'a test' })
    for (const rule of [{ people: 1, roles: ['Admin'] }, { people: 0, roles: ['Admin'] }, { allOf: [] }, {}])
      expect((await set(rule)).code).toBe('invalid-input')
    expect((await set({ people: 2, roles: ['Viewer'] })).code).toBe('invalid-input')
    const rule = { people: 2, roles: ['Admin'] }
    const { code, details } = await set(rule)
    expect(code).toBe('approval-pending')
    await system.call(anton, 'approval.approve', { id: details.approvalId ?? '' })
    expect(
      (
        await system.refusal(ada, 'breakGlass.ruleSet', {
          rule: { people: 3, roles: ['Admin', 'Operator'] },
          reason: 'a test',
        })
      ).code,
    ).toBe('approval-pending')
    expect(await system.call(ada, 'breakGlass.ruleSet', { rule, reason: 'a test' })).toMatchObject({ rule })
    const request = await ask()
    expect(await system.outcome(olga, 'breakGlass.approve', { id: request.id, hash: request.hash })).toBe('forbidden')
    await sql`delete from break_glass_rule`.execute(system.db)
  })

  test('a rule of keys is refused where nobody has one, and told of where nobody has one any more', async () => {
    await sql`update webauthn_credential set suspect_at = now()`.execute(system.db)
    const rule = { people: 2, roles: ['Admin', 'Operator'] }
    const refusal = await system.refusal(ada, 'breakGlass.ruleSet', { rule, totpAdmitted: false, reason: 'a test' })
    expect([refusal.code, refusal.details.fields?.[0]?.message]).toEqual([
      'invalid-input',
      expect.stringContaining('0 people of 0 teams could vote (by a key, as the rule asks)'),
    ])
    await sql`insert into break_glass_rule (id, rule, totp_admitted, updated_at)
      values (1, ${JSON.stringify(rule)}, false, now())`.execute(system.db)
    const { satisfiable, problem } = await system.call(ada, 'breakGlass.ruleGet', {})
    expect([satisfiable, problem]).toEqual([false, expect.stringContaining('by a key')])
    const request = await ask()
    expect((await system.call(ada, 'breakGlass.get', { id: request.id })).voters).toEqual([])
    await sql`delete from break_glass_rule`.execute(system.db)
    await sql`update webauthn_credential set suspect_at = null`.execute(system.db)
  })

  test('who has no second factor is not counted among those who could vote', async () => {
    await sql`update authenticator set confirmed_at = null where user_id <> ${ada.id}`.execute(system.db)
    const { satisfiable, problem } = await system.call(ada, 'breakGlass.ruleGet', {})
    expect([satisfiable, problem]).toEqual([false, expect.stringContaining('only 1 person of 1 team can approve')])
    await sql`update authenticator set confirmed_at = now() - interval '30 days'
      where confirmed_at is null`.execute(system.db)
  })
})

describe('emergency access cannot be disabled', () => {
  const actions = ['breakGlass.request', 'breakGlass.approve', 'breakGlass.activate'] as const
  const closing = (action: string) => ({
    path: 'admin/closed.cedar',
    text:
      `@id("closed") @doc("A test.") @severity("low")\n` +
      `forbid (principal, action == Action::"${action}", resource);\n`,
  })
  const filesInForce = () => system.nodes[0].policy.files().map(({ file, text }) => ({ path: file, text }))

  test('no published policies take request, approve or activate away, and it is said who is missing', async () => {
    for (const action of actions.slice(-volume({ sample: 1, full: 3 }))) {
      const files = [...filesInForce(), closing(action)]
      const refusal = await system.refusal(ada, 'policy.publish', { files, reason: 'a test' })
      expect([refusal.code, refusal.message]).toEqual(['conflict', expect.stringContaining('emergency access')])
      expect(refusal.details.hint).toContain(`dora-developer (${action})`)
    }
  })

  test('no rollback goes back to policies that take it away', async () => {
    const files = JSON.stringify(
      [...filesInForce(), closing('breakGlass.approve')].map(({ path, text }) => ({ file: path, text })),
    )
    const id = randomUUID()
    await sql`insert into policy_change (id, at, kind, version, schema_version, files, policies)
      values (${id}, now() - interval '1 day', 'files', 'an-old-one', 'x', ${files}, 1)`.execute(system.db)
    const refusal = await system.refusal(ada, 'policy.rollback', { to: id, reason: 'a test' })
    expect(refusal.message).toContain('nobody could get emergency access')
  })

  test('no setting and no role is there for it, and the rule is never one that nobody meets', async () => {
    const settings = await system.call(ada, 'settings.get', {})
    expect(Object.keys(settings).filter((name) => /glass|emergency/i.test(name))).toEqual([])
    for (const role of ['Viewer', 'Auditor'])
      expect(
        (await system.refusal(ada, 'breakGlass.ruleSet', { rule: { people: 2, roles: [role] }, reason: 'a test' }))
          .code,
      ).toBe('invalid-input')
  })
})

describe('votes as evidence', () => {
  const origin = 'http://localhost:8420'
  const json = (document: object): Record<string, unknown> =>
    JSON.parse(JSON.stringify(document)) as Record<string, unknown> // what JSON gives back of an object is one
  const register = async (who: Person): Promise<SoftwareAuthenticator> => {
    const key = createSoftwareAuthenticator(origin)
    const { id, options } = await system.call(who, 'webauthn.registerBegin', { name: 'key' })
    await system.call(who, 'webauthn.registerComplete', { id, credential: json(key.create(options)) })
    return key
  }
  const signed = async (who: Person, key: SoftwareAuthenticator, { id }: Request) => {
    const { hash, options } = await system.call(who, 'breakGlass.approveOptions', { id })
    return { id, hash, assertion: json(key.get(options ?? {})) }
  }

  test('a key signs the very request: its signature is good for no other version, and once', async () => {
    const key = await register(ada)
    const request = await ask()
    const { options } = await system.call(ada, 'breakGlass.approveOptions', { id: request.id })
    expect(typeof options?.['challenge']).toBe('string')
    const early = await signed(ada, key, request)
    const edited = await system.call(dora, 'breakGlass.update', { id: request.id, incident: 'INC-8' })
    expect(await system.outcome(ada, 'breakGlass.approve', early)).toBe('conflict')
    expect(await system.outcome(ada, 'breakGlass.approve', { ...early, hash: edited.hash })).toBe('invalid-credentials')
    const good = await signed(ada, key, edited)
    expect(await system.outcome(anton, 'breakGlass.approve', good)).toBe('invalid-credentials')
    const voted = await system.call(ada, 'breakGlass.approve', good)
    expect(voted.approvals.map(({ method }) => method)).toEqual(['webauthn'])
    expect(await system.outcome(ada, 'breakGlass.approve', good)).toBe('invalid-credentials')
  })

  test('a signature after a vote without a key is refused, not taken and dropped', async () => {
    const key = await register(ada)
    const request = await ask()
    const vote = { id: request.id, hash: request.hash }
    for (const _ of [1, 2]) await system.call(ada, 'breakGlass.approve', vote)
    expect(await system.outcome(ada, 'breakGlass.approve', await signed(ada, key, request))).toBe('conflict')
    const { approvals } = await system.call(dora, 'breakGlass.get', { id: request.id })
    expect(approvals.map(({ method }) => method)).toEqual(['totp'])
  })

  test('an export is true by itself, and each of 200 edits in it is found', async () => {
    const [first, second] = [await register(ada), await register(olga)]
    const request = await ask()
    await system.call(ada, 'breakGlass.approve', await signed(ada, first, request))
    await system.call(olga, 'breakGlass.approve', await signed(olga, second, request))
    await system.call(dora, 'breakGlass.activate', { id: request.id })
    const { document } = await system.call(dora, 'breakGlass.export', { id: request.id })
    expect(verifyExport(document)).toMatchObject({ problems: [], signed: 2, unsigned: 0 })
    // anywhere in the file: names, teams and times as well as what is signed by somebody
    const edits = volume({ sample: 200, full: document.length })
    for (let edit = 0; edit < edits; edit += 1) {
      const at = Math.floor(((edit + 0.5) * document.length) / edits)
      const other = /[0-9]/.test(document[at] ?? '') ? 'x' : '7'
      const edited = document.slice(0, at) + other + document.slice(at + 1)
      expect([at, verifyExport(edited).problems]).not.toEqual([at, []])
    }
  })
})

describe('a drill of the ceremony', () => {
  const rehearsed: Raw<'breakGlass.drill'> = {
    workspace: 'default',
    justification: 'the drill of the on-call rota in November',
  }
  const drillNow = async (): Promise<Request> => {
    const drill = await system.call(dora, 'breakGlass.drill', rehearsed)
    await yes(ada, drill)
    return yes(olga, drill, 1)
  }

  test('is voted on by the same people, measures each step, and stands apart with its score', async () => {
    const drill = await system.call(dora, 'breakGlass.drill', rehearsed)
    expect(drill).toMatchObject({ drill: true, incidentId: null, missing: 2, drillScore: null })
    expect(await system.outcome(dora, 'breakGlass.drill', rehearsed)).toBe('conflict')
    expect(await system.outcome(dora, 'breakGlass.update', { id: drill.id, incident: 'INC-7' })).toBe('conflict')
    expect(await system.outcome(dora, 'breakGlass.drillFinish', { id: drill.id })).toBe('approval-pending')
    const told = await sql<{ text: string }>`select text from notification where text like ${`%${drill.id}%`}`.execute(
      system.db,
    )
    expect(told.rows.map(({ text }) => text)).toEqual(
      told.rows.map(() => expect.stringMatching(/^Drill, no emergency/)),
    )
    const alerts = await system.db.selectFrom('alert').select('kind').where('about_id', '=', drill.id).execute()
    expect(alerts).toEqual([{ kind: 'break-glass-drill' }])
    await yes(ada, drill)
    expect((await yes(olga, drill, 1)).state).toBe('approved')
    expect(await system.outcome(ada, 'breakGlass.drillFinish', { id: drill.id })).toBe('forbidden')
    const finished = await system.call(dora, 'breakGlass.drillFinish', { id: drill.id }, 1)
    expect(finished).toMatchObject({ state: 'ended', session: null, drillScore: 100 })
    for (const late of ['breakGlass.activate', 'breakGlass.drillFinish'] as const)
      expect((await system.refusal(dora, late, { id: drill.id })).details.hint).toBe('this drill is over')
    expect(Object.values(finished.drillSteps ?? {}).every((seconds) => seconds !== null && seconds < 120)).toBe(true)
    const listed = async (drills: boolean) =>
      (await system.call(ada, 'breakGlass.list', { first: 20, drill: drills })).items.map(({ id }) => id)
    expect([(await listed(true))[0], (await listed(false)).includes(drill.id)]).toEqual([drill.id, false])
    expect(JSON.parse((await system.call(ada, 'breakGlass.get', { id: drill.id })).document)).toMatchObject({
      drill: true,
    })
  })

  test('never gives a session: it is not activated, and the database takes no row that says so', async () => {
    const drill = await drillNow()
    const outcomes = await Promise.all(
      Array.from({ length: volume({ sample: 8, full: 1000 }) }, (_, at) =>
        system.outcome(dora, 'breakGlass.activate', { id: drill.id }, (at % 2) as 0 | 1),
      ),
    )
    expect(new Set(outcomes).difference(new Set(toldToWait))).toEqual(new Set(['conflict']))
    const forced = sql`update break_glass_request set state = 'active' where id = ${drill.id}`.execute(system.db)
    await expect(forced).rejects.toThrow('check constraint')
    const { session } = await begin()
    await system.call(ada, 'emergencySession.revoke', { id: session.id, reason: 'a test' })
    const moved = sql`update emergency_session set request_id = ${drill.id} where id = ${session.id}`.execute(system.db)
    await expect(moved).rejects.toThrow('foreign key constraint')
    expect(await sessionsOf(drill)).toBe(0)
  })

  test('is measured whole where the count at its end is the one that approves it', async () => {
    const drill = await system.call(dora, 'breakGlass.drill', rehearsed)
    await yes(ada, drill)
    await sql`update users set status = 'disabled' where id = ${ada.id}`.execute(system.db)
    expect((await yes(olga, drill)).state).toBe('pending')
    await sql`update users set status = 'active' where id = ${ada.id}`.execute(system.db)
    const finished = await system.call(dora, 'breakGlass.drillFinish', { id: drill.id })
    expect(finished).toMatchObject({ drillScore: 100, drillSteps: { approvedSeconds: expect.any(Number) } })
  })

  test('takes nobody the place of an emergency, and a request for real is no drill', async () => {
    await drillNow()
    const { request } = await begin()
    expect(request.drill).toBe(false)
    const real = await ask()
    await yes(ada, real)
    await yes(olga, real)
    const refusal = await system.refusal(dora, 'breakGlass.drillFinish', { id: real.id })
    expect([refusal.code, refusal.details.hint]).toEqual(['conflict', expect.stringContaining('it is no drill')])
  })
})

describe('who watches a request', () => {
  const watch = async (who: Person, { id }: Pick<Request, 'id'>, node: 0 | 1 = 0) => {
    const stream = await system.nodes[node].enforcer.subscribe({
      name: 'breakGlass.watch',
      raw: { id },
      requestId: 'watch',
      caller: { credential: who.token, address: '192.0.2.7', userAgent: 'test', transport: 'trpc' },
    })
    return stream[Symbol.asyncIterator]()
  }

  test('is told how it stands, then of each vote on another gateway, its end, and of no other request', async () => {
    const [request, other] = [await ask(), await ask()]
    const [watched, alike] = [await watch(dora, request, 1), await watch(olga, other, 1)]
    const next = async () => (await watched.next()).value as Request
    expect(await next()).toMatchObject({ id: request.id, state: 'pending', missing: 2, approvals: [] })
    await yes(ada, request)
    expect(await next()).toMatchObject({ missing: 1, approvals: [{ principal: 'ada-admin', uncounted: null }] })
    await system.call(olga, 'breakGlass.deny', { id: request.id, reason: 'nobody knows of it' })
    expect(await next()).toMatchObject({ denials: [{ principal: 'olga-operator', team: 'sre' }] })
    await system.call(dora, 'breakGlass.cancel', { id: request.id, reason: 'it came back' })
    expect(await next()).toMatchObject({ state: 'cancelled', closedReason: 'it came back' })
    expect((await alike.next()).value).toMatchObject({ id: other.id, state: 'pending' })
    await Promise.all([watched.return?.(), alike.return?.()])
    const late = await watch(anton, request)
    expect((await late.next()).value).toMatchObject({ state: 'cancelled' })
    await late.return?.()
  })

  test('may see it anyway; others are told that there is none', async () => {
    const request = await ask()
    await expect(watch(vera, request)).rejects.toMatchObject({ code: 'not-found' })
    await expect(watch(dora, { id: session0 })).rejects.toMatchObject({ code: 'not-found' })
  })
})
