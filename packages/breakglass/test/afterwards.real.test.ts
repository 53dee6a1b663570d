// Clocks, credentials and reviews: what becomes of a request and of a session without anybody at it.
import { randomUUID } from 'node:crypto'
import type { Raw } from '@gatehouse/contract'
import type { RowClock } from '@gatehouse/enforcement'
import { directory } from '@gatehouse/identity'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { emergencyEraser } from '../src/domain.ts'
import { createEmergencies } from '../src/emergencies.ts'
import { selectUnreviewed } from '../src/session.queries.ts'
import { systemSteady } from '../src/steady.ts'
import { verifyExport } from '../src/verify.ts'
import {
  ada,
  anton,
  ask,
  begin,
  dora,
  olga,
  oscar,
  session0,
  stateOf,
  system,
  vera,
  yes,
  withOnCall,
} from './on-call.ts'
import { logsIn, startShop } from './shop-database.ts'

withOnCall()

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
    const emergencies = createEmergencies({
      db: system.db,
      directory,
      clock: { now: () => new Date() },
      steady: systemSteady(),
    })
    expect(await system.db.transaction().execute((tx) => emergencies.holdAlive(tx, session.id))).toBeNull()
  })

  test('of a database are given at any hour, their rights are read before, and they die with the session', async () => {
    const shop = await startShop()
    try {
      await system.call(ada, 'secretBackend.configure', { name: 'shop-db', postgres: { url: shop.url } })
      const postgres = { grants: [shop.grant] }
      await system.call(ada, 'secretRole.create', { name: 'shop-read', backend: 'shop-db', postgres })
      const rolesOf = async (id: string) => (await system.call(ada, 'breakGlass.get', { id })).roles
      expect(await rolesOf((await ask()).id)).toEqual([])
      const actions: Raw<'breakGlass.request'>['actions'] = ['lease.issue', 'lease.revoke']
      const { request, session, token } = await begin({ actions })
      const roles = [{ name: 'shop-read', backend: 'shop-db', grants: [shop.grant] }]
      expect(await rolesOf(request.id)).toEqual(roles)
      const { material } = await system.call(token, 'lease.issue', { role: 'shop-read', purpose: 'the emergency' })
      expect(await logsIn(material)).toBe(true)
      await system.call(ada, 'emergencySession.revoke', { id: session.id, reason: 'over' })
      const due = system.worker.sweeps.filter(({ name }) => name === 'postgres')
      for (const sweep of due) await sweep.run((name, raw) => system.worker.enforcer.internal(name, raw, 'request'))
      expect(await logsIn(material)).toBe(false)
    } finally {
      await shop.drop()
    }
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

  test('nobody reviews it who had a part in it: not who approved beyond the two, and by no other account', async () => {
    const request = await ask()
    for (const who of [ada, olga, anton]) await yes(who, request)
    const { session } = await system.call(dora, 'breakGlass.activate', { id: request.id })
    const review = { id: session.id, needed: true, summary: 'the database had lost its disk' }
    const beyond = session.approvers.includes('anton-admin') ? olga : anton
    expect(session.approvers).toHaveLength(2)
    // who approved it ends it, wanted or not
    expect(await system.outcome(beyond, 'emergencySession.revoke', { id: session.id, reason: 'over' })).toBe('allowed')
    for (const who of [ada, olga, anton])
      expect(await system.outcome(who, 'breakGlass.review', review)).toBe('forbidden')
    for (const [part, address] of [
      [dora, 'dora@example.org'],
      [beyond, 'beyond@example.org'],
    ] as const) {
      await sql`update users set email = ${address} where id = ${part.id}`.execute(system.db)
      await sql`update users set email = ${address.replace('@', '+two@')} where id = ${oscar.id}`.execute(system.db)
      const { code, details } = await system.refusal(oscar, 'breakGlass.review', review)
      expect([code, details.hint]).toEqual(['forbidden', expect.stringContaining('another account of a person')])
    }
    await sql`update users set email = null`.execute(system.db)
    expect(await system.outcome(oscar, 'breakGlass.review', review)).toBe('allowed')
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
    const forgetEntries = async (): Promise<void> => {
      await sql`delete from audit_pending where entry_id in (
        select id from audit_entry where resource_id in (${request.id}, ${session.id}))`.execute(system.admin)
      await sql`delete from audit_placed where resource_id in (${request.id}, ${session.id})`.execute(system.admin)
    }
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
