// Must-have 27: a lock is no revocation. What it names is denied at once on every node, until its end or its removal.
import { randomUUID } from 'node:crypto'
import type { Output, Raw } from '@gatehouse/contract'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { selectPerson } from '../src/login/find-subject.queries.ts'
import {
  callerWith,
  challengeOf,
  codeOf,
  lockedHost,
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
let ada: LoggedIn
let dora: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
beforeEach(async () => {
  ada = await logIn(system, one, personOf(system, 'Admin'))
  dora = await logIn(system, one, personOf(system, 'Developer'))
})
afterEach(() => sql`delete from access_lock`.execute(one.db))
afterAll(() => system.end())

type Lock = Output<'lock.create'>
const developer = () => personOf(system, 'Developer').username
const lock = (what: Partial<Raw<'lock.create'>>, by = ada): Promise<Lock> =>
  one.call('lock.create', { reason: 'the laptop was stolen', ...what }, by.access)
const remove = ({ id }: Pick<Lock, 'id'>, by = ada): Promise<Lock> =>
  two.call('lock.remove', { id, reason: 'it was found' }, by.access)
const alive = async (token: string): Promise<string[]> =>
  Promise.all([one, two].map((node) => node.outcome('auth.whoami', {}, token)))
const dead = ['unauthenticated', 'unauthenticated']
const live = ['allowed', 'allowed']
/** Time goes by for one lock: it is the database's clock that it ends by. */
const end = ({ id }: Lock) =>
  sql`update access_lock set expires_at = now() - interval '1 millisecond' where id = ${id}`.execute(one.db)
const told = 'your account is locked; ask an administrator, who can remove the lock'

describe('a locked person', () => {
  test('is refused on both nodes with all that they have, which is good again without the lock', async () => {
    const { principal } = await two.authenticator.inspect(dora.access) // a stream that stands open
    expect(await alive(dora.access)).toEqual(live) // what is known of them now is a second old at most, and looked at
    const made = await lock({ principal: developer() })
    expect(made).toMatchObject({ kind: 'principal', name: developer(), holds: true, expiresAt: null, removedAt: null })
    expect(await alive(dora.access)).toEqual(dead)
    await expect(two.authenticator.recheck(principal, callerWith(null))).rejects.toMatchObject({
      code: 'unauthenticated',
      details: { reason: 'user-locked' },
    })
    expect(await two.outcome('auth.refresh', { refreshToken: dora.refresh })).toBe('unauthenticated')
    expect(await alive(ada.access)).toEqual(live)
    expect(await remove(made)).toMatchObject({ holds: false, removeReason: 'it was found' })
    expect(await alive(dora.access)).toEqual(live)
    expect(await two.outcome('auth.refresh', { refreshToken: dora.refresh })).toBe('allowed')
  })

  test('is told that they are locked and whom to ask, and no more', async () => {
    await lock({ principal: developer() })
    for (const refusal of [
      await one.refusal('auth.whoami', {}, dora.access),
      await two.refusal('auth.refresh', { refreshToken: dora.refresh }),
    ]) {
      expect([refusal.code, refusal.message]).toEqual(['unauthenticated', told])
      expect(refusal.details).toEqual({ reason: 'user-locked' })
    }
  })

  // Threat A4: whether an account is locked is for who has proved that it is theirs.
  test('comes in by no log-in, and hears why only once both factors were right', async () => {
    await lock({ principal: developer() })
    const person = personOf(system, 'Developer')
    const wrong = await one.refusal('auth.login', { username: person.username, password: 'wrong, as it happens' })
    const unknown = await one.refusal('auth.login', { username: 'nobody.here', password: 'wrong, as it happens' })
    expect([wrong.code, wrong.details]).toEqual([unknown.code, unknown.details])
    nextCode(system.clock)
    const challengeId = await challengeOf(one, person)
    const totp = await codeOf(person.totpSecret.expose(), system.clock.now())
    const right = await one.refusal('auth.completeMfa', { challengeId, totp })
    expect([right.code, right.message]).toEqual(['unauthenticated', told])
  })

  test('is let in again by time alone', async () => {
    const made = await lock({ principal: developer(), ttlSeconds: 3600 })
    expect((made.expiresAt?.getTime() ?? 0) - made.createdAt.getTime()).toBe(3_600_000)
    expect(await alive(dora.access)).toEqual(dead)
    await end(made)
    expect(await alive(dora.access)).toEqual(live)
    expect(await one.outcome('lock.remove', { id: made.id, reason: 'late' }, ada.access)).toBe('conflict')
    expect((await two.call('lock.list', { all: true }, ada.access)).items).toMatchObject([
      { id: made.id, holds: false, removedAt: null },
    ])
  })

  test('stays locked until the last of several locks is gone', async () => {
    const [first, second] = [await lock({ principal: developer() }), await lock({ principal: developer() })]
    await remove(first)
    expect(await alive(dora.access)).toEqual(dead)
    await remove(second)
    expect(await alive(dora.access)).toEqual(live)
  })

  test('is refused with their API tokens too, and so is a program with its own', async () => {
    const wish = { name: 'report', purpose: 'nightly report', scopes: ['read'] }
    const own = await one.call('apiToken.create', wish, dora.access)
    await one.call('serviceAccount.create', { name: 'ci-locked', teams: [] }, ada.access)
    const programs = await one.call('apiToken.create', { ...wish, serviceAccount: 'ci-locked' }, ada.access)
    const locks = [await lock({ principal: developer() }), await lock({ principal: 'ci-locked' })]
    for (const { token } of [own, programs]) {
      expect(await alive(token.expose())).toEqual(dead)
      expect((await one.refusal('auth.whoami', {}, token.expose())).details).toEqual({ reason: 'owner-locked' })
    }
    for (const made of locks) await remove(made)
    for (const { token } of [own, programs]) expect(await alive(token.expose())).toEqual(live)
  })

  test('counts as nobody who may call where policies are asked about them', async () => {
    const { id } = await one.call('auth.whoami', {}, dora.access)
    const isKnown = async () => {
      const { status, locked } = await one.call('user.get', { id }, ada.access)
      return [status, locked]
    }
    expect(await isKnown()).toEqual(['active', false])
    await lock({ principal: id })
    expect(await isKnown()).toEqual(['active', true])
    expect(await selectPerson(one.db, id)).toBeNull()
  })
})

describe('a locked role of people', () => {
  test('locks whoever has it, whoever gets it, and lets go who loses it', async () => {
    const made = await lock({ role: 'Developer' })
    expect(made).toMatchObject({ kind: 'role', target: 'Developer', name: 'Developer' })
    expect(await alive(dora.access)).toEqual(dead)
    const vera = await logIn(system, one, personOf(system, 'Viewer'))
    expect(await alive(vera.access)).toEqual(live)
    await one.call('role.assign', { user: personOf(system, 'Viewer').username, role: 'Developer' }, ada.access)
    expect(await alive(vera.access)).toEqual(dead)
    await one.call('role.remove', { user: personOf(system, 'Viewer').username, role: 'Developer' }, ada.access)
    expect(await one.outcome('auth.whoami', {}, (await logIn(system, one, personOf(system, 'Viewer'))).access)).toBe(
      'allowed',
    )
  })
})

describe('nobody', () => {
  test('locks themselves, by their name, their id or a role of theirs', async () => {
    const { id } = await one.call('auth.whoami', {}, ada.access)
    for (const what of [{ principal: id }, { principal: personOf(system, 'Admin').username }, { role: 'Admin' }]) {
      const refusal = await one.refusal('lock.create', { reason: 'oops', ...what }, ada.access)
      expect([refusal.code, refusal.details.fields?.map(({ path }) => path)]).toEqual([
        'invalid-input',
        [Object.keys(what)[0]],
      ])
    }
    expect((await one.call('lock.list', { all: true }, ada.access)).items).toEqual([])
  })

  test('removes a lock on what they asked for', async () => {
    const call = { action: 'deploy', resource: 'web-1', resourceType: 'Cluster', workspace: 'default' } as const
    const asked = await one.call('approval.request', { ...call, reason: 'release' }, ada.access)
    const anton = await logIn(system, one, personOf(system, 'Admin', 1))
    const made = await lock({ approval: asked.id }, anton)
    const refusal = await one.refusal('lock.remove', { id: made.id, reason: 'mine' }, ada.access)
    expect([refusal.code, refusal.details.hint]).toEqual(['forbidden', expect.stringContaining('on yourself')])
    expect(await remove(made, anton)).toMatchObject({ holds: false })
  })

  // Here whoever calls may do anything, so that it is the lock itself that keeps an Admin.
  test('locks the last Admin: of Admins who are locked at once one is left, and removes the locks', async () => {
    const names = ['admin', ...[0, 1].map((index) => personOf(system, 'Admin', index).username)]
    const outcomes = await Promise.all(
      names.map((principal, index) =>
        (index === 1 ? two : one).outcome('lock.create', { principal, reason: 'a quarrel' }, dora.access),
      ),
    )
    expect(outcomes.toSorted()).toEqual(['allowed', 'allowed', 'conflict'])
    const left = names[outcomes.indexOf('conflict')] ?? ''
    expect((await one.call('lock.list', {}, dora.access)).items.map(({ name }) => name).toSorted()).toEqual(
      names.filter((name) => name !== left).toSorted(),
    )
    // and who is left is not disabled or demoted while the others are locked
    expect(await one.outcome('user.disable', { id: left, reason: 'a quarrel' }, dora.access)).toBe('conflict')
    expect(await one.outcome('role.remove', { user: left, role: 'Admin' }, dora.access)).toBe('conflict')
  })

  test('who is locked meanwhile locks anybody else', async () => {
    const [ofAda, ofAnton] = [0, 1].map((index) => personOf(system, 'Admin', index).username)
    const anton = await logIn(system, one, personOf(system, 'Admin', 1))
    const outcomes = await Promise.all([
      one.outcome('lock.create', { principal: ofAnton, reason: 'a quarrel' }, ada.access),
      two.outcome('lock.create', { principal: ofAda, reason: 'a quarrel' }, anton.access),
    ])
    expect(outcomes.toSorted()).toEqual(['allowed', 'unauthenticated'])
  })
})

describe('a lock', () => {
  test.each([
    [{ principal: 'nobody.here' }, 'principal'],
    [{ role: 'shop-writ' }, 'role'],
    [{ role: 'developer' }, 'role'],
    [{ host: 'db-2' }, 'host'],
    [{ key: 'SHA256:short' }, 'key'],
    [{ key: 'MD5:d4:1d:8c' }, 'key'],
    [{ approval: randomUUID() }, 'approval'],
    [{ approval: 'not-an-id' }, 'approval'],
    [{}, 'principal'],
    [{ principal: 'dora', host: 'db-1' }, 'host'],
    [{ host: 'db-1', ttlSeconds: 0 }, 'ttlSeconds'],
    [{ host: 'db-1', reason: '' }, 'reason'],
  ])('on what is not there denies nothing, and is none: %j', async (what, path) => {
    const refusal = await one.refusal('lock.create', { reason: 'a test', ...what }, ada.access)
    expect([refusal.code, refusal.details.fields?.map((field) => field.path)]).toEqual(['invalid-input', [path]])
    expect((await one.call('lock.list', { all: true }, ada.access)).items).toEqual([])
  })

  test('on a name that a person and a program have asks for an id', async () => {
    await one.call('serviceAccount.create', { name: developer(), teams: [] }, ada.access)
    const refusal = await one.refusal('lock.create', { principal: developer(), reason: 'a test' }, ada.access)
    expect(refusal.details.fields?.[0]?.message).toContain('an id')
    const { id } = await one.call('auth.whoami', {}, dora.access)
    expect(await lock({ principal: id })).toMatchObject({ target: id })
    await one.call('serviceAccount.delete', { id: developer(), reason: 'a test' }, ada.access)
  })

  test('is listed with who made it, why and until when; by kind, and with those that are over', async () => {
    const key = `SHA256:${'k'.repeat(43)}`
    const locks = [
      await lock({ host: lockedHost.name, reason: 'forensics' }),
      await lock({ key }),
      await lock({ role: 'shop-read', ttlSeconds: 60 }),
    ]
    const list = (input: Raw<'lock.list'> = {}) => two.call('lock.list', input, ada.access)
    const { items } = await list()
    expect(items.map(({ kind, name }) => [kind, name])).toEqual([
      ['role', 'shop-read'],
      ['key', key],
      ['host', lockedHost.name],
    ])
    expect(items[2]).toMatchObject({
      target: lockedHost.id,
      reason: 'forensics',
      createdByName: personOf(system, 'Admin').username,
      expiresAt: null,
    })
    const first = await list({ first: 2 })
    const rest = await list({ first: 2, after: first.nextCursor ?? '' })
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(locks.map(({ id }) => id).toReversed())
    expect((await list({ kind: 'host' })).items).toHaveLength(1)
    expect((await list({ id: locks[1]?.id ?? '' })).items.map(({ name }) => name)).toEqual([key])
    for (const made of locks) await remove(made)
    expect((await list()).items).toEqual([])
    expect((await list({ all: true })).items).toHaveLength(3)
  })

  test('is removed once', async () => {
    const made = await lock({ host: lockedHost.name })
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? one : two).outcome('lock.remove', { id: made.id, reason: 'over' }, ada.access),
      ),
    )
    expect(outcomes.toSorted()).toEqual(['allowed', ...Array.from({ length: 7 }, () => 'conflict')])
    expect(await one.outcome('lock.remove', { id: randomUUID(), reason: 'x' }, ada.access)).toBe('not-found')
    expect(await one.outcome('lock.remove', { id: 'nothing', reason: 'x' }, ada.access)).toBe('not-found')
  })
})

describe('a locked approval', () => {
  const call = (resource: string) =>
    ({ action: 'deploy', resource, resourceType: 'Cluster', workspace: 'default' }) as const
  const ask = (resource: string) => one.call('approval.request', { ...call(resource), reason: 'release' }, dora.access)

  test('is not given, and once given not used, until the lock is gone', async () => {
    const olga = await logIn(system, one, personOf(system, 'Operator'))
    const [pending, given] = [await ask('web-pending'), await ask('web-given')]
    await one.call('approval.approve', { id: given.id }, olga.access)
    const locks = [await lock({ approval: pending.id }), await lock({ approval: given.id })]
    const refusals = [
      await two.refusal('approval.approve', { id: pending.id }, olga.access),
      await two.refusal('approval.use', call('web-given'), dora.access),
    ]
    for (const refusal of refusals)
      expect([refusal.code, refusal.details]).toEqual([
        'locked',
        { hint: 'the approval is locked; ask an administrator, who can remove the lock' },
      ])
    for (const made of locks) await remove(made)
    expect(await two.outcome('approval.approve', { id: pending.id }, olga.access)).toBe('allowed')
    expect(await two.outcome('approval.use', call('web-given'), dora.access)).toBe('allowed')
  })

  test('is used before the lock is answered, or not at all', async () => {
    const olga = await logIn(system, one, personOf(system, 'Operator'))
    const given = await ask('web-race')
    await one.call('approval.approve', { id: given.id }, olga.access)
    const uses = Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? one : two).outcome('approval.use', call('web-race'), dora.access),
    )
    const made = await lock({ approval: given.id })
    const late = await one.outcome('approval.use', call('web-race'), dora.access)
    const outcomes = await Promise.all(uses)
    const used = await one.db.selectFrom('approval').select('used_at').where('id', '=', given.id).executeTakeFirst()
    expect(late).toBe(outcomes.includes('allowed') ? 'conflict' : 'locked')
    expect(outcomes.filter((outcome) => outcome === 'allowed')).toHaveLength((used?.used_at ?? null) === null ? 0 : 1)
    await remove(made)
  })

  test('of somebody who was locked since is not used while they are', async () => {
    const olga = await logIn(system, one, personOf(system, 'Operator'))
    const given = await ask('web-locked-approver')
    await one.call('approval.approve', { id: given.id }, olga.access)
    const made = await lock({ principal: personOf(system, 'Operator').username })
    expect(await two.outcome('approval.use', call('web-locked-approver'), dora.access)).toBe('conflict')
    await remove(made)
    expect(await two.outcome('approval.use', call('web-locked-approver'), dora.access)).toBe('allowed')
  })
})

test('the audit log says who locked what and until when, and of a person what can be erased', async () => {
  const made = await lock({ principal: developer(), reason: 'they left a laptop in the train', ttlSeconds: 60 })
  await remove(made)
  const entries = await one.db
    .selectFrom('audit_entry')
    .select(['action', 'entry'])
    .where('action', 'in', ['lock.create', 'lock.remove'])
    .execute()
  const ours = entries.filter(({ entry }) => entry.includes(made.id))
  expect(ours.map(({ action }) => action).toSorted()).toEqual(['lock.create', 'lock.remove'])
  expect(JSON.stringify(ours)).not.toMatch(new RegExp(`${developer()}|train`))
  const created = ours.find(({ action }) => action === 'lock.create')
  expect((JSON.parse(created?.entry ?? '') as { detail: unknown }).detail).toEqual({
    lock: made.id,
    kind: 'principal',
    until: made.expiresAt?.toISOString(),
  })
})
