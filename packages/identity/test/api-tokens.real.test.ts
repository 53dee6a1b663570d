// Threats A3, A4, A7, A12, B2, B3 and rule 41, for API tokens of persons and of programs.
import { secret, type Raw } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
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

const freshAdmin = async (): Promise<string> => (admin = await logIn(system, one, personOf(system, 'Admin'))).access
const alive = (token: string): Promise<string[]> =>
  Promise.all([one, two].map((node) => node.outcome('auth.whoami', {}, token)))
const dead = ['unauthenticated', 'unauthenticated']
const live = ['allowed', 'allowed']
const from = (credential: string, address: string) => ({ ...callerWith(credential), address })

/** A new token of the bearer of `access`, or of a program. */
async function make(
  access: string,
  wish: Partial<Raw<'apiToken.create'>> = {},
): Promise<{ id: string; token: string; hint: string }> {
  const { id, token, hint } = await one.call(
    'apiToken.create',
    { name: 'script', purpose: 'test', scopes: ['read'], ...wish },
    access,
  )
  return { id, token: token.expose(), hint }
}

async function makeProgram(
  name: string,
  wish: Partial<Raw<'apiToken.create'>> = {},
): Promise<{ account: string; id: string; token: string }> {
  const access = await freshAdmin()
  const { id: account } = await one.call('serviceAccount.create', { name, teams: ['sre'] }, access)
  return { account, ...(await make(access, { serviceAccount: name, ...wish })) }
}

describe('a token', () => {
  test('is typed, checked and shown once; only its hash and a hint are kept, and its owner is told', async () => {
    const person = personOf(system, 'Operator')
    const { access } = await logIn(system, one, person)
    const { id, token, hint } = await make(access, { sourceAddresses: ['::ffff:192.0.2.0/120', '192.0.2.0/24'] })
    expect(token).toMatch(/^gatehouse_pat_[0-9A-Za-z]{49}$/)
    expect(token.startsWith(hint)).toBe(true)
    const { rows } = await sql<{ row: string }>`select api_token::text as row from api_token where id = ${id}`.execute(
      one.db,
    )
    expect(rows[0]?.row).not.toContain(token.slice(hint.length))
    const entries = await one.db
      .selectFrom('audit_entry')
      .select('entry')
      .where('action', '=', 'apiToken.create')
      .execute()
    expect(JSON.stringify(entries)).not.toContain(token.slice(hint.length))
    expect(await two.call('apiToken.get', { id }, access)).toMatchObject({
      state: 'active',
      bound: true,
      sourceAddresses: ['192.0.2.0/24'],
      ownerName: person.username,
    })
    expect(
      (await one.db.selectFrom('notification').select('kind').where('kind', '=', 'apiTokenCreated').execute()).length,
    ).toBeGreaterThan(0)
  })

  // Threat A7: what cannot be guessed has no count, so nobody can use one up to shut its owner out, nor shut a program
  // out by its owner's
  test("neither closes its owner's account when it is guessed, nor is closed with it", async () => {
    const person = personOf(system, 'Developer')
    const { access } = await logIn(system, one, person)
    const { token } = await make(access)
    const guess = (at: number): string => `${token.slice(0, -7)}${String(at).padStart(7, '0')}`
    for (let at = 0; at < 20; at += 1) expect(await one.outcome('auth.whoami', {}, guess(at))).toBe('unauthenticated')
    expect(
      await one.db.selectFrom('guess_throttle').select('key').where('key', '=', person.username).execute(),
    ).toEqual([])
    for (let at = 0; at < 5; at += 1)
      expect(await one.outcome('auth.login', { username: person.username, password: 'x' })).toBe('invalid-credentials')
    expect(await one.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
      'rate-limited',
    )
    expect(await alive(token)).toEqual(live)
    await one.db.deleteFrom('guess_throttle').execute()
  })

  // Threats A4, B2: one spelling, and one answer for whatever is wrong. Who shows the very secret is told what became
  // of it.
  test('has one spelling, and a guess is refused in the same words for whatever reason', async () => {
    const person = personOf(system, 'Viewer')
    const { access } = await logIn(system, one, person)
    const { token } = await make(access, { ttlSeconds: 3600 })
    const revoked = await make(access)
    expect(await alive(token)).toEqual(live)
    await two.call('apiToken.revoke', { id: revoked.id, reason: 'leaked' }, access)
    const other = token.endsWith('0') ? '1' : '0'
    const wrong = [
      token.slice(0, -1),
      `${token}0`,
      token.slice(0, -1) + other,
      token.toLowerCase(),
      token.replace('_pat_', '_svc_'),
      ` ${token}`,
      `${token}\n`,
    ]
    const answers = await Promise.all(
      wrong.map(async (text) => {
        const { code, message, details } = await one.refusal('auth.whoami', {}, text)
        return JSON.stringify({ code, message, details })
      }),
    )
    expect([...new Set(answers)]).toEqual([
      JSON.stringify({ code: 'unauthenticated', message: 'log in first', details: {} }),
    ])
    expect(await one.refusal('auth.whoami', {}, revoked.token)).toMatchObject({
      code: 'unauthenticated',
      details: { reason: 'token-revoked' },
    })
    system.clock.advance(3601)
    expect(await alive(token)).toEqual(dead)
  })

  test('is good only from its addresses, however spelt, and one tied to a key only with its proof', async () => {
    const { access } = await logIn(system, one, personOf(system, 'Operator'))
    const { token } = await make(access, { sourceAddresses: ['198.51.100.0/24', '2001:db8::/32'] })
    const outcomes = async (address: string) => one.outcome('auth.whoami', {}, from(token, address))
    for (const address of ['198.51.100.7', '::ffff:198.51.100.7', '2001:DB8:0::1'])
      expect(await outcomes(address), address).toBe('allowed')
    for (const address of ['198.51.101.7', '192.0.2.7', '::ffff:192.0.2.7', '2001:db9::1', '::1', '', 'localhost'])
      expect(await outcomes(address), address).toBe('unauthenticated')
    const keyed = await make(access, { keyThumbprint: 'A'.repeat(43) })
    expect(await alive(keyed.token)).toEqual(dead)
    for (const wide of ['0.0.0.0/0', '::/0', '::ffff:0.0.0.0/96', '10.0.0.0/7'])
      expect(
        await one.outcome(
          'apiToken.create',
          { name: 'x', purpose: 'x', scopes: ['read'], sourceAddresses: [wide] },
          access,
        ),
        wide,
      ).toBe('invalid-input')
  })

  test('has its use noted, time and address, once a minute and not at each request', async () => {
    const { access } = await logIn(system, one, personOf(system, 'Operator'))
    const { id, token } = await make(access)
    const used = async () =>
      await one.db
        .selectFrom('api_token')
        .select(['last_used_at', 'last_used_address'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    const firstUse = system.clock.now()
    await one.call('auth.whoami', {}, from(token, '203.0.113.9'))
    await expect.poll(used).toEqual({ last_used_at: firstUse, last_used_address: '203.0.113.9' })
    system.clock.advance(30)
    await one.call('auth.whoami', {}, token)
    system.clock.advance(31)
    const secondUse = system.clock.now()
    await one.call('auth.whoami', {}, token)
    await expect.poll(used).toEqual({ last_used_at: secondUse, last_used_address: '192.0.2.7' })
  })
})

describe('scopes', () => {
  test('admit what they name and nothing else, and a call outside them is recorded', async () => {
    const { access } = await logIn(system, one, personOf(system, 'Operator'))
    const { token, id } = await make(access, { scopes: ['user.*', 'team.list'] })
    expect(await one.outcome('user.list', {}, token)).toBe('allowed')
    expect(await one.outcome('team.list', {}, token)).toBe('allowed')
    const refusal = await one.refusal('role.list', {}, token)
    expect([refusal.code, refusal.details.hint]).toEqual([
      'forbidden',
      'the scopes of this token do not include role.list; make a token with that scope',
    ])
    const entries = await one.db
      .selectFrom('audit_entry')
      .select(['action', 'outcome'])
      .where('session_id', '=', id)
      .execute()
    expect(entries).toContainEqual({ action: 'role.list', outcome: 'refused' })
  })

  test('name operations that exist and take a log-in', async () => {
    const { access } = await logIn(system, one, personOf(system, 'Operator'))
    for (const scope of ['lease.explode', 'nothing.*', 'auth.login', 'lease.expire', 'revocation.prune']) {
      const refusal = await one.refusal('apiToken.create', { name: 'x', purpose: 'x', scopes: ['read', scope] }, access)
      expect(refusal.details.fields?.[0]?.path).toBe('scopes')
      expect(refusal.details.fields?.[0]?.message).toContain(scope)
    }
  })
})

describe("a person's token", () => {
  // Threat rule 41: it counts as a password, whatever its owner has proved a second ago
  test('reads and never does what asks for a second factor, and is told no way to prove one', async () => {
    const { access } = await logIn(system, one, personOf(system, 'Admin', 1))
    const { token } = await make(access, {
      scopes: ['read', 'user.*', 'serviceAccount.*', 'apiToken.*', 'team.*', 'role.*'],
    })
    expect(await one.call('auth.whoami', {}, token)).toMatchObject({
      assurance: 'pw',
      sessionId: null,
      assuranceAt: null,
    })
    expect(await one.outcome('user.list', {}, token)).toBe('allowed')
    const calls = [
      one.refusal('user.disable', { id: 'vera-viewer', reason: 'x' }, token),
      one.refusal('team.create', { name: 'more' }, token),
      one.refusal('serviceAccount.create', { name: 'more' }, token),
      one.refusal('apiToken.create', { name: 'x', purpose: 'x', scopes: ['read'] }, token),
    ]
    for (const { code, details } of await Promise.all(calls))
      expect([code, details.hint]).toEqual([
        'forbidden',
        'an API token never proves a second factor; log in to do this',
      ])
  })

  // Threat B3: in another token's place it is nothing
  test('is refused where a refresh token or a challenge belongs', async () => {
    const { access } = await logIn(system, one, personOf(system, 'Operator'))
    const { token } = await make(access)
    expect(await one.outcome('auth.refresh', { refreshToken: token })).toBe('unauthenticated')
    expect(await one.outcome('auth.completeMfa', { challengeId: token.slice(0, 64), totp: '000000' })).toBe(
      'invalid-credentials',
    )
    expect(await one.call('auth.verify', { token })).toMatchObject({
      active: true,
      scope: 'read',
      username: personOf(system, 'Operator').username,
    })
    expect(secret(token).toString()).not.toContain(token)
  })

  // Threat A12
  test('dies on every node with its disabled owner, and stays dead when they are let in again', async () => {
    const person = personOf(system, 'Developer')
    const { access } = await logIn(system, one, person)
    const { token } = await make(access)
    const principal = await two.authenticator.authenticate(callerWith(token))
    if (principal.type === 'Anonymous') throw new TypeError('nobody')
    await one.call('user.disable', { id: person.username, reason: 'left' }, await freshAdmin())
    expect(await alive(token)).toEqual(dead)
    await expect(two.authenticator.recheck(principal, callerWith(token))).rejects.toMatchObject({
      code: 'unauthenticated',
    })
    await one.call('user.enable', { id: person.username }, admin.access)
    expect(await alive(token)).toEqual(dead)
  })

  test("narrows with its owner's roles at once, and lives on", async () => {
    const person = personOf(system, 'Operator', 1)
    const { access } = await logIn(system, one, person)
    const { token } = await make(access)
    await one.call('role.assign', { user: person.username, role: 'Viewer' }, await freshAdmin())
    await one.call('role.remove', { user: person.username, role: 'Operator' }, admin.access)
    expect(await two.call('auth.whoami', {}, token)).toMatchObject({ roles: ['Viewer'] })
  })
})

describe('a program', () => {
  test('calls as its account with its teams; bound by addresses it counts as two factors, unbound as one', async () => {
    const { account, token } = await makeProgram('ci-bound', { sourceAddresses: ['192.0.2.0/24'] })
    expect(token).toMatch(/^gatehouse_svc_/)
    expect(await two.call('auth.whoami', {}, token)).toMatchObject({
      id: account,
      username: 'ci-bound',
      teams: ['sre'],
      assurance: 'mfa',
      roles: [],
      sessionId: null,
    })
    const loose = await makeProgram('ci-loose')
    expect(await two.call('auth.whoami', {}, loose.token)).toMatchObject({ assurance: 'pw' })
    expect(await two.call('auth.verify', { token: loose.token }, token)).toMatchObject({
      active: true,
      client_id: 'ci-loose',
      sub: loose.account,
    })
  })

  test('ends with its tokens and leases on every node; the next of its name has nothing of it', async () => {
    const { account, token } = await makeProgram('ci-gone', {
      sourceAddresses: ['192.0.2.0/24'],
      scopes: ['read', 'lease.*'],
    })
    const principal = await one.authenticator.authenticate(callerWith(token))
    const lease = system.random.id()
    const terms = {
      backend: 'ssh-certificate',
      role: 'web-1',
      hostId: null,
      workspace: 'default',
      purpose: 'test',
      principal,
      expiresAt: new Date(system.clock.now().getTime() + 3_600_000),
    } as const
    await one.db.transaction().execute(async (tx) => {
      await one.leases.insertPending(tx, { id: lease, ...terms })
      await one.leases.activate(tx, { id: lease, principal })
    })
    expect(await one.call('serviceAccount.disable', { id: 'ci-gone', reason: 'leaked' }, admin.access)).toMatchObject({
      status: 'disabled',
      tokens: 0,
    })
    expect(await alive(token)).toEqual(dead)
    expect(
      await one.db.selectFrom('lease').select(['state', 'reason']).where('id', '=', lease).executeTakeFirstOrThrow(),
    ).toEqual({ state: 'revoked', reason: 'leaked' })
    await expect(
      one.db.transaction().execute((tx) => one.leases.insertPending(tx, { id: system.random.id(), ...terms })),
    ).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(
      await one.outcome(
        'apiToken.create',
        { name: 'x', purpose: 'x', scopes: ['read'], serviceAccount: 'ci-gone' },
        await freshAdmin(),
      ),
    ).toBe('conflict')
    await one.call('serviceAccount.delete', { id: 'ci-gone', reason: 'gone' }, admin.access)
    const again = await one.call('serviceAccount.create', { name: 'ci-gone' }, admin.access)
    expect(again.id).not.toBe(account)
    expect(again.tokens).toBe(0)
    expect(await alive(token)).toEqual(dead)
  })
})

test('its maker is told once a week before it expires; ended tokens are forgotten after a month', async () => {
  const { access } = await logIn(system, one, personOf(system, 'Auditor'))
  const { id } = await make(access, { name: 'nightly', ttlSeconds: 10 * 86_400 })
  const told = async () =>
    (
      await one.db
        .selectFrom('notification')
        .select('text')
        .where('kind', '=', 'apiTokenExpiring')
        .where('text', 'like', '%nightly%')
        .execute()
    ).length
  await one.internal('revocation.prune', {})
  expect(await told()).toBe(0)
  system.clock.advance(4 * 86_400)
  await one.internal('revocation.prune', {})
  await two.internal('revocation.prune', {})
  expect(await told()).toBe(1)
  system.clock.advance(37 * 86_400)
  await one.internal('revocation.prune', {})
  expect(await one.db.selectFrom('api_token').select('id').where('id', '=', id).execute()).toEqual([])
})
