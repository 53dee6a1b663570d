// Threats A2, A3, A12: what is taken from a person is gone at once, and who comes after them has nothing of theirs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { directory } from '../src/index.ts'
import { logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
  admin = await logIn(system, one, personOf(system, 'Admin'))
})
afterAll(() => system.end())

const alive = async (token: string): Promise<string[]> =>
  Promise.all([one, two].map((node) => node.outcome('auth.whoami', {}, token)))
const dead = ['unauthenticated', 'unauthenticated']
const rolesOf = async (id: string) => (await one.call('user.get', { id }, admin.access)).roles

describe('role', () => {
  test('assigned, it counts from the next request on; removed, its tokens are dead on both nodes', async () => {
    const person = personOf(system, 'Viewer')
    const viewer = await logIn(system, one, person)
    expect((await one.call('role.assign', { user: person.username, role: 'Operator' }, admin.access)).roles).toEqual([
      'Operator',
      'Viewer',
    ])
    expect((await two.call('auth.whoami', {}, viewer.access)).roles).toEqual(['Operator', 'Viewer'])
    expect(
      (await one.call('role.list', {}, admin.access)).roles.find(({ name }) => name === 'Operator')?.holders,
    ).toContain(person.username)
    expect((await two.call('role.remove', { user: person.username, role: 'Operator' }, admin.access)).roles).toEqual([
      'Viewer',
    ])
    expect(await alive(viewer.access)).toEqual(dead)
    expect(await one.outcome('auth.refresh', { refreshToken: viewer.refresh })).toBe('unauthenticated')
    expect((await one.refusal('role.remove', { user: person.username, role: 'Operator' }, admin.access)).code).toBe(
      'conflict',
    )
  })

  test('of who can log in the directory tells roles, teams and second factor, and of nobody else', async () => {
    const { id } = await one.call('user.get', { id: personOf(system, 'Developer').username }, admin.access)
    const found = async () => (await directory.activePeople(one.db)).find((person) => person.id === id)
    expect(await found()).toMatchObject({ roles: ['Developer'], teams: expect.any(Array), logsInBy: ['password'] })
    expect((await directory.activePeople(one.db))[0]?.roles).toContain('Admin')
    await one.call('user.disable', { id, reason: 'a test' }, admin.access)
    expect(await found()).toBeUndefined()
    await one.call('user.enable', { id }, admin.access)
    expect(await found()).toBeDefined()
  })

  test('another spelling of a role is none (threat A2)', async () => {
    const { username } = personOf(system, 'Viewer')
    for (const role of ['admin', ' Admin', 'ADMIN', 'Admin\u200b', 'ADMIN\u200b'])
      expect(await one.outcome('role.assign', { user: username, role: role as 'Admin' }, admin.access)).toBe(
        'invalid-input',
      )
    expect(await rolesOf(username)).toEqual(['Viewer'])
  })

  test('the last active Admin keeps the role and is not deleted', async () => {
    const other = personOf(system, 'Admin', 1)
    for (const user of ['admin', other.username]) await one.call('role.remove', { user, role: 'Admin' }, admin.access)
    const { username } = personOf(system, 'Admin')
    for (const refusal of [
      await two.refusal('role.remove', { user: username, role: 'Admin' }, admin.access),
      await two.refusal('user.delete', { id: username, reason: 'x' }, admin.access),
    ]) {
      expect([refusal.code, refusal.details.hint]).toEqual([
        'conflict',
        'this is the last active Admin; make another one first',
      ])
    }
    expect(await rolesOf(username)).toEqual(['Admin'])
    expect(await alive(admin.access)).toEqual(['allowed', 'allowed'])
  })
})

describe('user', () => {
  test('update changes what was given, and the address can be taken away', async () => {
    const { username } = personOf(system, 'Developer')
    expect(
      await one.call('user.update', { id: username, displayName: 'Dora D.', email: 'dora@example.org' }, admin.access),
    ).toMatchObject({ displayName: 'Dora D.', email: 'dora@example.org', username })
    expect(await one.call('user.update', { id: username, email: '' }, admin.access)).toMatchObject({
      displayName: 'Dora D.',
      email: null,
    })
    expect(await one.outcome('user.update', { id: username }, admin.access)).toBe('invalid-input')
    expect(await one.outcome('user.update', { id: username, email: 'nowhere' }, admin.access)).toBe('invalid-input')
    const entry = await one.db
      .selectFrom('audit_entry')
      .select('entry')
      .where('action', '=', 'user.update')
      .executeTakeFirstOrThrow()
    expect(entry.entry).not.toContain('dora@example.org')
  })

  test('a deleted person is out at once; the same name made again is somebody else (threat A3)', async () => {
    const person = personOf(system, 'Operator')
    const before = await logIn(system, one, person)
    const { principal } = await one.authenticator.inspect(before.access)
    const lease = system.random.id()
    await one.db
      .transaction()
      .execute((tx) =>
        one.leases.insertPending(tx, {
          id: lease,
          backend: 'ssh-key',
          role: 'web-1',
          hostId: null,
          workspace: 'default',
          purpose: 'test',
          principal,
          expiresAt: new Date(system.clock.now().getTime() + 3_600_000),
        }),
      )
    expect(await two.call('user.delete', { id: person.username, reason: 'left' }, admin.access)).toEqual({
      id: principal.id,
      removed: true,
    })
    expect(await alive(before.access)).toEqual(dead)
    expect(await two.outcome('auth.refresh', { refreshToken: before.refresh })).toBe('unauthenticated')
    expect(await one.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
      'invalid-credentials',
    )
    expect(await one.outcome('user.get', { id: principal.id }, admin.access)).toBe('not-found')
    const again = await one.call('user.create', { username: person.username, role: 'Viewer' }, admin.access)
    expect(again.id).not.toBe(principal.id)
    expect(again).toMatchObject({ roles: ['Viewer'], teams: [], hasAuthenticator: false })
    expect(await alive(before.access)).toEqual(dead)
    const row = await one.db
      .selectFrom('lease')
      .select(['principal_id', 'revoke_requested_at', 'reason'])
      .where('id', '=', lease)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ principal_id: principal.id, reason: 'left' })
    expect(row.revoke_requested_at).not.toBeNull()
    expect(await one.outcome('user.delete', { id: principal.id, reason: 'again' }, admin.access)).toBe('not-found')
  })
})

describe('team', () => {
  test('update keeps the id and its members; a taken name is a conflict', async () => {
    const before = await one.call('team.get', { id: 'developers' }, admin.access)
    expect(
      await one.call('team.update', { id: 'developers', name: 'builders', description: 'build' }, admin.access),
    ).toEqual({ ...before, name: 'builders', description: 'build' })
    expect(await one.outcome('team.update', { id: before.id, name: 'sre' }, admin.access)).toBe('conflict')
    expect(await one.outcome('team.update', { id: before.id }, admin.access)).toBe('invalid-input')
    expect((await one.call('team.get', { id: 'builders' }, admin.access)).id).toBe(before.id)
  })

  test('who is taken out is out from their next request on; who is not in it is refused', async () => {
    const person = personOf(system, 'Viewer')
    const viewer = await logIn(system, one, person)
    expect((await two.call('auth.whoami', {}, viewer.access)).teams).toEqual(['builders'])
    const team = await one.call('team.removeMember', { id: 'builders', user: person.username }, admin.access)
    expect(team.members.map(({ username }) => username)).not.toContain(person.username)
    expect((await two.call('auth.whoami', {}, viewer.access)).teams).toEqual([])
    expect(
      (await one.refusal('team.removeMember', { id: 'builders', user: person.username }, admin.access)).details
        .fields?.[0]?.path,
    ).toBe('user')
  })

  test('a removed team is gone from its people, who stay', async () => {
    const { id, members } = await one.call('team.get', { id: 'builders' }, admin.access)
    expect(members.length).toBeGreaterThan(0)
    expect(await two.call('team.remove', { id: 'builders' }, admin.access)).toEqual({ id, removed: true })
    expect(await one.outcome('team.get', { id }, admin.access)).toBe('not-found')
    expect((await one.call('user.get', { id: members[0]?.id ?? '' }, admin.access)).teams).not.toContain('builders')
  })
})

describe('who may not', () => {
  test('strangers and sessions proved too long ago change nothing', async () => {
    const { username } = personOf(system, 'Developer')
    const calls = [
      ['user.delete', { id: username, reason: 'x' }],
      ['role.assign', { user: username, role: 'Admin' }],
      ['role.remove', { user: username, role: 'Developer' }],
      ['team.remove', { id: 'sre' }],
      ['team.removeMember', { id: 'sre', user: username }],
    ] as const
    const { access } = await logIn(system, one, personOf(system, 'Admin'))
    system.clock.advance(301)
    for (const [name, raw] of calls) {
      expect(await one.outcome(name, raw), name).toBe('unauthenticated')
      expect(await one.outcome(name, raw, access), name).toBe('step-up-required')
    }
    for (const name of ['user.update', 'team.update', 'role.list'] as const)
      expect(await one.outcome(name, name === 'role.list' ? {} : { id: 'sre' }), name).toBe('unauthenticated')
    expect(await one.call('user.get', { id: username }, access)).toMatchObject({
      roles: ['Developer'],
      status: 'active',
    })
    expect(await one.outcome('team.get', { id: 'sre' }, access)).toBe('allowed')
  })
})
