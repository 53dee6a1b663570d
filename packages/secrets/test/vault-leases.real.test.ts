import { randomUUID } from 'node:crypto'
import { askOpenBao, startFaultyWay, startRelay } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logsIn, startNode, type SecretsNode } from './secrets-system.ts'
import { newToken, startVaultTarget, urlWith, type VaultTarget } from './vault-system.ts'

let node: SecretsNode
let target: VaultTarget
beforeAll(async () => {
  node = await startNode()
  target = await startVaultTarget()
  await configure('shop-vault', {})
  await node.calls.call('secretRole.create', { name: 'reader', backend: 'shop-vault', vault: { path: 'creds/reader' } })
})
afterAll(async () => {
  await node.close()
  await target.drop()
})

type Wish = { readonly token?: string; readonly mount?: string; readonly address?: string }
const inputOf = (name: string, { token = target.token, mount = target.mount, address }: Wish) => ({
  name,
  vault: { address: address ?? target.facts.address, token, mount },
})
const configure = (name: string, wish: Wish) => node.calls.call('secretBackend.configure', inputOf(name, wish))
const purpose = 'a test'
const reason = 'done'
const issue = (role: string, more: { readonly ttlSeconds?: number } = {}) =>
  node.calls.call('lease.issue', { role, purpose, ...more })
const revoke = (id: string) => node.calls.call('lease.revoke', { id, reason })

interface TokenFacts {
  readonly accessor: string
  readonly ttl: number
  readonly explicit_max_ttl: number
  readonly meta: Readonly<Record<string, string>> | null
}

/** Tokens that were made for leases, as a root sees them. */
async function children(): Promise<TokenFacts[]> {
  const { data } = (await target.ask('auth/token/accessors?list=true')) as { data: { keys: string[] } } // as it answers
  const all = await Promise.all(
    data.keys.map((accessor) => target.ask('auth/token/lookup-accessor', { accessor }).catch(() => null)),
  )
  const facts = all.flatMap((one) => (one === null ? [] : [(one as { data: TokenFacts }).data]))
  return facts.filter(({ meta }) => meta?.['gatehouse_lease'] !== undefined)
}

describe('a lease of a Vault', () => {
  test('is a login that its engine makes under a token of its own, and both are gone when it is revoked', async () => {
    const { lease, material } = await issue('reader', { ttlSeconds: 1800 })
    expect(await logsIn(urlWith(target, material))).toBe(true)
    expect(lease).toMatchObject({ backend: 'vault', revocability: 'deletes', state: 'active' })
    const child = (await children()).find(({ meta }) => meta?.['gatehouse_lease'] === lease.id)
    expect(child).toMatchObject({ explicit_max_ttl: 86_400 })
    expect(child?.ttl).toBeGreaterThan(1700) // it was a minute and a half until all was whole
    expect(child?.ttl).toBeLessThanOrEqual(1800)
    expect(await target.logins()).toEqual([material.username])
    expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
    expect(await logsIn(urlWith(target, material))).toBe(false)
    expect(await target.logins()).toEqual([])
    expect((await children()).filter(({ meta }) => meta?.['gatehouse_lease'] === lease.id)).toEqual([])
    await node.calls.internal('lease.prove', {}, randomUUID())
    expect(await node.calls.call('lease.proof', { id: lease.id })).toMatchObject({
      state: 'refused',
      provider: 'vault shop-vault',
      lastAnswer: 'the Vault knows no such lease any more',
    })
  })

  test('whose path is written with its mount is the same', async () => {
    const vault = { path: `/${target.mount}/creds/reader` }
    await node.calls.call('secretRole.create', { name: 'whole-path', backend: 'shop-vault', vault })
    const { lease } = await issue('whole-path')
    expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
  })

  test('that somebody ends in the Vault is found to be gone', async () => {
    const { lease } = await issue('reader')
    await target.ask(`sys/leases/revoke-prefix/${target.mount}/creds/reader`, { sync: true })
    expect(await node.calls.internal('secretBackend.reconcile', {}, randomUUID())).toMatchObject({
      gone: 1,
      failed: [],
    })
    expect(await node.calls.call('lease.get', { id: lease.id })).toMatchObject({
      state: 'revoked',
      reason: expect.stringContaining('not there') as string,
    })
  })

  test('lives no shorter than it says: a role that gives less is refused, and leaves nothing', async () => {
    await target.ask(`${target.mount}/roles/brief`, {
      db_name: 'shop',
      creation_statements: [`create role "{{name}}" login password '{{password}}' in role ${target.database.grant}`],
      default_ttl: '5m',
      max_ttl: '10m',
    })
    await node.calls.call('secretRole.create', { name: 'brief', backend: 'shop-vault', vault: { path: 'creds/brief' } })
    const refusal = await node.calls.refusal('lease.issue', { role: 'brief', purpose })
    expect([refusal.code, refusal.details.hint]).toEqual(['conflict', expect.stringContaining('max_ttl')])
    await node.calls.internal('lease.expire', { backend: 'vault' }, randomUUID())
    expect(await target.logins()).toEqual([])
    const { lease } = await issue('brief', { ttlSeconds: 300 })
    await revoke(lease.id)
  })

  test('lives on in the Vault as in its row when it is renewed, and no longer than the engine lets it', async () => {
    const { lease } = await issue('reader', { ttlSeconds: 300 })
    const renewed = await node.calls.call('lease.renew', { id: lease.id, ttlSeconds: 1200 })
    expect((renewed.expiresAt.getTime() - lease.expiresAt.getTime()) / 1000).toBeGreaterThanOrEqual(899)
    const child = (await children()).find(({ meta }) => meta?.['gatehouse_lease'] === lease.id)
    expect(child?.ttl).toBeGreaterThan(1100)
    await revoke(lease.id)
    const brief = await issue('brief', { ttlSeconds: 300 })
    const most = await node.calls.call('lease.renew', { id: brief.lease.id, ttlSeconds: 3600 })
    // its max_ttl: ten minutes, and what a call takes
    expect(most.expiresAt.getTime() - brief.lease.issuedAt.getTime()).toBeLessThanOrEqual(630_000)
    await revoke(brief.lease.id)
    expect(await target.logins()).toEqual([])
  })

  test('of what no engine makes is none', async () => {
    await target.ask(`sys/policies/acl/${target.policy}-kv`, {
      policy: `path "kv-${target.database.mark}/*" { capabilities = ["read"] }
        path "sys/leases/lookup/*" { capabilities = ["list", "sudo"] }`,
    })
    const mount = `kv-${target.database.mark}`
    await target.ask(`sys/mounts/${mount}`, { type: 'kv' })
    await target.ask(`${mount}/shop`, { password: 'one for all' })
    const policies = [target.policy, `${target.policy}-kv`]
    await configure('kv', { mount, token: await newToken(target.ask, { policies, no_parent: true }) })
    await node.calls.call('secretRole.create', { name: 'kv', backend: 'kv', vault: { path: 'shop' } })
    const before = (await children()).length
    const refusal = await node.calls.refusal('lease.issue', { role: 'kv', purpose })
    expect([refusal.code, refusal.details.hint]).toEqual(['conflict', expect.stringContaining('gives no lease')])
    expect((await children()).length).toBe(before)
  })

  test('whose PostgreSQL is away stays, with the reason beside it, and ends once that is back', async () => {
    const relay = await startRelay(`http://127.0.0.1:${new URL(target.database.url).port}`)
    const other = await startVaultTarget(Number(new URL(relay.address).port))
    await configure('relayed', { token: other.token, mount: other.mount })
    await node.calls.call('secretRole.create', { name: 'relayed', backend: 'relayed', vault: { path: 'creds/reader' } })
    const { lease } = await issue('relayed')
    await relay.cut()
    expect(await revoke(lease.id)).toMatchObject({
      state: 'active',
      lastError: expect.stringContaining('Vault says') as string,
    })
    await relay.open()
    expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
    expect(await other.logins()).toEqual([])
    await other.drop()
    await relay.cut()
  })
})

test('a call that dies before the credential is asked for leaves a token that dies by itself', async () => {
  const way = await startFaultyWay({ port: Number(new URL(target.facts.address).port), speaks: 'http' })
  await configure('dying', { address: `http://127.0.0.1:${way.port}` })
  await node.calls.call('secretRole.create', { name: 'dying', backend: 'dying', vault: { path: 'creds/reader' } })
  const before = new Set((await children()).map(({ accessor }) => accessor))
  way.breakAt(2, 'lost before') // which Vault it is, a child, and then the credential
  expect((await node.calls.refusal('lease.issue', { role: 'dying', purpose })).code).toBe('unavailable')
  const left = (await children()).filter(({ accessor }) => !before.has(accessor))
  expect(left).toHaveLength(1)
  expect(left[0]?.ttl).toBeLessThanOrEqual(90)
  expect(await target.logins()).toEqual([])
  way.close()
})

describe('a Vault that is configured', () => {
  const words = async (wish: Wish): Promise<string> => {
    const { code, details } = await node.calls.refusal('secretBackend.configure', inputOf('another', wish))
    return [code, details.hint, ...(details.fields ?? []).map(({ message }) => message)].join(' ')
  }

  test.each([
    [{ address: 'ldap://vault.example' }, 'https://'],
    [{ address: 'http://vault.example:8200' }, 'without TLS'],
    [{ address: 'https://user:x@127.0.0.1:8200' }, 'password in it'],
    [{ address: 'https://127.0.0.1:8200/v1' }, 'more than a host'],
    [{ address: 'http://169.254.169.254' }, 'without TLS'],
    [{ address: 'https://169.254.169.254' }, 'metadata'],
    [{ address: 'http://127.0.0.1:1' }, 'cannot be used'],
    [{ mount: 'sys' }, 'gives no credentials'],
    [{ mount: 'auth/token' }, 'gives no credentials'],
    [{ mount: '../sys' }, 'a path such as'],
    [{ mount: 'a/../b' }, 'a path such as'],
    [{ mount: 'a?b' }, 'a path such as'],
    [{ token: 'hvs.canary' }, 'Vault says'],
    [{ token: 'canary\r\nx-vault-namespace: a' }, 'header'],
  ])('with %j is refused in words', async (wish, said) => {
    const refused = await words(wish)
    expect(refused).toContain(said)
    expect(refused).not.toContain('canary')
  })

  test('with a token that may not do all that it takes is refused, and what is missing is named', async () => {
    const policy = `${target.policy}-less`
    await target.ask(`sys/policies/acl/${policy}`, { policy: 'path "auth/token/create" { capabilities = ["update"] }' })
    const refused = await words({ token: await newToken(target.ask, { policies: [policy] }) })
    expect(refused).toContain('update on auth/token/revoke-accessor')
    const batch = await newToken(target.ask, { policies: [target.policy], type: 'batch', ttl: '1h' })
    expect(await words({ token: batch })).toContain('service token')
  })

  test('lets no role be made of what its token may not read', async () => {
    const refusal = await node.calls.refusal('secretRole.create', {
      name: 'foreign',
      backend: 'shop-vault',
      vault: { path: 'config/shop' },
    })
    expect(refusal.details.fields).toEqual([
      { path: 'vault', message: expect.stringContaining(`read on ${target.mount}/config/shop`) as string },
    ])
  })

  test('is not believed to be another one, until an Admin says that it is the same', async () => {
    const { lease } = await issue('reader')
    const rows = node.process.db.updateTable('secret_backend').where('name', '=', 'shop-vault')
    await rows.set({ identity: randomUUID() }).execute()
    expect(await revoke(lease.id)).toMatchObject({
      state: 'active',
      lastError: expect.stringContaining('another Vault') as string,
    })
    await node.calls.call('secretBackend.configure', { ...inputOf('shop-vault', {}), moved: true })
    expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
  })
})

test('our own token is replaced by one that nobody has seen, and what was made under the old one goes on', async () => {
  const token = await newToken(target.ask, { policies: [target.policy], period: '1h', no_parent: true })
  await configure('rotated', { token })
  await node.calls.call('secretRole.create', { name: 'rotated', backend: 'rotated', vault: { path: 'creds/reader' } })
  const { lease, material } = await issue('rotated')
  await node.calls.call('secretBackend.rotate', { id: 'rotated' })
  const old = { ...target.facts, rootToken: token }
  await expect(askOpenBao(old, { path: 'auth/token/lookup-self' })).rejects.toThrow('403')
  expect(await logsIn(urlWith(target, material))).toBe(true)
  expect(await node.calls.call('secretBackend.probe', { id: 'rotated' })).toMatchObject({ usable: true, problem: null })
  expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
  expect(await logsIn(urlWith(target, material))).toBe(false)
})
