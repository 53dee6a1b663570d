// One definition of each name: who can be created can be named, and a name never passes for another thing's id.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logIn, nextCode, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let node: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
  admin = await logIn(system, node, personOf(system, 'Admin'))
})
afterAll(() => system.end())

const address = 'ada+ops@example.org'

describe('a person whose name is an e-mail address', () => {
  test('is created, and named by every operation that takes a person', async () => {
    const created = await node.call('user.create', { username: 'Ada+Ops@Example.org', role: 'Viewer' }, admin.access)
    expect(created.username).toBe(address)
    expect((await node.call('user.get', { id: address }, admin.access)).id).toBe(created.id)
    expect((await node.call('user.get', { id: address.toUpperCase() }, admin.access)).id).toBe(created.id)
    await node.call('role.assign', { user: address, role: 'Operator' }, admin.access)
    await node.call('role.remove', { user: address, role: 'Operator' }, admin.access)
    await node.call('user.update', { id: address, displayName: 'Ada' }, admin.access)
    const team = await node.call('team.addMember', { id: 'sre', user: address }, admin.access)
    expect(team.members.map(({ username }) => username)).toContain(address)
    await node.call('team.removeMember', { id: 'sre', user: address }, admin.access)
    for (const name of ['session.list', 'authenticator.list', 'apiToken.list'] as const)
      expect((await node.call(name, { user: address }, admin.access)).items, name).toEqual([])
    expect((await node.call('mfa.status', { user: address }, admin.access)).enrolled).toBe(false)
    expect((await node.call('approval.list', { requester: address }, admin.access)).items).toEqual([])
    await node.call('user.disable', { id: address, reason: 'left' }, admin.access)
    await node.call('user.enable', { id: address }, admin.access)
    await node.call('user.resetPassword', { id: address }, admin.access)
    await node.call('user.delete', { id: address, reason: 'left' }, admin.access)
    expect(await node.outcome('user.get', { id: address }, admin.access)).toBe('not-found')
  })
})

describe('text in the form of an id', () => {
  test('is refused as a name, wherever something is given one', async () => {
    nextCode(system.clock)
    const id = randomUUID()
    const creations = [
      ['user.create', { username: id, role: 'Viewer' }, 'username'],
      ['user.invite', { username: id.toUpperCase(), role: 'Viewer' }, 'username'],
      ['team.create', { name: id }, 'name'],
      ['team.update', { id: 'sre', name: id }, 'name'],
      ['serviceAccount.create', { name: id }, 'name'],
    ] as const
    for (const [name, input, field] of creations) {
      const refusal = await node.refusal(name, input as never, admin.access) // the pairs stand above
      expect([refusal.code, refusal.details.fields?.[0]?.path], name).toEqual(['invalid-input', field])
      expect(refusal.details.fields?.[0]?.message, name).toContain('not in the form of an id')
    }
  })

  test("is only ever an id: an old team that is named like another team's id gets none of its people", async () => {
    const sre = await node.call('team.get', { id: 'sre' }, admin.access)
    const impostor = randomUUID()
    // from before such names were refused
    await node.db
      .insertInto('team')
      .values({ id: impostor, name: sre.id, description: '', created_at: system.clock.now() })
      .execute()
    expect((await node.call('team.get', { id: sre.id }, admin.access)).id).toBe(sre.id)
    const created = await node.call(
      'user.create',
      { username: 'newcomer', role: 'Viewer', teams: [sre.id] },
      admin.access,
    )
    expect(created.teams).toEqual(['sre'])
    const listed = await node.call('user.list', { team: sre.id }, admin.access)
    expect(listed.items.every(({ teams }) => teams.includes('sre'))).toBe(true)
    const members = await node.db.selectFrom('team_member').selectAll().where('team_id', '=', impostor).execute()
    expect(members).toEqual([])
  })
})

describe('a cursor of another kind', () => {
  test('is invalid-input on `after`, in every list of people', async () => {
    const foreign = btoa(JSON.stringify(['2026-11-23T08:00:00.000Z', 'no-uuid'])).replaceAll('=', '')
    for (const name of ['user.list', 'team.list', 'serviceAccount.list', 'session.list', 'apiToken.list'] as const)
      for (const after of [foreign, 'AAAA', '%%%', 'x'.repeat(300)]) {
        const refusal = await node.refusal(name, { after }, admin.access)
        expect([refusal.code, refusal.details.fields?.[0]?.path], name).toEqual(['invalid-input', 'after'])
      }
  })
})
