import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOfToken } from '../src/directory/invitation-token.ts'
import { noPassword } from '../src/directory/no-password.ts'
import {
  logIn,
  opened,
  personOf,
  startSystem,
  testConfig,
  type LoggedIn,
  type TestNode,
  type TestSystem,
} from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
/** A node that has mail. */
let mailing: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
  mailing = await system.openNode({ ...testConfig, mail: true })
  await anew()
})
afterAll(() => system.end())

async function anew(): Promise<void> {
  admin = await logIn(system, one, personOf(system, 'Admin'))
}

const newPassword = 'tangerine kettle drum'
const invite = (username: string, more: { role?: 'Admin' | 'Viewer'; email?: string; teams?: string[] } = {}) =>
  one.call('user.invite', { username, role: 'Viewer', ...more }, admin.access)
/** The token of a link that was shown to the inviter. */
async function linkOf(username: string): Promise<string> {
  const { invitationUrl } = await invite(username)
  const url = new URL(invitationUrl?.expose() ?? '')
  expect([url.origin, url.pathname, url.search]).toEqual(['http://localhost:8420', '/invite', ''])
  return url.hash.slice(1)
}
const accept = (node: TestNode, invitation: string, password = newPassword): Promise<string> =>
  node.outcome('auth.acceptInvite', { invitation, newPassword: password })
const rowOf = (username: string) =>
  one.db.selectFrom('users').selectAll().where('username', '=', username).executeTakeFirstOrThrow()

describe('user.invite', () => {
  test('adds a person who cannot log in, and shows the link once where there is no mail', async () => {
    const invited = await one.call(
      'user.invite',
      { username: 'Grace', displayName: 'Grace Hopper', email: 'grace@example.org', role: 'Operator', teams: ['sre'] },
      admin.access,
    )
    expect(invited).toMatchObject({
      username: 'grace',
      displayName: 'Grace Hopper',
      email: 'grace@example.org',
      roles: ['Operator'],
      teams: ['sre'],
      status: 'active',
      sentTo: null,
      hasAuthenticator: false,
      invitation: 'shown',
      invitationExpiresAt: invited.expiresAt,
    })
    expect(invited.expiresAt.getTime() - system.clock.now().getTime()).toBe(72 * 3_600_000)
    const token = new URL(invited.invitationUrl?.expose() ?? '').hash.slice(1)
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    const row = await one.db
      .selectFrom('invitation')
      .selectAll()
      .where('user_id', '=', invited.id)
      .executeTakeFirstOrThrow()
    expect([row.hash.equals(hashOfToken(token)), row.token]).toEqual([true, null])
    for (const password of ['!', noPassword, token, 'anything at all'])
      expect(await one.outcome('auth.login', { username: 'grace', password })).toBe('invalid-credentials')
    await one.call('user.unlock', { id: 'grace' }, admin.access)
    const dump =
      JSON.stringify(await one.db.selectFrom('audit_entry').select('entry').execute()) + (await one.sealedValues())
    expect(dump).not.toContain(token)
  })

  test('with mail and an address the link goes there and nobody else sees it: what waits is sealed', async () => {
    const invited = await mailing.call(
      'user.invite',
      { username: 'mailed.one', email: 'one@example.org', role: 'Viewer' },
      admin.access,
    )
    expect([invited.invitationUrl, invited.sentTo]).toEqual([null, 'one@example.org'])
    const row = await one.db
      .selectFrom('invitation')
      .selectAll()
      .where('user_id', '=', invited.id)
      .executeTakeFirstOrThrow()
    const token = Buffer.from(
      system.sealer.unseal({ table: 'invitation', column: 'token', id: row.id }, row.token ?? Buffer.alloc(0)),
    ).toString()
    expect([row.hash.equals(hashOfToken(token)), row.token?.includes(token)]).toEqual([true, false])
    const without = await mailing.call('user.invite', { username: 'mailed.two', role: 'Viewer' }, admin.access)
    expect([without.invitationUrl === null, without.sentTo]).toEqual([false, null])
  })

  test('inviting again replaces the link and what the person is invited as', async () => {
    const first = await linkOf('again.one')
    const again = await invite('AGAIN.one', { role: 'Admin', email: 'again@example.org', teams: ['sre'] })
    expect(again).toMatchObject({ username: 'again.one', roles: ['Admin'], teams: ['sre'], email: 'again@example.org' })
    expect(await accept(one, first)).toBe('invalid-credentials')
    expect(await accept(one, new URL(again.invitationUrl?.expose() ?? '').hash.slice(1))).toBe('allowed')
  })

  // whoever invites sees who has not come in, and until when they may
  test('who is invited is told from who has come in, and a link from one that is gone', async () => {
    const shown = async (id: string) => one.call('user.get', { id }, admin.access)
    const token = await linkOf('waits.one')
    expect(await shown('waits.one')).toMatchObject({
      invitation: 'shown',
      invitationExpiresAt: new Date(system.clock.now().getTime() + 72 * 3_600_000),
    })
    expect(
      (await one.call('user.list', {}, admin.access)).items.find(({ username }) => username === 'waits.one'),
    ).toMatchObject({ invitation: 'shown' })
    await accept(one, token)
    expect(await shown('waits.one')).toMatchObject({ invitation: null, invitationExpiresAt: null })
    expect(await shown(personOf(system, 'Viewer').username)).toMatchObject({
      invitation: null,
      invitationExpiresAt: null,
    })
    await linkOf('gone.one')
    await one.db
      .deleteFrom('invitation')
      .where('user_id', '=', (await rowOf('gone.one')).id)
      .execute()
    expect(await shown('gone.one')).toMatchObject({ invitation: 'none', invitationExpiresAt: null })
  })

  test('a name that somebody has is taken; who is disabled is enabled first; teams must exist', async () => {
    const taken = await one.refusal(
      'user.invite',
      { username: personOf(system, 'Viewer').username, role: 'Viewer' },
      admin.access,
    )
    expect([taken.code, taken.details.fields?.[0]?.path]).toEqual(['conflict', 'username'])
    await linkOf('away.one')
    await one.call('user.disable', { id: 'away.one', reason: 'never came' }, admin.access)
    expect(
      (await one.refusal('user.invite', { username: 'away.one', role: 'Viewer' }, admin.access)).details.hint,
    ).toContain('gatehouse user enable away.one')
    expect(
      (await one.refusal('user.invite', { username: 'team.one', role: 'Viewer', teams: ['nobodies'] }, admin.access))
        .details.fields?.[0]?.path,
    ).toBe('teams')
    expect(await one.db.selectFrom('users').select('id').where('username', '=', 'team.one').execute()).toEqual([])
    for (const username of ['', 'a b', '-x', 'х'])
      expect(await one.outcome('user.invite', { username, role: 'Viewer' }, admin.access)).toBe('invalid-input')
  })

  test('wants a caller and a factor proved lately', async () => {
    expect(await one.outcome('user.invite', { username: 'nobody.new', role: 'Viewer' })).toBe('unauthenticated')
    system.clock.advance(301)
    expect(await one.outcome('user.invite', { username: 'nobody.new', role: 'Viewer' }, admin.access)).toBe(
      'step-up-required',
    )
    expect(await one.db.selectFrom('users').select('id').where('username', '=', 'nobody.new').execute()).toEqual([])
    await anew()
  })

  test('who is invited as an Admin and has not come in does not count as one that is left', async () => {
    await invite('future.admin', { role: 'Admin' })
    const others = (await one.call('user.list', { role: 'Admin', status: 'active' }, admin.access)).items.filter(
      ({ username }) => username !== personOf(system, 'Admin').username && username !== 'future.admin',
    )
    for (const { id } of others) await one.call('user.disable', { id, reason: 'test' }, admin.access)
    expect(
      await one.outcome('user.disable', { id: personOf(system, 'Admin').username, reason: 'test' }, admin.access),
    ).toBe('conflict')
    for (const { id } of others) await one.call('user.enable', { id }, admin.access)
  })
})

describe('auth.acceptInvite', () => {
  test('sets the password and opens a session for the first steps; then the link is spent', async () => {
    const token = await linkOf('first.one')
    const { tokens } = await one.call('auth.acceptInvite', { invitation: token, newPassword })
    const his = await opened(one, tokens)
    expect(await one.call('auth.whoami', {}, his.access)).toMatchObject({
      username: 'first.one',
      assurance: 'pw',
      missing: ['authenticator'],
    })
    expect(await one.outcome('user.get', { id: 'first.one' }, his.access)).toBe('mfa-enrolment-required')
    expect(await one.outcome('totp.enroll', { name: 'phone' }, his.access)).toBe('allowed')
    expect(await accept(two, token, 'another long password')).toBe('invalid-credentials')
    const row = await rowOf('first.one')
    expect(row.must_change_password).toBe(false)
    expect(row.password_hash).toMatch(/^\$argon2id\$/)
    expect(await two.outcome('auth.login', { username: 'first.one', password: newPassword })).toBe('allowed')
    const { entry } = await one.db
      .selectFrom('audit_entry')
      .select('entry')
      .where('action', '=', 'auth.acceptInvite')
      .where('outcome', '=', 'allowed')
      .where('entry', 'like', `%${row.id}%`)
      .executeTakeFirstOrThrow()
    expect(JSON.parse(entry)).toMatchObject({
      resource: { type: 'User', id: row.id },
      principal: { type: 'Anonymous' },
      detail: { session: his.sessionId },
    })
  })

  test('a password that is not good is refused by its rules, and leaves the link as it is', async () => {
    const token = await linkOf('rules.one')
    for (const password of ['short', 'password123', 'rules.one']) {
      const refusal = await one.refusal('auth.acceptInvite', { invitation: token, newPassword: password })
      expect([refusal.code, refusal.details.fields?.[0]?.path]).toEqual(['invalid-input', 'newPassword'])
    }
    expect((await rowOf('rules.one')).password_hash).toBe(noPassword)
    expect(await accept(one, token)).toBe('allowed')
  })

  // Threat I6: one-time things succeed at most once, across nodes.
  test('of 20 at once on two nodes one is let in, and their password is the one that holds', async () => {
    const token = await linkOf('race.two')
    const passwords = Array.from({ length: 20 }, (_, index) => `tangerine kettle ${index} drum`)
    const outcomes = await Promise.all(
      passwords.map((password, index) => accept(index % 2 === 0 ? one : two, token, password)),
    )
    expect(outcomes.filter((outcome) => outcome === 'allowed')).toHaveLength(1)
    const winner = passwords[outcomes.indexOf('allowed')] ?? ''
    expect(await one.outcome('auth.login', { username: 'race.two', password: winner })).toBe('allowed')
    expect(
      await one.db
        .selectFrom('session')
        .select('id')
        .where('user_id', '=', (await rowOf('race.two')).id)
        .execute(),
    ).toHaveLength(2)
  })

  // Threat A4: unknown, used, expired and dead links look the same.
  test('a link that is unknown, expired or of no use any more is dead, and all look the same', async () => {
    await anew()
    system.clock.advance(1)
    const dead: string[] = ['', 'x'.repeat(43)]
    const expired = await linkOf('dead.one')
    dead.push(`${expired} `, expired.toUpperCase(), `${expired}=`)
    const disabled = await linkOf('dead.two')
    await one.call('user.disable', { id: 'dead.two', reason: 'no' }, admin.access)
    await one.call('user.enable', { id: 'dead.two' }, admin.access)
    const reset = await linkOf('dead.three')
    await one.call('user.resetPassword', { id: 'dead.three' }, admin.access)
    const deleted = await linkOf('dead.four')
    await one.call('user.delete', { id: 'dead.four', reason: 'no' }, admin.access)
    // Threat A3: who comes after them under the same name is not let in by their link
    await linkOf('dead.four')
    dead.push(disabled, reset, deleted)
    for (const token of dead) {
      const refusal = await one.refusal('auth.acceptInvite', { invitation: token, newPassword })
      expect([refusal.code, refusal.message, refusal.details]).toEqual([
        'invalid-credentials',
        'the name, password or code is wrong',
        {},
      ])
      await one.db.deleteFrom('guess_throttle').execute()
    }
    system.clock.advance(72 * 3600)
    expect(await accept(one, expired)).toBe('invalid-credentials')
    for (const username of ['dead.one', 'dead.two', 'dead.four'])
      expect((await rowOf(username)).password_hash).toBe(noPassword)
    await anew()
  })

  test('a link that is accepted while its person is being disabled lets nobody live on', async () => {
    const token = await linkOf('meanwhile.one')
    await Promise.all([
      accept(one, token),
      two.call('user.disable', { id: 'meanwhile.one', reason: 'no' }, admin.access),
    ])
    const { id } = await rowOf('meanwhile.one')
    expect(
      await one.db
        .selectFrom('session')
        .select('id')
        .where('user_id', '=', id)
        .where('revoked_at', 'is', null)
        .execute(),
    ).toEqual([])
    expect(await one.outcome('auth.login', { username: 'meanwhile.one', password: newPassword })).toBe(
      'invalid-credentials',
    )
  })

  test('links are tried five times from one address, on whichever node, and no account is locked by it', async () => {
    await one.db.deleteFrom('guess_throttle').execute()
    const outcomes: string[] = []
    for (let guess = 0; guess < 7; guess += 1)
      outcomes.push(await accept(guess % 2 === 0 ? one : two, `${guess}`.repeat(43)))
    expect(outcomes).toEqual([
      ...Array.from({ length: 5 }, () => 'invalid-credentials'),
      'rate-limited',
      'rate-limited',
    ])
    const token = await linkOf('elsewhere.one')
    await one.callFrom({ address: '198.51.100.77', userAgent: 'test' }, 'auth.acceptInvite', {
      invitation: token,
      newPassword,
    })
    expect(await one.outcome('auth.login', { username: 'elsewhere.one', password: newPassword })).toBe('allowed')
    await one.db.deleteFrom('guess_throttle').execute()
  })

  test('input that is none is refused before anything is looked up', async () => {
    // without a password
    expect(await one.outcome('auth.acceptInvite', { invitation: 'x' } as never)).toBe('invalid-input')
    expect(await one.outcome('auth.acceptInvite', { invitation: 'x'.repeat(5000), newPassword } as never)).toBe(
      'invalid-input',
    ) // longer than any secret
  })
})
