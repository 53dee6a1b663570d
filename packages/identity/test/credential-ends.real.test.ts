// Whoever shows a genuine credential that is good no more is told what became of it; of all others nothing is said.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callerWith, logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let node: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
  admin = await logIn(system, node, personOf(system, 'Admin'))
})
afterAll(() => system.end())

const reasonOf = async (token: string): Promise<unknown> =>
  (await node.refusal('auth.whoami', {}, token)).details.reason
const reasonOfRefresh = async (refreshToken: string): Promise<unknown> =>
  (await node.refusal('auth.refresh', { refreshToken })).details.reason

test('a session that was ended, by both of its tokens', async () => {
  const session = await logIn(system, node, personOf(system, 'Operator'))
  await node.call('session.revoke', { id: session.sessionId, reason: 'lost laptop' }, admin.access)
  expect([await reasonOf(session.access), await reasonOfRefresh(session.refresh)]).toEqual([
    'session-revoked',
    'session-revoked',
  ])
  const refusal = await node.refusal('auth.whoami', {}, session.access)
  expect([refusal.code, refusal.message]).toEqual(['unauthenticated', 'your session was ended; log in again'])
  // what an administrator wrote down is for auditors
  expect(JSON.stringify(refusal.details)).not.toContain('laptop')
})

test('an account that was disabled', async () => {
  const session = await logIn(system, node, personOf(system, 'Developer'))
  const { id } = await node.call('auth.whoami', {}, session.access)
  await node.call('user.disable', { id, reason: 'left' }, admin.access)
  expect([await reasonOf(session.access), await reasonOfRefresh(session.refresh)]).toEqual([
    'user-disabled',
    'user-disabled',
  ])
  await node.call('user.enable', { id }, admin.access)
  expect(await reasonOf(session.access)).toBe('session-revoked')
})

test('an API token that was revoked, and one that has expired', async () => {
  const wish = { name: 'report', purpose: 'nightly report', scopes: ['read'] }
  const revoked = await node.call('apiToken.create', wish, admin.access)
  await node.call('apiToken.revoke', { id: revoked.id, reason: 'leaked' }, admin.access)
  expect(await reasonOf(revoked.token.expose())).toBe('token-revoked')
  const short = await node.call('apiToken.create', { ...wish, ttlSeconds: 60 }, admin.access)
  const elsewhere = await node.call(
    'apiToken.create',
    { ...wish, ttlSeconds: 60, sourceAddresses: ['198.51.100.0/24'] },
    admin.access,
  )
  system.clock.advance(61)
  expect(await reasonOf(short.token.expose())).toBe('token-expired')
  // from elsewhere than it could ever be used
  expect(await reasonOf(elsewhere.token.expose())).toBeUndefined()
})

test('of what is no credential of ours nothing is said', async () => {
  const session = await logIn(system, node, personOf(system, 'Viewer'))
  await node.call('session.revoke', { id: session.sessionId, reason: 'x' }, admin.access)
  const [head = '', body = '', signature = ''] = session.access.split('.')
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  for (const forged of [
    `${head}.${body}.${flipped}`,
    `${head}.${body}.`,
    `gatehouse_pat_${'a'.repeat(49)}`,
    session.refresh.slice(0, -2),
    'token',
  ])
    expect([await reasonOf(forged), await reasonOfRefresh(forged)]).toEqual([undefined, undefined])
  expect((await node.refusal('auth.whoami', {}, { ...callerWith(session.access), scheme: 'dpop' })).details).toEqual({})
})

test('a spent token of an ended session is not told apart from any other', async () => {
  const session = await logIn(system, node, personOf(system, 'Viewer'))
  await node.call('auth.refresh', { refreshToken: session.refresh })
  await node.outcome('auth.refresh', { refreshToken: session.refresh })
  expect(await reasonOfRefresh(session.refresh)).toBeUndefined()
  expect(await reasonOf(session.access)).toBe('session-revoked')
})

test('a session that has come to its end', async () => {
  const session = await logIn(system, node, personOf(system, 'Viewer'))
  system.clock.advance(40 * 86_400)
  expect(await reasonOfRefresh(session.refresh)).toBe('session-expired')
})
