// A credential that waits for whoever brings its token, once. Threat: a token that is copied on its way is opened by
// two, one of them not meant; the second is refused, and somebody is told.
import { randomBytes, randomUUID } from 'node:crypto'
import type { Output, Raw, Refusal } from '@gatehouse/contract'
import { anonymous } from '@gatehouse/enforcement'
import { withConnection } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  loginsIn,
  olga,
  startNode,
  startTarget,
  withRole,
  worksAsLogin,
  type SecretsNode,
  type TargetServer,
} from './secrets-system.ts'

let node: SecretsNode
let target: TargetServer
const role = 'shop-read'
beforeAll(async () => {
  node = await startNode()
  target = await startTarget()
  await withRole(node, target, { name: role })
})
afterEach(async () => {
  node.process.decideBy(() => ({ effect: 'allow', policies: ['all'], version: 'test' }))
  node.calls.as(olga)
  for (const { id } of (await node.calls.call('lease.list', { state: 'active' })).items)
    await node.calls.call('lease.revoke', { id, reason: 'the test is over' })
  expect(await loginsIn(target)).toEqual([])
})
afterAll(async () => {
  await node.close()
  await target.drop()
})

interface Wrapped {
  readonly id: string
  readonly token: string
  readonly issued: Output<'lease.issue'>
}
const wrapped = async (more: Partial<Raw<'lease.issue'>> = {}): Promise<Wrapped> => {
  const asked = { role, purpose: 'first start of web-7', ttlSeconds: 900, wrapSeconds: 300, ...more }
  const issued = await node.calls.call('lease.issue', asked)
  return { id: issued.lease.id, token: issued.wrap?.token.expose() ?? '', issued }
}
/** By a machine that has the token and nothing else. */
const unwrap = (token: string, more: Partial<Raw<'lease.unwrap'>> = {}, by: SecretsNode = node) => {
  by.calls.as(anonymous)
  return by.calls.call('lease.unwrap', { token, ...more }).finally(() => by.calls.as(olga))
}
const refused = (token: string, more: Partial<Raw<'lease.unwrap'>> = {}): Promise<Refusal> => {
  node.calls.as(anonymous)
  return node.calls.refusal('lease.unwrap', { token, ...more }).finally(() => node.calls.as(olga))
}
const leaseOf = (id: string) => node.calls.call('lease.get', { id })
const sweep = () => node.calls.internal('lease.expire', { backend: 'postgres' }, randomUUID())
const rowOf = (id: string) =>
  node.process.db.selectFrom('lease_wrap').selectAll().where('lease_id', '=', id).executeTakeFirstOrThrow()
const entriesOf = (id: string, action: string) =>
  node.process.db
    .selectFrom('audit_entry')
    .select('entry')
    .where('action', '=', action)
    .where('resource_id', '=', id)
    .orderBy('id')
    .execute()
    .then((rows) => rows.map(({ entry }) => JSON.parse(entry) as Record<string, unknown>))

describe('a wrapped credential', () => {
  test('is not in the answer, is opened once by whoever brings the token, and then works', async () => {
    const { id, token, issued } = await wrapped()
    const { kind, fields, ...parts } = issued.material
    expect([kind, fields, Object.values(parts).filter((value) => value !== null)]).toEqual(['postgres', [], []])
    expect(issued.wrap?.expiresAt).toEqual(issued.lease.wrappedUntil)
    expect((await leaseOf(id)).wrappedUntil).toEqual(issued.wrap?.expiresAt)
    expect(await loginsIn(target)).toHaveLength(1)
    const { lease, material } = await unwrap(token, { role })
    const { purpose, expiresAt } = issued.lease
    expect(lease).toMatchObject({ id, role, purpose, principalName: 'olga', expiresAt, revocability: 'deletes' })
    expect(await worksAsLogin(material)).toBe(true)
    expect(await leaseOf(id)).toMatchObject({ state: 'active', wrappedUntil: null, expiresAt })
  })

  test('stands nowhere in clear, and nowhere at all once it was opened; of its token there is a hash', async () => {
    const { id, token } = await wrapped()
    const { sealed, token_hash: hash } = await rowOf(id)
    expect([sealed?.length ?? 0, hash.length]).toEqual([expect.any(Number), 32])
    const dump = async (): Promise<string> => {
      const rows = await Promise.all(
        (['lease', 'lease_wrap', 'audit_entry', 'audit_pending', 'audit_personal'] as const).map((table) =>
          node.process.db
            .selectFrom(table as 'lease_wrap')
            .selectAll()
            .execute(),
        ),
      )
      return rows
        .flat()
        .map((row) =>
          Object.values(row)
            .map((one) => (Buffer.isBuffer(one) ? one.toString('latin1') : JSON.stringify(one)))
            .join(' '),
        )
        .join('\n')
    }
    const before = await dump()
    const { material } = await unwrap(token)
    const password = material.password?.expose() ?? 'none'
    for (const kept of [before, await dump()])
      expect([kept.includes(password), kept.includes(token), kept.includes(token.slice(-64))]).toEqual([
        false,
        false,
        false,
      ])
    expect(await rowOf(id)).toMatchObject({ sealed: null, opened_at: expect.any(Date) })
    const [entry] = await entriesOf(id, 'lease.unwrap')
    expect(entry).toMatchObject({ outcome: 'allowed', detail: { role, backend: 'postgres' } })
  })

  test('is bound to its lease and its token: put elsewhere it does not open, and the token is not spent', async () => {
    const [one, two] = [await wrapped(), await wrapped()]
    const { sealed } = await rowOf(two.id)
    const own = await rowOf(one.id)
    const put = (bytes: Buffer | null) =>
      node.process.db.updateTable('lease_wrap').set({ sealed: bytes }).where('lease_id', '=', one.id).execute()
    await put(sealed)
    await expect(unwrap(one.token)).rejects.toMatchObject({ name: 'Fault' })
    expect((await rowOf(one.id)).opened_at).toBeNull()
    await put(own.sealed)
    expect(await worksAsLogin((await unwrap(one.token)).material)).toBe(true)
  })

  test('is opened by one of fifty who bring its token at once to two nodes, and one alert follows', async () => {
    const { id, token } = await wrapped()
    const other = await startNode(node.process.node)
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => unwrap(token, {}, index % 2 === 0 ? node : other)),
    )
    await other.close()
    const opened = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const codes = answers.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Refusal).code] : []))
    expect([opened.length, new Set(codes)]).toEqual([1, new Set(['conflict'])])
    for (const { material } of opened) expect(await worksAsLogin(material)).toBe(true)
    expect(await entriesOf(id, 'lease.wrapMisused')).toHaveLength(1)
  })

  test('that nobody opens ends its lease when its time is over, and what it was is gone from the server', async () => {
    const { id, token, issued } = await wrapped({ wrapSeconds: 60 })
    node.process.advance(59)
    expect(await sweep()).toMatchObject({ ended: 0 })
    node.process.advance(2)
    expect(await refused(token)).toMatchObject({ code: 'lease-ended' })
    expect((await leaseOf(id)).state).toBe('active')
    expect(await sweep()).toMatchObject({ ended: 1, failed: [] })
    expect(await leaseOf(id)).toMatchObject({
      state: 'revoked',
      reason: 'nobody opened its credential in time',
      wrappedUntil: issued.wrap?.expiresAt,
    })
    expect([await loginsIn(target), (await rowOf(id)).sealed]).toEqual([[], null])
    expect(await refused(token)).toMatchObject({ code: 'lease-ended' })
    expect(await entriesOf(id, 'lease.wrapMisused')).toEqual([])
  })

  test('that was opened lives to the end of its lease, and one that is renewed waits no longer for it', async () => {
    const [{ id, token }, other] = [await wrapped({ wrapSeconds: 60 }), await wrapped({ wrapSeconds: 60 })]
    await unwrap(token)
    await node.calls.call('lease.renew', { id: other.id, ttlSeconds: 900 })
    node.process.advance(61)
    expect(await sweep()).toMatchObject({ ended: 1, failed: [] })
    expect([(await leaseOf(id)).state, (await leaseOf(other.id)).state]).toEqual(['active', 'revoked'])
    node.process.advance(900)
    await sweep()
    expect((await leaseOf(id)).state).toBe('expired')
  })
})

describe('a token opens nothing', () => {
  test('a second time: its bearer reads when it was opened, and it is an alert once in a minute', async () => {
    const { id, token } = await wrapped()
    await unwrap(token)
    const opened = (await rowOf(id)).opened_at?.toISOString()
    for (let tries = 0; tries < 5; tries++) {
      const { code, details } = await refused(token)
      expect([code, details.hint]).toEqual([
        'conflict',
        `this credential was opened at ${opened?.slice(0, 19).replace('T', ' ')} UTC; if that was not you, ` +
          `have its lease revoked: ${id}`,
      ])
    }
    expect(await entriesOf(id, 'lease.wrapMisused')).toMatchObject([
      { detail: { what: 'opened before', role, backend: 'postgres', openedAt: opened } },
    ])
    node.process.advance(61)
    await node.calls.call('lease.revoke', { id, reason: 'somebody else has it' })
    expect((await refused(token)).code).toBe('conflict')
    expect(await entriesOf(id, 'lease.wrapMisused')).toHaveLength(2)
  })

  test('where it is wrong: one of another lease, of none or with another secret is no token at all', async () => {
    const [one, two] = [await wrapped(), await wrapped()]
    const own = one.token.length - 64
    const wrong = [
      one.token.slice(0, own) + two.token.slice(own),
      one.token.slice(0, own) + randomBytes(32).toString('hex'),
      `gatehouse_wrap_${randomUUID().replaceAll('-', '')}${one.token.slice(own)}`,
      one.token.slice(0, -1),
      one.token.toUpperCase(),
      'x',
    ]
    const answers = []
    for (const token of wrong) answers.push(await refused(token))
    for (const { code, details } of answers) expect([code, details]).toEqual(['not-found', {}])
    for (const { token } of [one, two]) expect(await worksAsLogin((await unwrap(token)).material)).toBe(true)
  })

  test('once its lease was revoked, also together with others, and what it was is kept no longer', async () => {
    const [one, two] = [await wrapped(), await wrapped()]
    await node.calls.call('lease.revoke', { id: one.id, reason: 'not needed' })
    await node.calls.call('lease.revokeMany', { role, reason: 'not needed' })
    for (const { token } of [one, two]) expect((await refused(token)).code).toBe('lease-ended')
    await sweep()
    for (const { id } of [one, two]) expect((await rowOf(id)).sealed).toBeNull()
  })

  test('where another role is expected: it is not spent, and somebody is told of it', async () => {
    const { id, token } = await wrapped()
    const { code, details } = await refused(token, { role: 'shop-write' })
    expect([code, details.hint]).toEqual(['conflict', 'this credential is of the role `shop-read`; do not use it'])
    expect(await entriesOf(id, 'lease.wrapMisused')).toMatchObject([{ detail: { what: 'other role expected' } }])
    const roleId = (await node.calls.call('secretRole.get', { id: role })).id
    expect(await worksAsLogin((await unwrap(token, { role: roleId })).material)).toBe(true)
  })

  test('to whom the policies do not let: they see who brings it and the lease, and it stays good', async () => {
    const { id, token } = await wrapped()
    const seen: unknown[] = []
    node.process.decideBy(({ action, principal, resource, entities }) => {
      if (action === 'lease.unwrap')
        seen.push(principal, resource, entities.find(({ uid }) => uid.id === id)?.attrs['backend'])
      return { effect: action === 'lease.unwrap' ? 'deny' : 'allow', policies: ['known-callers'], version: 'test' }
    })
    expect((await refused(token)).code).toBe('unauthenticated')
    expect(seen.slice(0, 3)).toEqual([{ type: 'Anonymous', id: 'anonymous' }, { type: 'Lease', id }, 'postgres'])
    node.process.decideBy(() => ({ effect: 'allow', policies: ['all'], version: 'test' }))
    expect(await worksAsLogin((await unwrap(token)).material)).toBe(true)
  })
})

test('a node that dies while it opens one has not opened it', async () => {
  const { id, token } = await wrapped()
  const answer = await withConnection(node.process.node.url, async (client) => {
    await client.query('begin')
    await client.query('select from lease_wrap where lease_id = $1 for update', [id])
    const opening = unwrap(token).then(
      () => 'opened',
      () => 'died',
    )
    await expect.poll(waiting, { interval: 20, timeout: 30_000 }).toHaveLength(1)
    const [pid] = await waiting()
    // one PostgreSQL has the databases of all tests
    await target.asSuperuser((superuser) => superuser.query(cut, [pid, databaseOf(node)]))
    return opening
  })
  expect(answer).toBe('died')
  expect((await rowOf(id)).opened_at).toBeNull()
  expect(await worksAsLogin((await unwrap(token)).material)).toBe(true)
})

const cut = 'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and datname = $2'
const databaseOf = ({ process }: SecretsNode): string => new URL(process.node.url).pathname.slice(1)

/** Connections to our own database that wait for a wrapped credential. */
const waiting = (): Promise<number[]> =>
  target.asSuperuser(async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%update lease_wrap%' and datname = $1`,
      [databaseOf(node)],
    )
    return rows.map(({ pid }) => pid)
  })

test.each([0, -1, 86_401, 1.5, '5m'])('%j seconds are no time to wrap for', async (wrapSeconds) => {
  const asked = { role, purpose: 'a test', wrapSeconds } as Raw<'lease.issue'>
  const { code, details } = await node.calls.refusal('lease.issue', asked)
  expect([code, details.fields?.map(({ path }) => path)]).toEqual(['invalid-input', ['wrapSeconds']])
})

test('nobody waits longer for a credential than it lives, and who decides sees whether it is wrapped', async () => {
  const asked = { role, purpose: 'a test', ttlSeconds: 120, wrapSeconds: 121 }
  const { code, details } = await node.calls.refusal('lease.issue', asked)
  expect([code, details.fields]).toEqual([
    'invalid-input',
    [{ path: 'wrapSeconds', message: 'at most 120 seconds: so long the lease lives' }],
  ])
  const seen: unknown[] = []
  node.process.decideBy(({ action, context }) => {
    if (action === 'lease.issue') seen.push(context['wrapSeconds'])
    return { effect: 'allow', policies: ['all'], version: 'test' }
  })
  await wrapped({ wrapSeconds: 30 })
  await node.calls.call('lease.issue', { role, purpose: 'a test' })
  expect([...new Set(seen)]).toEqual([30, 0])
})
