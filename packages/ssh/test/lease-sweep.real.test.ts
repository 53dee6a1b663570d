import { sql } from 'kysely'
import pg from 'pg'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { formatPublicKey, generateEd25519 } from '../src/wire/index.ts'
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
  }).listen(0, '127.0.0.1')
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
