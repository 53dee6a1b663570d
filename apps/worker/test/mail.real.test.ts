import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openStore, type Store } from '@gatehouse/database'
import { builtPrograms, createDatabase, startMailSink, type MailSink, type TestDatabase } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const userId = '01980000-0000-7000-8000-000000000001'

let database: TestDatabase
let db: Store
let sink: MailSink
let home: string
let worker: ChildProcess | null = null
beforeAll(async () => {
  ;[database, sink, home] = await Promise.all([createDatabase(), startMailSink(), mkdtemp(join(tmpdir(), 'gh-mail-'))])
  db = openStore(database.url, { name: 'test' })
  await db
    .insertInto('users')
    .values({
      id: userId,
      username: 'grace',
      display_name: 'Grace',
      email: 'grace@example.org',
      password_hash: '!',
      must_change_password: false,
      password_changed_at: new Date(),
    })
    .execute()
})
afterAll(async () => {
  worker?.kill('SIGKILL')
  await sink.close()
  await db.destroy()
  await database.drop()
  await rm(home, { recursive: true })
})

async function startWorker(smtpUrl: string | null): Promise<void> {
  worker = spawn(process.execPath, [(await builtPrograms()).worker], {
    cwd: root,
    stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      GATEHOUSE_HOME: home,
      GATEHOUSE_SUPERVISED: '1',
      GATEHOUSE_DEV: '1',
      ...(smtpUrl === null ? {} : { GATEHOUSE_SMTP_URL: smtpUrl }),
    },
  })
  await once(worker, 'message')
}
async function kill(): Promise<void> {
  const gone = worker
  if (gone === null) return
  gone.kill('SIGKILL')
  await once(gone, 'exit')
}

const tell = (id: string): Promise<unknown> =>
  db
    .insertInto('notification')
    .values({
      id: `01980000-0000-7000-8000-00000000000${id}`,
      user_id: userId,
      kind: 'passwordChanged',
      text: `notice ${id}`,
      created_at: new Date(),
    })
    .execute()
const rowOf = (id: string) =>
  db
    .selectFrom('notification')
    .select(['mailed_at', 'mail_claimed_at', 'mail_attempts'])
    .where('id', '=', `01980000-0000-7000-8000-00000000000${id}`)
    .executeTakeFirstOrThrow()

test('a worker without a mail server claims nothing; one that has it sends what waits', async () => {
  await tell('2')
  await startWorker(null)
  // two rounds of the loop that would have sent it
  await new Promise((done) => {
    setTimeout(done, 2500)
  })
  expect(await rowOf('2')).toEqual({ mailed_at: null, mail_claimed_at: null, mail_attempts: 0 })
  await kill()
  await startWorker(sink.url)
  await vi.waitFor(async () => expect((await rowOf('2')).mailed_at).not.toBeNull(), { timeout: 10_000 })
  expect(sink.mails.map(({ to, text }) => [to, text.split('\r\n')[0]])).toEqual([[['grace@example.org'], 'notice 2']])
})

test('a worker that is killed while it sends leaves its claim, and the next one sends when it has lapsed', async () => {
  sink.answer({ afterMilliseconds: 60_000 })
  await tell('3')
  await vi.waitFor(() => expect(sink.attempts()).toBe(2), { timeout: 10_000 })
  await kill()
  expect(await rowOf('3')).toMatchObject({ mailed_at: null, mail_claimed_at: expect.any(Date), mail_attempts: 1 })
  sink.answer('take')
  // two minutes later
  await db
    .updateTable('notification')
    .set({ mail_claimed_at: new Date(Date.now() - 121_000) })
    .where('mail_claimed_at', 'is not', null)
    .execute()
  await startWorker(sink.url)
  await vi.waitFor(async () => expect((await rowOf('3')).mailed_at).not.toBeNull(), { timeout: 10_000 })
  expect(await rowOf('3')).toMatchObject({ mail_claimed_at: null, mail_attempts: 2 })
})
