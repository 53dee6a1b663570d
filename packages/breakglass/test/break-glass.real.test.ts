// Threats D1 to D7 and invariants I4 and I5, against PostgreSQL, with the shipped policies, on two gateways.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Output, Raw } from '@gatehouse/contract'
import type { RowClock } from '@gatehouse/enforcement'
import { createSoftwareAuthenticator, volume, type SoftwareAuthenticator } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { emergencyEraser } from '../src/domain.ts'
import { createEmergencies } from '../src/emergencies.ts'
import { selectUnreviewed } from '../src/session.queries.ts'
import { systemSteady } from '../src/steady.ts'
import { verifyExport, type ExportedRequest } from '../src/verify.ts'
import { startSystem, type Person, type System } from './system.ts'

let system: System
/** Of team platform-admin; of team sre; of team sre; of team developers. */
let ada: Person
let anton: Person
let olga: Person
let oscar: Person
/** Who asks: of team developers. */
let dora: Person
let vera: Person
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.end())

const logInAll = async (): Promise<void> => {
  ;[ada, anton, olga, oscar, dora, vera] = [
    await system.logIn('ada-admin'),
    await system.logIn('anton-admin'),
    await system.logIn('olga-operator'),
    await system.logIn('oscar-operator'),
    await system.logIn('dora-developer'),
    await system.logIn('vera-viewer'),
  ]
}

/** Everything open is over, everybody is who they were and has just proved it: whole volumes take their time. */
beforeEach(async () => {
  await logInAll()
  await sql`update emergency_session set ended_by = 'revoked', ended_at = now(), reviewed_at = now()
    where ended_by is null or reviewed_at is null`.execute(system.db)
  await sql`update break_glass_request set state = 'ended' where state in ('pending', 'approved', 'active')`.execute(
    system.db,
  )
})

const asking: Raw<'breakGlass.request'> = {
  incident: 'INC-7',
  severity: 'critical',
  justification: 'payments fail and the database host does not answer',
  workspace: 'default',
  actions: ['sshHost.list', 'lease.list', 'session.revoke'],
}
type Request = Output<'breakGlass.request'>
const ask = (more: Partial<Raw<'breakGlass.request'>> = {}, who = dora): Promise<Request> =>
  system.call(who, 'breakGlass.request', { ...asking, ...more })
const yes = (who: Person, { id, hash }: Request, node: 0 | 1 = 0): Promise<Request> =>
  system.call(who, 'breakGlass.approve', { id, hash }, node)
const stateOf = async ({ id }: Pick<Request, 'id'>): Promise<string> =>
  (await system.call(ada, 'breakGlass.get', { id })).state
const begin = async (more: Partial<Raw<'breakGlass.request'>> = {}) => {
  const request = await ask(more)
  await yes(ada, request)
  await yes(olga, request, 1)
  const { session, accessToken } = await system.call(dora, 'breakGlass.activate', { id: request.id })
  return { request, session, token: accessToken.expose() }
}
/** What somebody may be told of whose calls are thousands at once. */
const toldToWait = ['unavailable', 'rate-limited']
/** An id of nothing. */
const session0 = '01980000-0000-7000-8000-000000000000'
const sessionsOf = async ({ id }: Pick<Request, 'id'>): Promise<number> =>
  (await system.db.selectFrom('emergency_session').select('id').where('request_id', '=', id).execute()).length

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
    const kinds = await system.db.selectFrom('alert').select('kind').where('about_id', '=', session.id).execute()
    expect(kinds.map(({ kind }) => kind)).toEqual(['break-glass-created'])
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
    expect(verifyExport(document)).toEqual({ problems: [], signed: 2, unsigned: 0 })
    const exported = JSON.parse(document) as ExportedRequest // written by us
    for (let at = 0; at < 200; at += 1)
      expect([at, verifyExport(editedAt(exported, at)).problems]).not.toEqual([at, []])
  })
})

/** One letter or digit of what is proved, changed: of a document, a statement, a signature, a key or a hash. */
function editedAt(exported: ExportedRequest, at: number): string {
  const places = [
    ...exported.versions.flatMap((one) => [one.document, one.hash]),
    ...exported.votes.flatMap(({ statement, hash, voter, evidence }) => {
      const { assertion, key } = JSON.parse(evidence ?? '') as SignedEvidence // written by us
      const { clientDataJSON, authenticatorData, signature } = assertion.response
      return [statement, hash, voter, clientDataJSON, authenticatorData, signature, key.jwk.x]
    }),
  ]
  const text = places[at % places.length] ?? ''
  // the last letter of base64url may hold bits that nobody reads
  const place = (at * 7919) % (text.length - 2)
  const turned = /[0-9]/.test(text[place] ?? '') ? 'x' : '7'
  const edited = text.slice(0, place) + turned + text.slice(place + 1)
  const inJson = (one: string): string => JSON.stringify(one).slice(1, -1)
  const once = JSON.stringify(exported)
  return [inJson(text), inJson(inJson(text))].reduce(
    (document, one, depth) => document.replace(one, () => (depth === 0 ? inJson(edited) : inJson(inJson(edited)))),
    once,
  )
}

interface SignedEvidence {
  readonly assertion: {
    readonly response: {
      readonly clientDataJSON: string
      readonly authenticatorData: string
      readonly signature: string
    }
  }
  readonly key: { readonly jwk: { readonly x: string } }
}

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

describe('D1: one approval is counted once, and one activation comes of it', () => {
  test('of many approvals and activations at once each person counts once, and there is one session', async () => {
    const request = await ask()
    const many = volume({ sample: 20, full: 1000 })
    const times = Array.from({ length: many }, (_, at) => (at % 2) as 0 | 1)
    const vote = { id: request.id, hash: request.hash }
    const said = await Promise.all(
      times.flatMap((node) => [ada, olga].map((who) => system.outcome(who, 'breakGlass.approve', vote, node))),
    )
    expect(new Set(said).difference(new Set(toldToWait))).toEqual(new Set(['allowed']))
    const { approvals } = await system.call(ada, 'breakGlass.get', { id: request.id })
    expect(approvals.length).toBe(2)
    const outcomes = await Promise.all(
      times.map((node) => system.outcome(dora, 'breakGlass.activate', { id: request.id }, node)),
    )
    expect(outcomes.filter((one) => one === 'allowed').length).toBe(1)
    expect(await sessionsOf(request)).toBe(1)
  })
})

describe('I4: an approval that was answered is never lost', () => {
  test('of many votes on two gateways at once each that was answered counts, once', async () => {
    const rounds = volume({ sample: 2, full: 100 })
    for (let round = 0; round < rounds; round += 1) {
      const request = await ask()
      const told = new Set<string>()
      const vote = async (who: Person, node: 0 | 1): Promise<void> => {
        if (
          (await system.outcome(who, 'breakGlass.approve', { id: request.id, hash: request.hash }, node)) === 'allowed'
        )
          told.add(who.name)
      }
      // oscar is only in a team of who asked: never told that they voted
      await Promise.all([ada, olga, anton, oscar].flatMap((who) => [vote(who, 0), vote(who, 1), vote(who, 0)]))
      const { approvals, state } = await system.call(ada, 'breakGlass.get', { id: request.id }, 1)
      expect(approvals.map(({ principal }) => principal).toSorted()).toEqual([...told].toSorted())
      expect([told.has('oscar-operator'), state]).toEqual([false, 'approved'])
      await system.call(dora, 'breakGlass.cancel', { id: request.id, reason: 'a test' })
    }
  })
})

describe('I5: an emergency token is one of its request, after the quorum, and dies on time', () => {
  test('none before the quorum, one of many at once, refused within a second of its revocation', async () => {
    const request = await ask()
    await yes(ada, request)
    const tryAll = () =>
      Promise.all(
        Array.from({ length: volume({ sample: 8, full: 1000 }) }, async (_, at) => {
          try {
            return await system.call(dora, 'breakGlass.activate', { id: request.id }, (at % 2) as 0 | 1)
          } catch {
            return null
          }
        }),
      )
    expect((await tryAll()).filter((one) => one !== null)).toEqual([])
    await yes(olga, request, 1)
    const [given, ...more] = (await tryAll()).filter((one) => one !== null)
    const token = given?.accessToken.expose() ?? ''
    expect([more.length, await sessionsOf(request)]).toEqual([0, 1])
    expect(await system.outcome(token, 'lease.list', {}, 1)).toBe('allowed')
    await system.call(ada, 'emergencySession.revoke', { id: given?.session.id ?? '', reason: 'a test' })
    const revoked = performance.now()
    expect(await system.outcome(token, 'lease.list', {}, 1)).toBe('unauthenticated')
    expect(performance.now() - revoked).toBeLessThan(1000)
  })

  test('who tries to activate again and again does not hold up who revokes', async () => {
    const { request, session } = await begin()
    const revoking = await system.db.startTransaction().execute()
    await sql`select from emergency_session where id = ${session.id} for update`.execute(revoking)
    const activated = await system.outcome(dora, 'breakGlass.activate', { id: request.id })
    await revoking.rollback().execute()
    expect(activated).toBe('conflict')
  })

  test('with its last worker gone and a clock set back an hour it is dead after four hours that went by', async () => {
    const { token, session } = await begin({ durationSeconds: 14_400 })
    await sql`update emergency_session set idle_ms = -20000000, seen_at = seen_at + interval '1 hour',
      steady_ms = steady_ms - 14410000 where id = ${session.id}`.execute(system.db)
    for (const node of [0, 1] as const)
      expect(await system.outcome(token, 'lease.list', {}, node)).toBe('unauthenticated')
  })
})

describe('D2: nobody approves their own request', () => {
  test('not who asked, not by an API token, not a program, and not who has it from them', async () => {
    const own = await ask({}, olga)
    expect(await system.outcome(olga, 'breakGlass.approve', { id: own.id, hash: own.hash })).toBe('forbidden')
    const made = await system.call(ada, 'apiToken.create', { name: 'votes', purpose: 'a test', scopes: ['read'] })
    const token = made.token.expose()
    expect(await system.outcome(token, 'breakGlass.approve', { id: own.id, hash: own.hash })).toBe('forbidden')
    await system.call(ada, 'apiToken.revoke', { id: made.id, reason: 'a test' })
  })

  test('what the requester gave an approver within a week does not count', async () => {
    await sql`insert into person_gift (id, user_id, giver_id, what, at)
      values (gen_random_uuid(), ${anton.id}, ${dora.id}, 'account', now() - interval '6 days')`.execute(system.db)
    const request = await ask()
    const refusal = await system.refusal(anton, 'breakGlass.approve', { id: request.id, hash: request.hash })
    expect([refusal.code, refusal.details.hint]).toEqual(['forbidden', expect.stringContaining('less than 7 days ago')])
    await sql`update person_gift set at = now() - interval '8 days'`.execute(system.db)
    expect((await yes(anton, request)).approvals.length).toBe(1)
    await sql`delete from person_gift`.execute(system.db)
  })
})

describe('D2: nobody is a second team by their own hand', () => {
  test('two of one team are not two teams because one of them, an Admin, joins another now', async () => {
    await system.call(anton, 'team.addMember', { id: 'platform-admin', user: anton.id })
    const request = await ask()
    await yes(olga, request)
    expect((await yes(anton, request)).state).toBe('pending')
    expect(await system.outcome(dora, 'breakGlass.activate', { id: request.id })).toBe('approval-pending')
    await sql`update person_gift set at = now() - interval '8 days'`.execute(system.db)
    const later = await ask()
    await yes(olga, later)
    expect((await yes(anton, later)).state).toBe('approved')
    await sql`delete from team_member where user_id = ${anton.id}
      and team_id = (select id from team where name = 'platform-admin')`.execute(system.db)
    await sql`delete from person_gift`.execute(system.db)
  })

  test('who is added to their own team again keeps their vote', async () => {
    const request = await ask()
    await yes(olga, request)
    await yes(ada, request)
    await system.call(ada, 'team.addMember', { id: 'sre', user: olga.id })
    expect(await stateOf(request)).toBe('approved')
  })
})

describe('D3: second accounts of one person do not count', () => {
  test('one mailbox is one person, however its address is written', async () => {
    await sql`update users set email = 'dora@example.org' where id = ${dora.id}`.execute(system.db)
    await sql`update users set email = 'Dora+admin@example.org' where id = ${anton.id}`.execute(system.db)
    const request = await ask()
    const refusal = await system.refusal(anton, 'breakGlass.approve', { id: request.id, hash: request.hash })
    expect(refusal.details.hint).toContain('another account of the person who asked')
    await sql`update users set email = null`.execute(system.db)
  })

  test('two sessions that are bound to one key are of one person', async () => {
    const both = sql.val([ada.id, olga.id])
    await sql`update session set key_thumbprint = 'one-key'
      where user_id = any (${both}::uuid[])`.execute(system.db)
    const request = await ask()
    await sql`insert into break_glass_vote (id, request_id, version, hash, voter_id, voter_name, says, method,
      statement, session_id, at)
      select gen_random_uuid(), id, 1, hash, u, 'x', 'approve', 'totp', '', '', now()
      from break_glass_request, unnest(${both}::uuid[]) u
      where id = ${request.id}`.execute(system.db)
    expect(await system.outcome(dora, 'breakGlass.activate', { id: request.id })).toBe('approval-pending')
    await sql`update session set key_thumbprint = null`.execute(system.db)
  })

  test('an approver of the team of who asked alone does not count', async () => {
    const request = await ask()
    const refusal = await system.refusal(oscar, 'breakGlass.approve', { id: request.id, hash: request.hash })
    expect(refusal.details.hint).toContain('only in teams of the person who asked')
  })
})

describe('D4: what approvers are is read again at activation', () => {
  test('an approver who was disabled or moved to the team of the other takes their yes along', async () => {
    const request = await ask()
    await yes(ada, request)
    await yes(olga, request)
    await sql`update users set status = 'disabled' where id = ${olga.id}`.execute(system.db)
    const refusal = await system.refusal(dora, 'breakGlass.activate', { id: request.id })
    expect([refusal.code, refusal.details.hint]).toEqual(['approval-pending', expect.stringContaining('is disabled')])
    await sql`update users set status = 'active' where id = ${olga.id}`.execute(system.db)
    const { rows } = await sql<{ team_id: string }>`select team_id from team_member where user_id = ${ada.id}`.execute(
      system.db,
    )
    await sql`update team_member set team_id = (select team_id from team_member where user_id = ${olga.id})
      where user_id = ${ada.id}`.execute(system.db)
    expect(await system.outcome(dora, 'breakGlass.activate', { id: request.id })).toBe('approval-pending')
    expect(await sessionsOf(request)).toBe(0)
    await sql`update team_member set team_id = ${rows[0]?.team_id} where user_id = ${ada.id}`.execute(system.db)
    expect(await system.outcome(dora, 'breakGlass.activate', { id: request.id })).toBe('allowed')
  })

  test('an approver who leaves their team at this moment has left it before the activation', async () => {
    const request = await ask()
    await yes(ada, request)
    await yes(olga, request)
    const leaving = await system.db.startTransaction().execute()
    const left = await leaving.deleteFrom('team_member').where('user_id', '=', olga.id).returningAll().execute()
    const activated = system.outcome(dora, 'breakGlass.activate', { id: request.id })
    const first = await Promise.race([activated, sleep(200, 'waits')])
    await leaving.commit().execute()
    expect([first, await activated]).toEqual(['waits', 'approval-pending'])
    await system.db.insertInto('team_member').values(left).execute()
  })

  test('an approver who is disabled during the session ends it, on every node', async () => {
    const { token, session } = await begin()
    expect(await system.outcome(token, 'lease.list', {}, 1)).toBe('allowed')
    await system.call(anton, 'user.disable', { id: olga.id, reason: 'a test' })
    expect(await system.outcome(token, 'lease.list', {}, 1)).toBe('unauthenticated')
    const [sweep] = system.worker.sweeps.filter(({ name }) => name === 'break-glass')
    await sweep?.run((name, raw) => system.worker.enforcer.internal(name, raw, 'request'))
    const ended = await system.call(ada, 'emergencySession.get', { id: session.id })
    expect(ended).toMatchObject({ state: 'ended', endedBy: 'approver-disabled' })
    await sql`update users set status = 'active', cut_off = null where id = ${olga.id}`.execute(system.db)
    olga = await system.logIn('olga-operator')
  })
})

describe('D5: outsiders neither cancel nor crowd out', () => {
  test('who has no part in a request neither cancels, changes nor activates it', async () => {
    const request = await ask()
    await yes(ada, request)
    await yes(olga, request)
    for (const who of [oscar, ada, vera]) {
      expect(await system.outcome(who, 'breakGlass.cancel', { id: request.id, reason: 'a test' })).not.toBe('allowed')
      expect(await system.outcome(who, 'breakGlass.update', { id: request.id, incident: 'X' })).not.toBe('allowed')
      expect(await system.outcome(who, 'breakGlass.activate', { id: request.id })).not.toBe('allowed')
    }
    expect(await stateOf(request)).toBe('approved')
  })

  test('a flood of junk requests of one account does not block a real one', async () => {
    const junk = Array.from({ length: volume({ sample: 20, full: 1000 }) }, () =>
      system.outcome(oscar, 'breakGlass.request', asking),
    )
    const outcomes = await Promise.all(junk)
    expect(outcomes.filter((one) => one === 'allowed').length).toBeLessThanOrEqual(3)
    expect((await begin()).session.state).toBe('active')
  })

  test('who votes again and again holds up nobody: the others have connections while theirs wait', async () => {
    const [flooded, real] = [await ask(), await ask()]
    const held = await system.nodes[1].foundation.db.startTransaction().execute()
    await sql`select from break_glass_request where id = ${flooded.id} for update`.execute(held)
    const vote = { id: flooded.id, hash: flooded.hash }
    // more than there are connections, on both gateways; each waits for the row that is held
    const flood = Array.from({ length: volume({ sample: 30, full: 1000 }) }, (_, at) =>
      system.outcome(olga, 'breakGlass.approve', vote, (at % 2) as 0 | 1),
    )
    await sleep(100)
    for (const node of [0, 1] as const) await yes([ada, anton][node] ?? ada, real, node)
    expect(await stateOf(real)).toBe('approved')
    await held.rollback().execute()
    expect(await Promise.all(flood)).toContain('allowed')
    expect((await system.call(dora, 'breakGlass.get', { id: flooded.id })).approvals.length).toBe(1)
  })

  test('one stolen account cannot block: denials of two teams end a request, not of one', async () => {
    const request = await ask()
    await yes(ada, request)
    const denied = await system.call(anton, 'breakGlass.deny', { id: request.id, reason: 'nobody knows of it' })
    expect([denied.state, denied.denials.map(({ team }) => team)]).toEqual(['pending', ['sre']])
    // the team of who denied can't approve any more
    expect(await system.outcome(olga, 'breakGlass.approve', { id: request.id, hash: request.hash })).toBe('forbidden')
    const over = await system.call(ada, 'breakGlass.deny', { id: request.id, reason: 'neither do I' })
    expect(over.state).toBe('denied')
  })
})

describe('D6: a yes is to one version of a request', () => {
  test('an edit makes a new version, and voids what was said to the old one', async () => {
    const request = await ask()
    await yes(ada, request)
    await yes(olga, request)
    const edited = await system.call(dora, 'breakGlass.update', { id: request.id, durationSeconds: 14_400 })
    expect(edited).toMatchObject({ version: 2, state: 'pending', approvals: [], missing: 2 })
    expect(edited.hash).not.toBe(request.hash)
    expect(await system.outcome(dora, 'breakGlass.activate', { id: request.id })).toBe('approval-pending')
    expect(await system.outcome(anton, 'breakGlass.approve', { id: request.id, hash: request.hash })).toBe('conflict')
  })
})

describe('D7: a session ends by time that went by', () => {
  const ageBy = (id: string, { wall, steady }: { wall: string; steady: number }) =>
    sql`update emergency_session set seen_at = seen_at - ${wall}::interval, steady_ms = steady_ms - ${steady}
      where id = ${id}`.execute(system.db)

  test('a clock set back gains nothing: after four hours of elapsed time the token is dead', async () => {
    const { token, session } = await begin({ durationSeconds: 14_400 })
    await sql`update emergency_session set idle_ms = -20000000 where id = ${session.id}`.execute(system.db)
    await ageBy(session.id, { wall: '-1 hour', steady: 14_390_000 })
    expect(await system.outcome(token, 'lease.list', {})).toBe('allowed')
    await ageBy(session.id, { wall: '-1 hour', steady: 20_000 })
    expect(await system.outcome(token, 'lease.list', {}, 1)).toBe('unauthenticated')
  })

  test('with the worker dead the gateway refuses by itself, and a worker that comes back ends the row', async () => {
    const { token, session } = await begin()
    await ageBy(session.id, { wall: '31 minutes', steady: 0 })
    expect(await system.outcome(token, 'lease.list', {})).toBe('unauthenticated')
    expect(await system.call(ada, 'emergencySession.get', { id: session.id })).toMatchObject({ endedBy: 'inactive' })
    const [sweep] = system.worker.sweeps.filter(({ name }) => name === 'break-glass')
    expect(await sweep?.nextDueInSeconds()).toBeLessThan(0)
    await sweep?.run((name, raw) => system.worker.enforcer.internal(name, raw, 'request'))
    const row = await system.db
      .selectFrom('emergency_session')
      .select('ended_by')
      .where('id', '=', session.id)
      .executeTakeFirst()
    expect(row?.ended_by).toBe('inactive')
  })

  test('a request that nobody approves within an hour lapses', async () => {
    const request = await ask()
    await sql`update break_glass_request set seen_at = seen_at - interval '61 minutes'
      where id = ${request.id}`.execute(system.db)
    expect(await stateOf(request)).toBe('lapsed')
    expect(await system.outcome(ada, 'breakGlass.approve', { id: request.id, hash: request.hash })).toBe('conflict')
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

describe('the workflow of a request, and the one of a session', () => {
  const clock = (kind: RowClock['kind']): RowClock => {
    const found = system.worker.clocks.find((one) => one.kind === kind)
    if (found === undefined) throw new TypeError(`${kind} has no clock`)
    return found
  }
  const internal: Parameters<RowClock['run']>[0] = (name, raw) => system.worker.enforcer.internal(name, raw, 'request')
  const agesBy = (table: 'break_glass_request' | 'emergency_session', id: string, seconds: number) =>
    sql`update ${sql.table(table)} set seen_at = seen_at - make_interval(secs => ${seconds})
      where id = ${id}`.execute(system.db)
  const alertsOf = (kind: string, id: string) =>
    system.db.selectFrom('alert').selectAll().where('kind', '=', kind).where('about_id', '=', id).execute()

  test('a request: an hour, half an hour from the quorum, its session; it lapses by its own look alone', async () => {
    const requests = clock('break-glass')
    const [request, other] = [await ask(), await ask()]
    expect(await requests.livingIds(10)).toEqual(expect.arrayContaining([request.id, other.id]))
    expect(await requests.dueInSeconds(request.id)).toBeCloseTo(3600, -1)
    await yes(ada, request)
    await yes(olga, request)
    expect(await requests.dueInSeconds(request.id)).toBeCloseTo(1800, -1)
    for (const { id } of [request, other]) await agesBy('break_glass_request', id, 3601)
    expect(await requests.dueInSeconds(request.id)).toBe(0)
    expect(await requests.run(internal, request.id)).toBeNull()
    const { rows } = await sql<{ id: string; state: string }>`select id, state from break_glass_request
      where id in (${request.id}, ${other.id})`.execute(system.db)
    expect(rows.find(({ id }) => id === request.id)?.state).toBe('lapsed')
    expect(rows.find(({ id }) => id === other.id)?.state).toBe('pending')
    for (const nobody of [session0, 'no-id']) expect(await requests.dueInSeconds(nobody)).toBeNull()
  })

  test('a session: its warnings, its end, and daily what nobody reviewed, each once', async () => {
    const [requests, sessions] = [clock('break-glass'), clock('emergency-session')]
    const { request, session } = await begin()
    expect(await sessions.dueInSeconds(session.id)).toBeCloseTo(1800, -1)
    expect(await requests.dueInSeconds(request.id)).toBeGreaterThan(3600)
    await sql`update emergency_session set idle_ms = -20000000 where id = ${session.id}`.execute(system.db)
    await agesBy('emergency_session', session.id, 2701)
    expect(await sessions.run(internal, session.id)).toBeCloseTo(600, -1)
    await agesBy('emergency_session', session.id, 601)
    expect(await sessions.run(internal, session.id)).toBeCloseTo(300, -1)
    const told = await sql`select 1 from notification where kind = 'emergency' and user_id = ${dora.id}
      and text like 'The emergency session ends in%'`.execute(system.db)
    expect(told.rows).toHaveLength(2)
    await agesBy('emergency_session', session.id, 301)
    expect(await sessions.run(internal, session.id)).toBeCloseTo(48 * 3600, -1)
    expect(await requests.dueInSeconds(request.id)).toBeNull()
    const ends = (hours: number) =>
      sql`update emergency_session set ended_at = ended_at - make_interval(hours => ${hours}),
        overdue_told_at = overdue_told_at - make_interval(hours => ${hours}) where id = ${session.id}`.execute(
        system.db,
      )
    await ends(48)
    await Promise.all([1, 2, 3].map(() => sessions.run(internal, session.id)))
    expect(await sessions.dueInSeconds(session.id)).toBeCloseTo(24 * 3600, -1)
    await ends(24)
    await sessions.run(internal, session.id)
    const endedBefore = new Date()
    const dueNow = { endedBefore, toldBefore: new Date(endedBefore.getTime() - 24 * 3_600_000), userId: null }
    // of many it takes no other's turn for the rest of the day
    expect(await selectUnreviewed(system.db, { ...dueNow, sessionId: session.id })).toEqual([])
    expect((await alertsOf('break-glass-unreviewed', session.id)).map(({ count }) => count)).toEqual([2])
    await system.call(anton, 'breakGlass.review', {
      id: session.id,
      needed: true,
      summary: 'the database had lost its disk',
    })
    expect(await sessions.dueInSeconds(session.id)).toBeNull()
  })
})

describe('credentials of an emergency session', () => {
  test('are not issued once it has ended, and end with it', async () => {
    const { session } = await begin()
    await sql`insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name,
      session_id, state, issued_at, expires_at, due_at) values (gen_random_uuid(), 'ssh-certificate', 'root',
      'default', 'a test', 'User', ${dora.id}, 'dora', ${session.id}, 'active', now(), now() + interval '1 hour',
      now() + interval '1 hour')`.execute(system.db)
    await system.call(dora, 'emergencySession.revoke', { id: session.id, reason: 'done' })
    const { rows } = await sql<{ state: string }>`select state from lease where session_id = ${session.id}`.execute(
      system.db,
    )
    expect(rows.map(({ state }) => state)).toEqual(['revoked'])
    const emergencies = createEmergencies({ db: system.db, clock: { now: () => new Date() }, steady: systemSteady() })
    expect(await system.db.transaction().execute((tx) => emergencies.holdAlive(tx, session.id))).toBe(false)
  })
})

describe('afterwards', () => {
  test('who neither asked nor approved reviews it; unreviewed for 48 hours it blocks all but critical', async () => {
    const { session } = await begin()
    const review = { id: session.id, needed: true, summary: 'the database had lost its disk' }
    expect(await system.outcome(anton, 'breakGlass.review', review)).toBe('conflict')
    await system.call(dora, 'emergencySession.revoke', { id: session.id, reason: 'done' })
    for (const who of [dora, ada, olga])
      expect(await system.outcome(who, 'breakGlass.review', review)).toBe('forbidden')
    await sql`update emergency_session set ended_at = ended_at - interval '49 hours' where id = ${session.id}`.execute(
      system.db,
    )
    const next = await ask({ severity: 'high' })
    await yes(ada, next)
    await yes(olga, next)
    expect((await system.refusal(dora, 'breakGlass.activate', { id: next.id })).details.hint).toContain('reviewed')
    expect((await system.call(anton, 'breakGlass.review', review)).review).toMatchObject({
      reviewer: 'anton-admin',
      needed: true,
    })
    expect(await system.outcome(dora, 'breakGlass.activate', { id: next.id })).toBe('allowed')
  })

  test('rows go seven years later, after their entries, and never under a legal hold or unreviewed', async () => {
    const { request, session } = await begin()
    await system.call(ada, 'emergencySession.revoke', { id: session.id, reason: 'over' })
    const young = await ask()
    await system.call(dora, 'breakGlass.cancel', { id: young.id, reason: 'not wanted' })
    const age = async (days: number): Promise<void> => {
      await sql`update break_glass_request set created_at = now() - make_interval(days => ${days}::int),
        seen_at = now() - make_interval(days => ${days}::int) where id = ${request.id}`.execute(system.admin)
      await sql`update emergency_session set ended_at = now() - make_interval(days => ${days}::int),
        reviewed_at = reviewed_at - make_interval(days => ${days}::int) where id = ${session.id}`.execute(system.admin)
    }
    const left = async (): Promise<number> => {
      await system.worker.enforcer.internal('audit.prune', {}, randomUUID())
      const { rows } = await sql<{ count: number }>`select (select count(*) from break_glass_request
        where id = ${request.id}) + (select count(*) from break_glass_version where request_id = ${request.id})
        + (select count(*) from break_glass_vote where request_id = ${request.id})
        + (select count(*) from emergency_session where id = ${session.id}) as count`.execute(system.admin)
      return Number(rows[0]?.count)
    }
    const whole = 5 // the request, its version, two votes, its session
    await age(2600)
    expect(await left()).toBe(whole) // nobody has reviewed it, and its entries are of today
    const forgetEntries = () =>
      sql`delete from audit_entry where resource_id in (${request.id}, ${session.id})`.execute(system.admin)
    await sql`alter table audit_entry disable trigger all`.execute(system.admin)
    await forgetEntries()
    expect(await left()).toBe(whole)
    await system.call(oscar, 'breakGlass.review', {
      id: session.id,
      needed: true,
      summary: 'the host had hung; it was restarted',
    })
    await age(2600)
    expect(await left()).toBe(whole)
    await forgetEntries()
    const hold = async (held: { readonly who?: string; readonly workspace?: string }): Promise<void> => {
      await sql`delete from audit_hold`.execute(system.admin)
      const [workspace, who] = [held.workspace ?? null, held.who ?? null]
      await sql`insert into audit_hold (id, reason, workspace, principal_id, names, placed_by, placed_at)
        values (gen_random_uuid(), 'a case', ${workspace}, ${who}, '{}', ${anton.id}, now())`.execute(system.admin)
    }
    for (const held of [{}, { who: olga.id }, { who: dora.id, workspace: 'default' }]) {
      await hold(held)
      expect(await left()).toBe(whole)
    }
    await hold({ who: vera.id })
    expect(await left()).toBe(0)
    expect(await stateOf(young)).toBe('cancelled')
    await sql`delete from audit_hold`.execute(system.admin)
  })

  test('of an erased person stays what was signed, and not from where they asked', async () => {
    const { request, session } = await begin()
    await system.call(ada, 'emergencySession.revoke', { id: session.id, reason: 'dora-developer is not at it' })
    const { document } = await system.call(ada, 'breakGlass.export', { id: request.id })
    await system.db.transaction().execute(async (tx) => {
      await emergencyEraser.erase(tx, { id: dora.id, reason: 'they asked for it' })
      await emergencyEraser.forgetNames(tx, ['dora-developer'])
    })
    const seen = await system.call(olga, 'breakGlass.get', { id: request.id })
    expect([seen.address, seen.userAgent, seen.requesterName]).toEqual(['[erased]', '[erased]', 'dora-developer'])
    expect((await system.call(olga, 'emergencySession.get', { id: session.id })).endReason).toBe('[erased]')
    expect((await system.call(ada, 'breakGlass.export', { id: request.id })).document).toBe(document)
    expect(verifyExport(document).problems).toEqual([])
  })
})
