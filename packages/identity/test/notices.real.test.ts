import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  challengeOf,
  codeOf,
  logIn,
  nextCode,
  opened,
  personOf,
  startSystem,
  type LoggedIn,
  type TestNode,
  type TestSystem,
} from './system.ts'

let system: TestSystem
let one: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  admin = await logIn(system, one, personOf(system, 'Admin'))
})
afterAll(() => system.end())

const noticesOf = async (who: LoggedIn, unread = false) =>
  (await one.call('notification.list', { unread }, who.access)).items
const kindsOf = async (who: LoggedIn): Promise<string[]> => (await noticesOf(who)).map(({ kind }) => kind)

describe('what people are told', () => {
  test('a role given and a role taken, by whom; a role that they had is no news', async () => {
    const person = personOf(system, 'Developer')
    await one.call('role.assign', { user: person.username, role: 'Viewer' }, admin.access)
    await one.call('role.assign', { user: person.username, role: 'Viewer' }, admin.access)
    system.clock.advance(1)
    await one.call('role.remove', { user: person.username, role: 'Viewer' }, admin.access)
    const his = await noticesOf(await logIn(system, one, person))
    expect(his.map(({ kind }) => kind)).toEqual(['roleChanged', 'roleChanged'])
    expect(his[1]?.text).toContain(`${personOf(system, 'Admin').username} gave you the role Viewer`)
    expect(his[0]?.text).toContain('took the role Viewer')
  })

  test('a password changed, and one that was reset by somebody; never the password', async () => {
    const person = personOf(system, 'Viewer')
    const his = await logIn(system, one, person)
    const { tokens } = await one.call(
      'password.change',
      { currentPassword: person.password.expose(), newPassword: 'tangerine kettle drum' },
      his.access,
    )
    const changed = await opened(one, tokens)
    expect(await kindsOf(changed)).toEqual(['passwordChanged'])
    const { oneTimePassword } = await one.call('user.resetPassword', { id: person.username }, admin.access)
    const rows = await one.db
      .selectFrom('notification')
      .select(['kind', 'text'])
      .where('kind', '=', 'passwordReset')
      .execute()
    expect(rows).toHaveLength(1)
    expect(rows[0]?.text).not.toContain(oneTimePassword.expose())
  })

  test('a session from another place or with another program, and not the next one from there', async () => {
    const person = personOf(system, 'Auditor')
    const from = async (address: string, userAgent: string): Promise<LoggedIn> => {
      nextCode(system.clock)
      const challenge = await challengeOf(one, person)
      return opened(
        one,
        (
          await one.callFrom({ address, userAgent }, 'auth.completeMfa', {
            challengeId: challenge,
            totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
          })
        ).tokens,
      )
    }
    expect(await kindsOf(await logIn(system, one, person))).toEqual([])
    const elsewhere = await from('198.51.100.9', 'Browser/12.1')
    const [notice] = await noticesOf(elsewhere)
    expect(notice).toMatchObject({ kind: 'newSession', readAt: null })
    expect(notice?.text).toContain('198.51.100.9 with Browser/12.1')
    expect(notice?.text).toContain(elsewhere.sessionId)
    expect(await kindsOf(await from('198.51.100.9', 'Browser/12.2'))).toEqual(['newSession'])
    expect(await kindsOf(await from('192.0.2.7', 'test'))).toEqual(['newSession'])
    const browser = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36'
    const [named] = await noticesOf(await from('203.0.113.4', browser))
    expect(named?.text).toContain('203.0.113.4 with Chrome 156 on Linux. If')
  })
})

describe('notification.list and notification.markRead', () => {
  test("pages are newest first, hold one's own only, and go on where they ended", async () => {
    const [mine, other] = [
      await logIn(system, one, personOf(system, 'Operator')),
      await logIn(system, one, personOf(system, 'Operator', 1)),
    ]
    admin = await logIn(system, one, personOf(system, 'Admin'))
    for (const role of ['Viewer', 'Auditor', 'Developer'] as const) {
      system.clock.advance(1)
      await one.call('role.assign', { user: personOf(system, 'Operator').username, role }, admin.access)
    }
    const page = await one.call('notification.list', { first: 2 }, mine.access)
    expect(page.items.map(({ text }) => text.split(' ').at(-1))).toEqual(['Developer.', 'Auditor.'])
    const rest = await one.call('notification.list', { first: 2, after: page.nextCursor ?? '' }, mine.access)
    expect([rest.items.map(({ text }) => text.split(' ').at(-1)), rest.nextCursor]).toEqual([['Viewer.'], null])
    expect(await noticesOf(other)).toEqual([])
    expect(await one.outcome('notification.list', { after: 'nowhere' }, mine.access)).toBe('invalid-input')
    expect(await one.outcome('notification.list', {})).toBe('unauthenticated')
  })

  test("one is marked, then all; another's is no notice, and stays unread", async () => {
    const [mine, other] = [
      await logIn(system, one, personOf(system, 'Operator')),
      await logIn(system, one, personOf(system, 'Operator', 1)),
    ]
    const [newest, ...older] = await noticesOf(mine)
    const id = newest?.id ?? ''
    expect(await one.outcome('notification.markRead', { id }, other.access)).toBe('not-found')
    expect(await one.outcome('notification.markRead', { id: 'nothing' }, mine.access)).toBe('not-found')
    expect(await one.outcome('notification.markRead', { id: 'no id' }, mine.access)).toBe('invalid-input')
    expect(await one.outcome('notification.markRead', { id })).toBe('unauthenticated')
    expect((await noticesOf(mine, true)).length).toBe(3)
    expect(await one.call('notification.markRead', { id }, mine.access)).toEqual({ marked: 1 })
    expect(await one.call('notification.markRead', { id }, mine.access)).toEqual({ marked: 0 })
    expect((await noticesOf(mine, true)).map((notice) => notice.id)).toEqual(older.map((notice) => notice.id))
    expect((await noticesOf(mine))[0]?.readAt).toEqual(system.clock.now())
    expect(await one.call('notification.markRead', {}, mine.access)).toEqual({ marked: 2 })
    expect(await noticesOf(mine, true)).toEqual([])
  })

  // Threat A3: who comes after a deleted person under the same name has nothing of theirs.
  test("a deleted person's notices are not those of who gets the name", async () => {
    admin = await logIn(system, one, personOf(system, 'Admin'))
    const created = await one.call('user.create', { username: 'short.stay', role: 'Viewer' }, admin.access)
    await one.call('role.assign', { user: 'short.stay', role: 'Auditor' }, admin.access)
    await one.call('user.delete', { id: created.id, reason: 'left' }, admin.access)
    const again = await one.call('user.create', { username: 'short.stay', role: 'Viewer' }, admin.access)
    expect(again.id).not.toBe(created.id)
    expect(
      await one.db.selectFrom('notification').select('id').where('user_id', 'in', [created.id, again.id]).execute(),
    ).toEqual([])
  })
})
