import { createHash } from 'node:crypto'
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
async function tokenOf(access: string, more: Partial<Parameters<TestNode['call']>[1]> & Record<string, unknown> = {}): Promise<{ id: string; token: string }> {
  const made = await one.call('apiToken.create', { ...wish, ...more }, access)
  return { id: made.id, token: made.token.expose() }
}

/** What a token is worth on each node. */
const worth = async (token: string): Promise<string[]> => [await one.outcome('auth.whoami', {}, token), await two.outcome('auth.whoami', {}, token)]

describe('apiToken.create', () => {
  test('shows the token once; the database has its hash and a hint of it', async () => {
    const made = await one.call('apiToken.create', { ...wish, sourceAddresses: ['192.0.2.0/24'], ttlSeconds: 3600 }, admin.access)
    const token = made.token.expose()
    expect(token).toMatch(/^gatehouse_pat_[0-9A-Za-z]{49}$/)
    expect(made).toMatchObject({ ownerType: 'User', ownerName: personOf(system, 'Admin').username, bound: true, state: 'active', scopes: ['read'], sourceAddresses: ['192.0.2.0/24'], lastUsedAt: null })
    expect(made.expiresAt).toEqual(new Date(system.clock.now().getTime() + 3_600_000))
    const row = await one.db.selectFrom('api_token').selectAll().where('id', '=', made.id).executeTakeFirstOrThrow()
    expect(row.hash.equals(createHash('sha256').update(token).digest())).toBe(true)
    const entries = await one.db.selectFrom('audit_entry').select('entry').execute()
    for (const text of [JSON.stringify(row), ...entries.map(({ entry }) => entry)]) expect(text).not.toContain(token.slice(18))
    expect(made.hint.length).toBeLessThanOrEqual(18)
    expect(Object.keys(await one.call('apiToken.get', { id: made.id }, admin.access))).not.toContain('token')
  })

  test('tells its maker', async () => {
    const { items } = await one.call('notification.list', {}, admin.access)
    expect(items[0]).toMatchObject({ kind: 'apiTokenCreated', text: expect.stringContaining('"report"') as string })
  })

  test('refuses scopes that name nothing, or what takes no log-in, by their names', async () => {
    for (const [scope, said] of [['lease.steal', 'lease.steal'], ['nothing.*', 'nothing.*'], ['auth.login', 'open to anyone'], ['lease.expire', 'nobody outside']] as const) {
      const refusal = await one.refusal('apiToken.create', { ...wish, scopes: ['read', scope] }, admin.access)
      expect([refusal.code, refusal.details.fields?.[0]?.path, refusal.details.fields?.[0]?.message.includes(said)]).toEqual(['invalid-input', 'scopes', true])
    }
    expect(await one.outcome('apiToken.create', { ...wish, scopes: [] }, admin.access)).toBe('invalid-input')
  })

  test('refuses networks that bind to nothing, and lives that do not end', async () => {
    expect((await one.refusal('apiToken.create', { ...wish, sourceAddresses: ['0.0.0.0/0'] }, admin.access)).details.fields?.[0]?.path).toBe('sourceAddresses')
    expect((await one.refusal('apiToken.create', { ...wish, sourceAddresses: ['::ffff:0:0/96'] }, admin.access)).code).toBe('invalid-input')
    expect((await one.refusal('apiToken.create', { ...wish, ttlSeconds: 10 * 366 * 86_400 }, admin.access)).details.fields?.[0]?.path).toBe('ttlSeconds')
  })

  test('is nothing for strangers', async () => {
    expect(await one.outcome('apiToken.create', wish)).toBe('unauthenticated')
  })
})

describe('a call with an API token', () => {
  test('is its owner\'s, by one factor, however much he has proved elsewhere', async () => {
    const { token } = await tokenOf(admin.access)
    const who = await one.call('auth.whoami', {}, token)
    expect(who).toMatchObject({ username: personOf(system, 'Admin').username, assurance: 'pw', assuranceAt: null, sessionId: null, roles: ['Admin'] })
  })

  test('does what its scopes name and nothing else; what they do not name is refused and recorded', async () => {
    const { token } = await tokenOf(admin.access, { scopes: ['user.list', 'team.*'] })
    expect(await one.outcome('user.list', {}, token)).toBe('allowed')
    expect(await one.outcome('team.get', { id: 'sre' }, token)).toBe('allowed')
    const refusal = await one.refusal('session.list', {}, token)
    expect([refusal.code, refusal.details.hint]).toEqual(['forbidden', expect.stringContaining('session.list')])
    expect(await one.db.selectFrom('audit_entry').select('outcome').where('action', '=', 'session.list').execute()).toEqual([{ outcome: 'refused' }])
    const { token: reading } = await tokenOf(admin.access)
    expect([await one.outcome('user.list', {}, reading), await one.outcome('team.create', { name: 'mine' }, reading)]).toEqual(['allowed', 'forbidden'])
  })

  test('has its owner\'s rights of this moment: a role that is taken narrows it at once', async () => {
    const operator = await logIn(system, one, personOf(system, 'Operator', 1))
    const { token } = await tokenOf(operator.access)
    await one.call('role.remove', { user: personOf(system, 'Operator', 1).username, role: 'Operator' }, admin.access)
    expect((await two.call('auth.whoami', {}, token)).roles).toEqual([])
    await one.call('role.assign', { user: personOf(system, 'Operator', 1).username, role: 'Operator' }, admin.access)
    expect((await two.call('auth.whoami', {}, token)).roles).toEqual(['Operator'])
  })

  test('comes from its addresses, in whatever spelling, and from no other', async () => {
    const { token } = await tokenOf(admin.access, { sourceAddresses: ['192.0.2.0/28', '2001:db8::/48'] })
    const from = (address: string) => one.callFrom({ address, userAgent: 'test' }, 'auth.whoami', {}, token).then(() => 'allowed', (error: { code: string }) => error.code)
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '::ffff:c000:0207', '2001:db8:0:1::1']) expect([address, await from(address)]).toEqual([address, 'allowed'])
    for (const address of ['192.0.2.17', '::ffff:192.0.2.17', '2001:db9::1', '::1', '']) expect([address, await from(address)]).toEqual([address, 'unauthenticated'])
  })

  test('notes its last use at most once a minute', async () => {
    const { id, token } = await tokenOf(admin.access)
    const used = async () => (await one.db.selectFrom('api_token').select('last_used_at').where('id', '=', id).executeTakeFirstOrThrow()).last_used_at
    const first = system.clock.now()
    await one.call('auth.whoami', {}, token)
    await expect.poll(used).toEqual(first)
    system.clock.advance(30)
    await one.call('auth.whoami', {}, token)
    expect(await used()).toEqual(first)
    system.clock.advance(31)
    await one.call('auth.whoami', {}, token)
    await expect.poll(used).toEqual(system.clock.now())
    expect(await one.call('apiToken.get', { id }, admin.access)).toMatchObject({ lastUsedAddress: '192.0.2.7' })
  })

  test('one that is tied to a key is refused where no key is shown', async () => {
    const { token } = await tokenOf(admin.access, { keyThumbprint: 'A'.repeat(43) })
    expect(await worth(token)).toEqual(['unauthenticated', 'unauthenticated'])
  })
})

describe('threats', () => {
  // Threat B2: several spellings of one token
  test('a token has one spelling: prefixes, endings, case, blanks and another checksum are no token', async () => {
    const { token } = await tokenOf(admin.access)
    const spellings = [
      token.toLowerCase(), token.toUpperCase(), ` ${token}`, `${token} `, `${token}\n`, token.slice(0, -1), `${token}0`, token.replace('_pat_', '_svc_'), token.replace('gatehouse', 'Gatehouse'),
      `${token.slice(0, -6)}000000`, `${token.slice(0, 20)}${token[20] === 'a' ? 'b' : 'a'}${token.slice(21)}`, ...Array.from({ length: 20 }, (_, i) => token.slice(0, 3 * i + 3)),
    ]
    for (const spelling of spellings) if (spelling !== token) expect([spelling, await one.outcome('auth.whoami', {}, spelling)]).toEqual([spelling, 'unauthenticated'])
    expect(await one.outcome('auth.whoami', {}, token)).toBe('allowed')
  })

  // Threat B3: one kind of token in another's place
  test('stands in for no other token, and no other for it', async () => {
    const { token } = await tokenOf(admin.access)
    expect(await one.outcome('auth.refresh', { refreshToken: token })).toBe('unauthenticated')
    expect(await one.outcome('auth.completeMfa', { challengeId: token, totp: '123456' })).toBe('invalid-credentials')
    expect(await one.outcome('auth.acceptInvite', { invitation: token, newPassword: 'a long enough sentence' })).toBe('invalid-credentials')
    for (const other of [admin.refresh, `gatehouse_pat_${admin.access}`]) expect(await one.outcome('auth.whoami', {}, other)).toBe('unauthenticated')
  })

  // Threat A12: disabled or deleted, and lives on
  test('dies on every node with its revocation, its end, and its owner', async () => {
    const revoked = await tokenOf(admin.access)
    expect(await worth(revoked.token)).toEqual(['allowed', 'allowed'])
    expect(await one.call('apiToken.revoke', { id: revoked.id, reason: 'leaked' }, admin.access)).toMatchObject({ state: 'revoked', reason: 'leaked' })
    expect(await worth(revoked.token)).toEqual(['unauthenticated', 'unauthenticated'])

    const short = await tokenOf(admin.access, { ttlSeconds: 60 })
    system.clock.advance(60)
    expect(await worth(short.token)).toEqual(['unauthenticated', 'unauthenticated'])
    expect((await one.call('apiToken.get', { id: short.id }, admin.access)).state).toBe('expired')

    for (const end of ['user.disable', 'user.delete'] as const) {
      const username = `leaver-${end.slice(5)}`
      const { oneTimePassword } = await one.call('user.create', { username, role: 'Viewer' }, admin.access)
      const first = await one.call('auth.login', { username, password: oneTimePassword.expose() })
      const changed = await one.call('password.change', { currentPassword: oneTimePassword.expose(), newPassword: 'words that nobody has leaked yet' }, first.tokens?.accessToken?.expose() ?? '')
      const enrolling = changed.tokens.accessToken?.expose() ?? ''
      // who still has first steps to take makes no token: it is put there as if the settings had not demanded them
      expect(await one.outcome('apiToken.create', wish, enrolling)).toBe('mfa-enrolment-required')
      const person = await one.db.selectFrom('users').select('id').where('username', '=', username).executeTakeFirstOrThrow()
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

  // Threat A4: what is wrong with a token is nobody's business
  test('unknown, expired, revoked and misplaced tokens are refused alike', async () => {
    const revoked = await tokenOf(admin.access)
    await one.call('apiToken.revoke', { id: revoked.id, reason: 'x' }, admin.access)
    const elsewhere = await tokenOf(admin.access, { sourceAddresses: ['198.51.100.1'] })
    const unknown = `gatehouse_pat_${'0'.repeat(49)}`
    const answers = await Promise.all([revoked.token, elsewhere.token, unknown, 'gatehouse_pat_'].map((token) => one.refusal('auth.whoami', {}, token)))
    for (const { code, message, details } of answers) expect({ code, message, details }).toEqual({ code: 'unauthenticated', message: answers[0]?.message, details: {} })
  })

  test('a stream that was opened with a token ends with it', async () => {
    const { id, token } = await tokenOf(admin.access)
    const principal = await one.authenticator.authenticate(callerWith(token))
    if (principal.type !== 'User') throw new TypeError('not a person')
    await expect(one.authenticator.recheck(principal, callerWith(token))).resolves.toMatchObject({ id: principal.id })
    await two.call('apiToken.revoke', { id, reason: 'x' }, admin.access)
    await expect(one.authenticator.recheck(principal, callerWith(token))).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('a session that has ended leaves no token behind', async () => {
    const operator = await logIn(system, one, personOf(system, 'Operator'))
    const before = await one.db.selectFrom('api_token').select('id').execute()
    const [made] = await Promise.all([one.outcome('apiToken.create', wish, operator.access), two.call('user.disable', { id: personOf(system, 'Operator').username, reason: 'now' }, admin.access)])
    const after = await one.db.selectFrom('api_token').select(['id', 'revoked_at']).execute()
    const fresh = after.filter(({ id }) => !before.some((row) => row.id === id))
    // made before and ended with him, or not made at all
    expect(fresh.every(({ revoked_at }) => revoked_at !== null)).toBe(true)
    expect(fresh.length).toBe(made === 'allowed' ? 1 : 0)
    await one.call('user.enable', { id: personOf(system, 'Operator').username }, admin.access)
  })
})

describe('apiToken.list and .get', () => {
  test('list one\'s own newest first, by state, and another\'s or a program\'s where that is asked', async () => {
    const owner = await logIn(system, one, personOf(system, 'Developer'))
    const first = await tokenOf(owner.access, { name: 'first' })
    system.clock.advance(1)
    const second = await tokenOf(owner.access, { name: 'second' })
    await one.call('apiToken.revoke', { id: first.id, reason: 'x' }, owner.access)
    const names = async (input: Record<string, unknown>, access: string): Promise<string[]> => (await one.call('apiToken.list', input, access)).items.map(({ name }) => name)
    expect(await names({}, owner.access)).toEqual(['second', 'first'])
    expect(await names({ state: 'active' }, owner.access)).toEqual(['second'])
    expect(await names({ user: personOf(system, 'Developer').username, state: 'revoked' }, admin.access)).toEqual(['first'])
    const page = await one.call('apiToken.list', { first: 1 }, owner.access)
    expect((await one.call('apiToken.list', { first: 1, after: page.nextCursor ?? '' }, owner.access)).items[0]?.id).toBe(first.id)
    expect(await one.outcome('apiToken.get', { id: second.id }, owner.access)).toBe('allowed')
    expect(await one.outcome('apiToken.get', { id: '00000000-0000-7000-8000-000000000000' }, owner.access)).toBe('not-found')
    expect(await one.outcome('apiToken.list', {})).toBe('unauthenticated')
  })
})

describe('who is told of an end that comes', () => {
  test('its owner, once, a week before', async () => {
    const { id } = await tokenOf(admin.access, { name: 'ends soon', ttlSeconds: 8 * 86_400 })
    const told = async () => (await one.db.selectFrom('notification').select('text').where('kind', '=', 'apiTokenExpiring').execute()).filter(({ text }) => text.includes('ends soon'))
    await one.internal('revocation.prune', {})
    expect(await told()).toHaveLength(0)
    await one.db.updateTable('api_token').set({ expires_at: new Date(system.clock.now().getTime() + 6 * 86_400_000), created_at: new Date(system.clock.now().getTime() - 86_400_000 * 30) }).where('id', '=', id).execute()
    await one.internal('revocation.prune', {})
    await two.internal('revocation.prune', {})
    expect(await told()).toHaveLength(1)
  })
})
