// Threats A12, A13, B2 and rules 1–2: a revocation, cut-off or disabling holds on every node at once.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import { callerWith, logIn, opened, personOf, startSystem, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
afterAll(() => system.end())

const alive = async (token: string): Promise<string[]> =>
  Promise.all([one, two].map((node) => node.outcome('auth.whoami', {}, token)))
const dead = ['unauthenticated', 'unauthenticated']
const live = ['allowed', 'allowed']

test('logging out ends this session on both nodes and leaves the others', async () => {
  const person = personOf(system, 'Operator')
  const [first, second] = [await logIn(system, one, person), await logIn(system, two, person)]
  expect(await one.call('auth.logout', {}, first.access)).toEqual({ ended: 1 })
  expect(await alive(first.access)).toEqual(dead)
  expect(await two.outcome('auth.refresh', { refreshToken: first.refresh })).toBe('unauthenticated')
  expect(await alive(second.access)).toEqual(live)
  expect(await two.call('auth.logout', { all: true }, second.access)).toEqual({ ended: 1 })
  expect(await alive(second.access)).toEqual(dead)
})

test('a session is listed with what it is, is revoked by its id once, and is gone from the list', async () => {
  const person = personOf(system, 'Operator')
  const [mine, other] = [await logIn(system, one, person), await logIn(system, one, person)]
  const listed = (await two.call('session.list', {}, mine.access)).items
  expect(listed.map(({ id, current }) => [id, current])).toEqual([
    [other.sessionId, false],
    [mine.sessionId, true],
  ])
  expect(listed[0]).toMatchObject({
    username: person.username,
    methods: ['password', 'totp'],
    assurance: 'su',
    address: '192.0.2.7',
    device: 'test',
  })
  expect(await two.call('session.revoke', { id: other.sessionId, reason: 'lost laptop' }, mine.access)).toEqual({
    id: other.sessionId,
    revoked: true,
  })
  expect(await alive(other.access)).toEqual(dead)
  expect(await one.call('session.revoke', { id: other.sessionId, reason: 'again' }, mine.access)).toEqual({
    id: other.sessionId,
    revoked: false,
  })
  expect((await one.call('session.list', {}, mine.access)).items.map(({ id }) => id)).toEqual([mine.sessionId])
  expect(await one.outcome('session.revoke', { id: 'no-such-session', reason: 'x' }, mine.access)).toBe('not-found')
})

test('revoking the others leaves this one', async () => {
  const person = personOf(system, 'Viewer')
  const others = [await logIn(system, one, person), await logIn(system, two, person)]
  const mine = await logIn(system, one, person)
  expect(await one.call('session.revokeOthers', { reason: 'clean-up' }, mine.access)).toEqual({ ended: 2 })
  for (const { access } of others) expect(await alive(access)).toEqual(dead)
  expect(await alive(mine.access)).toEqual(live)
})

test("lists page by cursor without loss, and a cursor of nobody's is refused", async () => {
  const person = personOf(system, 'Developer')
  const ids: string[] = []
  for (let at = 0; at < 5; at += 1) ids.unshift((await logIn(system, one, person)).sessionId)
  const { access } = await logIn(system, one, person)
  const seen: string[] = []
  let after: string | undefined
  do {
    const page = await one.call('session.list', { first: 2, after }, access)
    seen.push(...page.items.map(({ id }) => id))
    after = page.nextCursor ?? undefined
  } while (after !== undefined)
  expect(seen.slice(1)).toEqual(ids)
  for (const cursor of ['x', btoa('["2026-01-01T00:00:00Z","not-a-uuid"]')])
    expect(await one.outcome('session.list', { after: cursor }, access)).toBe('invalid-input')
})

test("a changed password ends the other sessions and this one's old tokens, in the same millisecond, too", async () => {
  const person = personOf(system, 'Admin')
  const [mine, other] = [await logIn(system, one, person), await logIn(system, two, person)]
  expect(
    await one.outcome('password.change', { currentPassword: 'wrong', newPassword: 'quite another one' }, mine.access),
  ).toBe('invalid-credentials')
  for (const poor of ['short', person.username, 'Password123', person.password.expose()]) {
    expect(
      await one.outcome(
        'password.change',
        { currentPassword: person.password.expose(), newPassword: poor },
        mine.access,
      ),
      poor,
    ).toBe('invalid-input')
  }
  const fresh = await opened(
    two,
    (
      await one.call(
        'password.change',
        { currentPassword: person.password.expose(), newPassword: 'quite another one' },
        mine.access,
      )
    ).tokens,
  )
  expect(fresh.sessionId).toBe(mine.sessionId)
  expect(await alive(mine.access)).toEqual(dead)
  expect(await alive(other.access)).toEqual(dead)
  expect(await alive(fresh.access)).toEqual(live)
  expect(await one.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
    'invalid-credentials',
  )
  expect(await one.outcome('auth.login', { username: person.username, password: 'quite another one' })).toBe('allowed')
  // the old refresh token was taken away: whoever still has it is a thief
  expect(await one.outcome('auth.refresh', { refreshToken: mine.refresh })).toBe('unauthenticated')
})

test('of two changes at once from one old password, one is refused', async () => {
  const person = personOf(system, 'Auditor')
  const { access } = await logIn(system, one, person)
  const outcomes = await Promise.all(
    [one, two].map((node, at) =>
      node.outcome(
        'password.change',
        { currentPassword: person.password.expose(), newPassword: `quite another one ${at}` },
        access,
      ),
    ),
  )
  expect(outcomes.filter((code) => code === 'allowed')).toHaveLength(1)
})

// eight characters are enough beside a factor, and not alone
test('a short new password is refused when the factors are removed while it is being set', async () => {
  const person = personOf(system, 'Developer')
  const { access } = await logIn(system, one, person)
  const { id } = await one.call('auth.whoami', {}, access)
  const change = await one.db.transaction().execute(async (tx) => {
    await tx.selectFrom('users').select('id').where('id', '=', id).forUpdate().execute()
    const outcome = two.outcome(
      'password.change',
      { currentPassword: person.password.expose(), newPassword: 'kettle-7-drum' },
      access,
    )
    // it has checked the new password by now, and waits for the row
    await expect
      .poll(async () => (await sql`select from pg_locks where not granted`.execute(tx)).rows.length, { timeout: 5000 })
      .toBeGreaterThan(0)
    await tx.deleteFrom('authenticator').where('user_id', '=', id).execute()
    return { outcome }
  })
  expect(await change.outcome).toBe('conflict')
  expect(
    (await one.db.selectFrom('users').select('must_change_password').where('id', '=', id).executeTakeFirstOrThrow())
      .must_change_password,
  ).toBe(false)
  expect(await one.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
    'allowed',
  )
})

test('a disabled person is nobody from the next request on', async () => {
  const person = personOf(system, 'Operator', 1)
  const { access } = await logIn(system, one, person)
  expect(await alive(access)).toEqual(live)
  await two.db.updateTable('users').set({ status: 'disabled' }).where('username', '=', person.username).execute()
  expect(await alive(access)).toEqual(dead)
  await two.db.updateTable('users').set({ status: 'active' }).where('username', '=', person.username).execute()
})

test('a cut-off kills what was issued before it and not what comes after it in the same second', async () => {
  const person = personOf(system, 'Operator', 1)
  const before = await logIn(system, one, person)
  system.clock.advance(0.1)
  await one.db
    .updateTable('users')
    .set({ cut_off: system.clock.now() })
    .where('username', '=', person.username)
    .execute()
  expect(await alive(before.access)).toEqual(dead)
  expect(await one.outcome('auth.refresh', { refreshToken: before.refresh })).toBe('unauthenticated')
  system.clock.advance(0.1)
  const after = await logIn(system, one, person)
  expect(await alive(after.access)).toEqual(live)
})

test("a single token is revoked by its id, and a stream's principal with it", async () => {
  const { access } = await logIn(system, one, personOf(system, 'Operator', 1))
  const { principal, claims } = await one.authenticator.inspect(access)
  expect((await one.authenticator.recheck(principal, callerWith(null))).type).toBe('User')
  await two.db
    .insertInto('revoked_token')
    .values({ jti: claims.jti, expires_at: new Date(claims.exp * 1000), reason: 'test' })
    .execute()
  expect(await alive(access)).toEqual(dead)
  await expect(one.authenticator.recheck(principal, callerWith(null))).rejects.toMatchObject({
    code: 'unauthenticated',
  })
})

// to the minute: in use, a session never ends early
test('a session nobody used for seven days, or older than thirty, has ended', async () => {
  const person = personOf(system, 'Operator', 1)
  const idle = await logIn(system, one, person)
  await one.db
    .updateTable('session')
    .set({ last_used_at: new Date(system.clock.now().getTime() - 7 * 86_400_000 - 60_000) })
    .where('id', '=', idle.sessionId)
    .execute()
  expect(await alive(idle.access)).toEqual(dead)
  const old = await logIn(system, one, person)
  await one.db.updateTable('session').set({ expires_at: system.clock.now() }).where('id', '=', old.sessionId).execute()
  expect(await alive(old.access)).toEqual(dead)
})

test('last use is noted at most once a minute', async () => {
  const { access, sessionId } = await logIn(system, one, personOf(system, 'Operator', 1))
  const lastUse = async (): Promise<Date> =>
    (await one.db.selectFrom('session').select('last_used_at').where('id', '=', sessionId).executeTakeFirstOrThrow())
      .last_used_at
  const openedAt = await lastUse()
  system.clock.advance(59)
  await one.call('auth.whoami', {}, access)
  expect(await lastUse()).toEqual(openedAt)
  system.clock.advance(2)
  await one.call('auth.whoami', {}, access)
  await expect.poll(lastUse).toEqual(system.clock.now())
})

test('the caller is proved by one prepared query', async () => {
  const { access } = await logIn(system, one, personOf(system, 'Operator', 1))
  await one.call('auth.whoami', {}, access)
  const statements = await one.db
    .connection()
    .execute(
      async (connection) =>
        (await sql<{ name: string }>`select name from pg_prepared_statements`.execute(connection)).rows,
    )
  // beside what writes entries, on whatever connection that was
  expect(statements.map(({ name }) => name).filter((name) => !name.includes('audit'))).toEqual(['gatehouse-callers'])
})

test('every change stands in the record under the one who made it', async () => {
  const person = personOf(system, 'Viewer')
  const session = await logIn(system, one, person)
  await one.call('auth.logout', {}, session.access)
  const entries = await one.db
    .selectFrom('audit_entry')
    .select(['action', 'outcome', 'principal_id', 'resource_type'])
    .where('session_id', '=', session.sessionId)
    .execute()
  expect(entries).toContainEqual(
    expect.objectContaining({ action: 'auth.logout', outcome: 'allowed', resource_type: 'User' }),
  )
})
