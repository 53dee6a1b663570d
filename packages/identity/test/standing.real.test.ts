// Threat A12: whoever is disabled, or gets their password reset, is out on every node at once, with all they hold.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  callerWith,
  challengeOf,
  codeOf,
  logIn,
  nextCode,
  personOf,
  startSystem,
  type LoggedIn,
  type TestNode,
  type TestSystem,
} from './system.ts'

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

const alive = async (token: string): Promise<string[]> =>
  Promise.all([one, two].map((node) => node.outcome('auth.whoami', {}, token)))
const dead = ['unauthenticated', 'unauthenticated']
const live = ['allowed', 'allowed']

/** A live lease of a person. */
async function holdLease(who: LoggedIn, backend: 'ssh-key' | 'ssh-certificate'): Promise<string> {
  const { principal } = await one.authenticator.inspect(who.access)
  const id = system.random.id()
  await one.db.transaction().execute(async (tx) => {
    await one.leases.insertPending(tx, {
      id,
      backend,
      role: 'web-1',
      hostId: null,
      workspace: 'default',
      purpose: 'test',
      principal,
      expiresAt: new Date(system.clock.now().getTime() + 3_600_000),
    })
    await one.leases.activate(tx, { id, principal })
  })
  return id
}

const leaseOf = (id: string) =>
  one.db
    .selectFrom('lease')
    .select(['state', 'due_at', 'revoke_requested_at', 'reason'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

describe('disable', () => {
  test("within a second every credential of the person is refused on both nodes, and nobody else's", async () => {
    const person = personOf(system, 'Developer')
    const [first, second] = [await logIn(system, one, person), await logIn(system, two, person)]
    const challenge = await challengeOf(two, person)
    const { principal } = await two.authenticator.inspect(second.access) // a stream that stands open
    const begun = performance.now()
    expect(await one.call('user.disable', { id: person.username, reason: 'left' }, admin.access)).toMatchObject({
      username: person.username,
      status: 'disabled',
    })
    expect(await alive(first.access)).toEqual(dead)
    expect(await alive(second.access)).toEqual(dead)
    await expect(two.authenticator.recheck(principal, callerWith(null))).rejects.toMatchObject({
      code: 'unauthenticated',
    })
    for (const node of [one, two])
      for (const { refresh } of [first, second])
        expect(await node.outcome('auth.refresh', { refreshToken: refresh })).toBe('unauthenticated')
    nextCode(system.clock)
    expect(
      await two.outcome('auth.completeMfa', {
        challengeId: challenge,
        totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('invalid-credentials')
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(await two.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
      'invalid-credentials',
    )
    expect(await alive(admin.access)).toEqual(live)
  })

  test('enabling lets the person log in again, and nothing that had ended comes back', async () => {
    const person = personOf(system, 'Viewer')
    const before = await logIn(system, one, person)
    const challenge = await challengeOf(one, person)
    await one.call('user.disable', { id: person.username, reason: 'on leave' }, admin.access)
    expect(await two.call('user.enable', { id: person.username }, admin.access)).toMatchObject({ status: 'active' })
    expect(await alive(before.access)).toEqual(dead)
    expect(await two.outcome('auth.refresh', { refreshToken: before.refresh })).toBe('unauthenticated')
    expect(
      await one.outcome('auth.completeMfa', {
        challengeId: challenge,
        totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('invalid-credentials')
    expect(await alive((await logIn(system, two, person)).access)).toEqual(live)
  })

  test("the person's certificates end with it, their keys are due at once, and those of others stay", async () => {
    const [person, other] = [personOf(system, 'Operator'), personOf(system, 'Operator', 1)]
    const [his, others] = [await logIn(system, one, person), await logIn(system, one, other)]
    const [certificate, key, kept] = [
      await holdLease(his, 'ssh-certificate'),
      await holdLease(his, 'ssh-key'),
      await holdLease(others, 'ssh-key'),
    ]
    const hurried = two.hurried()
    await two.call('user.disable', { id: person.username, reason: 'lost badge' }, admin.access)
    expect(await leaseOf(certificate)).toMatchObject({ state: 'revoked', reason: 'lost badge', due_at: null })
    const queued = await leaseOf(key)
    expect(queued).toMatchObject({ state: 'active', reason: 'lost badge' })
    expect(queued.due_at?.getTime()).toBeLessThanOrEqual(system.clock.now().getTime())
    expect(await one.leases.nextDueInSeconds('ssh-key')).toBeLessThanOrEqual(0)
    expect(two.hurried()).toBeGreaterThan(hurried)
    expect(await leaseOf(kept)).toMatchObject({ state: 'active', revoke_requested_at: null })
  })

  test('a call that was admitted before the person was shut out gets no lease after it', async () => {
    const person = personOf(system, 'Viewer')
    const { access } = await logIn(system, one, person)
    const { principal } = await one.authenticator.inspect(access)
    await two.call('user.disable', { id: person.username, reason: 'meanwhile' }, admin.access)
    const late = one.db
      .transaction()
      .execute((tx) =>
        one.leases.insertPending(tx, {
          id: system.random.id(),
          backend: 'ssh-key',
          role: 'web-1',
          hostId: null,
          workspace: 'default',
          purpose: 'late',
          principal,
          expiresAt: new Date(system.clock.now().getTime() + 3_600_000),
        }),
      )
    await expect(late).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(await one.db.selectFrom('lease').select('id').where('purpose', '=', 'late').execute()).toEqual([])
    await one.call('user.enable', { id: person.username }, admin.access)
  })

  test('the record says who, why and how much ended', async () => {
    const entry = await one.db
      .selectFrom('audit_entry')
      .select('entry')
      .where('action', '=', 'user.disable')
      .where('entry', 'like', '%"leasesEnded":2%')
      .executeTakeFirstOrThrow()
    // why is a person's own matter: the entry commits to it, and a key of theirs seals it
    expect(entry.entry).not.toContain('lost badge')
    expect(entry.entry).toContain('"reason":{"c":')
  })

  test('of two Admins who disable each other at once one stays, and the last cannot be disabled', async () => {
    const pair = [personOf(system, 'Admin'), personOf(system, 'Admin', 1)] as const
    const [ada, anton] = [await logIn(system, one, pair[0]), await logIn(system, two, pair[1])]
    await one.call('user.disable', { id: 'admin', reason: 'not used' }, ada.access)
    const outcomes = await Promise.all([
      one.outcome('user.disable', { id: pair[1].username, reason: 'race' }, ada.access),
      two.outcome('user.disable', { id: pair[0].username, reason: 'race' }, anton.access),
    ])
    expect(outcomes.toSorted()).not.toEqual(['allowed', 'allowed'])
    const left = await one.db
      .selectFrom('users as u')
      .innerJoin('user_role as r', 'r.user_id', 'u.id')
      .select('u.username')
      .where('r.role', '=', 'Admin')
      .where('u.status', '=', 'active')
      .execute()
    expect(left).toHaveLength(1)
    const [last, username] =
      left[0]?.username === pair[0].username ? [ada, pair[0].username] : [anton, pair[1].username]
    const refusal = await one.refusal('user.disable', { id: username, reason: 'myself' }, last.access)
    expect([refusal.code, refusal.details.hint]).toEqual([
      'conflict',
      'this is the last active Admin; make another one first',
    ])
    expect(await alive(last.access)).toEqual(live)
    admin = last
    for (const id of ['admin', ...pair.map((person) => person.username)])
      await one.call('user.enable', { id }, last.access)
  })
})

describe('unlock and reset', () => {
  test('unlock gives the guesses of passwords and codes back', async () => {
    const person = personOf(system, 'Auditor')
    for (let guess = 0; guess < 5; guess += 1)
      await one.outcome('auth.login', { username: person.username, password: 'wrong' })
    expect(await two.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
      'rate-limited',
    )
    await one.call('user.unlock', { id: person.username }, admin.access)
    expect(await two.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
      'allowed',
    )
  })

  test('a reset password ends what the old one opened; the new one must be changed first', async () => {
    const person = personOf(system, 'Auditor')
    const before = await logIn(system, one, person)
    const reset = await two.call('user.resetPassword', { id: person.username }, admin.access)
    expect(await alive(before.access)).toEqual(dead)
    expect(await one.outcome('auth.refresh', { refreshToken: before.refresh })).toBe('unauthenticated')
    expect(await one.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
      'invalid-credentials',
    )
    const after = await logIn(system, one, { ...person, password: reset.oneTimePassword })
    expect(await two.outcome('user.get', { id: person.username }, after.access)).toBe('password-change-required')
    const entry = await one.db
      .selectFrom('audit_entry')
      .select('entry')
      .where('action', '=', 'user.resetPassword')
      .executeTakeFirstOrThrow()
    expect(entry.entry).not.toContain(reset.oneTimePassword.expose())
  })
})

describe('who may not', () => {
  const names = ['user.disable', 'user.enable', 'user.unlock', 'user.resetPassword'] as const
  test.each(names)(
    '%s: strangers, half-proved sessions, people that are nobody and wrong input change nothing',
    async (name) => {
      const person = personOf(system, 'Viewer')
      const input = name === 'user.disable' ? { id: person.username, reason: 'because' } : { id: person.username }
      const { access } = await logIn(system, one, person)
      const before = await one.db
        .selectFrom('users')
        .selectAll()
        .where('username', '=', person.username)
        .executeTakeFirstOrThrow()
      expect(await one.outcome(name, input)).toBe('unauthenticated')
      expect(await one.outcome(name, { ...input, id: 'nobody' }, access)).toBe('not-found')
      expect(await one.outcome(name, { ...input, id: 'two words' }, access)).toBe('invalid-input')
      system.clock.advance(301)
      expect(await one.outcome(name, input, access)).toBe('step-up-required')
      expect(
        await one.db.selectFrom('users').selectAll().where('username', '=', person.username).executeTakeFirstOrThrow(),
      ).toEqual(before)
    },
  )

  test('disabling wants a reason', async () => {
    const raw = { id: 'vera-viewer' } as { id: string; reason: string }
    const { access } = await logIn(system, one, personOf(system, 'Viewer'))
    expect(await one.outcome('user.disable', raw, access)).toBe('invalid-input')
  })
})
