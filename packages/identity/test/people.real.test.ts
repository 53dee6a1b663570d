import type { LoadSlice } from '@gatehouse/enforcement'
import type { Store } from '@gatehouse/database'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  loadAuthenticatorSlice,
  loadSessionSlice,
  loadTeamSlice,
  loadUserSlice,
  loadWorkspaces,
  loadWorkspaceSlice,
} from '../src/index.ts'
import { logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let node: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
  admin = await logIn(system, node, personOf(system, 'Admin'))
})
afterAll(() => system.end())

describe('user', () => {
  test('create: a person in canonical form with role, teams and a one-time password that works', async () => {
    const created = await node.call(
      'user.create',
      {
        username: ' Grace.Hopper ',
        displayName: 'Grace',
        email: 'grace@example.org',
        role: 'Developer',
        teams: ['developers', 'sre', 'sre'],
      },
      admin.access,
    )
    expect(created).toMatchObject({
      username: 'grace.hopper',
      displayName: 'Grace',
      email: 'grace@example.org',
      status: 'active',
      roles: ['Developer'],
      teams: ['developers', 'sre'],
      hasAuthenticator: false,
      lastLoginAt: null,
    })
    expect(await node.call('user.get', { id: 'Grace.Hopper' }, admin.access)).toMatchObject({ id: created.id })
    expect(await node.call('user.get', { id: created.id }, admin.access)).not.toHaveProperty('oneTimePassword')
    expect(
      await node.outcome('auth.login', { username: 'grace.hopper', password: created.oneTimePassword.expose() }),
    ).toBe('allowed')
    const entry = await node.db
      .selectFrom('audit_entry')
      .select('entry')
      .where('action', '=', 'user.create')
      .where('resource_id', '=', created.id)
      .executeTakeFirstOrThrow()
    for (const personal of ['grace', 'Grace', created.oneTimePassword.expose()])
      expect(entry.entry).not.toContain(personal)
  })

  test('create: another spelling of a taken name is a conflict, and only one of many at once wins', async () => {
    expect(await node.outcome('user.create', { username: 'GRACE.HOPPER', role: 'Viewer' }, admin.access)).toBe(
      'conflict',
    )
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        node.outcome('user.create', { username: at % 2 === 0 ? 'hedy' : 'HEDY', role: 'Viewer' }, admin.access),
      ),
    )
    expect(outcomes.filter((code) => code === 'allowed')).toHaveLength(1)
  })

  test('create: a name, role or team that cannot be is refused at its field, and nobody is made', async () => {
    const before = (await node.db.selectFrom('users').select('id').execute()).length
    const refusal = await node.refusal('user.create', { username: 'eve\u200b', role: 'Viewer' }, admin.access)
    expect([refusal.code, refusal.details.fields?.[0]?.path]).toEqual(['invalid-input', 'username'])
    const unknownTeam = await node.refusal(
      'user.create',
      { username: 'eve', role: 'Viewer', teams: ['sre', 'nobodies'] },
      admin.access,
    )
    expect(unknownTeam.details.fields).toEqual([{ path: 'teams', message: 'teams that exist; there is no `nobodies`' }])
    // threat A2: roles by other spellings
    for (const role of ['admin', ' Admin', 'ADMIN', 'Admin\u200b'])
      expect(await node.outcome('user.create', { username: 'eve', role: role as 'Admin' }, admin.access)).toBe(
        'invalid-input',
      )
    expect(await node.db.selectFrom('users').select('id').execute()).toHaveLength(before)
  })

  test('list: newest first, by role, status and team, paged without loss', async () => {
    const all = (await node.call('user.list', { first: 200 }, admin.access)).items
    const [usernames, seen]: [string[], string[]] = [all.map(({ username }) => username), []]
    expect(usernames).toContain('admin')
    let after: string | undefined
    do {
      const page = await node.call('user.list', { first: 3, after }, admin.access)
      seen.push(...page.items.map(({ username }) => username))
      after = page.nextCursor ?? undefined
    } while (after !== undefined)
    expect(seen).toEqual(usernames)
    const operators = (await node.call('user.list', { role: 'Operator', team: 'sre' }, admin.access)).items
    expect(operators.map(({ username }) => username)).toEqual(['olga-operator'])
    expect((await node.call('user.list', { status: 'disabled' }, admin.access)).items).toEqual([])
  })

  test('get: nobody is not found', async () => {
    for (const id of ['nobody', '01890000-0000-7000-8000-000000000000'])
      expect(await node.outcome('user.get', { id }, admin.access)).toBe('not-found')
  })
})

describe('team', () => {
  test('create, add a member by name or id, and they have it from their next request on', async () => {
    const team = await node.call('team.create', { name: 'on-call', description: 'awake' }, admin.access)
    expect(team).toMatchObject({ name: 'on-call', description: 'awake', members: [] })
    const person = personOf(system, 'Viewer')
    const viewer = await logIn(system, node, person)
    await node.call('team.addMember', { id: 'on-call', user: person.username }, admin.access)
    const { id } = await node.call('auth.whoami', {}, viewer.access)
    expect((await node.call('team.addMember', { id: team.id, user: id }, admin.access)).members).toEqual([
      { id, username: person.username },
    ])
    expect((await node.call('auth.whoami', {}, viewer.access)).teams).toEqual(['developers', 'on-call'])
    expect((await node.call('team.get', { id: 'on-call' }, admin.access)).members).toHaveLength(1)
    expect((await node.call('team.list', {}, admin.access)).items.map(({ name }) => name)).toContain('on-call')
  })

  test('a taken name is a conflict; a person or team that does not exist is refused', async () => {
    expect(await node.outcome('team.create', { name: 'sre' }, admin.access)).toBe('conflict')
    expect(
      (await node.refusal('team.addMember', { id: 'sre', user: 'nobody' }, admin.access)).details.fields?.[0]?.path,
    ).toBe('user')
    expect(await node.outcome('team.addMember', { id: 'nobodies', user: 'admin' }, admin.access)).toBe('not-found')
  })
})

describe('workspace', () => {
  test('default is there, of tier development, and seen by the three first teams', async () => {
    const workspace = await node.call('workspace.get', { id: 'default' }, admin.access)
    expect(workspace).toMatchObject({
      id: 'default',
      name: 'default',
      tier: 'development',
      timeZone: 'UTC',
      teams: ['developers', 'platform-admin', 'sre'],
    })
    expect((await node.call('workspace.list', {}, admin.access)).items).toEqual([workspace])
    expect(await node.outcome('workspace.get', { id: 'other' }, admin.access)).toBe('not-found')
  })
})

describe('slices', () => {
  test('have the shapes of the schema, resolve names, and change their version with the row', async () => {
    const user = await loadUserSlice(node.db, 'ADA-ADMIN')
    expect(user?.entities[0]).toMatchObject({ attrs: { hasAuthenticator: true } })
    expect(user?.entities[0]?.parents.map(({ type }) => type)).toEqual(['Role', 'Team'])
    expect(user?.resource.id).toBe(user?.versions[0]?.id)
    await node.db.updateTable('users').set({ display_name: 'Ada' }).where('username', '=', 'ada-admin').execute()
    expect((await loadUserSlice(node.db, 'ada-admin'))?.versions).not.toEqual(user?.versions)
    const [team, workspace, session] = [
      await loadTeamSlice(node.db, 'sre'),
      await loadWorkspaceSlice(node.db, 'default'),
      await loadSessionSlice(node.db, admin.sessionId),
    ]
    expect(team?.entities[0]?.attrs).toEqual({})
    expect(workspace?.entities[0]?.attrs).toMatchObject({
      tier: 'development',
      teams: expect.arrayContaining([{ __entity: { type: 'Team', id: team?.resource.id } }]) as unknown,
    })
    expect(workspace?.workspace).toBe('default')
    expect(await loadWorkspaces(node.db)).toEqual([workspace])
    const archive = (at: Date | null) => node.db.updateTable('workspace').set({ archived_at: at }).execute()
    await archive(new Date(0))
    expect(await loadWorkspaces(node.db)).toEqual([])
    expect(await loadWorkspaces(node.db, { archivedToo: true })).toMatchObject([{ resource: workspace?.resource }])
    await archive(null)
    expect(session?.entities[0]?.attrs).toEqual({ owner: { __entity: { type: 'User', id: user?.resource.id } } })
    const authenticator = (await node.call('authenticator.list', {}, admin.access)).items[0]?.id ?? ''
    expect((await loadAuthenticatorSlice(node.db, authenticator))?.entities[0]?.attrs).toEqual(
      session?.entities[0]?.attrs,
    )
  })

  test('of a reference that names nothing are null, whatever it looks like', async () => {
    const loaders: readonly LoadSlice<Store>[] = [
      loadUserSlice,
      loadTeamSlice,
      loadWorkspaceSlice,
      loadSessionSlice,
      loadAuthenticatorSlice,
    ]
    for (const load of loaders)
      for (const id of ['', 'nothing', "' or true --", '01890000-0000-7000-8000-000000000000', 'x'.repeat(128)])
        expect(await load(node.db, id)).toBeNull()
  })
})
