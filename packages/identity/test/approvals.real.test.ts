// Threats D1, D2, D4, D5, D6, A3 and A12, as far as one person's call waits for a second person's yes.
import type { Output, Refusal } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  challengeOf,
  codeOf,
  logIn,
  nextCode,
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
/** Two Admins, and a third who is made for these tests. */
let ada: LoggedIn
let anton: LoggedIn
let third: { readonly id: string; readonly password: string }
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
  await anew()
  const { id, oneTimePassword } = await one.call('user.create', { username: 'third.admin', role: 'Admin' }, ada.access)
  third = { id, password: oneTimePassword.expose() }
})
afterAll(() => system.end())

const longAgo = (): Date => new Date(system.clock.now().getTime() - 30 * 86_400_000)
const nameOf = (index: number): string => personOf(system, 'Admin', index).username
async function anew(): Promise<void> {
  ada = await logIn(system, one, personOf(system, 'Admin'))
  anton = await logIn(system, one, personOf(system, 'Admin', 1))
}

const reason = 'lost phone and codes'
const ask = (subject: string, who = ada): Promise<Output<'approval.get'>> =>
  one.call('approval.request', { action: 'mfa.reset', resource: subject, reason }, who.access)
const approved = async (subject: string): Promise<Output<'approval.get'>> =>
  one.call('approval.approve', { id: (await ask(subject)).id, reason: 'spoke to her' }, anton.access)
const resetOf = (node: TestNode, user: string, who = ada, why = reason): Promise<string> =>
  node.outcome('mfa.reset', { user, reason: why }, who.access)
const stateOf = async (id: string): Promise<string> => (await one.call('approval.get', { id }, ada.access)).state
const authenticatorsOf = async (userId: string): Promise<number> =>
  (await one.db.selectFrom('authenticator').select('id').where('user_id', '=', userId).execute()).length
const idOf = async (username: string): Promise<string> =>
  (await one.db.selectFrom('users').select('id').where('username', '=', username).executeTakeFirstOrThrow()).id
/** A person of their own for a test, enrolled by a row. */
async function personWithFactor(username: string): Promise<string> {
  const { id } = await one.call('user.create', { username, role: 'Viewer' }, ada.access)
  await one.db
    .insertInto('authenticator')
    .values({
      id: system.random.id(),
      user_id: id,
      kind: 'totp',
      name: 'phone',
      secret: Buffer.alloc(20),
      algorithm: 'SHA1',
      digits: 6,
      period_seconds: 30,
      created_at: system.clock.now(),
      confirmed_at: system.clock.now(),
    })
    .execute()
  return id
}
const pendingOf = async (attempt: Promise<Refusal>): Promise<string> => {
  const refusal = await attempt
  expect(refusal.code).toBe('approval-pending')
  return refusal.details.approvalId ?? ''
}

describe('mfa.reset', () => {
  test('waits for a second Admin, then takes factors, codes and sessions, and the person enrols anew', async () => {
    const person = personOf(system, 'Developer')
    const [live, challenge] = [await logIn(system, one, person), await challengeOf(one, person)]
    await anew()
    const id = await idOf(person.username)
    await one.db
      .insertInto('backup_code_set')
      .values({
        id: system.random.id(),
        user_id: id,
        salt: Buffer.alloc(16),
        created_at: system.clock.now(),
        confirmed_at: system.clock.now(),
      })
      .execute()
    const key = system.random.id()
    await one.db
      .insertInto('authenticator')
      .values({
        id: key,
        user_id: id,
        kind: 'webauthn',
        name: 'key',
        created_at: system.clock.now(),
        confirmed_at: system.clock.now(),
      })
      .execute()
    await one.db
      .insertInto('webauthn_credential')
      .values({
        authenticator_id: key,
        credential_id: Buffer.from('credential'),
        public_key: Buffer.alloc(1),
        counter: '0',
        transports: [],
        passkey: true,
        backup_eligible: false,
        backed_up: false,
        user_verified: true,
        aaguid: '00000000-0000-0000-0000-000000000000',
        attestation_format: 'none',
        attestation: Buffer.alloc(1),
        suspect_at: null,
      })
      .execute()
    const approvalId = await pendingOf(one.refusal('mfa.reset', { user: person.username, reason }, ada.access))
    expect(await pendingOf(two.refusal('mfa.reset', { user: person.username, reason }, ada.access))).toBe(approvalId)
    expect(await authenticatorsOf(id)).toBe(2)
    expect(await one.call('approval.get', { id: approvalId }, anton.access)).toMatchObject({
      action: 'mfa.reset',
      resourceType: 'User',
      resource: id,
      resourceName: person.username,
      requesterName: nameOf(0),
      reason,
      ticket: null,
      state: 'pending',
      approverName: null,
    })
    expect(await one.call('approval.approve', { id: approvalId, reason: 'spoke to her' }, anton.access)).toMatchObject({
      state: 'approved',
      approverName: nameOf(1),
      decisionReason: 'spoke to her',
      decidedAt: system.clock.now(),
    })
    expect(await two.call('mfa.reset', { user: person.username, reason }, ada.access)).toEqual({
      user: id,
      authenticatorsRemoved: 2,
      sessionsEnded: 1,
    })
    expect(
      await one.db
        .selectFrom('webauthn_credential')
        .select('authenticator_id')
        .where('authenticator_id', '=', key)
        .execute(),
    ).toEqual([])
    expect([
      await authenticatorsOf(id),
      (await one.db.selectFrom('backup_code_set').select('id').where('user_id', '=', id).execute()).length,
    ]).toEqual([0, 0])
    for (const node of [one, two]) expect(await node.outcome('auth.whoami', {}, live.access)).toBe('unauthenticated')
    expect(await one.outcome('auth.refresh', { refreshToken: live.refresh })).toBe('unauthenticated')
    nextCode(system.clock)
    expect(
      await one.outcome('auth.completeMfa', {
        challengeId: challenge,
        totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('invalid-credentials')
    const { tokens } = await one.call('auth.login', { username: person.username, password: person.password.expose() })
    if (tokens === null) throw new TypeError('no session')
    const anewIn = await opened(one, tokens)
    expect((await one.call('auth.whoami', {}, anewIn.access)).missing).toEqual(['authenticator'])
    expect(await one.outcome('notification.list', {}, anewIn.access)).toBe('mfa-enrolment-required')
    expect(
      (
        await one.db
          .selectFrom('notification')
          .select('kind')
          .where('user_id', '=', id)
          .where('kind', '=', 'mfaReset')
          .execute()
      ).length,
    ).toBe(1)
    expect(await stateOf(approvalId)).toBe('used')
  })

  test('the record has the wish, its refusal, the yes and the act with who approved it', async () => {
    const entries = await one.db
      .selectFrom('audit_entry')
      .select(['action', 'outcome', 'entry'])
      .where('action', 'in', ['mfa.reset', 'approval.approve'])
      .execute()
    const [wish, refused, act] = ['intent', 'refused', 'allowed'].map((outcome) =>
      entries.filter((entry) => entry.action === 'mfa.reset' && entry.outcome === outcome),
    )
    expect([wish?.length, refused?.length, act?.length]).toEqual([1, 2, 1])
    expect(JSON.parse(act?.[0]?.entry ?? '{}')).toMatchObject({
      detail: { approvedBy: await idOf(nameOf(1)), authenticatorsRemoved: 2 },
    })
    expect(await one.db.selectFrom('audit_intent').selectAll().execute()).toEqual([])
  })

  test('other Admins are told of the request, who asked of the answer; the person concerned of neither', async () => {
    const wanted = await one.db
      .selectFrom('notification as n')
      .innerJoin('users as u', 'u.id', 'n.user_id')
      .select(['u.username', 'n.text'])
      .where('n.kind', '=', 'approvalWanted')
      .orderBy('u.username')
      .execute()
    expect(wanted.map(({ username }) => username)).toEqual(['admin', nameOf(1), 'third.admin'].toSorted())
    expect(wanted[0]?.text).toContain(reason)
    const decided = await one.db
      .selectFrom('notification as n')
      .innerJoin('users as u', 'u.id', 'n.user_id')
      .select('u.username')
      .where('n.kind', '=', 'approvalDecided')
      .execute()
    expect(decided.map(({ username }) => username)).toEqual([nameOf(0)])
  })

  // eight characters were enough beside the factor that goes
  test('of somebody whose role demands no factor leaves a password that has to be chosen anew', async () => {
    await anew()
    const lenient = await system.openNode({ ...testConfig, mfa: { ...testConfig.mfa, requiredRoles: ['Admin'] } })
    const id = await personWithFactor('short.one')
    const oneTimePassword = await lenient
      .call('user.resetPassword', { id }, ada.access)
      .then((answer) => answer.oneTimePassword.expose())
    await one.db.updateTable('users').set({ must_change_password: false }).where('id', '=', id).execute()
    await approved('short.one')
    expect(await resetOf(lenient, 'short.one')).toBe('allowed')
    const { tokens } = await lenient.call('auth.login', { username: 'short.one', password: oneTimePassword })
    if (tokens === null) throw new TypeError('no session')
    expect(await lenient.call('auth.whoami', {}, (await opened(lenient, tokens)).access)).toMatchObject({
      missing: ['passwordChange'],
    })
  })

  test('is refused for oneself, for nobody, without a fresh factor and to strangers', async () => {
    await anew()
    expect(await resetOf(one, nameOf(0))).toBe('forbidden')
    expect(await resetOf(one, 'nobody.here')).toBe('not-found')
    expect(await one.outcome('mfa.reset', { user: nameOf(1), reason: '' }, ada.access)).toBe('invalid-input')
    expect(await one.outcome('mfa.reset', { user: nameOf(1), reason })).toBe('unauthenticated')
    system.clock.advance(301)
    expect(await resetOf(one, nameOf(1))).toBe('step-up-required')
    expect(
      await one.db
        .selectFrom('approval')
        .select('id')
        .where('subject_id', 'in', [await idOf(nameOf(0)), await idOf(nameOf(1))])
        .execute(),
    ).toEqual([])
    await anew()
  })
})

// Threat D1: one approval counted or consumed twice.
describe('once', () => {
  test('of 50 at once on two nodes one asks, one approves and one resets', async () => {
    await anew()
    const id = await personWithFactor('race.one')
    const times = <T>(run: (node: TestNode) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: 50 }, (_, index) => run(index % 2 === 0 ? one : two)))
    expect(
      new Set(await times((node) => pendingOf(node.refusal('mfa.reset', { user: 'race.one', reason }, ada.access))))
        .size,
    ).toBe(1)
    const [row, ...more] = await one.db.selectFrom('approval').select('id').where('subject_id', '=', id).execute()
    expect(more).toEqual([])
    const yes = await times((node) => node.outcome('approval.approve', { id: row?.id ?? '' }, anton.access))
    expect([
      yes.filter((outcome) => outcome === 'allowed').length,
      yes.filter((outcome) => outcome === 'conflict').length,
    ]).toEqual([1, 49])
    const acts = await times((node) => resetOf(node, 'race.one'))
    expect(acts.filter((outcome) => outcome === 'allowed').length).toBe(1)
    expect(
      new Set(acts.filter((outcome) => outcome !== 'allowed')).difference(new Set(['conflict', 'approval-pending']))
        .size,
    ).toBe(0)
    expect(
      (
        await one.db
          .selectFrom('notification')
          .select('id')
          .where('user_id', '=', id)
          .where('kind', '=', 'mfaReset')
          .execute()
      ).length,
    ).toBe(1)
    // who came late has asked anew, once
    expect(
      (
        await one.db
          .selectFrom('approval')
          .select('state')
          .where('subject_id', '=', id)
          .where('state', '=', 'pending')
          .execute()
      ).length,
    ).toBeLessThanOrEqual(1)
  })

  test('a used approval is not good for the next reset', async () => {
    const id = await personWithFactor('twice.one')
    const first = await approved('twice.one')
    expect(await resetOf(one, 'twice.one')).toBe('allowed')
    await one.db
      .insertInto('authenticator')
      .values({
        id: system.random.id(),
        user_id: id,
        kind: 'totp',
        name: 'new phone',
        secret: Buffer.alloc(20),
        algorithm: 'SHA1',
        digits: 6,
        period_seconds: 30,
        created_at: system.clock.now(),
        confirmed_at: system.clock.now(),
      })
      .execute()
    const next = await pendingOf(one.refusal('mfa.reset', { user: 'twice.one', reason }, ada.access))
    expect(next).not.toBe(first.id)
    expect(await authenticatorsOf(id)).toBe(1)
    for (const name of ['approval.approve', 'approval.deny'] as const)
      expect(await one.outcome(name, { id: first.id, reason: 'again' }, anton.access)).toBe('conflict')
    expect(await one.outcome('approval.cancel', { id: first.id, reason: 'again' }, ada.access)).toBe('conflict')
  })

  test('an approval dies a day after it was asked for, pending or approved, by the clock alone', async () => {
    await anew()
    await personWithFactor('late.one')
    await personWithFactor('late.two')
    const [waiting, given] = [await ask('late.one'), await approved('late.two')]
    expect(waiting.expiresAt.getTime() - waiting.createdAt.getTime()).toBe(86_400_000)
    system.clock.advance(86_400)
    await anew()
    expect([await stateOf(waiting.id), await stateOf(given.id)]).toEqual(['expired', 'expired'])
    expect((await one.call('approval.list', { state: 'expired' }, ada.access)).items.map(({ id }) => id)).toEqual(
      expect.arrayContaining([waiting.id, given.id]),
    )
    expect(await one.outcome('approval.approve', { id: waiting.id }, anton.access)).toBe('conflict')
    expect(await pendingOf(one.refusal('mfa.reset', { user: 'late.two', reason }, ada.access))).not.toBe(given.id)
    expect(await authenticatorsOf(await idOf('late.two'))).toBe(1)
  })
})

// Threat D2: self-approval, also by another door; threat D3: a second account of the same person.
describe('a second person', () => {
  test('neither who asked nor whom it is about says yes; the decision has nothing to do with it', async () => {
    await anew()
    const about = await ask(nameOf(1))
    expect(await one.outcome('approval.approve', { id: about.id }, ada.access)).toBe('forbidden')
    expect(await one.outcome('approval.deny', { id: about.id, reason: 'mine' }, ada.access)).toBe('forbidden')
    expect(await one.outcome('approval.approve', { id: about.id }, anton.access)).toBe('forbidden')
    expect(await stateOf(about.id)).toBe('pending')
    expect(await one.call('approval.deny', { id: about.id, reason: 'I have my phone' }, anton.access)).toMatchObject({
      state: 'denied',
      approverName: nameOf(1),
      decisionReason: 'I have my phone',
    })
  })

  test('who shares a mailbox with who asked or whom it is about is no second person', async () => {
    const person = 'mailbox.one'
    await personWithFactor(person)
    const { id } = await ask(person)
    await one.call('user.update', { id: nameOf(0), email: 'ada@example.org' }, ada.access)
    await one.call('user.update', { id: nameOf(1), email: 'Ada+second@Example.org' }, ada.access)
    expect(await one.outcome('approval.approve', { id }, anton.access)).toBe('forbidden')
    await one.call('user.update', { id: nameOf(1), email: 'anton@example.org' }, ada.access)
    await one.call('user.update', { id: person, email: 'anton+other@example.org' }, ada.access)
    expect(await one.outcome('approval.approve', { id }, anton.access)).toBe('forbidden')
    await one.call('user.update', { id: person, email: 'mailbox@example.org' }, ada.access)
    expect(await one.outcome('approval.approve', { id }, anton.access)).toBe('allowed')
  })

  test('who is no Admin says no yes, even where a policy lets them', async () => {
    await personWithFactor('policy.one')
    const { id } = await ask('policy.one')
    const operator = await logIn(system, one, personOf(system, 'Operator'))
    // this node's policies allow everything
    expect(await one.outcome('approval.approve', { id }, operator.access)).toBe('forbidden')
    expect(await stateOf(id)).toBe('pending')
  })
})

// Threat D4 and A12: the people of an approval change before it is used.
describe('people who are out', () => {
  test('a yes of who was disabled since is void, and stays so when they come back', async () => {
    await anew()
    await personWithFactor('void.one')
    const { id } = await approved('void.one')
    await one.call('user.disable', { id: nameOf(1), reason: 'left' }, ada.access)
    expect(await stateOf(id)).toBe('cancelled')
    await one.call('user.enable', { id: nameOf(1) }, ada.access)
    expect(await pendingOf(one.refusal('mfa.reset', { user: 'void.one', reason }, ada.access))).not.toBe(id)
    expect(await authenticatorsOf(await idOf('void.one'))).toBe(1)
    await anew()
  })

  test('a yes of who lost the role since is void, by whatever way they lost it', async () => {
    await personWithFactor('void.two')
    const { id } = await approved('void.two')
    // not by `role.remove`, which ends the approval itself: the check at use stands alone here
    await one.db
      .deleteFrom('user_role')
      .where('user_id', '=', await idOf(nameOf(1)))
      .execute()
    expect(await pendingOf(one.refusal('mfa.reset', { user: 'void.two', reason }, ada.access))).not.toBe(id)
    expect(await stateOf(id)).toBe('cancelled')
    await one.db
      .insertInto('user_role')
      .values({ user_id: await idOf(nameOf(1)), role: 'Admin', granted_at: longAgo() })
      .execute()
  })

  test('a pending request of who was disabled is dead, and nobody can approve it', async () => {
    await personWithFactor('void.three')
    const { id } = await ask('void.three', anton)
    await one.call('user.disable', { id: nameOf(1), reason: 'left' }, ada.access)
    expect(await one.outcome('approval.approve', { id }, ada.access)).toBe('conflict')
    await one.call('user.enable', { id: nameOf(1) }, ada.access)
    expect(await stateOf(id)).toBe('cancelled')
    await anew()
  })

  test('a pending request of who lost the role by a row is not approved either', async () => {
    await personWithFactor('void.four')
    const { id } = await ask('void.four', anton)
    await one.db
      .deleteFrom('user_role')
      .where('user_id', '=', await idOf(nameOf(1)))
      .execute()
    expect((await one.refusal('approval.approve', { id }, ada.access)).details.hint).toBe(
      `${nameOf(1)} is no active Admin any more`,
    )
    await one.db
      .insertInto('user_role')
      .values({ user_id: await idOf(nameOf(1)), role: 'Admin', granted_at: longAgo() })
      .execute()
  })

  // Threat A3: recycled identifiers.
  test('an approval for, of or by a deleted person does nothing to who gets the name', async () => {
    await anew()
    const old = await personWithFactor('reborn.one')
    await approved('reborn.one')
    await one.call('user.delete', { id: old, reason: 'left' }, ada.access)
    const fresh = await personWithFactor('reborn.one')
    await pendingOf(one.refusal('mfa.reset', { user: 'reborn.one', reason }, ada.access))
    expect(await authenticatorsOf(fresh)).toBe(1)
    const asked = await one.db
      .selectFrom('approval')
      .select(['subject_id', 'state'])
      .where('subject_id', 'in', [old, fresh])
      .execute()
    expect(asked).toEqual([{ subject_id: fresh, state: 'pending' }])
    // who said yes is deleted
    await personWithFactor('kept.one')
    const { id } = await ask('kept.one')
    await one.db
      .updateTable('approval')
      .set({ state: 'approved', approver_id: third.id })
      .where('id', '=', id)
      .execute()
    await one.call('user.delete', { id: third.id, reason: 'left' }, ada.access)
    await one.call('user.create', { username: 'third.admin', role: 'Admin' }, ada.access)
    expect(await pendingOf(one.refusal('mfa.reset', { user: 'kept.one', reason }, ada.access))).not.toBe(id)
  })
})

// Threat D6: an approval bound to different content; threat D5: outsiders.
describe('exactly what was asked', () => {
  test('a yes to one reason, person or requester is none to another', async () => {
    await anew()
    await personWithFactor('exact.one')
    await personWithFactor('exact.two')
    const { id } = await approved('exact.one')
    const edited = await one.refusal('mfa.reset', { user: 'exact.one', reason: 'she asked me to' }, ada.access)
    expect([edited.code, edited.details.approvalId]).toEqual(['conflict', id])
    expect(
      await one.outcome(
        'approval.request',
        { action: 'mfa.reset', resource: 'exact.one', reason: 'another one' },
        ada.access,
      ),
    ).toBe('conflict')
    expect(await resetOf(one, 'exact.two')).toBe('approval-pending')
    expect(await resetOf(one, 'exact.one', anton)).toBe('approval-pending')
    expect([
      await authenticatorsOf(await idOf('exact.one')),
      await authenticatorsOf(await idOf('exact.two')),
      await stateOf(id),
    ]).toEqual([1, 1, 'approved'])
    expect(await resetOf(one, 'exact.one')).toBe('allowed')
  })

  test('only who asked cancels, and a cancelled or denied one is good for nothing', async () => {
    await personWithFactor('cancel.one')
    const { id } = await approved('cancel.one')
    expect(await one.outcome('approval.cancel', { id, reason: 'no' }, anton.access)).toBe('forbidden')
    expect(await stateOf(id)).toBe('approved')
    expect(await one.call('approval.cancel', { id, reason: 'found the phone' }, ada.access)).toMatchObject({
      state: 'cancelled',
      decisionReason: 'found the phone',
    })
    const next = await pendingOf(one.refusal('mfa.reset', { user: 'cancel.one', reason }, ada.access))
    await one.call('approval.approve', { id: next }, anton.access)
    expect(await one.call('approval.deny', { id: next, reason: 'not her voice' }, anton.access)).toMatchObject({
      state: 'denied',
    })
    expect(await pendingOf(one.refusal('mfa.reset', { user: 'cancel.one', reason }, ada.access))).not.toBe(next)
  })

  test("a hundred requests of one Admin leave another's as it is", async () => {
    await anew()
    const { id } = await ask('cancel.one', anton)
    await Promise.all(
      Array.from({ length: 100 }, () =>
        one.outcome('approval.request', { action: 'mfa.reset', resource: 'cancel.one', reason: 'junk' }, ada.access),
      ),
    )
    expect(await one.call('approval.approve', { id }, ada.access)).toMatchObject({ state: 'approved' })
    expect(await resetOf(one, 'cancel.one', anton)).toBe('allowed')
  })
})

describe('approval.request, list and get', () => {
  test('a request keeps its ticket, is one when made again, and is listed by state and requester', async () => {
    await anew()
    await personWithFactor('list.one')
    const asked = await one.call(
      'approval.request',
      { action: 'mfa.reset', resource: 'LIST.one', reason, ticket: 'OPS-12' },
      ada.access,
    )
    expect(asked).toMatchObject({ ticket: 'OPS-12', state: 'pending', resourceName: 'list.one' })
    expect(
      await two.call('approval.request', { action: 'mfa.reset', resource: asked.resource, reason }, ada.access),
    ).toEqual(asked)
    const page = await one.call('approval.list', { first: 1, state: 'pending', requester: nameOf(0) }, anton.access)
    expect(page.items).toEqual([asked])
    const rest = await one.call(
      'approval.list',
      { after: page.nextCursor ?? '', requester: asked.requester },
      anton.access,
    )
    expect(rest.items.every(({ requesterName, id }) => requesterName === nameOf(0) && id !== asked.id)).toBe(true)
    expect(rest.items.length).toBeGreaterThan(3)
    expect(await one.call('approval.get', { id: asked.id }, anton.access)).toEqual(asked)
  })

  test('what is wrong, unknown or stale is refused', async () => {
    expect(
      await one.outcome(
        'approval.request',
        { action: 'user.delete' as never, resource: 'list.one', reason },
        ada.access,
      ),
    ).toBe('invalid-input') // an action that needs no second person
    expect(
      await one.outcome('approval.request', { action: 'mfa.reset', resource: 'nobody.here', reason }, ada.access),
    ).toBe('not-found')
    expect(
      await one.outcome('approval.request', { action: 'mfa.reset', resource: nameOf(0), reason }, ada.access),
    ).toBe('forbidden')
    expect(await one.outcome('approval.list', { after: 'x' }, ada.access)).toBe('invalid-input')
    const unknown = system.random.id()
    for (const id of [unknown, 'none']) expect(await one.outcome('approval.get', { id }, ada.access)).toBe('not-found')
    expect(await one.outcome('approval.approve', { id: unknown }, ada.access)).toBe('not-found')
    expect(await one.outcome('approval.deny', { id: unknown, reason }, ada.access)).toBe('not-found')
    expect(await one.outcome('approval.cancel', { id: unknown, reason }, ada.access)).toBe('not-found')
    expect(await one.outcome('approval.deny', { id: unknown, reason: '' }, ada.access)).toBe('invalid-input')
    expect(await one.outcome('approval.cancel', { id: unknown, reason: '' }, ada.access)).toBe('invalid-input')
    expect(await one.outcome('approval.approve', { id: 'no id' }, ada.access)).toBe('invalid-input')
  })

  test('deciding wants a factor proved lately, and all of it a caller', async () => {
    const { id } = (await one.call('approval.list', { state: 'pending' }, ada.access)).items[0] ?? { id: '' }
    for (const name of ['approval.approve', 'approval.deny', 'approval.cancel'] as const)
      expect(await one.outcome(name, { id, reason })).toBe('unauthenticated')
    expect(await one.outcome('approval.request', { action: 'mfa.reset', resource: 'list.one', reason })).toBe(
      'unauthenticated',
    )
    expect(await one.outcome('approval.list', {})).toBe('unauthenticated')
    expect(await one.outcome('approval.get', { id })).toBe('unauthenticated')
    system.clock.advance(301)
    expect(await one.outcome('approval.approve', { id }, anton.access)).toBe('step-up-required')
    expect(await one.outcome('approval.deny', { id, reason }, anton.access)).toBe('step-up-required')
    expect(await stateOf(id)).toBe('pending')
  })
})

test('nobody has more than twenty requests open', async () => {
  await anew()
  await one.db
    .updateTable('approval')
    .set({ state: 'cancelled' })
    .where('state', 'in', ['pending', 'approved'])
    .execute()
  for (let at = 0; at < 21; at += 1) await personWithFactor(`open.${at}`)
  const outcomes: string[] = []
  for (let at = 0; at < 21; at += 1) outcomes.push(await resetOf(one, `open.${at}`))
  expect([outcomes.slice(0, 20).every((outcome) => outcome === 'approval-pending'), outcomes[20]]).toEqual([
    true,
    'conflict',
  ])
  expect(
    await one.db
      .selectFrom('approval as a')
      .innerJoin('users as u', 'u.id', 'a.subject_id')
      .select('a.id')
      .where('u.username', '=', 'open.20')
      .execute(),
  ).toEqual([])
})
