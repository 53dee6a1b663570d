import { randomUUID } from 'node:crypto'
import { startUpcloudStandIn, type UpcloudStandIn } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startNode, type SecretsNode } from './secrets-system.ts'
import { tokenOpens } from './upcloud-system.ts'

let node: SecretsNode
let standIn: UpcloudStandIn
beforeAll(async () => {
  node = await startNode()
  standIn = await startUpcloudStandIn()
  await node.calls.call('secretBackend.configure', { name: 'cloud', upcloud: at({}) })
  await node.calls.call('secretRole.create', {
    name: 'watch',
    backend: 'cloud',
    upcloud: {
      permissions: [{ targetType: 'server', target: standIn.server }],
      addresses: ['192.0.2.7', '2001:db8::/48'],
    },
  })
})
afterAll(async () => {
  await node.close()
  standIn.close()
})

const at = (more: { readonly username?: string; readonly password?: string; readonly endpoint?: string }) => ({
  username: standIn.username,
  password: standIn.password,
  endpoint: `http://127.0.0.1:${standIn.port}`,
  ...more,
})
const purpose = 'a test'
const reason = 'done'
const issue = () => node.calls.call('lease.issue', { role: 'watch', purpose, ttlSeconds: 1800 })
const revoke = (id: string) => node.calls.call('lease.revoke', { id, reason })
const reconcile = () => node.calls.internal('secretBackend.reconcile', {}, randomUUID())

test('a lease of UpCloud is a token of a sub-account of its own, and all of it goes with it', async () => {
  const { lease, material } = await issue()
  const [sub] = standIn.subs()
  expect(lease).toMatchObject({ backend: 'upcloud', revocability: 'deletes' })
  expect(material).toMatchObject({ kind: 'upcloud', username: sub, password: null })
  expect(sub).toContain(lease.id.replaceAll('-', ''))
  expect(material.token?.expose()).toMatch(/^ucat_[a-z0-9]{26}$/)
  expect(standIn.permissions()).toEqual([`${sub} server ${standIn.server}`])
  expect(await tokenOpens(standIn, material)).toBe(true)
  expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
  expect([standIn.subs(), standIn.permissions(), standIn.livingTokens()]).toEqual([[], [], []])
  expect(await tokenOpens(standIn, material)).toBe(false)
  await node.calls.internal('lease.prove', {}, randomUUID())
  expect(await node.calls.call('lease.proof', { id: lease.id })).toMatchObject({
    state: 'refused',
    lastAnswer: `there is no sub-account ${sub}`,
  })
})

test('its token ends by itself with the lease, though nobody reaches UpCloud', async () => {
  const { lease, material } = await issue()
  standIn.pass(1801)
  expect(await tokenOpens(standIn, material)).toBe(false)
  expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
})

test('an UpCloud that cannot leaves the lease as it is, with its words beside it', async () => {
  const { lease, material } = await issue()
  standIn.fail(503)
  expect(await revoke(lease.id)).toMatchObject({
    state: 'active',
    lastError: expect.stringContaining('MADE_TO_FAIL (503)') as string,
  })
  standIn.fail(null)
  expect(await tokenOpens(standIn, material)).toBe(true)
  expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
})

test('a sub-account that no lease knows is deleted by the next comparison, and nobody else’s', async () => {
  const { lease } = await issue()
  const [own = ''] = standIn.subs()
  await revoke(lease.id)
  const foreign = ['gh-0123456789abcdef-00000000000000000000000000000000', 'somebody']
  for (const username of [own, ...foreign]) await makeSub(username)
  expect(await reconcile()).toMatchObject({ removed: 1, failed: [] })
  expect(standIn.subs()).toEqual(foreign)
})

test('a lease whose sub-account somebody deleted ends', async () => {
  const { lease, material } = await issue()
  await fetch(`http://127.0.0.1:${standIn.port}/1.3/account/sub/${material.username}`, {
    method: 'DELETE',
    headers: { authorization: basic() },
  })
  expect(await reconcile()).toMatchObject({ gone: 1, failed: [] })
  expect(await node.calls.call('lease.get', { id: lease.id })).toMatchObject({ state: 'revoked' })
})

const basic = (): string => `Basic ${Buffer.from(`${standIn.username}:${standIn.password}`).toString('base64')}`

async function makeSub(username: string): Promise<void> {
  const sub_account = {
    username,
    password: 'long enough',
    first_name: 'a',
    last_name: 'b',
    email: 'a@example.org',
    phone: '+358.123456',
    country: 'FIN',
    currency: 'EUR',
    language: 'en',
    timezone: 'UTC',
    allow_api: 'yes',
    allow_gui: 'no',
    roles: { role: [] },
    ip_filters: { ip_filter: [] },
  }
  const made = await fetch(`http://127.0.0.1:${standIn.port}/1.3/account/sub`, {
    method: 'POST',
    headers: { authorization: basic(), 'content-type': 'application/json' },
    body: JSON.stringify({ sub_account }),
  })
  expect(made.status).toBe(201)
}

describe('an account that is configured', () => {
  test.each([
    [{ password: 'canary-password' }, 'AUTHENTICATION_FAILED'],
    [{ endpoint: 'http://upcloud.example' }, 'without TLS'],
    [{ endpoint: 'https://169.254.169.254' }, 'metadata'],
    [{ endpoint: 'http://127.0.0.1:1' }, 'unavailable'],
    [{ username: 'a:b' }, 'the name of an account'],
  ])('with %j is refused in words, which hold no password', async (wish, said) => {
    const { code, details } = await node.calls.refusal('secretBackend.configure', { name: 'no', upcloud: at(wish) })
    const words = [code, details.hint, ...(details.fields ?? []).map(({ message }) => message)].join(' ')
    expect(words).toContain(said)
    expect(words).not.toContain('canary')
  })

  test('keeps its password: UpCloud has it changed by a person', async () => {
    const refusal = await node.calls.refusal('secretBackend.rotate', { id: 'cloud' })
    expect([refusal.code, refusal.details.hint]).toEqual(['conflict', expect.stringContaining('control panel')])
  })
})

test('of a role whose target is not there no credential is given, and nothing is left', async () => {
  await node.calls.call('secretRole.create', {
    name: 'missing',
    backend: 'cloud',
    upcloud: { permissions: [{ targetType: 'server', target: randomUUID() }] },
  })
  const before = standIn.subs()
  const refusal = await node.calls.refusal('lease.issue', { role: 'missing', purpose, ttlSeconds: 1800 })
  expect(refusal.details.hint).toContain('TARGET_NOT_FOUND')
  expect(standIn.subs()).toEqual(before)
})
