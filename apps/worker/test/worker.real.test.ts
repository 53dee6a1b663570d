import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openStore, type Store } from '@gatehouse/database'
import {
  builtPrograms,
  createDatabase,
  startSshd,
  startTemporal,
  type TestDatabase,
  type TestSshd,
  type TestTemporal,
} from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const { Connection, Client } = createRequire(join(root, 'temporal/package.json'))(
  '@temporalio/client',
) as typeof import('@temporalio/client')

/** Words that stand in the rows and must stand nowhere else: host, account, person, reason. */
const canaries = ['canary-host', 'canary-person', 'canary-purpose', 'canary-reason'] as const

let database: TestDatabase
let db: Store
let temporal: TestTemporal
let sshd: TestSshd
let home: string
let keys: string
let worker: ChildProcess
let made = 0

const startWorker = async (): Promise<void> => {
  worker = spawn(process.execPath, [(await builtPrograms()).worker], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      GATEHOUSE_HOME: home,
      GATEHOUSE_CONFIG: join(home, 'security.toml'),
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      TEMPORAL_UI_URL: temporal.webUrl,
      GATEHOUSE_SUPERVISED: '1',
      GATEHOUSE_DEV: '1',
    },
  })
  worker.stdout?.on('data', (line: Buffer) => {
    log += line.toString()
  })
  await once(worker, 'message')
}
let log = ''

const seconds = (count: number): Date => new Date(Date.now() + count * 1000)
const uuid = (): string => `01980000-0000-7000-8000-${String((made += 1)).padStart(12, '0')}`

const insertLease = async (backend: 'ssh-key' | 'ssh-certificate', endsIn: number): Promise<string> => {
  const id = uuid()
  await db
    .insertInto('lease')
    .values({
      id,
      backend,
      role: 'r',
      workspace_id: 'default',
      purpose: 'canary-purpose',
      principal_type: 'User',
      principal_id: 'u',
      principal_name: 'canary-person',
      session_id: null,
      state: 'active',
      issued_at: seconds(0),
      expires_at: seconds(endsIn),
      due_at: seconds(endsIn),
      revoke_requested_at: null,
      ended_at: null,
      reason: 'canary-reason',
      last_error: null,
    })
    .execute()
  return id
}

/** A key that is deployed on a host, as its rows say. */
const insertKey = async (endsIn: number): Promise<string> => {
  const lease = await insertLease('ssh-key', endsIn)
  const host = await db.selectFrom('ssh_host').select('id').executeTakeFirstOrThrow()
  await db
    .insertInto('ssh_key')
    .values({
      id: uuid(),
      lease_id: lease,
      host_id: host.id,
      workspace_id: 'default',
      user_name: sshd.user,
      public_key: sshd.hostPublicKeyLine,
      fingerprint: 'f',
      source_addresses: ['127.0.0.1/32'],
      state: 'deployed',
      expires_at: seconds(endsIn),
      deployed_at: seconds(0),
      wanted: true,
      maybe_present: true,
    })
    .execute()
  return lease
}

const [requestId, sessionId, tokenId, incidentId] = [uuid(), uuid(), uuid(), uuid()]
/**
 * A request that waits for approvers, an emergency session that waits for its review and an incident that waits for
 * somebody, as they were before the worker began.
 */
const insertWaiting = async (): Promise<void> => {
  await sql`insert into break_glass_request (id, requester_id, requester_name, version, hash, document, workspace_id,
    incident, severity, justification, actions, duration_seconds, state, passed_ms, open_ms, seen_at, boot_id,
    steady_ms, address, user_agent, session_id, created_at)
    values (${requestId}, ${uuid()}, 'canary-person', 1, '\\x00', '{}', 'default', 'canary-reason', 'high',
      'canary-purpose', '{lease.list}', 3600, 'pending', 0, 0, now(), 'b', 0, '192.0.2.7', 'canary-host', 's',
      now())`.execute(db)
  const over = uuid()
  const changed = JSON.stringify({ id: over, state: 'ended' })
  await sql`insert into break_glass_request select (jsonb_populate_record(r, ${changed}::jsonb)).*
    from break_glass_request r where id = ${requestId}`.execute(db)
  await sql`insert into emergency_session (id, request_id, user_id, workspace_id, actions, duration_seconds,
    approver_ids, quorum, token_id, passed_ms, idle_ms, seen_at, boot_id, steady_ms, activated_at, expires_at, ended_by,
    ended_at, end_reason) values (${sessionId}, ${over}, ${uuid()}, 'default', '{lease.list}', 3600,
    ${[uuid(), uuid()]}, '{}', ${tokenId}, 0, 0, now(), 'x', 0, now(), now(), 'revoked', now(),
    'canary-reason')`.execute(db)
  await sql`insert into incident (id, title, kind, severity, state, description, classification, affected,
    data_subjects, functions, breach, detected_at, state_since, created_at, opened_by_type)
    values (${incidentId}, 'canary-reason', 'other', 'low', 'detected', '', 'internal', 'canary-host', '', '{}', false,
      now(), now(), now(), 'System')`.execute(db)
  await sql`insert into incident_clock (incident_id, name, due_at, state)
    values (${incidentId}, 'respond', now() + interval '6 seconds', 'waiting')`.execute(db)
}

const stateOf = async (id: string): Promise<string> =>
  (await db.selectFrom('lease').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state
const clockOf = async (): Promise<string | undefined> =>
  (await sql<{ state: string }>`select state from incident_clock where incident_id = ${incidentId}`.execute(db)).rows[0]
    ?.state
const becomes = (id: string, state: string, timeout: number) =>
  vi.waitFor(async () => expect(await stateOf(id)).toBe(state), { timeout, interval: 100 })

beforeAll(async () => {
  ;[database, temporal, home] = await Promise.all([
    createDatabase(),
    startTemporal(),
    mkdtemp(join(tmpdir(), 'gh-worker-')),
  ])
  await writeFile(join(home, 'security.toml'), '[ssh]\ncontact_timeout = "2s"\n') // a host that does not answer
  db = openStore(database.url, { name: 'test' })
  await db
    .insertInto('workspace')
    .values({ id: 'default', name: 'default', archived_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await insertWaiting()
  await startWorker()
  keys = join(home, 'authorized_keys')
  await writeFile(keys, '')
  const ca = await db
    .selectFrom('ssh_authority')
    .select('public_key')
    .where('purpose', '=', 'ca')
    .executeTakeFirstOrThrow()
  sshd = await startSshd({ trustedUserCaKeys: ca.public_key, authorizedKeysFile: keys })
  await db
    .insertInto('ssh_host')
    .values({
      id: uuid(),
      name: 'canary-host',
      workspace_id: 'default',
      address: '127.0.0.1',
      port: sshd.port,
      user_name: sshd.user,
      access: 'ca',
      principals: [sshd.user],
      source_addresses: ['127.0.0.1/32'],
      host_key: sshd.hostPublicKeyLine,
      authorized_keys_path: keys,
      checked_at: null,
      reachable: null,
      last_error: null,
    })
    .execute()
})
afterAll(async () => {
  worker.kill('SIGKILL')
  await sshd.stop()
  await temporal.stop()
  await db.destroy()
  await database.drop()
  await rm(home, { recursive: true })
})

describe('the worker', () => {
  test('runs an expiry workflow per backend and every schedule', async () => {
    const client = await connected()
    await vi.waitFor(
      async () => {
        expect((await client.workflow.getHandle('lease-expiry/ssh-key').describe()).status.name).toBe('RUNNING')
        expect((await client.workflow.getHandle('lease-expiry/ssh-certificate').describe()).status.name).toBe('RUNNING')
        expect((await Array.fromAsync(client.schedule.list(), ({ scheduleId }) => scheduleId)).toSorted()).toEqual([
          'audit-prune',
          'break-glass-check',
          'kms-key-destroy',
          'kms-key-rotate',
          'lease-warn',
          'revocation-prune',
          'secret-reconcile',
          'signing-key-advance',
          'ssh-ca-advance',
          'ssh-reconcile',
        ])
      },
      { timeout: 20_000 },
    )
    await client.connection.close()
  })

  test('a rotation of the CA moves on by the schedule, which retires the CA before', async () => {
    const id = uuid()
    const { public_key } = await db
      .selectFrom('ssh_authority')
      .select('public_key')
      .where('purpose', '=', 'hostCa')
      .executeTakeFirstOrThrow()
    await db
      .insertInto('ssh_authority')
      .values({
        id,
        purpose: 'ca',
        stage: 'previous',
        public_key,
        private_key: Buffer.of(1),
        staged_at: seconds(-26 * 3600),
      })
      .execute()
    const client = await connected()
    const nextTime = async (): Promise<Date | undefined> => {
      const schedules = await Array.fromAsync(client.schedule.list())
      return schedules.find(({ scheduleId }) => scheduleId === 'ssh-ca-advance')?.info?.nextActionTimes[0]
    }
    // the worker makes it when it starts
    const next = await vi.waitFor(
      async () => {
        const time = await nextTime()
        expect(time).toBeInstanceOf(Date)
        return Number(time)
      },
      { timeout: 20_000, interval: 200 },
    )
    // by itself at the next of its times, five minutes from now at most; a test does not wait for that
    expect(next - Date.now()).toBeLessThanOrEqual(300_000)
    await client.schedule.getHandle('ssh-ca-advance').trigger()
    const row = () =>
      db.selectFrom('ssh_authority').select(['stage', 'private_key']).where('id', '=', id).executeTakeFirstOrThrow()
    await vi.waitFor(async () => expect(await row()).toMatchObject({ stage: 'retired' }), { timeout: 20_000 })
    expect((await row()).private_key).toHaveLength(0)
    await client.connection.close()
  })

  test('D2: begins the workflow of what waits, and a forged signal to it neither approves nor activates', async () => {
    const client = await connected()
    const handle = client.workflow.getHandle(`break-glass/${requestId}`)
    await vi.waitFor(async () => expect((await handle.describe()).status.name).toBe('RUNNING'), { timeout: 20_000 })
    const row = () => sql`select * from break_glass_request where id = ${requestId}`.execute(db)
    const before = await row()
    await handle.signal('changed', { approve: true, voter: 'admin' })
    for (const name of ['approve', 'activate']) await handle.signal(name, { approve: true })
    const fired = client.workflow.getHandle(`incident/${incidentId}`)
    await vi.waitFor(async () => expect(await clockOf()).toBe('fired'), { timeout: 20_000, interval: 200 })
    expect((await row()).rows).toEqual(before.rows)
    expect((await sql`select 1 from emergency_session where request_id = ${requestId}`.execute(db)).rows).toEqual([])
    // ours; what the forger has sent is theirs to have in clear, and is left out
    const reviewed = client.workflow.getHandle(`emergency-session/${sessionId}`)
    const histories = await Promise.all([handle, fired, reviewed].map((one) => one.fetchHistory()))
    const events = histories.flatMap((one) => one.events ?? [])
    const own = events.filter((event) => !event.workflowExecutionSignaledEventAttributes)
    for (const canary of [...canaries, '192.0.2.7', 'canary', tokenId])
      expect(decoded(JSON.stringify(own))).not.toContain(canary)
    await client.connection.close()
  })

  test('ends what is due through the workflow', async () => {
    const [certificate, key] = [await insertLease('ssh-certificate', 1), await insertKey(1)]
    await becomes(certificate, 'expired', 15_000)
    await becomes(key, 'expired', 15_000)
    expect(await readFile(keys, 'utf8')).toBe('')
  })

  test('hands a revocation that failed to a workflow of its own, which brings it to its end', async () => {
    await sshd.halt()
    const key = await insertKey(0)
    const client = await connected()
    const handle = client.workflow.getHandle(`lease-revocation/${key}`)
    await vi.waitFor(async () => expect((await handle.describe()).status.name).toBe('RUNNING'), {
      timeout: 20_000,
      interval: 200,
    })
    expect(await stateOf(key)).toBe('active')
    await sshd.resume()
    await becomes(key, 'expired', 30_000)
    await vi.waitFor(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'), { timeout: 20_000 })

    const histories = await Promise.all(
      [handle, client.workflow.getHandle('lease-expiry/ssh-key')].map((one) => one.fetchHistory()),
    )
    const text = JSON.stringify(histories) + Buffer.from(JSON.stringify(histories), 'latin1').toString('latin1')
    for (const canary of [...canaries, '127.0.0.1', sshd.user === 'root' ? 'root@' : sshd.user])
      expect(decoded(text)).not.toContain(canary)
    expect(decoded(text)).toContain('binary/encrypted')
    await client.connection.close()
  })

  test('ends what is due on time while Temporal is away, and works with it again', async () => {
    await temporal.halt()
    const [certificate, key] = [await insertLease('ssh-certificate', 1), await insertKey(1)]
    await becomes(certificate, 'expired', 12_000)
    await becomes(key, 'expired', 12_000)
    await temporal.resume()
    const client = await connected()
    const before = (await client.workflow.getHandle('lease-expiry/ssh-key').describe()).historyLength
    await vi.waitFor(
      async () =>
        expect((await client.workflow.getHandle('lease-expiry/ssh-key').describe()).historyLength).toBeGreaterThan(
          before + 5,
        ),
      { timeout: 40_000, interval: 500 },
    )
    await client.connection.close()
  })

  test('removes, when it is started again, what ended while it was killed', async () => {
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    const key = await insertKey(0)
    await writeFile(keys, 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPAVzvtaxp1SdFqGl8lSGh1fqSE8cODyCVYRF48Fcfxd other\n')
    await startWorker()
    await becomes(key, 'expired', 20_000)
    expect(await readFile(keys, 'utf8')).toMatch(/^ssh-ed25519 \S+ other\n$/)
  })

  test('stops in order when asked, and when who started it is gone', async () => {
    const timed = async (stop: () => void): Promise<number> => {
      const begun = performance.now()
      stop()
      expect(await once(worker, 'exit')).toEqual([0, null])
      return performance.now() - begun
    }
    expect(await timed(() => worker.kill('SIGTERM'))).toBeLessThan(10_000) // then the supervisor kills it
    await startWorker()
    await sleep(5000) // until it has begun what it finds to do, and has ended some of it
    expect(await timed(() => worker.stdin?.end())).toBeLessThan(5000) // what `docs/interfaces.md` says
    expect(log).not.toContain('"level":60')
  })
})

const connected = async () => {
  const connection = await Connection.connect({ address: temporal.address })
  return new Client({ connection, namespace: temporal.namespace })
}

/** A history with every base64 value in it also shown as what it stands for. */
const decoded = (json: string): string =>
  json +
  [...json.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g)]
    .map(([, value = '']) => Buffer.from(value, 'base64').toString('latin1'))
    .join('\n')
