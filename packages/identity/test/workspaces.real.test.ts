// Workspaces, environments and calendars: what policies read of them is what was set, from the next decision on.
import { placeFacts, type Slice } from '@gatehouse/enforcement'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadEnvironmentSlice, loadWorkspaceOf, loadWorkspaceSlice } from '../src/index.ts'
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

const sliceOf = async (name: string): Promise<Slice> => {
  const slice = await loadWorkspaceSlice(node.db, name)
  if (slice === null) throw new TypeError(`no workspace ${name}`)
  return slice
}
const attrsOf = async (name: string) => (await sliceOf(name)).entities[0]?.attrs
const entryOf = (action: string) =>
  node.db
    .selectFrom('audit_entry')
    .select(['outcome', 'workspace', 'resource_id'])
    .where('action', '=', action)
    .orderBy('at', 'desc')
    .executeTakeFirstOrThrow()

describe('workspace', () => {
  test('made in an environment, it has what that asks for, and its teams see it', async () => {
    const made = await node.call(
      'workspace.create',
      { name: 'shop', environment: 'production', teams: ['sre', 'sre', 'developers'] },
      admin.access,
    )
    expect(made).toMatchObject({
      name: 'shop',
      environment: 'production',
      tier: 'production',
      timeZone: 'UTC',
      teams: ['developers', 'sre'],
    })
    expect(await node.call('workspace.get', { id: 'shop' }, admin.access)).toEqual(made)
    expect(await attrsOf('shop')).toMatchObject({ tier: 'production', requiresMfa: true, requiresApproval: true })
    expect(await entryOf('workspace.create')).toEqual({ outcome: 'allowed', workspace: made.id, resource_id: made.id })
  })

  test('a taken name, a team that is none and an environment that is none are refused with their fields', async () => {
    const fieldOf = async (raw: { name: string; environment?: 'staging'; teams?: string[] }) =>
      (await node.refusal('workspace.create', raw, admin.access)).details.fields?.[0]?.path
    expect(await fieldOf({ name: 'shop' })).toBe('name')
    expect(await fieldOf({ name: 'stall', teams: ['nobodies'] })).toBe('teams')
    expect(await fieldOf({ name: 'stall', environment: 'prod' as 'staging' })).toBe('environment')
    expect(await fieldOf({ name: 'Stall' })).toBe('name')
    expect(await loadWorkspaceSlice(node.db, 'stall')).toBeNull()
  })

  test('updated, it moves for whoever has decided on it', async () => {
    await node.call('workspace.create', { name: 'depot', teams: ['sre'] }, admin.access)
    const before = await sliceOf('depot')
    expect(await node.call('workspace.update', { id: 'depot', teams: ['developers'] }, admin.access)).toMatchObject({
      teams: ['developers'],
    })
    const between = await sliceOf('depot')
    expect(between.versions).not.toEqual(before.versions)
    expect(
      await node.call('workspace.update', { id: 'depot', name: 'store', environment: 'staging' }, admin.access),
    ).toMatchObject({ name: 'store', environment: 'staging', tier: 'staging', teams: ['developers'] })
    expect((await sliceOf('store')).versions).not.toEqual(between.versions)
    expect((await node.refusal('workspace.update', { id: 'store', name: 'shop' }, admin.access)).code).toBe('conflict')
    expect(await node.outcome('workspace.update', { id: 'store' }, admin.access)).toBe('invalid-input')
    expect(await node.outcome('workspace.update', { id: 'depot', name: 'x' }, admin.access)).toBe('not-found')
  })

  test('archived only when nothing lives in it; then no list has it, and its past is still placed', async () => {
    const { id } = await node.call('workspace.create', { name: 'old' }, admin.access)
    Object.assign(node.standing, { credentials: 2, hosts: 1, keys: 3, roles: 4 })
    const refusal = await node.refusal('workspace.archive', { id: 'old', reason: 'moved' }, admin.access)
    expect([refusal.code, refusal.details.hint]).toEqual([
      'conflict',
      '2 active credentials, 1 hosts, 3 keys and 4 secret roles are in it; revoke and remove them, and schedule the ' +
        'deletion of keys (gatehouse lease list, ssh-host list, kms-key list, secret-role list)',
    ])
    Object.assign(node.standing, { credentials: 0, hosts: 0 })
    expect(await node.outcome('workspace.archive', { id: 'old', reason: 'moved' }, admin.access)).toBe('conflict')
    Object.assign(node.standing, { keys: 0 })
    expect(await node.outcome('workspace.archive', { id: 'old', reason: 'moved' }, admin.access)).toBe('conflict')
    Object.assign(node.standing, { roles: 0 })
    expect(await node.call('workspace.archive', { id: 'old', reason: 'moved' }, admin.access)).toEqual({
      id,
      archived: true,
    })
    expect(await node.outcome('workspace.get', { id: 'old' }, admin.access)).toBe('not-found')
    expect((await node.call('workspace.list', {}, admin.access)).items.map(({ name }) => name)).not.toContain('old')
    expect((await loadWorkspaceOf(node.db, id))?.workspace).toBe(id)
    expect(await node.outcome('workspace.create', { name: 'old' }, admin.access)).toBe('conflict')
    expect((await node.refusal('workspace.archive', { id: 'default', reason: 'x' }, admin.access)).details.hint).toBe(
      'the default workspace stays',
    )
  })
})

describe('environment', () => {
  test('three are there, and production asks for a second factor and a second person', async () => {
    const { environments } = await node.call('environment.list', {}, admin.access)
    expect(environments.map((one) => [one.id, one.tier, one.requiresMfa, one.requiresApproval, one.timeZone])).toEqual([
      ['development', 'development', false, false, 'UTC'],
      ['staging', 'staging', false, false, 'UTC'],
      ['production', 'production', true, true, 'UTC'],
    ])
  })

  test('changed, its workspaces are decided by what it says now, and those of others are not touched', async () => {
    const [before, elsewhere] = [await sliceOf('store'), await sliceOf('default')]
    const changed = await node.call(
      'environment.update',
      { id: 'staging', tier: 'production', requiresMfa: true, timeZone: 'europe/helsinki', networks: ['10.0.0.1/8'] },
      admin.access,
    )
    expect(changed).toMatchObject({
      tier: 'production',
      requiresMfa: true,
      requiresApproval: false,
      timeZone: 'Europe/Helsinki',
      networks: ['10.0.0.1/8'],
      workspaces: 1,
      updatedBy: personOf(system, 'Admin').username,
    })
    const after = await sliceOf('store')
    expect(after.entities[0]?.attrs).toMatchObject({ tier: 'production', requiresMfa: true })
    expect(after.place).toMatchObject({ timeZone: 'Europe/Helsinki', networks: ['10.0.0.1/8'] })
    expect(after.versions).not.toEqual(before.versions)
    expect(await sliceOf('default')).toEqual(elsewhere)
    expect((await loadEnvironmentSlice(node.db, 'staging'))?.entities[0]?.attrs).toEqual({
      tier: 'production',
      requiresMfa: true,
      requiresApproval: false,
    })
    expect(await node.outcome('environment.update', { id: 'staging' }, admin.access)).toBe('invalid-input')
    expect(
      (await node.refusal('environment.update', { id: 'staging', timeZone: '+02:00' }, admin.access)).details.fields,
    ).toEqual([{ path: 'timeZone', message: "a time zone by IANA's name, such as Europe/Helsinki or UTC" }])
  })
})

describe('calendar', () => {
  test('without one a workspace has common hours in the time zone of its environment', async () => {
    expect(await node.call('calendar.get', { id: 'store' }, admin.access)).toMatchObject({
      timeZone: 'Europe/Helsinki',
      ownTimeZone: false,
      businessHours: ['mon-fri 08:00-18:00'],
      holidays: [],
      onCall: [],
      updatedAt: null,
    })
  })

  test('set, policies see hours, holidays and shifts from the next decision on; what is not named stays', async () => {
    const operator = personOf(system, 'Operator')
    const now = system.clock.now()
    const shift = { user: operator.username, from: now, to: new Date(now.getTime() + 3_600_000) }
    await node.call(
      'calendar.set',
      {
        id: 'default',
        timeZone: 'America/New_York',
        businessHours: ['Mon-Fri  09:00-17:00'],
        holidays: ['2026-12-25', '2026-12-24', '2026-12-25'],
        onCall: [{ ...shift, from: shift.from.toISOString(), to: shift.to.toISOString() }],
      },
      admin.access,
    )
    const set = await node.call('calendar.set', { id: 'default', holidays: ['2026-12-24'] }, admin.access)
    expect(set).toMatchObject({
      timeZone: 'America/New_York',
      ownTimeZone: true,
      businessHours: ['mon-fri 09:00-17:00'],
      holidays: ['2026-12-24'],
      onCall: [{ username: operator.username, from: shift.from, to: shift.to }],
      now: { onCall: [operator.username] },
      updatedBy: personOf(system, 'Admin').username,
    })
    const { place = null } = await sliceOf('default')
    const principalId = set.onCall[0]?.user ?? ''
    const at = (text: string) => placeFacts(place, { now: new Date(text), address: '192.0.2.7', principalId })
    expect(at('2026-12-23T14:00:00Z')).toMatchObject({ businessHours: true, onCall: false, corporateNetwork: true })
    expect(at('2026-12-23T13:59:00Z')).toMatchObject({ businessHours: false })
    expect(at('2026-12-24T15:00:00Z')).toMatchObject({ businessHours: false, holiday: true })
    expect(at(now.toISOString()).onCall).toBe(true)
    expect(await node.call('calendar.set', { id: 'default', timeZone: '', onCall: [] }, admin.access)).toMatchObject({
      timeZone: 'UTC',
      ownTimeZone: false,
      onCall: [],
    })
  })

  test.each([
    [{ businessHours: ['mon-fri 18:00-08:00'] }, 'businessHours.0'],
    [{ holidays: ['2026-02-30'] }, 'holidays.0'],
    [{ timeZone: 'Europe/Atlantis' }, 'timeZone'],
    [{ onCall: [{ user: 'nobody', from: '2026-12-01T00:00:00Z', to: '2026-12-02T00:00:00Z' }] }, 'onCall'],
    [{ onCall: [{ user: 'admin', from: '2026-12-02T00:00:00Z', to: '2026-12-02T00:00:00Z' }] }, 'onCall'],
    [{}, 'businessHours'],
  ])('%j is refused, and names the field', async (wrong, path) => {
    const before = await node.call('calendar.get', { id: 'default' }, admin.access)
    const refusal = await node.refusal('calendar.set', { id: 'default', ...wrong }, admin.access)
    expect([refusal.code, refusal.details.fields?.[0]?.path]).toEqual(['invalid-input', path])
    expect(await node.call('calendar.get', { id: 'default' }, admin.access)).toEqual(before)
  })

  test('who leaves is on call no more', async () => {
    const { id } = await node.call('user.create', { username: 'night.owl', role: 'Operator' }, admin.access)
    const onCall = [{ user: 'night.owl', from: '2026-11-01T00:00:00Z', to: '2027-11-01T00:00:00Z' }]
    await node.call('calendar.set', { id: 'default', onCall }, admin.access)
    await node.call('user.delete', { id, reason: 'left' }, admin.access)
    expect((await sliceOf('default')).place?.onCall).toEqual([])
  })
})
