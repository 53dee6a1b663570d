import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { secret } from '@gatehouse/contract'
import { freePort, startMailSink, type MailSink } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSmtpMailer, deliverOne, MailError, startMailing } from '../src/index.ts'
import { notify } from '../src/notices/notice.queries.ts'
import { logIn, personOf, startSystem, testConfig, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
let sink: MailSink
let admin: LoggedIn
let userId: string
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode({ ...testConfig, mail: true })
  two = await system.openNode({ ...testConfig, mail: true })
  admin = await logIn(system, one, personOf(system, 'Admin'))
  userId = (
    await one.call('user.create', { username: 'grace', role: 'Viewer', email: 'grace@example.org' }, admin.access)
  ).id
})
afterAll(() => system.end())
beforeEach(async () => {
  sink = await startMailSink()
})
afterEach(async () => {
  await sink.close()
  await one.db.deleteFrom('notification').execute()
  await one.db.deleteFrom('invitation').execute()
})

const smtpTo = (url: string, allowPlaintext = false) =>
  createSmtpMailer({
    url: secret(url),
    from: 'Gatehouse <gatehouse@example.org>',
    domain: 'example.org',
    allowPlaintext,
  })
const depsOf = (node: TestNode, url = sink.url) => ({
  db: node.db,
  clock: system.clock,
  sealer: system.sealer,
  publicUrl: 'http://localhost:8420',
  mailer: smtpTo(url),
})
const tell = (text: string, to = userId): Promise<void> =>
  one.db.transaction().execute((tx) => notify(tx, system, { userId: to, kind: 'roleChanged', text }))
const rows = () =>
  one.db
    .selectFrom('notification')
    .select(['id', 'text', 'mailed_at', 'mail_claimed_at', 'mail_attempts', 'mail_due_at'])
    .orderBy('text')
    .execute()
async function drain(node = one): Promise<void> {
  while (await deliverOne(depsOf(node)));
}

describe('a notice', () => {
  test("goes to the person's address as text, once, under a name of its own", async () => {
    await tell('ada gave you the role Operator; größer als vorher.')
    await drain()
    const [row] = await rows()
    expect(row).toMatchObject({ mailed_at: system.clock.now(), mail_claimed_at: null })
    expect(await deliverOne(depsOf(two))).toBe(false)
    expect(sink.mails).toHaveLength(1)
    expect(sink.mails[0]).toMatchObject({
      to: ['grace@example.org'],
      headers: {
        from: 'Gatehouse <gatehouse@example.org>',
        to: 'grace@example.org',
        subject: 'Gatehouse: your roles have changed',
        'message-id': `<${row?.id}@example.org>`,
        'auto-submitted': 'auto-generated',
        'content-type': expect.stringMatching(/^text\/plain/),
      },
    })
    expect(sink.mails[0]?.text).toContain('ada gave you the role Operator; größer als vorher.')
    expect(sink.mails[0]?.text).toContain('the account grace at http://localhost:8420')
  })

  test('of who has no address, and what is no news any more, is not claimed', async () => {
    const { id } = await one.db
      .selectFrom('users')
      .select('id')
      .where('username', '=', personOf(system, 'Viewer').username)
      .executeTakeFirstOrThrow()
    await tell('nowhere to go', id)
    await tell('old')
    await one.db
      .updateTable('notification')
      .set({ created_at: new Date(system.clock.now().getTime() - 86_400_001) })
      .where('text', '=', 'old')
      .execute()
    expect(await deliverOne(depsOf(one))).toBe(false)
    expect((await rows()).map(({ mail_attempts, mail_claimed_at }) => [mail_attempts, mail_claimed_at])).toEqual([
      [0, null],
      [0, null],
    ])
  })

  test('of thirty that wait each is sent once by processes that work at the same time', async () => {
    for (let at = 0; at < 30; at += 1) await tell(`notice ${at}`)
    await Promise.all([drain(one), drain(two), drain(one), drain(two)])
    expect(sink.mails.map(({ headers }) => headers['message-id']).toSorted()).toEqual(
      (await rows()).map(({ id }) => `<${id}@example.org>`).toSorted(),
    )
  })
})

describe('a mail that is not taken', () => {
  test('is tried again after a pause that grows, under the same name, and then is done', async () => {
    await tell('greylisted')
    sink.answer({ code: 451 })
    const dues: number[] = []
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(deliverOne(depsOf(one))).rejects.toThrow(MailError)
      expect(await deliverOne(depsOf(two))).toBe(false)
      dues.push(((await rows())[0]?.mail_due_at?.getTime() ?? 0) - system.clock.now().getTime())
      system.clock.advance((dues.at(-1) ?? 0) / 1000)
    }
    expect(dues).toEqual([30_000, 60_000, 120_000])
    sink.answer('take')
    await drain()
    expect([sink.mails.length, sink.attempts(), (await rows())[0]?.mail_attempts]).toEqual([1, 4, 4])
  })

  test('because its address or text is refused for good is not tried again, and holds nobody up', async () => {
    await tell('first')
    sink.answer({ code: 550 })
    expect(await deliverOne(depsOf(one))).toBe(true)
    sink.answer('take')
    await tell('second')
    system.clock.advance(3600)
    await drain()
    expect(sink.mails.map(({ text }) => text.split('\n')[0]?.trim())).toEqual(['second'])
    expect((await rows())[0]).toMatchObject({ text: 'first', mailed_at: null, mail_claimed_at: null })
  })

  test('that fails by silence or by a wrong password waits; the error says neither address nor password', async () => {
    await tell('waits')
    const nobody = await freePort()
    for (const url of [`smtp://127.0.0.1:${nobody}`])
      await expect(deliverOne(depsOf(one, url))).rejects.toThrow(MailError)
    system.clock.advance(3600)
    const strict = await startMailSink({ user: { name: 'gate', password: 'right' } })
    const failure = await deliverOne(depsOf(one, strict.url.replace('right', 'wr0ng'))).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(MailError)
    expect(JSON.stringify([String(failure), failure])).not.toMatch(/wr0ng|grace@/)
    system.clock.advance(3600)
    expect(await deliverOne(depsOf(one, strict.url))).toBe(true)
    expect(strict.mails).toHaveLength(1)
    await strict.close()
  })

  test('is sent in clear to this machine alone, and to another only where the settings say so', async () => {
    await tell('in clear')
    const elsewhere = await startMailSink({ host: '127.0.0.2' })
    await expect(deliverOne(depsOf(one, elsewhere.url))).rejects.toThrow(MailError)
    expect(elsewhere.attempts()).toBe(0)
    system.clock.advance(3600)
    expect(await deliverOne({ ...depsOf(one), mailer: smtpTo(elsewhere.url, true) })).toBe(true)
    await elsewhere.close()
    // a certificate that nobody vouches for is none
    await tell('to a stranger')
    const stranger = await startMailSink({ host: '127.0.0.2', startTls: true })
    await expect(deliverOne(depsOf(one, stranger.url))).rejects.toThrow(MailError)
    expect(stranger.attempts()).toBe(0)
    await stranger.close()
  })
})

describe('an invitation', () => {
  test('is mailed with its link, which lets the person in; nothing of it stays', async () => {
    admin = await logIn(system, one, personOf(system, 'Admin'))
    const invited = await one.call(
      'user.invite',
      { username: 'invited.one', email: 'invited@example.org', role: 'Viewer' },
      admin.access,
    )
    await one.db.deleteFrom('notification').execute()
    await drain(two)
    expect(sink.mails.map(({ to, headers }) => [to, headers['subject']])).toEqual([
      [['invited@example.org'], 'Gatehouse: you are invited'],
    ])
    const token = /http:\/\/localhost:8420\/invite#([A-Za-z0-9_-]{43})\s/.exec(sink.mails[0]?.text ?? '')?.[1] ?? ''
    expect(
      await one.db
        .selectFrom('invitation')
        .select(['token', 'mailed_at'])
        .where('user_id', '=', invited.id)
        .executeTakeFirstOrThrow(),
    ).toEqual({ token: null, mailed_at: system.clock.now() })
    expect(await one.outcome('auth.acceptInvite', { invitation: token, newPassword: 'tangerine kettle drum' })).toBe(
      'allowed',
    )
  })

  // a mail that never arrives is seen by who sent it: in the list of people
  test('is seen to wait, to be tried again, to be refused for good, and to be mailed', async () => {
    admin = await logIn(system, one, personOf(system, 'Admin'))
    await one.db.deleteFrom('notification').execute()
    const state = async (id: string): Promise<string | null> =>
      (await two.call('user.get', { id }, admin.access)).invitation
    const { id, invitation } = await one.call(
      'user.invite',
      { username: 'seen.one', email: 'seen@example.org', role: 'Viewer' },
      admin.access,
    )
    expect([invitation, await state(id)]).toEqual(['waiting', 'waiting'])
    sink.answer({ code: 451 })
    await expect(deliverOne(depsOf(one))).rejects.toThrow(MailError)
    expect(await state(id)).toBe('delayed')
    sink.answer({ code: 550 })
    system.clock.advance(60)
    await drain()
    expect(await state(id)).toBe('refused')
    sink.answer('take')
    await one.call('user.invite', { username: 'seen.one', email: 'mended@example.org', role: 'Viewer' }, admin.access)
    await drain()
    expect([await state(id), sink.mails.at(-1)?.to]).toEqual(['mailed', ['mended@example.org']])
  })

  test('that was replaced, or whose person is out, is not mailed', async () => {
    admin = await logIn(system, one, personOf(system, 'Admin'))
    await one.call('user.invite', { username: 'invited.two', email: 'two@example.org', role: 'Viewer' }, admin.access)
    await one.call('user.invite', { username: 'invited.two', email: 'three@example.org', role: 'Viewer' }, admin.access)
    await one.call('user.invite', { username: 'invited.three', email: 'out@example.org', role: 'Viewer' }, admin.access)
    await one.call('user.disable', { id: 'invited.three', reason: 'no' }, admin.access)
    await one.db.deleteFrom('notification').execute()
    await drain()
    expect(sink.mails.map(({ to }) => to)).toEqual([['three@example.org']])
  })
})

test('a loop sends what comes while it runs, goes on after a failure of the server, and stops', async () => {
  const errors: unknown[] = []
  const mailing = startMailing({ ...depsOf(one), onError: (error) => void errors.push(error) })
  await tell('while it runs')
  await expect.poll(() => sink.mails.length, { timeout: 5000 }).toBe(1)
  sink.answer({ code: 421 })
  await tell('refused at first')
  await expect.poll(() => errors.length, { timeout: 5000 }).toBe(1)
  await mailing.close()
  await tell('after it')
  expect(sink.mails).toHaveLength(1)
})

// kill -9 between sending and noting it: the one moment in which nobody knows.
test('a process killed while it sends leaves a claim that lapses; then it is sent again, same name', async () => {
  await tell('killed')
  sink.answer({ afterMilliseconds: 60_000 })
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('mail-child.ts', import.meta.url)),
      system.url,
      sink.url,
      randomBytes(32).toString('hex'),
      system.clock.now().toISOString(),
    ],
    { stdio: 'ignore' },
  )
  await expect.poll(() => sink.attempts(), { timeout: 30_000 }).toBe(1)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect((await rows())[0]).toMatchObject({ mailed_at: null, mail_claimed_at: system.clock.now(), mail_attempts: 1 })
  sink.answer('take')
  system.clock.advance(119)
  expect(await deliverOne(depsOf(one))).toBe(false)
  system.clock.advance(1)
  expect(await deliverOne(depsOf(one))).toBe(true)
  expect(await deliverOne(depsOf(two))).toBe(false)
  expect(new Set(sink.mails.map(({ headers }) => headers['message-id'])).size).toBe(1)
  expect((await rows())[0]).toMatchObject({ mailed_at: system.clock.now(), mail_attempts: 2 })
})
