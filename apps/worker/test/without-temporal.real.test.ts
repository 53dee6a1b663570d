import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openStore, type Store } from '@gatehouse/database'
import { builtPrograms, createDatabase, type TestDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

let database: TestDatabase
let db: Store
let home: string
let worker: ChildProcess
const begun = new Date()
const scheduled = ['revocation.prune', 'signingKey.advance', 'sshCa.advance', 'sshHost.reconcile']

/** An old run of it, by whomever: what has run before is late at once, and not first after a minute. */
const runOnceAt = (admin: Store, action: string, at: Date): Promise<unknown> =>
  admin
    .insertInto('audit_placed')
    .values({ id: randomUUID(), entry: JSON.stringify({ v: 4, at: at.toISOString(), action, outcome: 'allowed' }) })
    .execute()

beforeAll(async () => {
  ;[database, home] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'gh-worker-'))])
  db = openStore(database.url, { name: 'test' })
  await db
    .insertInto('revoked_token')
    .values({ jti: '01980000-0000-7000-8000-000000000001', expires_at: new Date(Date.now() - 1000), reason: 'test' })
    .execute()
  // a CA that hosts trusted before the one that the worker makes: since so long that nothing of its can be alive
  await db
    .insertInto('ssh_authority')
    .values({
      id: '01980000-0000-7000-8000-000000000002',
      purpose: 'ca',
      stage: 'previous',
      public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPAVzvtaxp1SdFqGl8lSGh1fqSE8cODyCVYRF48Fcfxd before',
      private_key: Buffer.of(1),
      staged_at: new Date(begun.getTime() - 26 * 3_600_000),
    })
    .execute()
  const admin = openStore(database.adminUrl, { size: 1, name: 'test-admin' })
  const weekAgo = new Date(begun.getTime() - 7 * 86_400_000)
  for (const action of scheduled) await runOnceAt(admin, action, weekAgo)
  await admin.destroy()
  worker = spawn(process.execPath, [(await builtPrograms()).worker], {
    cwd: root,
    stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      GATEHOUSE_HOME: home,
      GATEHOUSE_SUPERVISED: '1',
      GATEHOUSE_DEV: '1',
    },
  })
  await once(worker, 'message')
})
afterAll(async () => {
  worker.kill('SIGKILL')
  await db.destroy()
  await database.drop()
  await rm(home, { recursive: true })
})

test(
  'a worker without Temporal prunes, rotates keys and CAs and compares hosts by itself',
  { timeout: 60_000 },
  async () => {
    await vi.waitFor(
      async () => {
        const ran = await db
          .selectFrom('audit_entry')
          .select('action')
          .where('outcome', '=', 'allowed')
          .where('action', 'in', scheduled)
          .where('at', '>=', begun.toISOString())
          .orderBy('action')
          .execute()
        expect(ran.map(({ action }) => action)).toEqual(scheduled)
      },
      { timeout: 50_000, interval: 200 },
    )
    expect(await db.selectFrom('revoked_token').select('jti').execute()).toEqual([])
    const cas = db.selectFrom('ssh_authority').select(['stage']).where('purpose', '=', 'ca').orderBy('stage')
    expect(await cas.execute()).toEqual([{ stage: 'current' }, { stage: 'retired' }])
  },
)

// They found their policies there: a checkout that was copied, and started beside the first, went by the other's
test('programs that are put together name no place of the machine, but the way to it', async () => {
  const directory = resolve((await builtPrograms()).worker, '../..')
  const parts = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mjs'))
  expect(parts.length).toBeGreaterThan(10)
  expect(parts.filter((name) => readFileSync(join(directory, name)).includes(root))).toEqual([])
})
