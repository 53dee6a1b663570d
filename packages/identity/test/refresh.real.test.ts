// Threats B4, B5: a refresh token used by two, raced over two nodes, replayed after a restart.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logIn, opened, personOf, startSystem, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
afterAll(() => system.end())

const reuseEntries = async (): Promise<number> =>
  (await one.db.selectFrom('audit_entry').select('id').where('action', '=', 'refreshToken.reused').execute()).length

test('a refresh token brings new tokens of the same session, as strong as before', async () => {
  const session = await logIn(system, one, personOf(system, 'Operator'))
  system.clock.advance(1000)
  expect(await one.outcome('auth.whoami', {}, session.access)).toBe('unauthenticated')
  const renewed = await opened(two, (await two.call('auth.refresh', { refreshToken: session.refresh })).tokens)
  expect(renewed.sessionId).toBe(session.sessionId)
  expect(renewed.refresh).not.toBe(session.refresh)
  expect((await one.call('auth.whoami', {}, renewed.access)).assurance).toBe('mfa')
  const verified = await one.call('auth.verify', { token: renewed.access })
  expect(verified.auth_time).toBe(Math.floor((system.clock.now().getTime() - 1_000_000) / 1000))
})

// how long other calls take meanwhile is measured over real processes, in test/e2e/abuse.test.ts
test('of 1,000 refreshes at once over two nodes one succeeds, the family ends, and other calls go on', async () => {
  const session = await logIn(system, one, personOf(system, 'Operator', 1))
  const bystander = await logIn(system, one, personOf(system, 'Viewer'))
  const entries = await reuseEntries()
  let answered = 0
  const over = new AbortController()
  const watching = (async () => {
    while (!over.signal.aborted) {
      await two.call('auth.whoami', {}, bystander.access)
      answered += 1
    }
  })()
  const outcomes = await Promise.all(
    Array.from({ length: 1000 }, async (_, at) => {
      try {
        return (await (at % 2 === 0 ? one : two).call('auth.refresh', { refreshToken: session.refresh })).tokens
      } catch {
        return null
      }
    }),
  )
  over.abort()
  await watching
  const winners = outcomes.filter((tokens) => tokens !== null)
  expect(winners).toHaveLength(1)
  for (const node of [one, two]) {
    expect(await node.outcome('auth.refresh', { refreshToken: winners[0]?.refreshToken?.expose() ?? '' })).toBe(
      'unauthenticated',
    )
    expect(await node.outcome('auth.whoami', {}, winners[0]?.accessToken?.expose())).toBe('unauthenticated')
    expect(await node.outcome('auth.whoami', {}, session.access)).toBe('unauthenticated')
  }
  expect(await reuseEntries()).toBe(entries + 1)
  expect(answered).toBeGreaterThan(3)
})

test('once a family is dead, further refreshes write nothing', async () => {
  const session = await logIn(system, one, personOf(system, 'Operator'))
  await one.call('auth.refresh', { refreshToken: session.refresh })
  expect(await one.outcome('auth.refresh', { refreshToken: session.refresh })).toBe('unauthenticated')
  const row = () =>
    one.db.selectFrom('session').selectAll().where('id', '=', session.sessionId).executeTakeFirstOrThrow()
  const [before, entries] = [await row(), await reuseEntries()]
  expect(before.revoke_reason).toBe('refresh token used twice')
  system.clock.advance(5)
  for (let at = 0; at < 10; at += 1)
    expect(await two.outcome('auth.refresh', { refreshToken: session.refresh })).toBe('unauthenticated')
  expect(await row()).toEqual(before)
  expect(await reuseEntries()).toBe(entries)
})

test('a node that starts after the rotation refuses the old token and ends the family', async () => {
  const session = await logIn(system, one, personOf(system, 'Operator'))
  const renewed = await opened(one, (await one.call('auth.refresh', { refreshToken: session.refresh })).tokens)
  const three = await system.openNode()
  expect(await three.outcome('auth.refresh', { refreshToken: session.refresh })).toBe('unauthenticated')
  expect(await one.outcome('auth.whoami', {}, renewed.access)).toBe('unauthenticated')
})

test('a refresh against a revocation never leaves a live token', async () => {
  for (let round = 0; round < 10; round += 1) {
    const session = await logIn(system, one, personOf(system, 'Operator'))
    const [refreshed] = await Promise.all([
      one.call('auth.refresh', { refreshToken: session.refresh }).then(
        ({ tokens }) => tokens,
        () => null,
      ),
      two.call('auth.logout', {}, session.access),
    ])
    if (refreshed === null) continue
    expect(await one.outcome('auth.whoami', {}, refreshed.accessToken?.expose())).toBe('unauthenticated')
    expect(await two.outcome('auth.refresh', { refreshToken: refreshed.refreshToken?.expose() ?? '' })).toBe(
      'unauthenticated',
    )
  }
})

test('a refresh token of a disabled person, past its seven days, of another form or missing is refused', async () => {
  const person = personOf(system, 'Developer')
  const session = await logIn(system, one, person)
  await one.db.updateTable('users').set({ status: 'disabled' }).where('username', '=', person.username).execute()
  expect(await one.outcome('auth.refresh', { refreshToken: session.refresh })).toBe('unauthenticated')
  await one.db.updateTable('users').set({ status: 'active' }).where('username', '=', person.username).execute()
  expect(await one.outcome('auth.refresh', {})).toBe('unauthenticated')
  for (const other of [
    '',
    session.access,
    `${session.refresh} `,
    session.refresh.slice(0, -1),
    session.refresh.replace('ghr_', 'ghx_'),
    `${session.refresh}=`,
  ]) {
    expect(await one.outcome('auth.refresh', { refreshToken: other }), other).toBe('unauthenticated')
  }
  expect(await one.outcome('auth.refresh', { refreshToken: session.refresh })).toBe('allowed')
  const late = await logIn(system, one, person)
  system.clock.advance(7 * 86_400 + 1)
  expect(await one.outcome('auth.refresh', { refreshToken: late.refresh })).toBe('unauthenticated')
})

test('the database holds no refresh token, password, one-time password or TOTP secret in clear', async () => {
  const person = personOf(system, 'Operator')
  const session = await logIn(system, one, person)
  const tables = [
    'refresh_token',
    'session',
    'users',
    'authenticator',
    'seed_secret',
    'signing_key',
    'audit_entry',
  ] as const
  const dump = (
    await Promise.all(
      tables.map(async (table) =>
        JSON.stringify(await one.db.selectFrom(table).selectAll().execute(), (_, value: unknown) =>
          isBytes(value) ? Buffer.from(value.data).toString('latin1') : value,
        ),
      ),
    )
  )
    .concat(await one.sealedValues())
    .join()
  for (const canary of [session.refresh, session.access, person.password.expose(), person.totpSecret.expose()])
    expect(dump.includes(canary)).toBe(false)
})

const isBytes = (value: unknown): value is { data: number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
