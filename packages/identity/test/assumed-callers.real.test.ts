// A read begins by what was known of its caller a moment ago, and nothing of that is answered or recorded where it is
// no longer so (ADR 091): threats A12, A13 on the node where they have just called.
import { randomUUID } from 'node:crypto'
import { isCaller, liveCallers, partsOfVersion, type Transaction } from '@gatehouse/database'
import { decodeJwt } from 'jose'
import { CompiledQuery, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { holdAdmins } from '../src/directory/standing.queries.ts'
import { peopleEraser } from '../src/upkeep/erase-person.ts'
import { changesOf } from './changes-of-callers.ts'
import { callerWith, logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
afterAll(() => system.end())

let mine: LoggedIn
beforeEach(async () => {
  mine = await logIn(system, one, personOf(system, 'Developer'))
})

/** Has node two know who this is; calls again where that took longer than it is known for. */
async function knownToTwo(access: string): Promise<void> {
  await expect
    .poll(async () => {
      await two.call('auth.whoami', {}, access)
      return two.authenticator.assume?.(callerWith(access))
    })
    .toMatchObject({ type: 'User', session: { id: mine.sessionId } })
}
/**
 * Does something, and answers what was recorded meanwhile; but for what a minute's refusals came to, which is written
 * when that minute is over, whoever calls then.
 */
async function recordedBy(work: () => Promise<unknown>): Promise<string[]> {
  const rows = async () =>
    (
      await sql<{ id: string; said: string }>`
        select id, action || ' ' || outcome as said from audit_entry
        where action <> 'refusals.aggregated'`.execute(one.db)
    ).rows
  const before = new Set((await rows()).map(({ id }) => id))
  await work()
  return (await rows()).flatMap(({ id, said }) => (before.has(id) ? [] : said))
}

test('nobody is known before they have called, nor by another token, nor a page that asks by itself', async () => {
  const assume = (token: string | null, more: object = {}) =>
    two.authenticator.assume?.({ ...callerWith(token), ...more })
  const other = await logIn(system, one, personOf(system, 'Developer'))
  expect(await assume(mine.access)).toBeNull()
  await knownToTwo(mine.access)
  expect(await assume(other.access)).toBeNull()
  expect(await assume(null)).toBeNull()
  expect(await assume(mine.access, { background: true })).toBeNull()
  expect(await assume(mine.access, { scheme: 'dpop' })).toBeNull()
  expect(await assume(mine.access, { scheme: 'itself' })).toBeNull()
})

test('somebody is known with all that is known of them, and not once their time is over', async () => {
  await knownToTwo(mine.access)
  const looked = await two.authenticator.authenticate(callerWith(mine.access))
  const assumed = await two.authenticator.assume?.(callerWith(mine.access))
  expect(assumed).toEqual({ ...looked, assumed: expect.any(String) as string })
  const life = 900 // testConfig
  system.clock.advance(life)
  await expect(Promise.resolve(two.authenticator.assume?.(callerWith(mine.access)))).rejects.toMatchObject({
    code: 'unauthenticated',
  })
})

const ends: readonly [string, string, (id: string) => Promise<unknown>][] = [
  [
    'their session is revoked on another node',
    'unauthenticated',
    () => one.call('session.revoke', { id: mine.sessionId, reason: 'lost' }, mine.access),
  ],
  ['they log out on another node', 'unauthenticated', () => one.call('auth.logout', {}, mine.access)],
  [
    'they are cut off',
    'unauthenticated',
    (id) =>
      sql`update users set cut_off = ${new Date(system.clock.now().getTime() + 1)} where id = ${id}`.execute(one.db),
  ],
  [
    'their session is not used for long',
    'unauthenticated',
    () =>
      sql`update session set last_used_at = last_used_at - interval '60 days' where id = ${mine.sessionId}`.execute(
        one.db,
      ),
  ],
]
test.for(ends)('the next call is refused once %s, and not recorded as allowed', async ([, code, end]) => {
  await knownToTwo(mine.access)
  const { id } = await two.call('auth.whoami', {}, mine.access)
  await end(id)
  const recorded = await recordedBy(async () => {
    expect(await two.outcome('auth.whoami', {}, mine.access)).toBe(code)
  })
  // of strangers each kind of refusal is recorded once a minute, and counted beyond that
  expect(recorded).not.toContain('auth.whoami allowed')
  await sql`update users set cut_off = null where id = ${id}`.execute(one.db)
})

test('the next call knows what has changed on another node: a name, a role, a team', async () => {
  await knownToTwo(mine.access)
  const { id } = await two.call('auth.whoami', {}, mine.access)
  const changes = [
    sql`update users set display_name = 'Augusta' where id = ${id}`,
    sql`insert into user_role (user_id, role, granted_at) values (${id}, 'Auditor', now())`,
    sql`insert into team (id, name, description) values (gen_random_uuid(), 'assumed', '')`,
    sql`insert into team_member select id, ${id}::uuid from team where name = 'assumed'`,
  ]
  for (const change of changes) {
    await change.execute(one.db)
    expect(await recordedBy(() => two.call('auth.whoami', {}, mine.access))).toEqual(['auth.whoami allowed'])
  }
  const now = await two.call('auth.whoami', {}, mine.access)
  expect(now.displayName).toBe('Augusta')
  expect(now.roles).toContain('Auditor')
  expect(now.teams).toContain('assumed')
})

test('a call that began after a revocation was answered is never answered, however many are on their way', async () => {
  const calls = 20
  await knownToTwo(mine.access)
  let revoked = false
  const wrong: string[] = []
  let answered = 0
  const load = async (): Promise<void> => {
    for (;;) {
      const begunAfter = revoked
      const outcome = await two.outcome('auth.whoami', {}, mine.access)
      if (outcome === 'allowed') answered += 1
      if (begunAfter && outcome !== 'unauthenticated') wrong.push(outcome)
      if (begunAfter) return
    }
  }
  const loads = Array.from({ length: calls }, load)
  await expect.poll(() => answered).toBeGreaterThan(calls)
  await one.call('session.revoke', { id: mine.sessionId, reason: 'now' }, mine.access)
  revoked = true
  await Promise.all(loads)
  expect(wrong).toEqual([])
})

// What moves a version is written by whoever changes something else, and must not be in anybody's way for it.
describe('whoever moves versions', () => {
  /** Rolls back what it did. */
  const undone = async (work: (tx: Transaction) => Promise<unknown>): Promise<void> => {
    const done = new Error('done')
    const transaction = one.db.transaction().execute(async (tx) => {
      await work(tx)
      throw done
    })
    await expect(transaction).rejects.toBe(done)
  }
  /** On the other node, and fails where it would have to wait. */
  const beside = (work: (tx: Transaction) => Promise<unknown>): Promise<unknown> =>
    two.db.transaction().execute(async (tx) => {
      await sql`set local lock_timeout = '2s'`.execute(tx)
      return work(tx)
    })
  const makeLock = (tx: Transaction, target: string) =>
    sql`
    insert into access_lock (id, kind, target, name, reason, created_at)
      values (gen_random_uuid(), 'principal', ${target}, '', '', now())`.execute(tx)
  const makePerson = async (name: string): Promise<string> => {
    const id = randomUUID()
    await sql`insert into users (id, username, display_name, password_hash, must_change_password, password_changed_at)
      values (${id}, ${name}, ${name}, '', false, now())`.execute(one.db)
    return id
  }
  /** Resolves when a statement waits for a lock that this transaction holds. */
  const untilAwaited = (tx: Transaction) =>
    expect
      .poll(async () => {
        const { rows } = await sql<{ is: boolean }>`select exists (select from pg_stat_activity
          where pg_backend_pid() = any(pg_blocking_pids(pid))) as is`.execute(tx)
        return rows[0]?.is
      })
      .toBe(true)

  test('keeps no lock from being made or removed while somebody without one is erased', async () => {
    const gone = await makePerson('erased-without-a-lock')
    await undone(async (tx) => {
      const names = await peopleEraser.erase(tx, { id: gone, reason: '' })
      await peopleEraser.forgetNames(tx, names)
      await beside(async (other) => {
        const target = randomUUID()
        await makeLock(other, target)
        await sql`update access_lock set removed_at = now(), remove_reason = '' where target = ${target}`.execute(other)
      })
    })
  })

  test('waits in the order of whoever makes a lock, where somebody with one is erased', async () => {
    const gone = await makePerson('erased-with-a-lock')
    await one.db.transaction().execute((tx) => makeLock(tx, gone))
    let erased: Promise<unknown> = Promise.resolve()
    await beside(async (tx) => {
      await holdAdmins(tx)
      erased = one.db.transaction().execute((erasing) => peopleEraser.erase(erasing, { id: gone, reason: '' }))
      await untilAwaited(tx)
      await makeLock(tx, randomUUID())
    })
    await erased
  })

  test('takes the people of a team in one order, whatever happens to the team', async () => {
    const [first = '', last = ''] = [await makePerson('member-a'), await makePerson('member-b')].toSorted()
    const team = randomUUID()
    await sql`insert into team (id, name, description) values (${team}, 'in-order', '')`.execute(one.db)
    for (const id of [last, first])
      await sql`insert into team_member (team_id, user_id) values (${team}, ${id})`.execute(one.db)
    const changes = [sql`update team set name = 'ordered' where id = ${team}`, sql`delete from team where id = ${team}`]
    for (const change of changes) {
      let changed: Promise<unknown> = Promise.resolve()
      await beside(async (tx) => {
        await sql`select from users where id = ${first} for update`.execute(tx)
        changed = change.execute(one.db)
        await untilAwaited(tx)
        await sql`select from users where id = ${last} for update`.execute(tx)
      })
      await changed
    }
  })

  test('moves nobody for a factor that was begun and is pruned, and waits for nobody', async () => {
    const { id } = await one.call('auth.whoami', {}, mine.access)
    const version = async () =>
      (await sql<{ xmin: string }>`select xmin::text from users where id = ${id}`.execute(one.db)).rows[0]?.xmin
    const before = await version()
    await sql`insert into authenticator (id, user_id, kind, name)
      values (gen_random_uuid(), ${id}, 'totp', '')`.execute(one.db)
    await undone(async (tx) => {
      await sql`select from users where id = ${id} for update`.execute(tx)
      const begun = sql`delete from authenticator where user_id = ${id} and confirmed_at is null`
      await beside((other) => begun.execute(other))
    })
    expect(await version()).toBe(before)
  })
})

// ADR 128: a version stands for all that is said of a caller, so whatever is said must move it.
test('whatever is said of a caller has another version once it changes, by whichever table', async () => {
  const look = liveCallers({ sessions: '$1', people: '$2', tokens: '$3' })
  const { id } = await one.call('auth.whoami', {}, mine.access)
  const { jti = '' } = decodeJwt(mine.access)
  const known = async () => {
    const asked = CompiledQuery.raw(look, [[mine.sessionId], [id], [jti]])
    const { rows } = await one.db.executeQuery<{ version: string }>(asked)
    return rows.map(({ version, ...said }) => ({ version, said: JSON.stringify(said) })).at(0) ?? null
  }
  const isKnown = async (version: string): Promise<boolean> => {
    const asked = `select ${isCaller({ session: '$1', token: '$2', version: ['$3', '$4', '$5'] })} as same`
    const { rows } = await one.db.executeQuery<{ same: boolean }>(
      CompiledQuery.raw(asked, [mine.sessionId, jti, ...partsOfVersion(version)]),
    )
    return rows[0]?.same ?? false
  }
  const moved = new Set<string>()
  for (const [table, change] of changesOf({ userId: id, sessionId: mine.sessionId, tokenId: jti })) {
    const before = await known()
    if (before !== null) expect(await isKnown(before.version)).toBe(true)
    await change.execute(one.db)
    const after = await known()
    if (before?.said === after?.said) continue
    moved.add(table)
    expect(before?.version, table).not.toBe(after?.version)
    if (before !== null) expect(await isKnown(before.version), table).toBe(false)
  }
  const [named, own] = [[...look.matchAll(/\b(?:from|join) (\w+)/g)], ['unnest', 'lateral', 'access_lock_version']]
  expect(new Set(named.map(([, table = '']) => table))).toEqual(new Set([...own, ...moved]))
})
