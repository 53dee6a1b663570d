// Threats D1 to D7 and invariants I4 and I5, against PostgreSQL, with the shipped policies, on two gateways.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { volume } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import {
  ada,
  anton,
  ask,
  asking,
  begin,
  dora,
  olga,
  oscar,
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
      // one may take back so many within an hour
      await sql`update break_glass_request set created_at = created_at - interval '2 hours'
        where id = ${request.id}`.execute(system.db)
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

  test('who takes requests back or changes them again and again is stopped, and nobody else is', async () => {
    const request = await ask()
    for (let edit = 1; edit <= 20; edit += 1)
      await system.call(dora, 'breakGlass.update', { id: request.id, durationSeconds: 300 + edit })
    for (const refused of [
      await system.refusal(dora, 'breakGlass.update', { id: request.id, durationSeconds: 900 }),
      await system.refusal(dora, 'breakGlass.request', asking),
    ])
      expect([refused.code, refused.details.hint]).toEqual(['conflict', expect.stringContaining('20 times')])
    expect(await system.outcome(oscar, 'breakGlass.request', asking)).toBe('allowed')
  })

  test('requests that were taken back cover up none that came to a session, in the timeline of both', async () => {
    const incident = `FLOOD-${randomUUID()}`
    const { request } = await begin({ incident })
    await sql`insert into break_glass_request select (jsonb_populate_record(r, jsonb_build_object(
        'id', gen_random_uuid(), 'state', 'cancelled', 'created_at', r.created_at + (of - 300) * interval '1 s'))).*
      from break_glass_request r, generate_series(1, 600) of where r.id = ${request.id}`.execute(system.admin)
    const { timeline } = await system.call(ada, 'incident.get', { id: request.incidentId ?? '' })
    const own = timeline.filter((step) => step.request === request.id).map(({ text }) => text)
    expect(own).toEqual([
      'asked for emergency access to default',
      'approved the request with a code',
      'approved the request with a code',
      'began the emergency session on default',
    ])
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

describe('D6: a yes is to one place', () => {
  test('what was approved for one environment is not had in another, until it is approved as it is', async () => {
    const move = (environment: 'development' | 'production') =>
      system.call(ada, 'workspace.update', { id: 'default', environment })
    const request = await ask()
    const before = request.environment === 'production' ? 'production' : 'development'
    const after = before === 'production' ? 'development' : 'production'
    await yes(ada, request)
    await yes(olga, request)
    await move(after)
    const { code, details } = await system.refusal(dora, 'breakGlass.activate', { id: request.id })
    expect([code, details.hint]).toEqual(['conflict', expect.stringContaining(`default stands in ${after} now`)])
    const edited = await system.call(dora, 'breakGlass.update', { id: request.id, severity: 'high' })
    expect([edited.environment, edited.approvals]).toEqual([after, []])
    await yes(ada, edited)
    await yes(olga, edited)
    expect(await system.outcome(dora, 'breakGlass.activate', { id: request.id })).toBe('allowed')
    await move(before)
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
