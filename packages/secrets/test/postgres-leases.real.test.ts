import { withConnection } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

const issue = (role: string, more: object = {}) => node.calls.call('lease.issue', { role, purpose: 'a test', ...more })
const allOf = async (...tables: readonly string[]): Promise<string> => {
  const rows = await Promise.all(
    tables.map((table) =>
      node.process.db
        .selectFrom(table as 'lease')
        .selectAll()
        .execute(),
    ),
  )
  return JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'data' in value
      ? Buffer.from(value.data as number[]).toString('latin1')
      : value,
  )
}

describe('a credential of a database', () => {
  test('logs in until it is revoked, with its connections cut, and nothing is left of it', async () => {
    await withRole(node, target, { name: 'first' })
    const { lease, material } = await issue('first', { ttlSeconds: 900 })
    expect(lease).toMatchObject({ backend: 'postgres', role: 'first', state: 'active', revocability: 'deletes' })
    expect(material.username).toBe(`gatehouse_${lease.id.replaceAll('-', '')}`)
    expect(await worksAsLogin(material)).toBe(true)
    const [role] = await target.asSuperuser(async (client) => {
      const { rows } = await client.query<{ until: Date; limit: number; words: string; verifier: string }>(
        `select r.rolvaliduntil as until, r.rolconnlimit as limit, shobj_description(r.oid, 'pg_authid') as words,
          a.rolpassword as verifier from pg_roles r join pg_authid a using (oid) where r.rolname = $1`,
        [material.username],
      )
      return rows
    })
    expect(role?.until).toEqual(lease.expiresAt)
    expect(role?.limit).toBe(5)
    expect(role?.words).toContain(lease.id)
    expect(role?.verifier).toMatch(/^SCRAM-SHA-256\$4096:/)

    const ended = withConnection(material.url?.expose() ?? '', (client) => client.query('select pg_sleep(60)'))
    const cut = expect(ended).rejects.toMatchObject({ code: '57P01' })
    await expect
      .poll(() =>
        target.asSuperuser((client) =>
          client.query(`select from pg_stat_activity where usename = $1`, [material.username]),
        ),
      )
      .toMatchObject({ rowCount: 1 })
    expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })).toMatchObject({
      state: 'revoked',
      reason: 'done',
      lastError: null,
    })
    await cut
    expect(await worksAsLogin(material)).toBe(false)
    expect(await loginsIn(target)).toEqual([])
    expect((await node.calls.refusal('lease.revoke', { id: lease.id, reason: 'again' })).code).toBe('lease-ended')
  })

  test('that overlaps with another ends by itself: the right of both goes with the last of them', async () => {
    await withRole(node, target, { name: 'overlap' })
    const [first, second] = [await issue('overlap'), await issue('overlap')]
    await node.calls.call('lease.revoke', { id: first.lease.id, reason: 'done' })
    expect([await worksAsLogin(first.material), await worksAsLogin(second.material)]).toEqual([false, true])
    await node.calls.call('lease.revoke', { id: second.lease.id, reason: 'done' })
    expect(await worksAsLogin(second.material)).toBe(false)
    expect(await loginsIn(target)).toEqual([])
  })

  test('stands nowhere: neither it nor what its backend is reached with', async () => {
    await withRole(node, target, { name: 'secret' })
    const { lease, material } = await issue('secret')
    const password = material.password?.expose() ?? ''
    expect(password.length).toBeGreaterThan(40)
    const kept = await allOf(
      'lease',
      'secret_backend',
      'secret_role',
      'secret_credential',
      'audit_entry',
      'audit_pending',
      'audit_personal',
    )
    const own = new URL(target.url).password
    expect([kept.includes(password), kept.includes(own)]).toEqual([false, false])
    const shown = await node.calls.call('secretBackend.list', {})
    expect(JSON.stringify(shown)).not.toContain(own)
    await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })
  })

  test('whose time has come is ended by one sweep, also while its connections are open', async () => {
    await withRole(node, target, { name: 'timed' })
    const { lease, material } = await issue('timed', { ttlSeconds: 60 })
    const open = withConnection(material.url?.expose() ?? '', (client) => client.query('select pg_sleep(60)'))
    const cut = expect(open).rejects.toMatchObject({ code: '57P01' })
    await expect
      .poll(() =>
        target.asSuperuser((client) =>
          client.query(`select from pg_stat_activity where usename = $1`, [material.username]),
        ),
      )
      .toMatchObject({ rowCount: 1 })
    node.process.advance(61)
    expect(await node.calls.internal('lease.expire', { backend: 'postgres' }, node.process.random.id())).toMatchObject({
      failed: [],
    })
    await cut
    expect(await node.calls.call('lease.get', { id: lease.id })).toMatchObject({ state: 'expired', lastError: null })
    expect(await loginsIn(target)).toEqual([])
  })

  test('gives what it has made to the role that it had its rights from', async () => {
    await withRole(node, target, { name: 'maker' })
    const { lease, material } = await issue('maker')
    await withConnection(material.url?.expose() ?? '', (client) => client.query('create table public.made (id int)'))
    expect(await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })).toMatchObject({ state: 'revoked' })
    const owner = await target.asSuperuser((client) =>
      client.query<{ tableowner: string }>("select tableowner from pg_tables where tablename = 'made'"),
    )
    expect(owner.rows).toEqual([{ tableowner: target.grant }])
    const members = await target.asSuperuser((client) =>
      client.query(
        `select from pg_auth_members a join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid
        where m.rolname = $1 and g.rolname = $2 and (a.inherit_option or a.set_option) and a.grantor = m.oid`,
        [new URL(target.url).username, target.grant],
      ),
    )
    expect(members.rowCount).toBe(0) // what it took to pass them on was given back
  })
})
