import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadConfig } from '@gatehouse/config'
import { declarationOf, operationNames, type Output } from '@gatehouse/contract'
import type { AnyPermit, Handlers } from '@gatehouse/enforcement'
import { createDatabase, type TestDatabase } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertingKek } from '../src/alerting-kek.ts'
import { createClosers } from '../src/closers.ts'
import { openDomains, type OpenDomains } from '../src/open-domains.ts'
import { openKernel, type OpenKernel } from '../src/open-kernel.ts'

const root = resolve(import.meta.dirname, '../../..')
const closers = createClosers()
const errors: unknown[] = []

let database: TestDatabase
let home: string
let kernel: OpenKernel
let domains: OpenDomains
beforeAll(async () => {
  ;[database, home] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'gh-domains-'))])
  const env = { DATABASE_URL: database.url, GATEHOUSE_HOME: home, GATEHOUSE_DEV: '1' }
  const options = {
    config: loadConfig(env, root),
    name: 'gateway',
    version: '0',
    service: { type: 'Service', id: 'gateway', name: 'gateway', bound: true },
    temporal: null,
    limiter: () => ({ admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() }),
    alerts: { raise: () => undefined },
    onFault: (fault: unknown) => void errors.push(fault),
    onError: (_part: string, error: unknown) => void errors.push(error),
  } as const
  kernel = await openKernel(options, closers)
  domains = await openDomains(kernel.kernel, kernel.workflows)
})
afterAll(async () => {
  await closers.close()
  await database.drop()
  await rm(home, { recursive: true })
  expect(errors).toEqual([])
})

/** Asks a handler that looks at no permit. */
const ask = <N extends 'system.status' | 'system.dashboard'>(name: N): Promise<Output<N>> => {
  const handler = domains.handlers[name] as (permit: AnyPermit | null) => ReturnType<Handlers[N]>
  return handler(null) as Promise<Output<N>> // the handler of this very name
}

test('the domains answer every operation, each of them once', () => {
  expect(Object.keys(domains.handlers).toSorted()).toEqual([...operationNames].toSorted())
})

test('every backend of leases is swept, what is to be proved, alert channels, and clocks', async () => {
  expect(domains.sweeps.map(({ name }) => name)).toEqual([
    'postgres',
    'vault',
    'aws',
    'upcloud',
    'ssh-key',
    'ssh-certificate',
    'ssh-otp',
    'lease-proof',
    'alert-delivery',
    'incident-clocks',
    'break-glass',
  ])
  for (const sweep of domains.sweeps) expect(await sweep.nextDueInSeconds()).toBeNull()
})

test('what a domain finds in passing, an event, and too many revocations are alerts', async () => {
  const { db, alerts, change } = kernel.kernel
  const kinds = async (): Promise<string[]> =>
    (await db.selectFrom('alert').select('kind').execute()).map(({ kind }) => kind)
  const session = '01980000-0000-7000-8000-000000000077'
  const lease = {
    name: 'lease.revoked',
    resource: { type: 'Lease', id: session },
    detail: { backend: 'ssh-key' },
  } as const
  const reused = { name: 'refreshToken.reused', resource: { type: 'Session', id: session } } as const
  const failing = {
    name: 'auditSink.failing',
    resource: { type: 'System', id: 'gatehouse' },
    detail: { id: session, sink: 'siem', error: 'it answers with status 503' },
  } as const
  await db.transaction().execute(async (tx) => {
    await change.event(tx, reused)
    await change.event(tx, failing)
    const told = (await tx.selectFrom('alert').select('kind').execute()).map(({ kind }) => kind)
    expect(told).toEqual(expect.arrayContaining(['refresh-token-reused', 'audit-export-failed']))
  })
  alerts.raise('kms-error', { use: 'unwrap', kek: 'age', error: 'no such file' })
  await db.transaction().execute((tx) =>
    change.events(
      tx,
      Array.from({ length: 50 }, () => lease),
    ),
  )
  await expect
    .poll(kinds, { interval: 50, timeout: 10_000 })
    .toEqual(expect.arrayContaining(['refresh-token-reused', 'kms-error', 'revocation-spike']))
  await db.deleteFrom('alert').execute()
})

test('a use of the key encryption key that fails is an alert, and fails all the same', async () => {
  const raised: unknown[] = []
  const failing = () => Promise.reject(new TypeError('the key service is away'))
  const [own] = kernel.foundation.keks
  if (own === undefined) throw new TypeError('no key')
  const kek = alertingKek(
    { ...own, uri: 'age:/home/keys/kek.age', unwrap: failing },
    { raise: (kind, detail) => void raised.push([kind, detail]) },
  )
  await expect(kek.unwrap('x', 'y')).rejects.toThrow('the key service is away')
  expect(raised).toEqual([['kms-error', { use: 'unwrap', kek: 'age', error: 'the key service is away' }]])
})

test('what is measured in rows stands among the metrics, beside what has been counted', async () => {
  await sql`insert into workspace (id, name) values ('measured', 'measured')`.execute(kernel.kernel.db)
  await sql`insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name,
    state, issued_at, expires_at, due_at) values (gen_random_uuid(), 'ssh-key', 'root', 'measured', 'metrics', 'User',
    gen_random_uuid(), 'ada', 'active', now(), now(), now() - interval '1 minute')`.execute(kernel.kernel.db)
  const text = await kernel.metrics.text(domains.gauges, kernel.foundation.clock.now())
  expect(text).toContain('gatehouse_leases_active{type="ssh-key"} 1\n')
  expect(text).toContain('gatehouse_leases_dead_goal_seconds{type="aws"} 300\n')
  expect(text).toContain('gatehouse_leases_overdue 1\n')
  expect(text).toContain('gatehouse_ssh_keys_active 1\n')
  expect(text).toMatch(/gatehouse_audit_sequencer_lag_seconds \d/)
  expect(text).toMatch(/gatehouse_kms_operations_total\{backend="age",operation="wrap",result="success"\} [1-9]/)
  await sql`delete from lease`.execute(kernel.kernel.db)
})

test('the status has a line of each domain that has one, and the worst of them for the whole', async () => {
  const fresh = await ask('system.status')
  expect(fresh.parts.map(({ name, health }) => [name, health])).toEqual([
    ['database', 'ok'],
    ['temporal', 'degraded'],
    ['worker', 'down'],
    ['proxies', 'ok'],
    ['audit', 'ok'],
    ['kms', 'ok'],
    ['leases', 'ok'],
    ['hosts', 'ok'],
    ['revocation lists', 'ok'],
    ['policy', 'ok'],
    ['alerts', 'ok'],
    ['incidents', 'ok'],
    ['break-glass', 'degraded'],
  ])
  expect(fresh).toMatchObject({ health: 'down', leasesActive: 0, leasesOverdue: 0, temporalWebUrl: null })
  await sql`insert into node (id, kind, started_at, seen_at, detail) values ('w', 'worker', now(), now(), '')`.execute(
    kernel.kernel.db,
  )
  expect((await ask('system.status')).health).toBe('degraded')
})

test('the dashboard has all its figures', async () => {
  const { output } = declarationOf('system.dashboard')
  expect(output.encode(await ask('system.dashboard'))).toMatchObject({ peopleActive: 0, failedLogins: 0 })
})
