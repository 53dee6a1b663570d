import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openStore, type Store } from '@gatehouse/database'
import { createDatabase, type TestDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

let database: TestDatabase
let db: Store
let home: string
let worker: ChildProcess
beforeAll(async () => {
  ;[database, home] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'gh-worker-'))])
  db = openStore(database.url, { name: 'test' })
  await db
    .insertInto('revoked_token')
    .values({ jti: '01980000-0000-7000-8000-000000000001', expires_at: new Date(Date.now() - 1000), reason: 'test' })
    .execute()
  worker = spawn(process.execPath, [join(root, 'apps/worker/src/main.ts')], {
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

// a run that nobody has made is late a minute after the start
test('a worker without Temporal prunes, rotates keys and compares hosts by itself', { timeout: 100_000 }, async () => {
  await vi.waitFor(
    async () => {
      const ran = await db
        .selectFrom('audit_entry')
        .select('action')
        .where('outcome', '=', 'allowed')
        .where('action', 'in', ['revocation.prune', 'signingKey.advance', 'sshHost.reconcile'])
        .orderBy('action')
        .execute()
      expect(ran.map(({ action }) => action)).toEqual(['revocation.prune', 'signingKey.advance', 'sshHost.reconcile'])
    },
    { timeout: 90_000, interval: 1000 },
  )
  expect(await db.selectFrom('revoked_token').select('jti').execute()).toEqual([])
})
