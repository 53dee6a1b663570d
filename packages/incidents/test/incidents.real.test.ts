// Incidents: what somebody has to do next stands in rows, and whoever dies on the way loses none of it.
import { randomUUID } from 'node:crypto'
import type { Output, Raw } from '@gatehouse/contract'
import type { RowClock } from '@gatehouse/enforcement'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { personOf, startIncidentSystem, type IncidentSystem } from './incident-system.ts'

let h: IncidentSystem
const ada = personOf('ada')
beforeAll(async () => {
  h = await startIncidentSystem(ada)
  const row = { id: ada.id, username: 'ada', display_name: 'Ada', email: null, password_hash: '' }
  const rest = { must_change_password: false, password_changed_at: h.clock.now(), cut_off: null, last_login_at: null }
  await h.db
    .insertInto('users')
    .values({ ...row, ...rest })
    .execute()
})
afterEach(async () => {
  await h.db.deleteFrom('incident').execute()
  await h.db.deleteFrom('alert').execute()
})
afterAll(() => h.close())

const open = (input: Partial<Raw<'incident.open'>> = {}) =>
  h.call('incident.open', { title: 'keys on a public page', severity: 'medium', kind: 'credential', ...input })
const get = (id: string) => h.call('incident.get', { id })
/** Those of incidents: that no channel takes them is another's test. */
const alerts = () =>
  h.db
    .selectFrom('alert')
    .select(['kind', 'severity', 'facts'])
    .where('kind', 'like', 'incident-%')
    .orderBy('first_at')
    .orderBy('id')
    .execute()
const tick = () => h.internal('incident.tick', {}, randomUUID())
const hour = 3600
const texts = ({ timeline }: Output<'incident.get'>) => timeline.map(({ kind, text }) => `${kind}: ${text}`)
const lead = async (id: string, ...to: Raw<'incident.transition'>['to'][]) => {
  for (const state of to) await h.call('incident.transition', { id, to: state })
}

describe('opening', () => {
  test('keeps what is known, starts the response clock and the timeline, and is written to the audit log', async () => {
    const before = (await h.record()).length
    const { id, state, fresh } = await open({ affected: ['shop', 'db-2'], owner: 'ada', functions: ['respond'] })
    expect([state, fresh]).toEqual(['detected', true])
    const incident = await get(id)
    expect(incident).toMatchObject({ owner: 'ada', openedBy: 'ada', affected: ['shop', 'db-2'], breach: false })
    expect(incident.nextClock).toMatchObject({ name: 'respond', state: 'waiting' })
    expect(texts(incident)).toEqual(['opened: keys on a public page'])
    expect((await h.record()).slice(before, before + 1)).toEqual(['incident.open allowed'])
    expect(await alerts()).toEqual([])
  })

  test('of a severe one tells those on call in the same transaction', async () => {
    const { id } = await open({ severity: 'critical' })
    const [alert] = await alerts()
    expect(alert).toMatchObject({ kind: 'incident-severe', severity: 'critical' })
    expect(JSON.parse(alert?.facts ?? '')).toMatchObject({ incident: id, severity: 'critical' })
  })

  test('of more than ten severe ones of one person within an hour tells by one alert, with their count', async () => {
    for (let made = 0; made < 13; made += 1) await open({ severity: made === 12 ? 'medium' : 'critical' })
    const last = await open({ severity: 'medium' })
    await h.call('incident.update', { id: last.id, severity: 'critical' }) // nor is this a way around it
    const told = await h.db.selectFrom('alert').select('count').where('kind', '=', 'incident-severe').execute()
    expect(told.map(({ count }) => count).toSorted()).toEqual([...Array<number>(10).fill(1), 3])
    h.advance(2 * hour)
    await open({ severity: 'critical' })
    expect(await alerts()).toHaveLength(12)
  })

  test('twenty times at once with one reference is one incident, and its timeline says how often', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => open({ reference: 'MON-7' })))
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    expect(all.filter(({ fresh }) => fresh)).toHaveLength(1)
    const incident = await get(all[0]?.id ?? '')
    expect(incident.timeline.filter(({ kind }) => kind === 'found-again')).toHaveLength(19)
    await lead(incident.id, 'false-positive')
    expect(await open({ reference: 'MON-7' })).toMatchObject({ fresh: true })
  })

  test('again in a loop covers up nothing of what was noted before', async () => {
    const { id } = await open({ reference: 'MON-LOOP' })
    await h.call('incident.update', { id, note: 'the key was in a build log' })
    await sql`insert into incident_step (id, incident_id, at, kind, text, author_type, created_at)
      select gen_random_uuid(), ${id}::uuid, ${h.clock.now()}::timestamptz + of * interval '1 millisecond',
        'found-again', 'again', 'System', now() from generate_series(1, 1200) of`.execute(h.db)
    const { timeline } = await get(id)
    expect(timeline.slice(0, 2).map(({ kind }) => kind)).toEqual(['opened', 'note'])
    expect(timeline.filter(({ kind }) => kind === 'found-again')).toHaveLength(100)
  })

  test('again, with a breach or as a worse one, is what it is said to be now, and never a milder one', async () => {
    const { id } = await open({ reference: 'MON-8', severity: 'low' })
    const worse = { reference: 'MON-8', severity: 'critical', breach: true } as const
    expect(await open(worse)).toMatchObject({ id, fresh: false, severity: 'critical' })
    expect(await open({ reference: 'MON-8', severity: 'low' })).toMatchObject({ id, severity: 'critical' })
    const incident = await get(id)
    expect(incident).toMatchObject({ severity: 'critical', breach: true })
    expect(incident.clocks.map(({ name }) => name)).toContain('authority-24h')
    expect(texts(incident)).toContain('changed: severity low → critical, a breach of personal data')
    expect(await alerts()).toMatchObject([{ kind: 'incident-severe', severity: 'critical' }])
  })

  test('by Gatehouse itself is there exactly if the transaction is', async () => {
    const before = (await h.record()).length
    const one = { title: 'found', severity: 'high', kind: 'integrity', by: { type: 'System', id: null } } as const
    const rolledBack = h.db.transaction().execute(async (tx) => {
      await h.domain.openIncident(tx, one)
      throw new TypeError('nothing came of it')
    })
    await expect(rolledBack).rejects.toThrow('nothing came of it')
    expect([await h.db.selectFrom('incident').select('id').execute(), await alerts()]).toEqual([[], []])
    const { id } = await h.db.transaction().execute((tx) => h.domain.openIncident(tx, one))
    expect(await get(id)).toMatchObject({ openedBy: null, severity: 'high' })
    expect((await h.record()).slice(before)).toContain('incident.opened allowed')
  })

  test('by an alert that is one is there with the alert, once for the same thing, and told once', async () => {
    const about = { type: 'System', id: 'gatehouse' } as const
    const alert = { kind: 'audit-witness-refuted', about, dedupeKey: 'w', facts: { witness: 'w' } } as const
    const raise = () => h.db.transaction().execute((tx) => h.raiseAlert(tx, alert))
    const raised = await Promise.all([raise(), raise(), raise()])
    h.advance(25 * hour)
    await raise()
    const { items } = await h.call('incident.list', {})
    expect(items).toMatchObject([{ kind: 'integrity', severity: 'critical', openedBy: null }])
    const { timeline } = await get(items[0]?.id ?? '')
    expect(timeline.map(({ kind }) => kind)).toEqual(['opened', 'found-again'])
    expect(timeline[0]?.text).toContain(raised[0]?.id)
    expect(await alerts()).toEqual([])
  })

  test('of an alert is opened by that alone: nobody is there before it, to read what it is about', async () => {
    const refused = await h.refusal('incident.open', { ...ask, reference: 'alert/audit-witness-refuted/w' })
    expect([refused.code, refused.details.fields?.[0]?.path]).toEqual(['invalid-input', 'reference'])
  })

  test('is refused for an owner who is nobody and for a detection that is to come', async () => {
    expect((await h.refusal('incident.open', { ...ask, owner: 'nobody' })).details.fields?.[0]?.path).toBe('owner')
    const refused = await h.refusal('incident.open', { ...ask, detectedAt: '2999-01-01T00:00:00Z' })
    expect(refused.details.fields?.[0]?.path).toBe('detectedAt')
  })
})
const ask = { title: 'x', severity: 'low' } as const

describe('leading', () => {
  test('goes only to the state that follows, and says which that is', async () => {
    const { id } = await open()
    const refused = await h.refusal('incident.transition', { id, to: 'recovered' })
    expect([refused.code, refused.details.hint]).toEqual([
      'conflict',
      'the incident is detected, not on its way to recovered; from there it goes to triaged or false-positive',
    ])
    await h.call('incident.transition', { id, to: 'triaged', note: 'the key is real' })
    const incident = await get(id)
    expect(incident).toMatchObject({ state: 'triaged', nextStates: ['contained', 'false-positive'] })
    expect(texts(incident).at(-1)).toBe('moved: the key is real')
    expect(incident.clocks).toMatchObject([{ name: 'respond', state: 'met' }])
  })

  test('of two who take the same step at once one does', async () => {
    const { id } = await open()
    const step = { id, to: 'triaged' } as const
    const came = await Promise.allSettled([h.call('incident.transition', step), h.call('incident.transition', step)])
    expect(came.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('a step is not before the one that it follows, and not to come', async () => {
    const { id } = await open({ detectedAt: '2h' })
    await h.call('incident.transition', { id, to: 'triaged', at: '90m' })
    const refused = await h.refusal('incident.transition', { id, to: 'contained', at: '3h' })
    expect(refused.details.fields?.[0]?.path).toBe('at')
    await h.call('incident.transition', { id, to: 'contained', at: '30m' })
    const times = (await get(id)).timeline.map(({ at }) => at.getTime())
    expect(times).toEqual(times.toSorted((one, other) => one - other))
  })

  test('is not closed while an action is open, without a reason; and with one it says so', async () => {
    const { id } = await open()
    await h.call('incident.update', { id, action: 'mask keys in build logs', actionOwner: 'ada' })
    await lead(id, 'triaged', 'contained', 'eradicated', 'recovered', 'post-mortem')
    for (const name of ['incident.close', 'incident.transition'] as const) {
      const raw = name === 'incident.close' ? { id, resolution: 'done' } : { id, to: 'closed' as const }
      const refused = await h.refusal(name, raw as Raw<typeof name>)
      expect([refused.code, refused.details.hint]).toEqual(['conflict', expect.stringContaining('one action is open')])
    }
    const closed = await h.call('incident.close', { id, resolution: 'keys revoked', unfinished: 'moved to OPS-9' })
    expect(closed).toMatchObject({ state: 'closed', resolution: 'keys revoked', unfinished: 'moved to OPS-9' })
    expect(closed.nextStates).toEqual([])
  })

  test('an action is done once, and by then the incident closes without a reason', async () => {
    const { id } = await open()
    const { actions } = await h.call('incident.update', {
      id,
      action: 'mask keys',
      actionDueAt: '2030-01-01T00:00:00Z',
    })
    const actionDone = actions[0]?.id ?? ''
    expect((await h.call('incident.update', { id, actionDone })).actions[0]).toMatchObject({ doneBy: 'ada' })
    expect((await h.refusal('incident.update', { id, actionDone })).details.fields?.[0]?.path).toBe('actionDone')
    await lead(id, 'triaged', 'contained', 'eradicated', 'recovered', 'post-mortem', 'closed')
    const refused = await h.refusal('incident.update', { id, title: 'other' })
    expect(refused.code).toBe('conflict')
    await h.call('incident.update', { id, note: 'a note afterwards' })
  })

  test('what has become severe is told, and its response clock follows', async () => {
    const { id } = await open({ severity: 'low' })
    const slow = (await get(id)).nextClock?.dueAt.getTime() ?? 0
    const after = await h.call('incident.update', { id, severity: 'critical' })
    expect(slow - (after.nextClock?.dueAt.getTime() ?? 0)).toBe((72 * hour - 900) * 1000)
    expect(await alerts()).toMatchObject([{ kind: 'incident-severe', severity: 'critical' }])
    expect(texts(after).at(-1)).toBe('changed: severity low → critical')
  })

  test('entries of the audit log belong to it once, and only those that are there', async () => {
    const { id } = await open()
    const entry = (await h.db.selectFrom('audit_entry').select('id').executeTakeFirstOrThrow()).id
    expect((await h.call('incident.update', { id, entry })).timeline.at(-1)).toMatchObject({ kind: 'entry', entry })
    expect((await h.refusal('incident.update', { id, entry })).code).toBe('conflict')
    const refused = await h.refusal('incident.update', { id, entry: randomUUID() })
    expect(refused.details.fields?.[0]?.path).toBe('entry')
  })

  test('evidence is kept by its hash, once, with who added it', async () => {
    const { id } = await open()
    const evidence = { id, name: 'build.log', sha256: 'A'.repeat(64), location: 's3://evidence/1', size: 12 }
    expect(await h.call('incident.addEvidence', evidence)).toMatchObject({ addedBy: 'ada', sha256: 'a'.repeat(64) })
    expect((await h.refusal('incident.addEvidence', evidence)).code).toBe('conflict')
    expect((await h.refusal('incident.addEvidence', { ...evidence, sha256: 'abc' })).code).toBe('invalid-input')
    expect((await get(id)).evidence).toMatchObject([{ name: 'build.log', size: 12 }])
  })

  test.each(['incident.get', 'incident.transition', 'incident.update', 'incident.close'] as const)(
    '%s of what is not there is not found',
    async (name) => {
      const raw = { id: randomUUID(), to: 'triaged', resolution: 'x', note: 'x' }
      const { code } = await h.refusal(name, pick(name, raw))
      expect(code).toBe('not-found')
    },
  )
})
const wanted = {
  'incident.get': ['id'],
  'incident.transition': ['id', 'to'],
  'incident.update': ['id', 'note'],
  'incident.close': ['id', 'resolution'],
} as const
const pick = <N extends keyof typeof wanted>(name: N, raw: Record<string, string>): Raw<N> =>
  Object.fromEntries(wanted[name].map((field) => [field, raw[field]])) as Raw<N>

describe('clocks', () => {
  test('one that has run out is told once, however many look', async () => {
    const { id } = await open()
    expect((await tick()).fired).toBe(0)
    h.advance(9 * hour)
    const fired = await Promise.all([tick(), tick(), tick()])
    expect(fired.reduce((sum, one) => sum + one.fired, 0)).toBe(1)
    expect(await alerts()).toMatchObject([{ kind: 'incident-clock', severity: 'medium' }])
    expect(texts(await get(id)).at(-1)).toBe('clock: nobody has responded in time')
  })

  test('one that runs out while somebody moves its incident waits for them, and is told after', async () => {
    const { id } = await open()
    h.advance(9 * hour)
    const moving = await h.db.startTransaction().execute()
    await moving.selectFrom('incident').select('id').where('id', '=', id).forUpdate().execute()
    const fired = (await tick()).fired
    await moving.rollback().execute()
    expect([fired, (await tick()).fired]).toEqual([0, 1])
  })

  test('a breach escalates at 24, 48, 66 and 72 hours from the detection, each once', async () => {
    const { id } = await open({ breach: true })
    await lead(id, 'triaged')
    const seen: string[] = []
    for (const hours of [23, 2, 24, 18, 6]) {
      h.advance(hours * hour)
      await tick()
      seen.push((await alerts()).map(({ facts }) => String(JSON.parse(facts).clock)).join(' '))
    }
    expect(seen.map((line) => line.split(' ').at(-1))).toEqual([
      '',
      'authority-24h',
      'authority-48h',
      'authority-66h',
      'authority-72h',
    ])
    expect(await alerts()).toHaveLength(4)
    expect(await h.domain.status()).toMatchObject({ parts: [{ health: 'degraded' }] })
  })

  test('a breach that is none after all, and one that was told, have no clock left', async () => {
    const { id } = await open({ breach: true })
    await lead(id, 'triaged')
    expect((await h.call('incident.update', { id, breach: false })).nextClock).toBeNull()
    expect((await h.call('incident.update', { id, breach: true })).nextClock).toMatchObject({ name: 'authority-24h' })
    await h.call('incident.notifyBreach', { id, authority: 'BfDI' })
    h.advance(100 * hour)
    expect((await tick()).fired).toBe(0)
  })
})

describe("an incident's own workflow", () => {
  const internal: Parameters<RowClock['run']>[0] = (name, raw) => h.internal(name, raw, randomUUID())

  test('waits for the next clock of its row, fires that one alone, and ends when the incident is over', async () => {
    const [clock] = h.domain.clocks()
    if (clock === undefined) throw new TypeError('incidents have clocks')
    const { id } = await open({ breach: true })
    const { id: other } = await open()
    expect((await clock.livingIds(10)).toSorted()).toEqual([id, other].toSorted())
    expect(await clock.dueInSeconds(id)).toBeCloseTo(8 * hour, -2)
    h.advance(8 * hour + 1)
    expect(await clock.dueInSeconds(id)).toBeLessThanOrEqual(0)
    expect(await clock.run(internal, id)).toBeCloseTo(16 * hour, -2)
    expect((await get(other)).clocks).toMatchObject([{ name: 'respond', state: 'waiting' }])
    expect(await clock.run(internal, id)).toBeCloseTo(16 * hour, -2)
    expect(await alerts()).toHaveLength(1)
    await h.call('incident.transition', { id: other, to: 'false-positive' })
    expect(await clock.dueInSeconds(other)).toBeNull()
    for (const nobody of [randomUUID(), 'no-id']) expect(await clock.dueInSeconds(nobody)).toBeNull()
  })

  test('is told of each change, and by the change of no other', async () => {
    const { id } = await open()
    await h.call('incident.update', { id, severity: 'low' })
    await lead(id, 'triaged')
    expect(h.told.filter((one) => one === `incident/${id}`)).toHaveLength(3)
    await h.refusal('incident.transition', { id, to: 'closed' })
    expect(h.told.filter((one) => one === `incident/${id}`)).toHaveLength(3)
  })
})

describe('the notice of a breach', () => {
  test('has four parts, says what is missing, keeps what was said, and records who sent it when', async () => {
    const { id } = await open({ breach: true })
    const draft = await h.call('incident.notifyBreach', { id, nature: 'keys were published', contact: 'dpo@x.example' })
    expect(draft).toMatchObject({ version: 1, sentAt: null, by: 'ada' })
    expect(draft.missing).toContain('the likely consequences')
    expect((await get(id)).notifiedAt).toBeNull()
    const rest = { subjectCategories: 'customers', subjectCount: 40, recordCategories: 'addresses', recordCount: 40 }
    const parts = { ...rest, consequences: 'unwanted mail', measures: 'keys revoked' }
    const sent = await h.call('incident.notifyBreach', { id, ...parts, authority: 'BfDI' })
    expect(sent).toMatchObject({ version: 2, sentTo: 'BfDI', missing: [] })
    expect(sent.parts).toEqual({ ...parts, nature: 'keys were published', contact: 'dpo@x.example', delayReason: null })
    for (const said of ['keys were published', 'dpo@x.example', 'unwanted mail', 'keys revoked', '40'])
      expect(sent.document).toContain(said)
    expect((await get(id)).notifiedAt).toEqual(sent.sentAt)
  })

  test('after 72 hours asks for the reasons of the delay', async () => {
    const { id } = await open({ breach: true })
    h.advance(73 * hour)
    expect((await h.call('incident.notifyBreach', { id })).missing).toContain('the reasons for the delay')
    const sent = await h.call('incident.notifyBreach', { id, delayReason: 'nobody read the alert', authority: 'BfDI' })
    expect(sent.missing).not.toContain('the reasons for the delay')
    expect(sent.document).toContain('(late)')
  })

  test('is not written where no personal data is affected', async () => {
    const { id } = await open()
    const refused = await h.refusal('incident.notifyBreach', { id, nature: 'x' })
    expect([refused.code, refused.details.hint]).toEqual(['conflict', expect.stringContaining('--breach')])
  })

  test('was sent to somebody, and not before the breach was found out: that would end its clocks', async () => {
    const { id } = await open({ breach: true })
    const path = async (input: Partial<Raw<'incident.notifyBreach'>>) =>
      (await h.refusal('incident.notifyBreach', { id, ...input })).details.fields?.[0]?.path
    expect(await path({ authority: 'BfDI', sentAt: '1999-01-01' })).toBe('sentAt')
    expect(await path({ sentAt: '1m' })).toBe('authority')
    const { notifiedAt, nextClock } = await get(id)
    expect([notifiedAt, nextClock]).toEqual([null, expect.objectContaining({ name: 'respond' })])
  })

  test('is not closed over: the authority is told first, or the reason said', async () => {
    const { id } = await open({ breach: true })
    await lead(id, 'triaged', 'contained', 'eradicated', 'recovered', 'post-mortem')
    const refused = await h.refusal('incident.close', { id, resolution: 'over' })
    expect(refused.details.hint).toContain('the authority was not told')
  })
})

test('an erased person is gone from incidents, and what they did stays', async () => {
  const { id } = await open({ owner: 'ada', affected: ["ada's laptop"], breach: true })
  await h.call('incident.notifyBreach', { id, nature: "ada's keys" })
  const eraser = h.domain.eraser()
  await h.db.transaction().execute(async (tx) => {
    await eraser.erase(tx, { id: ada.id, username: 'ada' } as never)
    await eraser.forgetNames(tx, ['ada'])
  })
  const incident = await get(id)
  expect(JSON.stringify(incident)).not.toMatch(/"ada"|ada's/)
  expect(incident).toMatchObject({ owner: null, openedBy: null, affected: ['[erased]'] })
  expect((await h.call('incident.notifyBreach', { id, nature: 'keys' })).version).toBe(2)
})

test('lists the newest first, by state and severity', async () => {
  const first = await open({ severity: 'low' })
  h.advance(1)
  const second = await open({ severity: 'high' })
  const ids = async (raw: Raw<'incident.list'>) => (await h.call('incident.list', raw)).items.map(({ id }) => id)
  expect(await ids({})).toEqual([second.id, first.id])
  expect(await ids({ severity: 'medium' })).toEqual([second.id])
  await lead(first.id, 'false-positive')
  expect([await ids({ open: true }), await ids({ open: false })]).toEqual([[second.id], [first.id]])
  expect(await ids({ state: 'detected' })).toEqual([second.id])
  const { nextCursor } = await h.call('incident.list', { first: 1 })
  expect(await ids({ after: nextCursor ?? '' })).toEqual([first.id])
})
