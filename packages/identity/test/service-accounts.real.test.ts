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
  admin = await logIn(system, one, personOf(system, 'Admin'))
})
afterAll(() => system.end())

const tokenFor = async (serviceAccount: string, more: Record<string, unknown> = {}): Promise<string> =>
  (await one.call('apiToken.create', { name: 'ci', purpose: 'deploys', scopes: ['lease.*', 'serviceAccount.list', 'auth.whoami'], serviceAccount, ...more }, admin.access)).token.expose()
const worth = async (token: string): Promise<string[]> => [await one.outcome('auth.whoami', {}, token), await two.outcome('auth.whoami', {}, token)]

describe('serviceAccount.create, .get, .list, .update', () => {
  test('makes a program an account with teams, which is changed and listed by name', async () => {
    const made = await one.call('serviceAccount.create', { name: 'ci-deploy', description: 'deploys', teams: ['sre', 'sre'] }, admin.access)
    expect(made).toMatchObject({ name: 'ci-deploy', teams: ['sre'], status: 'active', tokens: 0 })
    await tokenFor('ci-deploy')
    expect(await one.call('serviceAccount.get', { id: 'ci-deploy' }, admin.access)).toMatchObject({ id: made.id, tokens: 1 })
    expect(await one.call('serviceAccount.update', { id: made.id, teams: ['developers'] }, admin.access)).toMatchObject({ teams: ['developers'], description: 'deploys' })
    expect((await one.call('serviceAccount.list', { status: 'active' }, admin.access)).items.map(({ name }) => name)).toContain('ci-deploy')
    expect((await one.call('serviceAccount.list', { status: 'disabled' }, admin.access)).items).toEqual([])
  })

  test('refuses names that are taken or our own, teams that do not exist, and nothing to change', async () => {
    expect(await one.outcome('serviceAccount.create', { name: 'ci-deploy' }, admin.access)).toBe('conflict')
    for (const name of ['worker', 'gateway', 'Ci', 'a b', '']) expect([name, await one.outcome('serviceAccount.create', { name }, admin.access)]).toEqual([name, 'invalid-input'])
    expect((await one.refusal('serviceAccount.create', { name: 'x', teams: ['nobody'] }, admin.access)).details.fields?.[0]).toEqual({ path: 'teams', message: 'teams that exist; there is no `nobody`' })
    expect(await one.outcome('serviceAccount.update', { id: 'ci-deploy' }, admin.access)).toBe('invalid-input')
    expect(await one.outcome('serviceAccount.get', { id: 'nothing' }, admin.access)).toBe('not-found')
    expect(await one.outcome('serviceAccount.list', {})).toBe('unauthenticated')
    expect(await one.outcome('apiToken.create', { name: 'x', purpose: 'x', scopes: ['read'], serviceAccount: 'nothing' }, admin.access)).not.toBe('allowed')
  })
})

describe('a program', () => {
  test('calls as itself, with its teams; bound by addresses, else not', async () => {
    await one.call('serviceAccount.create', { name: 'bot', teams: ['sre'] }, admin.access)
    const loose = await tokenFor('bot')
    expect(loose).toMatch(/^gatehouse_svc_/)
    expect(await one.call('auth.whoami', {}, loose)).toMatchObject({ username: 'bot', teams: ['sre'], assurance: 'pw', sessionId: null })
    const bound = await tokenFor('bot', { sourceAddresses: ['192.0.2.7'] })
    expect(await one.call('auth.whoami', {}, bound)).toMatchObject({ username: 'bot', assurance: 'mfa' })
    await one.call('serviceAccount.update', { id: 'bot', teams: [] }, admin.access)
    expect((await two.call('auth.whoami', {}, bound)).teams).toEqual([])
  })

  test('never does what asks for a factor just proved, nor what is for people', async () => {
    const bound = await tokenFor('bot', { sourceAddresses: ['192.0.2.7'], scopes: ['serviceAccount.*', 'apiToken.*', 'auth.stepUpBegin', 'password.change', 'user.*'] })
    expect(await one.outcome('serviceAccount.create', { name: 'child' }, bound)).toBe('forbidden')
    expect(await one.outcome('apiToken.create', { name: 'x', purpose: 'x', scopes: ['read'] }, bound)).toBe('forbidden')
    expect(await one.outcome('auth.stepUpBegin', {}, bound)).toBe('forbidden')
    expect(await one.outcome('user.list', {}, bound)).toBe('forbidden')
  })

  test('a person\'s token is checked by RFC 7662 for a bound program, from wherever it is used', async () => {
    const bound = await tokenFor('bot', { sourceAddresses: ['192.0.2.7'] })
    const person = (await one.call('apiToken.create', { name: 'x', purpose: 'x', scopes: ['read'], sourceAddresses: ['198.51.100.1'] }, admin.access)).token.expose()
    expect(await one.call('auth.verify', { token: person }, bound)).toMatchObject({ active: true, username: personOf(system, 'Admin').username, scope: 'read' })
    expect(await one.call('auth.verify', { token: person })).toEqual({ active: false })
  })

  // Threat A12
  test('that is shut out is out on every node, with all its tokens, and comes back with none', async () => {
    const token = await tokenFor('bot')
    expect(await worth(token)).toEqual(['allowed', 'allowed'])
    expect(await one.call('serviceAccount.disable', { id: 'bot', reason: 'leaked' }, admin.access)).toMatchObject({ status: 'disabled', tokens: 0 })
    expect(await worth(token)).toEqual(['unauthenticated', 'unauthenticated'])
    expect(await one.outcome('apiToken.create', { name: 'x', purpose: 'x', scopes: ['read'], serviceAccount: 'bot' }, admin.access)).toBe('conflict')
  })

  // Threat A3: recycled identifiers
  test('that takes a deleted one\'s name has another id and none of its tokens', async () => {
    const old = await one.call('serviceAccount.create', { name: 'phoenix' }, admin.access)
    const token = await tokenFor('phoenix')
    expect(await one.call('serviceAccount.delete', { id: 'phoenix', reason: 'gone' }, admin.access)).toEqual({ id: old.id, removed: true })
    expect(await worth(token)).toEqual(['unauthenticated', 'unauthenticated'])
    const fresh = await one.call('serviceAccount.create', { name: 'phoenix' }, admin.access)
    expect(fresh.id).not.toBe(old.id)
    expect(await worth(token)).toEqual(['unauthenticated', 'unauthenticated'])
    expect(fresh.tokens).toBe(0)
  })
})
