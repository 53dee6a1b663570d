import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BackendError } from '../src/backends/backend-error.ts'
import { loginOf } from '../src/backends/postgres/postgres-logins.queries.ts'
import {
  loginsIn,
  worksAsLogin,
  olga,
  startNode,
  startTarget,
  withRole,
  type SecretsNode,
  type TargetServer,
} from './secrets-system.ts'

let node: SecretsNode
let target: TargetServer
/** What the server is to do in place of renewing, if anything. */
let instead: (() => Promise<void>) | null = null
beforeAll(async () => {
  node = await startNode(undefined, {
    around: (provider) => ({
      ...provider,
      renew: async (...args) => {
        await instead?.()
        return (await provider.renew?.(...args)) ?? args[2]
      },
    }),
  })
  target = await startTarget()
})
afterAll(async () => {
  await node.close()
  await target.drop()
})

const issue = async (name: string, ttlSeconds: number) => {
  await withRole(node, target, { name })
  await node.calls.call('secretRole.update', { id: name, ttlSecondsMax: 900 })
  return node.calls.call('lease.issue', { role: name, purpose: 'a test', ttlSeconds })
}
const renew = (id: string, ttlSeconds?: number) =>
  node.calls.call('lease.renew', { id, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) })
const lastUntil = (leaseId: string): Promise<Date | undefined> =>
  target.asSuperuser(async (client) => {
    const { rows } = await client.query<{ until: Date }>(
      'select rolvaliduntil as until from pg_roles where rolname = $1',
      [loginOf(leaseId)],
    )
    return rows[0]?.until
  })
const sweep = () => node.calls.internal('lease.expire', { backend: 'postgres' }, node.process.random.id())
const secondsBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000

describe('a renewed lease', () => {
  test('lives on from now, in the server as in its row, and outlives the end that it had', async () => {
    const { lease, material } = await issue('lives', 120)
    expect(secondsBetween(lease.expiresAt, lease.renewableUntil ?? lease.expiresAt)).toBe(780)
    node.process.advance(100)
    const renewed = await renew(lease.id, 120)
    expect(renewed.expiresAt > lease.expiresAt).toBe(true)
    expect(await lastUntil(lease.id)).toEqual(renewed.expiresAt)
    node.process.advance(60) // past the first end
    expect(await sweep()).toMatchObject({ ended: 0 })
    expect(await worksAsLogin(material)).toBe(true)
    node.process.advance(120)
    await sweep()
    expect(await node.calls.call('lease.get', { id: lease.id })).toMatchObject({ state: 'expired' })
    expect([await worksAsLogin(material), await loginsIn(target)]).toEqual([false, []])
  })

  test('ends at its maximum however much is asked for, and with its owner’s session', async () => {
    const { lease } = await issue('capped', 120)
    expect((await renew(lease.id, 86_400)).expiresAt).toEqual(lease.renewableUntil)
    const endsSoon = new Date(node.process.clock.now().getTime() + 90_000)
    const other = await startNode(node.process.node)
    other.calls.as({ ...olga, session: { ...olga.session, expiresAt: endsSoon } })
    expect((await other.calls.call('lease.renew', { id: lease.id })).expiresAt).toEqual(endsSoon)
    await other.close()
    expect((await node.calls.refusal('lease.renew', { id: lease.id, ttlSeconds: 59 })).details.fields).toMatchObject([
      { path: 'ttlSeconds' },
    ])
  })

  test('is held to what its role gives now: a lower maximum holds, and a role that is gone gives nothing', async () => {
    const { lease } = await issue('lowered', 120)
    await node.calls.call('secretRole.update', { id: 'lowered', ttlSecondsMax: 300 })
    const { expiresAt } = await renew(lease.id, 900)
    expect(secondsBetween(lease.issuedAt, expiresAt)).toBe(300)
    await node.calls.call('secretRole.update', { id: 'lowered', ttlSecondsMax: 900 })
    expect(secondsBetween(lease.issuedAt, (await renew(lease.id, 900)).expiresAt)).toBe(300)
    await node.calls.call('secretRole.delete', { id: 'lowered', reason: 'over' })
    expect((await node.calls.refusal('lease.renew', { id: lease.id })).code).toBe('lease-not-renewable')
    expect(await node.calls.call('lease.get', { id: lease.id })).toMatchObject({
      renewableUntil: null,
      state: 'active',
    })
  })
})

// The backend was told what the role gave when it was asked; by then somebody has been told that it gives less.
test('a role that gives less, or is gone, while a backend renews its lease is what holds', async () => {
  const { lease } = await issue('less', 120)
  instead = async () => void (await node.calls.call('secretRole.update', { id: 'less', ttlSecondsMax: 300 }))
  const { expiresAt } = await renew(lease.id, 900)
  expect(secondsBetween(lease.issuedAt, expiresAt)).toBe(300)
  instead = async () => void (await node.calls.call('secretRole.delete', { id: 'less', reason: 'over' }))
  expect((await node.calls.refusal('lease.renew', { id: lease.id })).code).toBe('lease-not-renewable')
  instead = null
  expect(await node.calls.call('lease.get', { id: lease.id })).toMatchObject({ state: 'active', expiresAt })
})

describe('no lease lives on', () => {
  test('that was revoked or has expired', async () => {
    const [{ lease: revoked }, { lease: over }] = [await issue('revoked', 120), await issue('over', 120)]
    await node.calls.call('lease.revoke', { id: revoked.id, reason: 'done' })
    expect((await node.calls.refusal('lease.renew', { id: revoked.id })).code).toBe('lease-ended')
    node.process.advance(121)
    expect((await node.calls.refusal('lease.renew', { id: over.id })).code).toBe('lease-ended')
    await sweep()
  })

  test('that is revoked while its backend renews it: it stays closed, and nothing is left of it', async () => {
    const { lease, material } = await issue('overtaken', 120)
    instead = async () => void (await node.calls.call('lease.revoke', { id: lease.id, reason: 'now' }))
    expect((await node.calls.refusal('lease.renew', { id: lease.id })).code).toBe('conflict')
    instead = null
    expect((await node.calls.refusal('lease.renew', { id: lease.id })).code).toBe('lease-ended')
    expect([await worksAsLogin(material), await lastUntil(lease.id)]).toEqual([false, undefined])
  })

  test('whose backend does not answer; the next try does not wait', async () => {
    const { lease } = await issue('away', 120)
    instead = () => Promise.reject(new BackendError('unreachable', 'nobody answers'))
    const away = await node.calls.refusal('lease.renew', { id: lease.id })
    instead = null
    expect([away.code, away.details.hint]).toEqual(['unavailable', 'nobody answers'])
    expect((await node.calls.call('lease.get', { id: lease.id })).expiresAt).toEqual(lease.expiresAt)
    expect((await renew(lease.id, 300)).expiresAt > lease.expiresAt).toBe(true)
  })
})

test('of two renewals at once one is done and the other is told; row and server say one end', async () => {
  const { lease } = await issue('two', 120)
  const [inside, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  instead = () => {
    inside.resolve()
    return go.promise
  }
  const first = renew(lease.id, 300)
  await inside.promise
  expect((await node.calls.refusal('lease.renew', { id: lease.id, ttlSeconds: 200 })).code).toBe('conflict')
  go.resolve()
  const { expiresAt } = await first
  instead = null
  expect(await lastUntil(lease.id)).toEqual(expiresAt)
  expect((await node.calls.call('lease.get', { id: lease.id })).expiresAt).toEqual(expiresAt)
})
