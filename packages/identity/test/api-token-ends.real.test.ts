import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callerWith, logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

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

const wish = { name: 'report', purpose: 'nightly report', scopes: ['read'] }

/** A token of the person's own, in clear. */
async function tokenOf(
  access: string,
  more: Partial<Parameters<TestNode['call']>[1]> & Record<string, unknown> = {},
): Promise<{ id: string; token: string }> {
  const made = await one.call('apiToken.create', { ...wish, ...more }, access)
  return { id: made.id, token: made.token.expose() }
}

/** What a token is worth on each node. */
const worth = async (token: string): Promise<string[]> => [
  await one.outcome('auth.whoami', {}, token),
  await two.outcome('auth.whoami', {}, token),
]

describe('the end of a token', () => {
  // Threat A12: disabled or deleted, and lives on
  test('dies on every node with its revocation, its end, and its owner', async () => {
    const revoked = await tokenOf(admin.access)
    expect(await worth(revoked.token)).toEqual(['allowed', 'allowed'])
    expect(await one.call('apiToken.revoke', { id: revoked.id, reason: 'leaked' }, admin.access)).toMatchObject({
      state: 'revoked',
      reason: 'leaked',
    })
    expect(await worth(revoked.token)).toEqual(['unauthenticated', 'unauthenticated'])

    const short = await tokenOf(admin.access, { ttlSeconds: 60 })
    system.clock.advance(60)
    expect(await worth(short.token)).toEqual(['unauthenticated', 'unauthenticated'])
    expect((await one.call('apiToken.get', { id: short.id }, admin.access)).state).toBe('expired')

    for (const end of ['user.disable', 'user.delete'] as const) {
      const username = `leaver-${end.slice(5)}`
      const { oneTimePassword } = await one.call('user.create', { username, role: 'Viewer' }, admin.access)
      const first = await one.call('auth.login', { username, password: oneTimePassword.expose() })
      const changed = await one.call(
        'password.change',
        { currentPassword: oneTimePassword.expose(), newPassword: 'words that nobody has leaked yet' },
        first.tokens?.accessToken?.expose() ?? '',
      )
      const enrolling = changed.tokens.accessToken?.expose() ?? ''
      // who still has first steps to take makes no token: it is put there as if the settings had not demanded them
      expect(await one.outcome('apiToken.create', wish, enrolling)).toBe('mfa-enrolment-required')
      const person = await one.db
        .selectFrom('users')
        .select('id')
        .where('username', '=', username)
        .executeTakeFirstOrThrow()
      const other = await tokenOf(admin.access, { name: username })
      await one.db.updateTable('api_token').set({ user_id: person.id }).where('id', '=', other.id).execute()
      expect(await worth(other.token)).toEqual(['allowed', 'allowed'])
      await one.call(end, { id: username, reason: 'left' }, admin.access)
      expect(await worth(other.token)).toEqual(['unauthenticated', 'unauthenticated'])
      if (end === 'user.disable') {
        await one.call('user.enable', { id: username }, admin.access)
        expect(await worth(other.token)).toEqual(['unauthenticated', 'unauthenticated'])
      }
    }
  })

  test('a stream that was opened with a token ends with it', async () => {
    const { id, token } = await tokenOf(admin.access)
    const principal = await one.authenticator.authenticate(callerWith(token))
    if (principal.type !== 'User') throw new TypeError('not a person')
    await expect(one.authenticator.recheck(principal, callerWith(token))).resolves.toMatchObject({ id: principal.id })
    await two.call('apiToken.revoke', { id, reason: 'x' }, admin.access)
    await expect(one.authenticator.recheck(principal, callerWith(token))).rejects.toMatchObject({
      code: 'unauthenticated',
    })
  })

  test('a session that has ended leaves no token behind', async () => {
    const operator = await logIn(system, one, personOf(system, 'Operator'))
    const before = await one.db.selectFrom('api_token').select('id').execute()
    const [made] = await Promise.all([
      one.outcome('apiToken.create', wish, operator.access),
      two.call('user.disable', { id: personOf(system, 'Operator').username, reason: 'now' }, admin.access),
    ])
    const after = await one.db.selectFrom('api_token').select(['id', 'revoked_at']).execute()
    const fresh = after.filter(({ id }) => !before.some((row) => row.id === id))
    // made before and ended with them, or not made at all
    expect(fresh.every(({ revoked_at }) => revoked_at !== null)).toBe(true)
    expect(fresh.length).toBe(made === 'allowed' ? 1 : 0)
    await one.call('user.enable', { id: personOf(system, 'Operator').username }, admin.access)
  })
})

describe('apiToken.list and .get', () => {
  test("list one's own newest first, by state, and another's or a program's where that is asked", async () => {
    const owner = await logIn(system, one, personOf(system, 'Developer'))
    const first = await tokenOf(owner.access, { name: 'first' })
    system.clock.advance(1)
    const second = await tokenOf(owner.access, { name: 'second' })
    await one.call('apiToken.revoke', { id: first.id, reason: 'x' }, owner.access)
    const names = async (input: Record<string, unknown>, access: string): Promise<string[]> =>
      (await one.call('apiToken.list', input, access)).items.map(({ name }) => name)
    expect(await names({}, owner.access)).toEqual(['second', 'first'])
    expect(await names({ state: 'active' }, owner.access)).toEqual(['second'])
    expect(await names({ user: personOf(system, 'Developer').username, state: 'revoked' }, admin.access)).toEqual([
      'first',
    ])
    const page = await one.call('apiToken.list', { first: 1 }, owner.access)
    expect(
      (await one.call('apiToken.list', { first: 1, after: page.nextCursor ?? '' }, owner.access)).items[0]?.id,
    ).toBe(first.id)
    expect(await one.outcome('apiToken.get', { id: second.id }, owner.access)).toBe('allowed')
    expect(await one.outcome('apiToken.get', { id: '00000000-0000-7000-8000-000000000000' }, owner.access)).toBe(
      'not-found',
    )
    expect(await one.outcome('apiToken.list', {})).toBe('unauthenticated')
  })
})
