// Threats D1, D2, D3, D6: a second person's yes to one exact call of the platform, used once, by people who were there.
import type { Input, Output } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findApproval, hashesOfPlatformCall, type PlatformCall } from '../src/index.ts'
import { hashesOfReset } from '../src/approvals/approved-call.ts'
import { logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
let dora: LoggedIn
let olga: LoggedIn
let ada: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
  await anew()
})
afterAll(() => system.end())

async function anew(): Promise<void> {
  dora = await logIn(system, one, personOf(system, 'Developer'))
  olga = await logIn(system, one, personOf(system, 'Operator'))
  ada = await logIn(system, one, personOf(system, 'Admin'))
}

type Call = Pick<Input<'approval.use'>, 'action' | 'resource' | 'resourceType' | 'workspace'> & { parameters: string[] }
const deploy: Call = {
  action: 'deploy',
  resource: 'web',
  resourceType: 'Cluster',
  workspace: 'default',
  parameters: ['version=1.4.2', 'replicas=3'],
}
const ask = (call: Call, who = dora): Promise<Output<'approval.get'>> =>
  one.call('approval.request', { ...call, reason: 'release', ticket: 'OPS-31' }, who.access)
const approved = async (call: Call): Promise<Output<'approval.get'>> =>
  one.call('approval.approve', { id: (await ask(call)).id }, olga.access)
const useOf = (call: Call, node = one, who = dora): Promise<string> => node.outcome('approval.use', call, who.access)
const idOf = async (username: string): Promise<string> =>
  (await one.db.selectFrom('users').select('id').where('username', '=', username).executeTakeFirstOrThrow()).id
const found = async (call: Call, requester = personOf(system, 'Developer').username) =>
  findApproval(one.db, {
    call: { ...call, resourceId: call.resource, workspaceId: call.workspace },
    requesterId: await idOf(requester),
    now: system.clock.now(),
  })
let serial = 0
/** A call that no other test has asked for. */
const another = (): Call => ({ ...deploy, resource: `web-${(serial += 1)}` })

describe('an approval of a call', () => {
  test('is asked for, told to who may give it, given, found by policies, and used once', async () => {
    const asked = await ask(deploy)
    expect(asked).toMatchObject({
      action: 'deploy',
      resourceType: 'Cluster',
      resource: 'web',
      resourceName: 'Cluster web in default, replicas=3, version=1.4.2',
      workspace: 'default',
      parameters: ['replicas=3', 'version=1.4.2'],
      risk: 'medium',
      ticket: 'OPS-31',
      state: 'pending',
    })
    const told = await one.db
      .selectFrom('notification as n')
      .innerJoin('users as u', 'u.id', 'n.user_id')
      .select('u.username')
      .where('n.kind', '=', 'approvalWanted')
      .execute()
    const names = system.principals.filter(({ role }) => role === 'Admin' || role === 'Operator')
    expect(told.map(({ username }) => username).toSorted()).toEqual(
      ['admin', ...names.map(({ username }) => username)].toSorted(),
    )
    expect(await found(deploy)).toBeNull()
    expect(await useOf(deploy)).toBe('approval-pending')
    await one.call('approval.approve', { id: asked.id }, olga.access)
    const given = await found(deploy)
    expect(given?.id).toBe(asked.id)
    expect(given?.entities[0]).toMatchObject({
      attrs: { action: 'deploy', risk: 'medium', ticket: 'OPS-31', requester: { __entity: { type: 'User' } } },
      parents: [{ type: 'Workspace', id: 'default' }],
    })
    expect(given?.entities[1]?.parents).toContainEqual({ type: 'Role', id: 'Operator' })
    expect(await two.call('approval.use', deploy, dora.access)).toMatchObject({ id: asked.id, state: 'used' })
    expect(await found(deploy)).toBeNull()
    expect(await useOf(deploy)).toBe('conflict')
  })

  test('of 50 uses at once on two nodes one goes on', async () => {
    const call = another()
    await approved(call)
    const uses = await Promise.all(Array.from({ length: 50 }, (_, n) => useOf(call, n % 2 === 0 ? one : two)))
    expect(uses.filter((outcome) => outcome === 'allowed')).toHaveLength(1)
    expect(new Set(uses)).toEqual(new Set(['allowed', 'conflict']))
  })

  // Threat D6: approved for one thing, done to another.
  test('is good for that very call of that very person and nothing else; parameters have no order', async () => {
    const call = another()
    await approved(call)
    const others: Call[] = [
      { ...call, action: 'delete' },
      { ...call, resource: `${call.resource}0` },
      { ...call, resourceType: 'Server' },
      { ...call, parameters: ['version=1.4.3', 'replicas=3'] },
      { ...call, parameters: ['version=1.4.2'] },
      { ...call, parameters: [...call.parameters, 'force=true'] },
      { ...call, parameters: ['version=1.4.2\u002c replicas=3'] },
    ]
    for (const other of others) {
      expect([other, await useOf(other), await found(other)]).toEqual([other, 'conflict', null])
    }
    expect(await useOf(call, one, olga)).toBe('conflict')
    expect(await found(call, personOf(system, 'Operator').username)).toBeNull()
    expect(await useOf({ ...call, parameters: call.parameters.toReversed() })).toBe('allowed')
  })

  test('is one for each call: two versions are asked for beside one another, the same one twice is one', async () => {
    const call = another()
    const [first, again, next] = [await ask(call), await ask(call), await ask({ ...call, parameters: ['version=2'] })]
    expect(again.id).toBe(first.id)
    expect(next.id).not.toBe(first.id)
  })

  test('ends a day after it was asked for, given or not', async () => {
    const call = another()
    const { expiresAt, createdAt } = await approved(call)
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(86_400_000)
    system.clock.advance(86_400)
    await anew()
    expect([await useOf(call), await found(call)]).toEqual(['conflict', null])
  })

  test('a program uses it for the person it names; a person only their own', async () => {
    const call = another()
    const { id } = await approved(call)
    const account = await one.call('serviceAccount.create', { name: 'deployer', teams: ['developers'] }, ada.access)
    const { token } = await one.call(
      'apiToken.create',
      {
        name: 'deploys',
        serviceAccount: account.id,
        scopes: ['approval.use'],
        ttlSeconds: 3600,
        purpose: 'deploys',
        sourceAddresses: ['192.0.2.0/24'],
      },
      ada.access,
    )
    const refusal = await one.refusal('approval.use', call, token.expose())
    expect(refusal.details.fields?.[0]?.path).toBe('user')
    const user = personOf(system, 'Developer').username
    expect(await one.call('approval.use', { ...call, user }, token.expose())).toMatchObject({ id, state: 'used' })
  })

  test('what is asked for wrongly is refused with its field', async () => {
    const fieldOf = async (raw: Partial<Input<'approval.request'>>) =>
      (await one.refusal('approval.request', { ...deploy, reason: 'x', ...raw }, dora.access)).details.fields?.[0]?.path
    expect(await fieldOf({ workspace: undefined })).toBe('workspace')
    expect(await fieldOf({ resourceType: undefined })).toBe('resourceType')
    expect(await fieldOf({ workspace: 'nowhere' })).toBe('workspace')
    expect(await fieldOf({ parameters: ['version'] })).toBe('parameters.0')
    expect(await fieldOf({ parameters: ['version=1', 'version=2'] })).toBe('parameters')
    const about = { action: 'mfa.reset', resource: 'admin', reason: 'x' } as const
    for (const extra of [{ workspace: 'default' }, { resourceType: 'Server' }, { parameters: ['a=b'] }] as const) {
      const raw = { ...about, ...extra, parameters: [...(('parameters' in extra && extra.parameters) || [])] }
      expect(await one.outcome('approval.request', raw, ada.access)).toBe('invalid-input')
    }
  })

  test('a workspace that none of the teams of who asks sees is to them none', async () => {
    await one.call('workspace.create', { name: 'vault', environment: 'production', teams: ['sre'] }, ada.access)
    expect(
      (await one.refusal('approval.request', { ...deploy, workspace: 'vault', reason: 'x' }, dora.access)).code,
    ).toBe('invalid-input')
    expect(await one.outcome('approval.request', { ...deploy, workspace: 'vault', reason: 'x' }, olga.access)).toBe(
      'allowed',
    )
  })
})

// Threats D2 and D3: one person behind both accounts.
describe('an account made for the purpose', () => {
  const enrol = async (username: string, at: Date): Promise<string> => {
    const id = await idOf(username)
    await one.db.deleteFrom('authenticator').where('user_id', '=', id).execute()
    await one.db
      .insertInto('authenticator')
      .values({
        id: system.random.id(),
        user_id: id,
        kind: 'totp',
        name: 'phone',
        secret: Buffer.alloc(20),
        algorithm: 'SHA1',
        digits: 6,
        period_seconds: 30,
        created_at: at,
        confirmed_at: at,
      })
      .execute()
    return id
  }
  const daysAgo = (days: number): Date => new Date(system.clock.now().getTime() - days * 86_400_000)
  /** Makes somebody's yes a row: whatever let them say it, the use looks again. */
  const forge = (id: string, approver: string): Promise<unknown> =>
    one.db.updateTable('approval').set({ state: 'approved', approver_id: approver }).where('id', '=', id).execute()

  test('an Admin who was made an Admin after, or less than a day before, the request is no second person', async () => {
    const { oneTimePassword, id } = await one.call('user.create', { username: 'puppet', role: 'Admin' }, ada.access)
    expect(oneTimePassword.expose()).not.toBe('')
    // the others have a day to see it
    const told = await one.db
      .selectFrom('notification as n')
      .innerJoin('users as u', 'u.id', 'n.user_id')
      .select('u.username')
      .where('n.text', 'like', '% made puppet an Admin, %')
      .execute()
    expect(told.map(({ username }) => username).toSorted()).toEqual(
      ['admin', personOf(system, 'Admin', 1).username].toSorted(),
    )
    await enrol('puppet', daysAgo(30))
    const victim = personOf(system, 'Viewer').username
    const asked = await one.call(
      'approval.request',
      { action: 'mfa.reset', resource: victim, reason: 'lost' },
      ada.access,
    )
    await forge(asked.id, id)
    expect(await one.outcome('mfa.reset', { user: victim, reason: 'lost' }, ada.access)).toBe('approval-pending')
    // a day and a minute later the same account may: everybody has had the day to see it
    await one.db
      .updateTable('user_role')
      .set({ granted_at: daysAgo(1.001) })
      .where('user_id', '=', id)
      .execute()
    const anotherAsked = await one.call('approval.list', { state: 'pending' }, ada.access)
    const pending = anotherAsked.items.find(({ resourceName }) => resourceName === victim)
    await forge(pending?.id ?? '', id)
    expect(await one.outcome('mfa.reset', { user: victim, reason: 'lost' }, ada.access)).toBe('allowed')
  })

  test('whoever enrolled their second factor less than a day before the request approves nothing', async () => {
    const { username } = personOf(system, 'Operator')
    const call = another()
    const asked = await ask(call)
    const before = await one.db
      .selectFrom('authenticator')
      .selectAll()
      .where('user_id', '=', await idOf(username))
      .execute()
    await enrol(username, daysAgo(0.5))
    const refusal = await one.refusal('approval.approve', { id: asked.id }, olga.access)
    expect([refusal.code, refusal.details.hint]).toEqual([
      'forbidden',
      'when this was requested you had had your role and a second factor for less than a day; somebody who has had ' +
        'them for longer approves it',
    ])
    await forge(asked.id, await idOf(username))
    expect(await useOf(call)).toBe('conflict')
    await one.db
      .deleteFrom('authenticator')
      .where('user_id', '=', await idOf(username))
      .execute()
    await one.db.insertInto('authenticator').values(before).execute()
  })

  test('and asks for nothing either, nor is what they asked for by a row approved', async () => {
    const id = await idOf(personOf(system, 'Developer').username)
    const call = another()
    const { id: asked } = await ask(call)
    await one.db
      .updateTable('user_role')
      .set({ granted_at: daysAgo(0.9) })
      .where('user_id', '=', id)
      .execute()
    expect((await one.refusal('approval.request', { ...another(), reason: 'x' }, dora.access)).code).toBe('forbidden')
    expect((await one.refusal('approval.approve', { id: asked }, olga.access)).code).toBe('conflict')
    await forge(asked, await idOf(personOf(system, 'Operator').username))
    expect(await useOf(call)).toBe('conflict')
    await one.db
      .updateTable('user_role')
      .set({ granted_at: daysAgo(10) })
      .where('user_id', '=', id)
      .execute()
    expect(await useOf(call)).toBe('allowed')
  })
})

describe('the hash of a call', () => {
  const call: PlatformCall = {
    action: 'deploy',
    resourceType: 'Cluster',
    resourceId: 'web',
    workspaceId: 'default',
    parameters: ['a=1', 'b=2'],
  }
  const hashOf = (over: Partial<PlatformCall>): string =>
    hashesOfPlatformCall({ ...call, ...over }).call.toString('hex')

  test('is one for one call, and another for whatever differs, however it is cut', () => {
    const same = [hashOf({}), hashOf({ parameters: ['b=2', 'a=1'] })]
    expect(new Set(same).size).toBe(1)
    const different = [
      hashOf({}),
      hashOf({ action: 'rollback' }),
      hashOf({ resourceType: 'Server' }),
      hashOf({ resourceId: 'web2' }),
      hashOf({ workspaceId: 'web' }),
      hashOf({ parameters: [] }),
      hashOf({ parameters: ['a=1'] }),
      hashOf({ parameters: ['a=1,b=2'] }),
      hashOf({ parameters: ['a=1","b=2'] }),
      hashOf({ parameters: ['a=1b', '=2'] }),
      hashesOfReset({ subjectId: 'web', reason: '' }).call.toString('hex'),
    ]
    expect(new Set(different).size).toBe(different.length)
  })
})
