import { afterAll, beforeAll, expect, test } from 'vitest'
import { logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let one: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  admin = await logIn(system, one, personOf(system, 'Admin'))
})
afterAll(() => system.end())

test('an account is made once under its name, seen, changed, and its teams are those given last', async () => {
  const made = await one.call(
    'serviceAccount.create',
    { name: 'ci', description: 'builds', teams: ['sre'] },
    admin.access,
  )
  expect(made).toMatchObject({ name: 'ci', description: 'builds', teams: ['sre'], status: 'active', tokens: 0 })
  expect(await one.outcome('serviceAccount.create', { name: 'ci' }, admin.access)).toBe('conflict')
  expect(await one.call('serviceAccount.get', { id: 'ci' }, admin.access)).toEqual(made)
  expect(await one.call('serviceAccount.update', { id: made.id, teams: ['developers'] }, admin.access)).toMatchObject({
    description: 'builds',
    teams: ['developers'],
  })
  expect(
    await one.call('serviceAccount.update', { id: 'ci', description: 'deploys', teams: [] }, admin.access),
  ).toMatchObject({ description: 'deploys', teams: [] })
  expect(
    (await one.call('serviceAccount.list', { status: 'active' }, admin.access)).items.map(({ name }) => name),
  ).toEqual(['ci'])
  expect((await one.call('serviceAccount.list', { status: 'disabled' }, admin.access)).items).toEqual([])
})

test('names of our processes, unknown teams and changes of nothing are refused at their field', async () => {
  const pathOf = async (refusal: ReturnType<TestNode['refusal']>): Promise<string | undefined> =>
    (await refusal).details.fields?.[0]?.path
  for (const name of ['worker', 'gateway', 'console', 'Upper', ''])
    expect(await pathOf(one.refusal('serviceAccount.create', { name }, admin.access)), name).toBe('name')
  expect(await pathOf(one.refusal('serviceAccount.create', { name: 'other', teams: ['nobodys'] }, admin.access))).toBe(
    'teams',
  )
  expect(await pathOf(one.refusal('serviceAccount.update', { id: 'ci' }, admin.access))).toBe('description')
  expect(
    await pathOf(
      one.refusal(
        'apiToken.create',
        { name: 'x', purpose: 'x', scopes: ['read'], serviceAccount: 'nobody' },
        admin.access,
      ),
    ),
  ).toBe('serviceAccount')
  expect(await pathOf(one.refusal('apiToken.list', { serviceAccount: 'ci', user: 'admin' }, admin.access))).toBe(
    'serviceAccount',
  )
  expect(await one.db.selectFrom('service_account').select('name').execute()).toEqual([{ name: 'ci' }])
})

const calls = [
  ['serviceAccount.create', { name: 'more' }],
  ['serviceAccount.update', { id: 'ci', description: 'x' }],
  ['serviceAccount.disable', { id: 'ci', reason: 'x' }],
  ['serviceAccount.delete', { id: 'ci', reason: 'x' }],
  ['apiToken.create', { name: 'x', purpose: 'x', scopes: ['read'] }],
] as const

test.each(calls)('%s: strangers and those whose proof is old change nothing', async (name, input) => {
  const { access } = await logIn(system, one, personOf(system, 'Admin'))
  const before = await one.db.selectFrom('service_account').selectAll().execute()
  expect(await one.outcome(name, input)).toBe('unauthenticated')
  expect(await one.outcome(name, Object.assign({ colour: 'red' }, input), access)).toBe('invalid-input')
  system.clock.advance(301)
  expect(await one.outcome(name, input, access)).toBe('step-up-required')
  expect(await one.db.selectFrom('service_account').selectAll().execute()).toEqual(before)
  expect(await one.db.selectFrom('api_token').selectAll().execute()).toEqual([])
})

test('what is not there is not found', async () => {
  const { access } = await logIn(system, one, personOf(system, 'Admin'))
  for (const name of ['serviceAccount.disable', 'serviceAccount.delete'] as const)
    expect(await one.outcome(name, { id: 'nobody', reason: 'x' }, access)).toBe('not-found')
  for (const id of ['nobody', '01890000-0000-7000-8000-000000000000']) {
    expect(await one.outcome('serviceAccount.get', { id }, access)).toBe('not-found')
    expect(await one.outcome('apiToken.get', { id }, access)).toBe('not-found')
    expect(await one.outcome('apiToken.revoke', { id, reason: 'x' }, access)).toBe('not-found')
  }
})
