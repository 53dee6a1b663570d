import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
afterAll(() => system.end())

const limits = {
  role: 'Admin',
  sessionAbsoluteSeconds: 6 * 3600,
  sessionIdleSeconds: 900,
  accessTokenTtlSeconds: 600,
  refreshTokenTtlSeconds: 3600,
} as const
const anew = async (): Promise<void> => {
  admin = await logIn(system, one, personOf(system, 'Admin'))
}

describe('settings.get', () => {
  test('answers every setting for every role before anybody has set one', async () => {
    await anew()
    const settings = await one.call('settings.get', {}, admin.access)
    expect(settings).toMatchObject({
      requiredRoles: ['Admin', 'Developer', 'Operator', 'Viewer', 'Auditor'],
      authFailuresAlert: 5,
      updatedAt: null,
      updatedBy: null,
    })
    expect(settings.roleLimits.map(({ role }) => role)).toEqual(['Admin', 'Developer', 'Operator', 'Viewer', 'Auditor'])
    expect(settings.roleLimits[0]).toEqual({
      role: 'Admin',
      sessionAbsoluteSeconds: 12 * 3600,
      sessionIdleSeconds: 1800,
      accessTokenTtlSeconds: 900,
      refreshTokenTtlSeconds: 7 * 86_400,
    })
    expect(settings.authenticatorRules[2]).toEqual({
      role: 'Operator',
      attestation: 'none',
      aaguids: [],
      backupEligibleAllowed: true,
    })
  })

  test('is nothing for strangers and takes no fields', async () => {
    expect(await one.outcome('settings.get', {})).toBe('unauthenticated')
    // a field that is not declared
    expect(await one.outcome('settings.get', { all: true } as never, admin.access)).toBe('invalid-input')
  })
})

describe('settings.update', () => {
  test('changes what is named and nothing else, on this node at once and on others within a second', async () => {
    const before = await one.call('settings.get', {}, admin.access)
    const after = await one.call('settings.update', { roleLimits: [limits], authFailuresAlert: 9 }, admin.access)
    expect(after).toEqual({
      ...before,
      roleLimits: [limits, ...before.roleLimits.slice(1)],
      authFailuresAlert: 9,
      updatedAt: system.clock.now(),
      updatedBy: personOf(system, 'Admin').username,
    })
    expect((await one.settings.current()).limits.Admin).toMatchObject({ sessionIdleSeconds: 900 })
    await expect
      .poll(async () => (await two.settings.current()).limits.Admin.sessionIdleSeconds, { timeout: 1500 })
      .toBe(900)
    const rules = [
      {
        role: 'Operator' as const,
        attestation: 'required' as const,
        aaguids: ['d8522d9f-575b-4866-88a9-ba99fa02f35b'],
        backupEligibleAllowed: false,
      },
    ]
    const later = await two.call('settings.update', { authenticatorRules: rules }, admin.access)
    expect(later).toMatchObject({ roleLimits: after.roleLimits, authFailuresAlert: 9 })
    expect(later.authenticatorRules[2]).toEqual(rules[0])
  })

  test('the record says what moved, from what to what', async () => {
    const { entry } = await one.db
      .selectFrom('audit_entry')
      .select('entry')
      .where('action', '=', 'settings.update')
      .where('entry', 'like', '%"field":"authFailuresAlert"%')
      .executeTakeFirstOrThrow()
    expect(JSON.parse(entry)).toMatchObject({
      detail: {
        moved: expect.arrayContaining([
          { field: 'authFailuresAlert', from: 5, to: 9 },
          { field: 'roleLimits.Admin.sessionIdleSeconds', from: 1800, to: 900 },
          { field: 'roleLimits.Admin.sessionAbsoluteSeconds', from: 43_200, to: 21_600 },
        ]),
      },
    })
  })

  test('roles that the settings file demands stay demanded', async () => {
    const settings = await one.call('settings.update', { requiredRoles: ['Viewer'] }, admin.access)
    expect(settings.requiredRoles).toEqual(['Admin', 'Developer', 'Operator', 'Viewer', 'Auditor'])
  })

  test('limits by which people are out as soon as they are in are refused by field, and nothing changes', async () => {
    const before = await one.call('settings.get', {}, admin.access)
    const wrong = [
      [{ ...limits, sessionIdleSeconds: 7 * 3600 }, 'sessionIdleSeconds', 'at most sessionAbsoluteSeconds'],
      [
        { ...limits, accessTokenTtlSeconds: 900, refreshTokenTtlSeconds: 600 },
        'refreshTokenTtlSeconds',
        'at least accessTokenTtlSeconds',
      ],
      [
        { ...limits, sessionAbsoluteSeconds: 900, sessionIdleSeconds: 900, accessTokenTtlSeconds: 1200 },
        'accessTokenTtlSeconds',
        'at most sessionAbsoluteSeconds',
      ],
    ] as const
    for (const [one_, field, message] of wrong) {
      const refusal = await one.refusal(
        'settings.update',
        { roleLimits: [{ ...limits, role: 'Viewer' }, one_] },
        admin.access,
      )
      expect([refusal.code, refusal.details.fields]).toEqual([
        'invalid-input',
        [{ path: `roleLimits.1.${field}`, message }],
      ])
    }
    const twice = await one.refusal('settings.update', { roleLimits: [limits, limits] }, admin.access)
    expect(twice.details.fields).toEqual([{ path: 'roleLimits.1.role', message: 'each role once' }])
    expect(await one.outcome('settings.update', { authFailuresAlert: 0 }, admin.access)).toBe('invalid-input')
    expect(await one.call('settings.get', {}, admin.access)).toEqual(before)
  })

  test('of two changes at once neither is lost', async () => {
    await Promise.all([
      one.call('settings.update', { authFailuresAlert: 11 }, admin.access),
      two.call('settings.update', { roleLimits: [{ ...limits, role: 'Auditor' }] }, admin.access),
    ])
    const settings = await one.call('settings.get', {}, admin.access)
    expect([settings.authFailuresAlert, settings.roleLimits[4]?.sessionIdleSeconds]).toEqual([11, 900])
  })

  test('wants a factor proved lately, and a caller', async () => {
    expect(await one.outcome('settings.update', { authFailuresAlert: 7 })).toBe('unauthenticated')
    system.clock.advance(301)
    expect(await one.outcome('settings.update', { authFailuresAlert: 7 }, admin.access)).toBe('step-up-required')
    expect((await one.call('settings.get', {}, admin.access)).authFailuresAlert).toBe(11)
  })
})
