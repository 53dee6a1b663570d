// How long sessions and tokens live, by the roles and settings of the moment, on two nodes.
import type { Role } from '@gatehouse/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { limitsOfRoles, settingsFrom } from '../src/index.ts'
import {
  callerWith,
  logIn,
  opened,
  personOf,
  startSystem,
  testConfig,
  type LoggedIn,
  type TestNode,
  type TestSystem,
} from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
afterAll(() => system.end())
beforeEach(() => setLimits([]))

const day = 86_400
const minute = 60
type RoleLimits = {
  role: Role
  sessionAbsoluteSeconds: number
  sessionIdleSeconds: number
  accessTokenTtlSeconds: number
  refreshTokenTtlSeconds: number
}
const limits = (role: Role, change: Partial<RoleLimits>): RoleLimits => ({
  role,
  sessionAbsoluteSeconds: 30 * day,
  sessionIdleSeconds: 7 * day,
  accessTokenTtlSeconds: 900,
  refreshTokenTtlSeconds: 7 * day,
  ...change,
})

/** Sets limits as the settings keep them, and has both nodes look. */
async function setLimits(roleLimits: readonly RoleLimits[]): Promise<void> {
  const row = { id: 1, value: JSON.stringify({ roleLimits }), updated_at: system.clock.now(), updated_by: null }
  await one.db
    .insertInto('setting')
    .values(row)
    .onConflict((on) => on.column('id').doUpdateSet(row))
    .execute()
  await Promise.all([one, two].map((node) => node.settings.refresh()))
}

const outcomes = (access: string): Promise<string[]> =>
  Promise.all([one, two].map((node) => node.outcome('auth.whoami', {}, access)))
const renew = async (session: LoggedIn): Promise<LoggedIn> =>
  opened(one, (await one.call('auth.refresh', { refreshToken: session.refresh })).tokens)
/** A renewal that a page asked for by itself. */
const inBackground = (session: LoggedIn): Promise<string> =>
  one.outcome('auth.refresh', { refreshToken: session.refresh }, { ...callerWith(null), background: true })
const lastUseOf = async ({ sessionId }: LoggedIn): Promise<Date> =>
  (await one.db.selectFrom('session').select('last_used_at').where('id', '=', sessionId).executeTakeFirstOrThrow())
    .last_used_at

describe('an administrator', () => {
  test('is logged in for twelve hours at most, however busy they are', async () => {
    let session = await logIn(system, one, personOf(system, 'Admin'))
    const begun = system.clock.now().getTime()
    for (let minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
      system.clock.advance(10 * minute)
      session = await renew(session)
    }
    expect(await outcomes(session.access)).toEqual(['allowed', 'allowed'])
    const { sessionExpiresAt } = await two.call('auth.whoami', {}, session.access)
    expect(sessionExpiresAt?.getTime()).toBe(begun + 12 * 3600 * 1000)
    system.clock.advance(10 * minute)
    expect(await outcomes(session.access)).toEqual(['unauthenticated', 'unauthenticated'])
    expect(await two.outcome('auth.refresh', { refreshToken: session.refresh })).toBe('unauthenticated')
  })

  test('is out after half an hour without a call, not before, though not every call is written', async () => {
    const session = await logIn(system, one, personOf(system, 'Admin'))
    await one.call('auth.whoami', {}, session.access)
    system.clock.advance(29) // within what is not written
    const { sessionIdleExpiresAt } = await two.call('auth.whoami', {}, session.access)
    expect(sessionIdleExpiresAt?.getTime()).toBe(system.clock.now().getTime() + 30 * minute * 1000)
    system.clock.advance(30 * minute - 1)
    expect((await renew(session)).sessionId).toBe(session.sessionId)
    const idle = await logIn(system, one, personOf(system, 'Admin'))
    system.clock.advance(30 * minute + 30)
    expect(await two.outcome('auth.refresh', { refreshToken: idle.refresh })).toBe('unauthenticated')
    expect((await one.call('auth.verify', { token: idle.refresh })).active).toBe(false)
  })

  test('is not kept in by what a page asks in the background, nor by a stream that stands open', async () => {
    let session = await logIn(system, one, personOf(system, 'Admin'))
    const begun = await lastUseOf(session)
    system.clock.advance(5 * minute)
    const { principal } = await one.authenticator.inspect(session.access)
    await one.authenticator.recheck(principal, callerWith(null))
    const polled = await one.call('auth.whoami', {}, { ...callerWith(session.access), background: true })
    expect(polled.sessionIdleExpiresAt?.getTime()).toBe(begun.getTime() + 30 * minute * 1000)
    system.clock.advance(9 * minute)
    const { tokens } = await one.call(
      'auth.refresh',
      { refreshToken: session.refresh },
      { ...callerWith(null), background: true },
    )
    session = { ...session, access: tokens.accessToken?.expose() ?? '', refresh: tokens.refreshToken?.expose() ?? '' }
    expect(await lastUseOf(session)).toEqual(begun)
    system.clock.advance(17 * minute)
    expect(await inBackground(session)).toBe('unauthenticated')
    await expect(one.authenticator.recheck(principal, callerWith(null))).rejects.toMatchObject({
      code: 'unauthenticated',
    })
  })
})

describe('a change of the limits', () => {
  test('that shortens them holds for sessions that live, on both nodes; one that lengthens them does not', async () => {
    const person = personOf(system, 'Operator')
    const session = await logIn(system, one, person)
    system.clock.advance(600)
    expect(await outcomes(session.access)).toEqual(['allowed', 'allowed'])
    await setLimits([limits('Operator', { sessionAbsoluteSeconds: 600 })])
    expect(await outcomes(session.access)).toEqual(['unauthenticated', 'unauthenticated'])
    expect(await one.outcome('auth.refresh', { refreshToken: session.refresh })).toBe('unauthenticated')
    const short = await logIn(system, one, person)
    await setLimits([])
    expect((await two.call('auth.whoami', {}, short.access)).sessionExpiresAt?.getTime()).toBe(
      system.clock.now().getTime() + 600_000,
    )
    expect(
      (await one.call('session.list', {}, short.access)).items
        .find(({ id }) => id === short.sessionId)
        ?.expiresAt.getTime(),
    ).toBe(system.clock.now().getTime() + 600_000)
  })

  test('of idleness ends sessions that lie, and leaves out of the list what has ended by it', async () => {
    const person = personOf(system, 'Operator')
    const lying = await logIn(system, one, person)
    system.clock.advance(300)
    const used = await logIn(system, one, person)
    await setLimits([limits('Operator', { sessionIdleSeconds: 120 })])
    expect(await outcomes(lying.access)).toEqual(['unauthenticated', 'unauthenticated'])
    expect((await two.call('session.list', {}, used.access)).items.map(({ id }) => id)).not.toContain(lying.sessionId)
    // two minutes, of which every second counts
    for (let calls = 0; calls < 5; calls += 1) {
      system.clock.advance(119)
      expect(await one.outcome('auth.whoami', {}, used.access), `call ${calls}`).toBe('allowed')
      await expect.poll(() => lastUseOf(used)).toEqual(system.clock.now())
    }
  })

  test('of tokens holds for new ones and for old ones', async () => {
    const person = personOf(system, 'Operator')
    const before = await logIn(system, one, person)
    await setLimits([limits('Operator', { accessTokenTtlSeconds: 60, refreshTokenTtlSeconds: 300 })])
    const after = await renew(before)
    const { claims } = await one.authenticator.inspect(after.access)
    expect(claims.exp - claims.iat).toBe(60)
    const other = await logIn(system, one, person)
    await setLimits([])
    const long = await logIn(system, one, person)
    await setLimits([limits('Operator', { accessTokenTtlSeconds: 60, refreshTokenTtlSeconds: 300 })])
    system.clock.advance(61)
    expect(await outcomes(long.access)).toEqual(['unauthenticated', 'unauthenticated'])
    system.clock.advance(240)
    for (const { refresh } of [long, other])
      expect(await two.outcome('auth.refresh', { refreshToken: refresh })).toBe('unauthenticated')
  })
})

test('of several roles the shortest limit holds, and who is given a stricter role is held to it at once', async () => {
  const person = personOf(system, 'Viewer')
  const session = await logIn(system, one, person)
  system.clock.advance(31 * minute)
  const fresh = await renew(session)
  const { id } = await one.call('auth.whoami', {}, fresh.access)
  system.clock.advance(12 * 3600)
  const later = await renew(fresh)
  expect(await outcomes(later.access)).toEqual(['allowed', 'allowed'])
  await one.db.insertInto('user_role').values({ user_id: id, role: 'Admin', granted_at: system.clock.now() }).execute()
  expect(await outcomes(later.access)).toEqual(['unauthenticated', 'unauthenticated'])
  await one.db.deleteFrom('user_role').where('user_id', '=', id).where('role', '=', 'Admin').execute()
  const settings = settingsFrom({ roleLimits: [limits('Viewer', { sessionIdleSeconds: 90 })] }, testConfig)
  expect(limitsOfRoles(settings, ['Viewer', 'Admin'])).toMatchObject({
    sessionIdleSeconds: 90,
    sessionAbsoluteSeconds: 12 * 3600,
  })
})

test('an access token tells session, methods, strength, time of log-in and where to begin', async () => {
  const [member, outsider] = [
    await logIn(system, one, personOf(system, 'Operator')),
    await logIn(system, one, personOf(system, 'Auditor')),
  ]
  const { claims } = await one.authenticator.inspect(member.access)
  expect(claims).toMatchObject({
    sid: member.sessionId,
    amr: ['pwd', 'otp', 'mfa'],
    acr: 'mfa',
    workspace: 'default',
    permissions_hash: expect.stringMatching(/^[\w-]{22}$/) as string,
    jti: expect.any(String) as string,
  })
  expect(claims.auth_time).toBeLessThanOrEqual(claims.iat)
  expect((await one.authenticator.inspect(outsider.access)).claims).not.toHaveProperty('workspace')
})
