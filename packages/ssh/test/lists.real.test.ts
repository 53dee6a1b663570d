import { randomUUID } from 'node:crypto'
import { certificateSortKeys, hostSortKeys, leaseSortKeys, type Output } from '@gatehouse/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatPublicKey, generateEd25519 } from '../src/wire/index.ts'
import { person, startAccessSystem, type AccessSystem } from './access-system.ts'

let system: AccessSystem
beforeAll(async () => {
  system = await startAccessSystem()
  for (const [index, name] of ['web-2', 'DB-1', 'web-1', 'cache', 'db-2'].entries()) await addHost(name, index)
}, 60_000)
afterAll(() => system.close())

/** A host with a lease and its certificate; ends are in another order than beginnings. */
async function addHost(name: string, index: number): Promise<void> {
  const { db } = system.node
  const [host, lease, now] = [randomUUID(), randomUUID(), system.now().getTime()]
  const [begin, end] = [new Date(now + index * 1000), new Date(now + 3_600_000 - ((index * 7) % 5) * 60_000)]
  await db
    .insertInto('ssh_host')
    .values({
      id: host,
      name,
      workspace_id: 'default',
      address: `192.0.2.${index + 1}`,
      port: 22,
      user_name: 'deploy',
      access: 'ca',
      principals: ['deploy'],
      source_addresses: ['0.0.0.0/0'],
      host_key: formatPublicKey((await generateEd25519(name)).publicKey),
      authorized_keys_path: null,
      checked_at: null,
      reachable: null,
      last_error: null,
      created_at: begin,
      unbound: name === 'cache',
    })
    .execute()
  await db
    .insertInto('lease')
    .values({
      id: lease,
      backend: 'ssh-certificate',
      role: `deploy@${name}`,
      host_id: host,
      workspace_id: 'default',
      purpose: `roll out ${name}`,
      principal_type: 'User',
      principal_id: person.id,
      principal_name: ['olga', 'Ada', 'grace'][index % 3] ?? 'olga',
      session_id: person.session.id,
      state: 'active',
      issued_at: begin,
      expires_at: end,
      due_at: null,
      revoke_requested_at: null,
      ended_at: null,
      reason: null,
      last_error: null,
    })
    .execute()
  await db
    .insertInto('ssh_certificate')
    .values({
      id: randomUUID(),
      lease_id: lease,
      host_id: host,
      workspace_id: 'default',
      serial: String(index + 1),
      key_id: `lease=${lease}`,
      ssh_principals: ['deploy'],
      source_addresses: [],
      public_key: 'ssh-ed25519 AAAA',
      fingerprint: 'SHA256:x',
      certificate: 'ssh-ed25519-cert-v01@openssh.com AAAA',
      valid_after: begin,
      valid_before: end,
      state: 'active',
      revoked_at: null,
    })
    .execute()
}

type Listed = 'lease.list' | 'sshHost.list' | 'sshCertificate.list'
const keysOf = { 'lease.list': leaseSortKeys, 'sshHost.list': hostSortKeys, 'sshCertificate.list': certificateSortKeys }

async function walk(name: Listed, input: object): Promise<{ id: string }[]> {
  const seen: { id: string }[] = []
  let after: string | undefined
  do {
    const page = await system.node.call(name, { ...input, first: 2, after } as never)
    seen.push(...page.items)
    after = page.nextCursor ?? undefined
  } while (after !== undefined)
  return seen
}

test('a cursor whose id is none is refused by every list', async () => {
  const after = Buffer.from(JSON.stringify(['2026-01-01T00:00:00.000Z', "' or 1=1--"])).toString('base64url')
  for (const name of ['sshKey.list', 'sshHost.list', 'sshCertificate.list', 'lease.list'] as const)
    await expect(system.node.call(name, { after }), name).rejects.toMatchObject({ code: 'invalid-input' })
})

describe.each(['lease.list', 'sshHost.list', 'sshCertificate.list'] as const)('%s', (name) => {
  test.each(Object.keys(keysOf[name]))('comes by %s, page by page, with nothing lost or doubled', async (sort) => {
    // one of this list's own orders, by which its own items stand
    const key = (keysOf[name] as unknown as Record<string, (item: object) => string>)[sort] ?? String
    const found = await walk(name, { sort })
    const keys = found.map((item) => key(item).toLowerCase())
    expect(keys).toEqual(sort === 'newest' ? keys.toSorted().reverse() : keys.toSorted())
    expect(new Set(found.map(({ id }) => id)).size).toBe(5)
  })
})

test('leases, hosts and certificates are found by part of a name, in any case', async () => {
  expect(await walk('sshHost.list', { search: 'DB' })).toHaveLength(2)
  expect(await walk('sshHost.list', { search: '192.0.2.3' })).toHaveLength(1)
  expect(await walk('lease.list', { search: 'ada' })).toHaveLength(2)
  expect(await walk('lease.list', { search: 'ROLL OUT web' })).toHaveLength(2)
  expect(await walk('sshCertificate.list', { search: 'cache' })).toHaveLength(1)
  expect(await walk('sshCertificate.list', { search: '%' })).toEqual([])
})

test('a certificate says what it opens, whose it is and what for', async () => {
  const [found] = await walk('sshCertificate.list', { search: 'cache' })
  expect(found).toMatchObject({ role: 'deploy@cache', principalName: 'olga', purpose: 'roll out cache' })
})

test('a lease keeps its host over a change of its name, and is found by what the host is called today', async () => {
  const { id } = await system.node.call('sshHost.update', { id: 'cache', name: 'cache-old' })
  const [found] = await walk('lease.list', { host: 'cache-old' })
  expect(found).toMatchObject({ role: 'deploy@cache', hostId: id })
  expect(await walk('lease.list', { host: id })).toEqual([found])
  expect(await walk('lease.list', { host: 'cache' })).toEqual([])
  await system.node.call('sshHost.update', { id, name: 'cache' })
})

test('hosts whose certificates name bare accounts are found as such', async () => {
  expect(await walk('sshHost.list', { unbound: true })).toMatchObject([{ name: 'cache' }])
  expect(await walk('sshHost.list', { unbound: false })).toHaveLength(4)
})

describe('rows that the database stamps within one millisecond', () => {
  test.each(['newest', 'oldest'] as const)('are each listed once, page by page, by %s', async (sort) => {
    const { db } = system.node
    const hostKey = formatPublicKey((await generateEd25519()).publicKey)
    const prefix = `burst-${sort}`
    await sql`insert into ssh_host (id, name, workspace_id, address, port, user_name, access, principals,
        source_addresses, host_key)
      select gen_random_uuid(), ${prefix} || '-' || n, 'default', ${prefix} || n, 22, 'root', 'managementKey',
        '{root}', '{0.0.0.0/0}', ${hostKey}
      from generate_series(1, 7) n`.execute(db)
    const names: string[] = []
    let after: string | null = null
    do {
      const page: Output<'sshHost.list'> = await system.node.call('sshHost.list', {
        first: 1,
        sort,
        search: prefix,
        ...(after === null ? {} : { after }),
      })
      names.push(...page.items.map(({ name }) => name))
      after = page.nextCursor
    } while (after !== null && names.length < 20)
    expect(names.toSorted()).toEqual(Array.from({ length: 7 }, (_, n) => `${prefix}-${n + 1}`))
  })
})
