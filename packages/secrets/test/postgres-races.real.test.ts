import { randomUUID } from 'node:crypto'
import type { Output } from '@gatehouse/contract'
import { createDatabase, withConnection } from '@gatehouse/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Provider } from '../src/secret-provider.ts'
import {
  loginsIn,
  worksAsLogin,
  startNode,
  startTarget,
  withRole,
  type SecretsNode,
  type TargetServer,
} from './secrets-system.ts'

let node: SecretsNode
let target: TargetServer
beforeAll(async () => {
  node = await startNode()
  target = await startTarget()
})
afterAll(async () => {
  await node.close()
  await target.drop()
})

const purpose = 'a test'
const reconcile = (one: SecretsNode) => one.calls.internal('secretBackend.reconcile', {}, randomUUID())

test('fifty calls at once on two nodes get the ten that the role gives, and the ledgers agree', async () => {
  await withRole(node, target, { name: 'ten', leasesMax: 10 })
  const other = await startNode(node.process.node)
  const answers = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? node : other).calls.call('lease.issue', { role: 'ten', purpose }),
    ),
  )
  const issued = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refused = answers.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : []))
  expect([issued.length, new Set(refused)]).toEqual([10, new Set(['lease-limit-reached'])])
  expect(await loginsIn(target)).toEqual(issued.map(({ material }) => material.username).toSorted())
  await Promise.all(
    issued.map(({ lease }, index) =>
      (index % 2 === 0 ? other : node).calls.call('lease.revoke', { id: lease.id, reason: 'done' }),
    ),
  )
  expect(await loginsIn(target)).toEqual([])
  const { lease } = await other.calls.call('lease.issue', { role: 'ten', purpose })
  await other.calls.call('lease.revoke', { id: lease.id, reason: 'done' })
  await other.close()
})

test('one person gets no more than the role gives to each', async () => {
  await withRole(node, target, { name: 'each', leasesEachMax: 1 })
  const { lease } = await node.calls.call('lease.issue', { role: 'each', purpose })
  const refusal = await node.calls.refusal('lease.issue', { role: 'each', purpose })
  expect([refusal.code, refusal.details.hint]).toEqual(['lease-limit-reached', expect.stringContaining('yours')])
  await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })
})

test('a quota of a role is taken off again by 0, and one that is not named stays', async () => {
  await withRole(node, target, { name: 'once', leasesMax: 1, leasesEachMax: 1 })
  const first = await node.calls.call('lease.issue', { role: 'once', purpose })
  expect(await node.calls.call('secretRole.update', { id: 'once', leasesEachMax: 0 })).toMatchObject({
    leasesMax: 1,
    leasesEachMax: null,
  })
  expect((await node.calls.refusal('lease.issue', { role: 'once', purpose })).code).toBe('lease-limit-reached')
  expect(await node.calls.call('secretRole.update', { id: 'once', leasesMax: 0 })).toMatchObject({
    leasesMax: null,
    leasesEachMax: null,
  })
  const second = await node.calls.call('lease.issue', { role: 'once', purpose })
  for (const { lease } of [first, second]) await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })
})

// What is made by then has the rights of before, and whoever has changed them was told that nobody gets those any more.
test('a role that is changed or deleted while a credential is made gives none as it was, and leaves none', async () => {
  let meanwhile = (): Promise<unknown> => Promise.resolve()
  const asked = (provider: Provider): Provider => ({
    ...provider,
    issue: async (...args) => {
      const made = await provider.issue(...args)
      await meanwhile()
      return made
    },
  })
  const slow = await startNode(node.process.node, { around: asked })
  await withRole(node, target, { name: 'changed' })
  for (const [change, code] of [
    [() => node.calls.call('secretRole.update', { id: 'changed', postgres: { connectionsMax: 1 } }), 'lease-ended'],
    [() => node.calls.call('secretRole.delete', { id: 'changed', reason: 'over' }), 'not-found'],
  ] as const) {
    meanwhile = change
    expect((await slow.calls.refusal('lease.issue', { role: 'changed', purpose })).code).toBe(code)
    expect(await loginsIn(target)).toEqual([])
  }
  await slow.close()
})

describe('a call that dies', () => {
  test('after its lease had ended leaves a login that the next comparison removes, and no other', async () => {
    await withRole(node, target, { name: 'late' })
    const { lease } = await node.calls.call('lease.issue', { role: 'late', purpose })
    const living = await node.calls.call('lease.issue', { role: 'late', purpose })
    await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })
    const { items } = await node.calls.call('secretBackend.list', {})
    const id = items.find(({ name }) => name === 'late-db')?.id
    const orphan = `gatehouse_${lease.id.replaceAll('-', '')}`
    const foreign = `gatehouse_${randomUUID().replaceAll('-', '')}`
    await target.asSuperuser(async (client) => {
      for (const [name, words] of [
        [orphan, `gatehouse backend=${id} lease=${lease.id}`],
        [foreign, `gatehouse backend=${randomUUID()} lease=${lease.id}`],
      ]) {
        await client.query(`create role ${name} login in role ${target.grant}`)
        await client.query(`comment on role ${name} is '${words}'`)
        await client.query(`grant ${name} to ${new URL(target.url).username} with admin option`)
      }
    })
    expect(await reconcile(node)).toMatchObject({ removed: 1, gone: 0, failed: [] })
    expect(await loginsIn(target)).toEqual([foreign, String(living.material.username)].toSorted())
    await target.asSuperuser((client) => client.query(`drop role ${foreign}, ${living.material.username}`))
    expect(await reconcile(node)).toMatchObject({ removed: 0, gone: 1 })
    expect(await node.calls.call('lease.get', { id: living.lease.id })).toMatchObject({
      state: 'revoked',
      reason: expect.stringContaining('not there') as string,
    })
  })
})

test('another server at the same address is not believed, until an Admin says that it is the same', async () => {
  await withRole(node, target, { name: 'moved' })
  const { lease } = await node.calls.call('lease.issue', { role: 'moved', purpose })
  await node.process.db.updateTable('secret_backend').set({ identity: '1/x' }).where('name', '=', 'moved-db').execute()
  expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })).toMatchObject({
    state: 'active',
    lastError: expect.stringContaining('another server') as string,
  })
  const again = { name: 'moved-db', postgres: { url: target.url } }
  expect((await node.calls.refusal('secretBackend.configure', again)).details.hint).toContain('1 leases')
  await node.calls.call('secretBackend.configure', { ...again, moved: true })
  expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })).toMatchObject({ state: 'revoked' })
})

test('what a login made in another database is named, holds up nobody, and its lease ends with it', async () => {
  const elsewhere = await createDatabase('empty')
  await withRole(node, target, { name: 'elsewhere' })
  await withConnection(elsewhere.adminUrl, (client) => client.query('grant create on schema public to public'))
  const issue = () => node.calls.call('lease.issue', { role: 'elsewhere', purpose })
  const { lease, material } = await issue()
  const there = new URL(material.url?.expose() ?? '')
  there.pathname = `/${elsewhere.name}`
  await withConnection(there.href, (client) => client.query('create table public.left_behind (id int)'))
  expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })).toMatchObject({
    state: 'active',
    lastError: expect.stringContaining(elsewhere.name) as string,
  })
  expect(await worksAsLogin(material)).toBe(false) // it works no more all the same
  // whoever is due with it at the same server is ended, though it is tried before them
  const other = await issue()
  await node.calls.call('lease.revokeMany', { role: 'elsewhere', reason: 'done' })
  await node.process.db
    .updateTable('lease')
    .set({ due_at: new Date(0) })
    .where('id', '=', lease.id)
    .execute()
  expect(await node.calls.internal('lease.expire', { backend: 'postgres' }, randomUUID())).toMatchObject({
    ended: 1,
    failed: [lease.id],
  })
  // and so is what else lies there that is nobody's
  await node.calls.call('lease.forceRevoke', { id: lease.id, reason: 'given up' })
  await makeOrphan(other)
  expect(await reconcile(node)).toMatchObject({ removed: 1, failed: ['elsewhere-db'] })
  await withConnection(elsewhere.adminUrl, (client) => client.query('drop table public.left_behind'))
  expect(await reconcile(node)).toMatchObject({ removed: 1, failed: [] })
  await elsewhere.drop()
})

/** The login of a lease that has ended, as a call that died would leave it. */
const makeOrphan = ({ material }: Output<'lease.issue'>): Promise<void> =>
  target.asSuperuser(async (client) => {
    await client.query(`create role ${material.username} login in role ${target.grant}`)
    await client.query(`grant ${material.username} to ${new URL(target.url).username} with admin option`)
  })

test('rights that somebody else gave to a login are named in one line, and it is closed all the same', async () => {
  await withRole(node, target, { name: 'given' })
  const { lease, material } = await node.calls.call('lease.issue', { role: 'given', purpose })
  const login = String(material.username)
  await target.asSuperuser((client) =>
    client.query(`grant usage on schema public to ${login}; grant insert on orders to ${login}`),
  )
  const { lastError } = await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })
  expect(lastError).toMatch(/\(privileges for .*; privileges for .*\)/)
  expect(await worksAsLogin(material)).toBe(false)
  await target.asSuperuser((client) => client.query(`drop owned by ${login}`))
  expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })).toMatchObject({ state: 'revoked' })
})

describe('a holder who changes their own login, and leaves that open', () => {
  // until it is committed or taken back, nobody else can change the login, and so nobody could close it
  const changeIt = "begin; alter role current_user password 'mine'"
  const issued = async (role: string) => {
    await withRole(node, target, { name: role })
    return node.calls.call('lease.issue', { role, purpose })
  }

  test('does not keep it: what they are connected by is ended until it is closed', async () => {
    const { lease, material } = await issued('held')
    const holder = new pg.Client({ connectionString: material.url?.expose() ?? '' })
    const ended = new Promise<void>((resolve) => void holder.once('end', resolve).on('error', () => undefined))
    await holder.connect()
    await holder.query(changeIt)
    expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })).toMatchObject({ state: 'revoked' })
    await ended
    expect(await worksAsLogin(material)).toBe(false)
  })

  // whoever waits for them to the end has no time left for the other logins of that server
  test('is not waited for where they are somebody else, who is named as the one to end', async () => {
    const { lease, material } = await issued('changed-by-another')
    await target.asSuperuser(async (client) => {
      await client.query(`begin; alter role ${material.username} connection limit 3`)
      const { lastError, attempts } = await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })
      expect([lastError, attempts]).toEqual([expect.stringContaining('pg_stat_activity'), 1])
      await client.query('rollback')
    })
    expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })).toMatchObject({ state: 'revoked' })
  })

  test('does not keep it by a transaction that is prepared to commit, nor by one in another database', async () => {
    const { lease, material } = await issued('prepared')
    const elsewhere = await createDatabase('empty')
    const there = new URL(material.url?.expose() ?? '')
    await withConnection(there.href, async (client) => {
      await client.query(changeIt)
      await client.query("prepare transaction 'it''s held'")
    })
    expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })).toMatchObject({ state: 'revoked' })
    const other = await node.calls.call('lease.issue', { role: 'prepared', purpose })
    const far = new URL(other.material.url?.expose() ?? '')
    far.pathname = `/${elsewhere.name}`
    await withConnection(far.href, async (client) => {
      await client.query(changeIt)
      await client.query("prepare transaction 'far'")
    })
    // nobody can but who is connected there: it is said, and the lease goes on being tried
    expect(await node.calls.call('lease.revoke', { id: other.lease.id, reason: 'done' })).toMatchObject({
      state: 'active',
      lastError: expect.stringContaining(elsewhere.name) as string,
    })
    await withConnection(elsewhere.adminUrl, (client) => client.query("rollback prepared 'far'"))
    expect(await node.calls.call('lease.revoke', { id: other.lease.id, reason: 'done' })).toMatchObject({
      state: 'revoked',
    })
    await elsewhere.drop()
  })
})

describe('our own password at a server', () => {
  test('is replaced by one that nobody has seen, and leases go on', async () => {
    const own = await startTarget()
    await withRole(node, own, { name: 'rotated' })
    const before = await node.calls.call('lease.issue', { role: 'rotated', purpose })
    await node.calls.call('secretBackend.rotate', { id: 'rotated-db' })
    await expect(withConnection(own.url, () => Promise.resolve())).rejects.toMatchObject({ code: '28P01' })
    expect(await node.calls.call('lease.revoke', { id: before.lease.id, reason: 'x' })).toMatchObject({
      state: 'revoked',
    })
    expect(await node.calls.call('secretBackend.probe', { id: 'rotated-db' })).toMatchObject({
      usable: true,
      problem: null,
    })
    await own.drop()
  })

  test.each([
    [
      'before the server has heard of the new one',
      (): Partial<Provider> => ({ replace: () => Promise.reject(new Error('killed')) }),
    ],
    [
      'after it has',
      (own: Provider): Partial<Provider> => ({
        replace: async (...args) => {
          await own.replace(...args)
          throw new Error('killed')
        },
      }),
    ],
  ])('is not lost by a process that dies %s', async (_, part) => {
    const own = await startTarget()
    const name = `half-${own.mark}`
    await withRole(node, own, { name })
    const doomed = await startNode(node.process.node, { around: (provider) => ({ ...provider, ...part(provider) }) })
    await expect(doomed.calls.call('secretBackend.rotate', { id: `${name}-db` })).rejects.toThrow(
      'something went wrong',
    )
    const { lease, material } = await doomed.calls.call('lease.issue', { role: name, purpose })
    expect(await worksAsLogin(material)).toBe(true)
    expect((await doomed.calls.refusal('secretBackend.rotate', { id: `${name}-db` })).code).toBe('conflict')
    await doomed.close()
    const later = await startNode(node.process.node)
    later.process.advance(91)
    await later.calls.call('secretBackend.rotate', { id: `${name}-db` })
    await later.close()
    expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'x' })).toMatchObject({ state: 'revoked' })
    await expect(withConnection(own.url, () => Promise.resolve())).rejects.toMatchObject({ code: '28P01' })
    await own.drop()
  })
})
