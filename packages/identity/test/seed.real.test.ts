import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminInit, adminRecover, oneTimePassword, pruneIdentity, seedAdmin, seedPrincipals } from '../src/index.ts'
import { codeOf, logIn, opened, personOf, startSystem, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let node: TestNode
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
})
afterAll(() => system.end())

const inClear = (principals: Awaited<ReturnType<typeof seedPrincipals>>) =>
  principals.map(({ password, totpSecret, ...rest }) => ({
    ...rest,
    password: password.expose(),
    totpSecret: totpSecret.expose(),
  }))

test('seven people of five roles stand in their teams, and are the same at every start', async () => {
  const again = await seedPrincipals(node.seeds)
  expect(inClear(again)).toEqual(inClear(system.principals))
  expect(again.map(({ role, teams }) => [role, ...teams])).toEqual([
    ['Admin', 'platform-admin'],
    ['Admin', 'sre'],
    ['Operator', 'sre'],
    ['Operator', 'developers'],
    ['Developer', 'developers'],
    ['Viewer', 'developers'],
    ['Auditor'],
  ])
  expect(new Set(again.map(({ password }) => password.expose())).size).toBe(7)
  for (const { totpSecret } of again) expect(totpSecret.expose()).toMatch(/^[A-Z2-7]{32}$/)
})

test('each of them logs in with what is told of them', async () => {
  for (const person of system.principals) {
    const { access } = await logIn(system, node, person)
    expect(await node.call('auth.whoami', {}, access)).toMatchObject({
      username: person.username,
      roles: [person.role],
      assurance: 'su',
      missing: [],
    })
  }
})

test("the admin's one-time password is the same until it is changed, and then gone", async () => {
  const [first, second] = [await seedAdmin(node.seeds), await seedAdmin(node.seeds)]
  expect(first.username).toBe('admin')
  const password = first.oneTimePassword?.expose() ?? ''
  expect(second.oneTimePassword?.expose()).toBe(password)
  const session = await opened(
    node,
    (await node.call('auth.login', { username: 'admin', password })).tokens ?? { accessExpiresAt: new Date() },
  )
  await node.call('password.change', { currentPassword: password, newPassword: 'mine from now on' }, session.access)
  expect(node.oneTimePasswordsChanged).toHaveLength(1)
  expect(await oneTimePassword(node.seeds)).toBeNull()
  expect((await seedAdmin(node.seeds)).oneTimePassword).toBeNull()
})

test('a seed principal who changed their password is told of no more', async () => {
  const person = personOf(system, 'Viewer')
  const { access } = await logIn(system, node, person)
  await node.call(
    'password.change',
    { currentPassword: person.password.expose(), newPassword: 'mine from now on' },
    access,
  )
  expect((await seedPrincipals(node.seeds)).map(({ username }) => username)).not.toContain(person.username)
})

test('starts at once make each person once', async () => {
  const other = await startSystem()
  const fresh = await other.openNode()
  await fresh.db.deleteFrom('users').execute()
  const answers = await Promise.all(
    Array.from({ length: 3 }, async () => [await seedAdmin(fresh.seeds), await seedPrincipals(fresh.seeds)] as const),
  )
  expect(new Set(answers.map(([admin]) => admin.oneTimePassword?.expose())).size).toBe(1)
  for (const [, principals] of answers) expect(inClear(principals)).toEqual(inClear(answers[0]?.[1] ?? []))
  expect(await fresh.db.selectFrom('users').select('id').execute()).toHaveLength(8)
  await other.end()
})

test('admin init works on an empty system only, and is in the record', async () => {
  expect(await adminInit(node.seeds, { username: 'boss' }).catch((error: unknown) => error)).toMatchObject({
    code: 'conflict',
  })
  const other = await startSystem()
  const fresh = await other.openNode()
  await fresh.db.deleteFrom('users').execute()
  const made = await adminInit(fresh.seeds, { username: 'Boss' })
  expect(made.username).toBe('boss')
  expect(
    (await fresh.call('auth.login', { username: 'boss', password: made.oneTimePassword.expose() })).tokens,
  ).not.toBeNull()
  expect(
    await fresh.db.selectFrom('audit_entry').select('action').where('action', '=', 'admin.initialised').execute(),
  ).toHaveLength(2)
  expect(await oneTimePassword(fresh.seeds)).toBeNull()
  await other.end()
})

test('admin recover lets an administrator in who lost everything, and is in the audit log', async () => {
  const person = personOf(system, 'Admin', 1)
  const before = await logIn(system, node, person)
  for (let guess = 0; guess < 5; guess += 1)
    await node.outcome('auth.login', { username: person.username, password: 'x' })
  await node.db.updateTable('users').set({ status: 'disabled' }).where('username', '=', person.username).execute()
  const { oneTimePassword: password } = await adminRecover(node.seeds, { username: person.username.toUpperCase() })
  expect(await node.outcome('auth.whoami', {}, before.access)).toBe('unauthenticated')
  expect(await node.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
    'invalid-credentials',
  )
  const session = await opened(
    node,
    (await node.call('auth.login', { username: person.username, password: password.expose() })).tokens ?? {
      accessExpiresAt: new Date(),
    },
  )
  expect((await node.call('auth.whoami', {}, session.access)).missing).toEqual(['passwordChange', 'authenticator'])
  const changed = await opened(
    node,
    (
      await node.call(
        'password.change',
        { currentPassword: password.expose(), newPassword: 'mine from now on' },
        session.access,
      )
    ).tokens,
  )
  const enrolment = await node.call('totp.enroll', {}, changed.access)
  await node.call(
    'totp.confirm',
    { id: enrolment.id, code: await codeOf(enrolment.secret.expose(), system.clock.now()) },
    changed.access,
  )
  expect(await node.outcome('user.list', {}, changed.access)).toBe('allowed')
  expect(
    await node.db.selectFrom('audit_entry').select('id').where('action', '=', 'admin.recovered').execute(),
  ).toHaveLength(1)
})

test('admin recover knows administrators only', async () => {
  for (const username of ['nobody', personOf(system, 'Operator').username, '\u200b']) {
    await expect(adminRecover(node.seeds, { username })).rejects.toMatchObject({ code: 'invalid-input' })
  }
})

test('what has long ended is removed, and nothing else', async () => {
  const live = await logIn(system, node, personOf(system, 'Operator'))
  await node.db
    .insertInto('revoked_token')
    .values({ jti: system.random.id(), expires_at: new Date(system.clock.now().getTime() - 1), reason: 'test' })
    .execute()
  expect(await pruneIdentity(node.db, system.clock.now())).toBeGreaterThan(0)
  expect(
    await node.db.selectFrom('revoked_token').select('jti').where('expires_at', '<', system.clock.now()).execute(),
  ).toHaveLength(0)
  expect(await node.outcome('auth.whoami', {}, live.access)).toBe('allowed')
  expect(await pruneIdentity(node.db, system.clock.now())).toBe(0)
})

test('after a long absence rows go in slices, none of which is larger than its limit', async () => {
  const ended = new Date(system.clock.now().getTime() - 1)
  await node.db
    .insertInto('revoked_token')
    .values(Array.from({ length: 1500 }, () => ({ jti: system.random.id(), expires_at: ended, reason: 'test' })))
    .execute()
  expect(await pruneIdentity(node.db, system.clock.now())).toBe(1000)
  expect(await node.internal('revocation.prune', {})).toEqual({ removed: 500 })
})
