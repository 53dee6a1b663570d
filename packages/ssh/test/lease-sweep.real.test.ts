import { sql } from 'kysely'
import pg from 'pg'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { formatPublicKey, generateEd25519 } from '../src/wire/index.ts'
import { roundBudget } from '../src/budgets.ts'
import { listHostIds } from '../src/ssh-host.queries.ts'
import { person, startAccessSystem, type AccessSystem } from './access-system.ts'

let system: AccessSystem
let deaf: Server
const sockets = new Set<Socket>()
let connections = 0

beforeAll(async () => {
  system = await startAccessSystem({ contactSeconds: 2 })
  deaf = createServer((socket) => {
    connections += 1
    sockets.add(socket)
  }).listen(0, '0.0.0.0') // every address of the loopback network is another host
  await once(deaf, 'listening')
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  deaf.close()
  await system.close()
})

interface Due {
  readonly count: number
  readonly backend: 'ssh-key' | 'ssh-certificate'
  readonly seconds: number
}

/** Living leases whose end comes in so many seconds. */
const insertLeases = async ({ count, backend, seconds }: Due): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name, state,
      issued_at, expires_at, due_at)
    select gen_random_uuid(), ${backend}, 'r', 'default', 'p', 'User', ${person.id}, 'olga', 'active', now(),
      now() + ${seconds} * interval '1 second', now() + ${seconds} * interval '1 second'
    from generate_series(1, ${count}) returning id`.execute(system.node.db)
  return rows.map(({ id }) => id)
}

test('two hundred leases end in a number of statements that does not grow with them', async () => {
  await insertLeases({ count: 200, backend: 'ssh-certificate', seconds: -1 })
  const statements = vi.spyOn(pg.Client.prototype, 'query')
  expect(await system.node.internal('lease.expire', { backend: 'ssh-certificate' })).toMatchObject({
    ended: 200,
    failed: [],
  })
  expect(statements.mock.calls.length).toBeGreaterThan(3)
  expect(statements.mock.calls.length).toBeLessThan(30)
  statements.mockRestore()
  expect((await system.node.record()).filter((entry) => entry === 'lease.expired allowed')).toHaveLength(200)
})

test('a host that hangs is asked once for all its leases, and holds up no other', async () => {
  const { db } = system.node
  const host = await system.node.call('sshHost.register', {
    name: 'deaf',
    address: '127.0.0.1',
    port: (deaf.address() as AddressInfo).port, // listening on TCP
    user: 'root',
    access: 'managementKey',
    hostKey: formatPublicKey((await generateEd25519()).publicKey),
  })
  const ids = await insertLeases({ count: 40, backend: 'ssh-key', seconds: -1 })
  for (const [index, id] of ids.entries())
    await db
      .insertInto('ssh_key')
      .values({
        id,
        lease_id: id,
        host_id: host.id,
        workspace_id: 'default',
        user_name: 'root',
        public_key: `k${index}`,
        fingerprint: `f${index}`,
        source_addresses: ['127.0.0.1/32'],
        state: 'deployed',
        expires_at: system.now(),
        deployed_at: null,
        wanted: true,
        maybe_present: true,
      })
      .execute()
  connections = 0
  const begun = performance.now()
  const { failed } = await system.node.internal('lease.expire', { backend: 'ssh-key' })
  expect(failed).toHaveLength(40)
  expect(connections).toBe(1)
  expect((performance.now() - begun) / 1000).toBeLessThan(15)
})

test('two hundred hosts that hang are visited side by side, and who waited longest is first', async () => {
  const { db } = system.node
  const hostKey = formatPublicKey((await generateEd25519()).publicKey)
  await sql`insert into ssh_host (id, name, workspace_id, address, port, user_name, access, principals,
      source_addresses, host_key, compared_at)
    select gen_random_uuid(), 'deaf-' || n, 'default', '127.0.1.' || n, ${(deaf.address() as AddressInfo).port}, 'root',
      'managementKey', '{root}', '{0.0.0.0/0}', ${hostKey}, now() - n * interval '1 minute'
    from generate_series(1, 200) n`.execute(db)
  const { rows } = await sql<{ id: string; name: string }>`select id, name from ssh_host`.execute(db)
  const nameOf = new Map(rows.map(({ id, name }) => [id, name]))
  expect((await listHostIds(db)).slice(0, 3).map((id) => nameOf.get(id))).toEqual(['deaf', 'deaf-200', 'deaf-199'])
  const begun = performance.now()
  const { hosts, failed, left } = await system.node.internal('sshHost.reconcile', {})
  expect((performance.now() - begun) / 1000).toBeLessThan(roundBudget.seconds + 10)
  expect([hosts, failed.length + left]).toEqual([0, 201])
  const turns = await sql<{ had: string }>`select count(*) had from ssh_host
    where compared_at > now() - interval '1 minute' + ${system.now().getTime() - Date.now()} * interval '1 ms'`.execute(
    db,
  )
  expect(Number(turns.rows[0]?.had)).toBe(failed.length)
  expect((await system.node.record()).filter((entry) => entry.startsWith('sshHost.reconcile'))).toEqual([
    'sshHost.reconcile intent',
    'sshHost.reconcile allowed',
  ])
}, 200_000)

test('what is due next is found by an index among thousands of living leases', async () => {
  await insertLeases({ count: 20_000, backend: 'ssh-certificate', seconds: 3600 })
  await sql`analyze lease`.execute(system.node.db)
  const { rows } = await sql<{ 'QUERY PLAN': string }>`explain select due_at from lease
    where backend = 'ssh-certificate' and due_at is not null and attempts = 0 order by due_at limit 1`.execute(
    system.node.db,
  )
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain('lease_due_first')
  expect(plan).not.toContain('Seq Scan')
  const { nextDueInSeconds } = await system.node.internal('lease.expire', { backend: 'ssh-certificate' })
  expect(nextDueInSeconds).toBeGreaterThan(3000)
})
