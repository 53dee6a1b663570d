// The device grant (RFC 8628), over two nodes. Threats A12, A13: whose approval it is, and what becomes of it when its
// giver is shut out.
import type { Output } from '@gatehouse/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { canonicalUserCode } from '../src/login/device/device-codes.ts'
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
let two: TestNode
let person: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
beforeEach(async () => {
  await one.db.deleteFrom('guess_throttle').execute()
  person = await logIn(system, one, personOf(system, 'Operator'))
})
afterAll(() => system.end())

interface Begun {
  readonly deviceCode: string
  readonly userCode: string
}
const begin = async (client = 'gatehouse on laptop'): Promise<Begun> => {
  const { deviceCode, userCode } = await one.call('auth.deviceStart', { client })
  return { deviceCode: deviceCode.expose(), userCode }
}
const decide = (
  grant: Begun,
  decision: 'look' | 'approve' | 'deny',
  by: LoggedIn = person,
  node = two,
): Promise<Output<'auth.deviceApprove'>> =>
  node.call('auth.deviceApprove', { userCode: grant.userCode, decision }, by.access)
/** Polls when it is time. */
const poll = (grant: Begun, node = one): Promise<Output<'auth.devicePoll'>> => {
  system.clock.advance(5)
  return node.call('auth.devicePoll', { deviceCode: grant.deviceCode })
}
const approved = async (): Promise<Begun> => {
  const grant = await begin()
  await decide(grant, 'look')
  await decide(grant, 'approve')
  return grant
}
const stateOf = async ({ userCode }: Begun): Promise<string> =>
  (
    await one.db
      .selectFrom('device_grant')
      .select('state')
      .where('user_code', '=', userCode.replace('-', ''))
      .executeTakeFirstOrThrow()
  ).state
const operator = () => personOf(system, 'Operator')

describe('a device', () => {
  test('is let in once its person has looked and approved, with a session as strong and not fresh', async () => {
    const started = await one.call('auth.deviceStart', { client: 'gatehouse on laptop' })
    expect(started).toMatchObject({
      verificationUri: 'http://localhost:8420/device',
      verificationUriComplete: `http://localhost:8420/device?user_code=${started.userCode}`,
      intervalSeconds: 5,
    })
    expect(started.userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    expect(started.expiresAt.getTime() - system.clock.now().getTime()).toBe(600_000)
    const grant = { deviceCode: started.deviceCode.expose(), userCode: started.userCode }
    expect(await poll(grant)).toEqual({ state: 'waiting', intervalSeconds: 5, tokens: null })
    expect(await decide(grant, 'look')).toMatchObject({
      userCode: grant.userCode,
      client: 'gatehouse on laptop',
      address: '192.0.2.7',
      device: 'test',
      state: 'waiting',
    })
    expect(await poll(grant)).toMatchObject({ state: 'waiting' })
    expect(await decide(grant, 'approve')).toMatchObject({ state: 'approved' })
    const answer = await poll(grant)
    expect(answer.state).toBe('used')
    const device = await opened(two, answer.tokens ?? { accessExpiresAt: system.clock.now() })
    const [mine, theirs] = [
      await two.call('auth.whoami', {}, person.access),
      await two.call('auth.whoami', {}, device.access),
    ]
    expect(theirs).toMatchObject({ id: mine.id, assurance: 'mfa', sessionExpiresAt: mine.sessionExpiresAt })
    expect(device.sessionId).not.toBe(person.sessionId)
    const { claims } = await one.authenticator.inspect(device.access)
    expect(claims).toMatchObject({ amr: ['pwd', 'otp', 'device', 'mfa'], acr: 'mfa' })
    // what needs a fresh factor is not had by another session's freshness
    expect(await one.outcome('backupCode.regenerate', {}, device.access)).toBe('step-up-required')
    expect((await one.call('auth.refresh', { refreshToken: device.refresh })).tokens.accessToken).toBeDefined()
    expect(await poll(grant)).toEqual({ state: 'used', intervalSeconds: 5, tokens: null })
    const notices = await one.db
      .selectFrom('notification')
      .select(['kind', 'text'])
      .where('user_id', '=', mine.id)
      .execute()
    expect(notices).toContainEqual(
      expect.objectContaining({ kind: 'newSession', text: expect.stringContaining('gatehouse on laptop') as string }),
    )
  })

  test('gets no longer session by a chain of approvals than the log-in that began it', async () => {
    const grant = await approved()
    system.clock.advance(60)
    const device = await opened(one, (await poll(grant)).tokens ?? { accessExpiresAt: system.clock.now() })
    const next = await begin()
    await decide(next, 'look', device)
    await decide(next, 'approve', device)
    const last = await opened(one, (await poll(next)).tokens ?? { accessExpiresAt: system.clock.now() })
    const [first, end] = [
      await one.call('auth.whoami', {}, person.access),
      await one.call('auth.whoami', {}, last.access),
    ]
    expect(end.sessionExpiresAt).toEqual(first.sessionExpiresAt)
    expect((await one.authenticator.inspect(last.access)).claims.auth_time).toBe(
      (await one.authenticator.inspect(person.access)).claims.auth_time,
    )
  })

  test('that was denied stays out, and says so at every poll', async () => {
    const grant = await begin()
    await decide(grant, 'look')
    expect(await decide(grant, 'deny')).toMatchObject({ state: 'denied' })
    expect(await poll(grant)).toMatchObject({ state: 'denied', tokens: null })
    expect(await poll(grant, two)).toMatchObject({ state: 'denied', tokens: null })
    expect(
      (await two.refusal('auth.deviceApprove', { userCode: grant.userCode, decision: 'approve' }, person.access)).code,
    ).toBe('conflict')
  })

  test('of 100 polls at once over two nodes gets one set of tokens', async () => {
    const grant = await approved()
    system.clock.advance(5)
    const before = await one.db.selectFrom('session').select('id').execute()
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, (_, at) =>
        (at % 2 === 0 ? one : two).call('auth.devicePoll', { deviceCode: grant.deviceCode }),
      ),
    )
    expect(answers.filter((answer) => answer.status === 'fulfilled' && answer.value.tokens !== null)).toHaveLength(1)
    expect(await one.db.selectFrom('session').select('id').execute()).toHaveLength(before.length + 1)
  })

  test('that polls too soon is told to slow down, and waits longer from then on', async () => {
    const grant = await begin()
    expect(await poll(grant)).toMatchObject({ state: 'waiting', intervalSeconds: 5 })
    system.clock.advance(3)
    expect(await two.refusal('auth.devicePoll', { deviceCode: grant.deviceCode })).toMatchObject({
      code: 'rate-limited',
      details: { retryAfterSeconds: 10 },
    })
    system.clock.advance(5)
    expect(await one.outcome('auth.devicePoll', { deviceCode: grant.deviceCode })).toBe('rate-limited')
    system.clock.advance(15)
    expect(await one.call('auth.devicePoll', { deviceCode: grant.deviceCode })).toMatchObject({
      state: 'waiting',
      intervalSeconds: 15,
    })
    for (let times = 0; times < 20; times += 1) await one.outcome('auth.devicePoll', { deviceCode: grant.deviceCode })
    system.clock.advance(60)
    expect(await one.call('auth.devicePoll', { deviceCode: grant.deviceCode })).toMatchObject({ intervalSeconds: 60 })
  })

  test('whose ten minutes are over is out, approved or not', async () => {
    const [waiting, ready] = [await begin(), await approved()]
    system.clock.advance(600)
    for (const grant of [waiting, ready]) expect(await poll(grant)).toMatchObject({ state: 'expired', tokens: null })
    expect(
      (await two.refusal('auth.deviceApprove', { userCode: waiting.userCode, decision: 'look' }, person.access)).code,
    ).toBe('not-found')
    expect(
      await two.call('auth.deviceApprove', { userCode: ready.userCode, decision: 'look' }, person.access),
    ).toMatchObject({ state: 'expired' })
  })

  test('with a code that is none, or of another form, learns nothing', async () => {
    const { deviceCode, userCode } = await begin()
    for (const other of [
      '',
      userCode,
      person.refresh,
      `${deviceCode}=`,
      deviceCode.slice(0, -1),
      deviceCode.replace('ghd_', 'ghr_'),
      `ghd_${'A'.repeat(43)}`,
    ]) {
      expect(await one.outcome('auth.devicePoll', { deviceCode: other }), other).toBe('not-found')
    }
    const dump = JSON.stringify(await one.db.selectFrom('device_grant').selectAll().execute())
    expect(dump).not.toContain(deviceCode)
    const recorded = JSON.stringify(await one.db.selectFrom('audit_entry').select('entry').execute())
    for (const canary of [deviceCode, userCode, userCode.replace('-', '')]) expect(recorded).not.toContain(canary)
  })
})

// Threat A13 (CVE-2026-45337): the approval belongs to the session that looked first.
describe('an approval', () => {
  test('is for the session that looked first: no other, of whichever person, sees or decides it', async () => {
    const grant = await begin()
    await decide(grant, 'look')
    const [stranger, mine] = [
      await logIn(system, one, personOf(system, 'Viewer')),
      await logIn(system, one, operator()),
    ]
    for (const other of [stranger, mine]) {
      for (const decision of ['look', 'approve', 'deny'] as const) {
        expect(
          await two.outcome('auth.deviceApprove', { userCode: grant.userCode, decision }, other.access),
          decision,
        ).toBe('not-found')
      }
    }
    expect(await stateOf(grant)).toBe('waiting')
    expect(await decide(grant, 'approve')).toMatchObject({ state: 'approved' })
    expect(await two.outcome('auth.deviceApprove', { userCode: grant.userCode, decision: 'deny' }, mine.access)).toBe(
      'not-found',
    )
    expect(await poll(grant)).toMatchObject({ state: 'used' })
  })

  test("of 20 sessions that look at once is one's", async () => {
    const sessions = [person]
    for (let at = 0; at < 4; at += 1)
      sessions.push(await logIn(system, one, personOf(system, at % 2 === 0 ? 'Viewer' : 'Operator')))
    const grant = await begin()
    const outcomes = await Promise.all(
      sessions.flatMap((session) =>
        [one, two].map(async (node) => ({
          session,
          code: await node.outcome(
            'auth.deviceApprove',
            { userCode: grant.userCode, decision: 'look' },
            session.access,
          ),
        })),
      ),
    )
    expect(
      new Set(outcomes.filter(({ code }) => code === 'allowed').map(({ session }) => session.sessionId)).size,
    ).toBe(1)
  })

  test('without a look before it is refused, and a second one, too', async () => {
    const grant = await begin()
    expect(
      await two.outcome('auth.deviceApprove', { userCode: grant.userCode, decision: 'approve' }, person.access),
    ).toBe('conflict')
    expect(await stateOf(grant)).toBe('waiting')
    await decide(grant, 'look')
    await decide(grant, 'approve')
    expect(
      await two.outcome('auth.deviceApprove', { userCode: grant.userCode, decision: 'approve' }, person.access),
    ).toBe('conflict')
    expect(await two.outcome('auth.deviceApprove', { userCode: grant.userCode, decision: 'deny' }, person.access)).toBe(
      'conflict',
    )
    expect(await stateOf(grant)).toBe('approved')
  })

  test('is worth nothing once its person is disabled, their session ended or their password changed', async () => {
    const shutOut: readonly ((userId: string) => Promise<unknown>)[] = [
      async (id) => {
        await one.db.updateTable('users').set({ status: 'disabled' }).where('id', '=', id).execute()
      },
      () => two.call('auth.logout', {}, person.access),
      (id) =>
        one.db
          .updateTable('users')
          .set({ cut_off: new Date(system.clock.now().getTime() + 1) })
          .where('id', '=', id)
          .execute(),
    ]
    for (const act of shutOut) {
      person = await logIn(system, one, operator())
      const { id } = await one.call('auth.whoami', {}, person.access)
      const grant = await approved()
      await act(id)
      expect(await poll(grant)).toMatchObject({ state: 'denied', tokens: null })
      await one.db.updateTable('users').set({ status: 'active', cut_off: null }).where('id', '=', id).execute()
      await one.db.updateTable('session').set({ revoked_at: null }).where('id', '=', person.sessionId).execute()
      expect(await poll(grant)).toMatchObject({ state: 'denied', tokens: null })
    }
  })

  test('refuses bad input, strangers, and a session with one factor', async () => {
    const grant = await begin()
    expect(
      (await two.refusal('auth.deviceApprove', { userCode: 'short', decision: 'look' }, person.access)).details.fields,
    ).toMatchObject([{ path: 'userCode' }])
    expect(await two.outcome('auth.deviceStart', { client: '' })).toBe('invalid-input')
    // what a caller without our types could send
    expect(await two.outcome('auth.devicePoll', {} as { deviceCode: string })).toBe('invalid-input')
    expect(await two.outcome('auth.deviceApprove', { userCode: grant.userCode, decision: 'look' })).toBe(
      'unauthenticated',
    )
    await one.db
      .updateTable('session')
      .set({ assurance: 'pw', proved_at: null })
      .where('id', '=', person.sessionId)
      .execute()
    expect(await two.outcome('auth.deviceApprove', { userCode: grant.userCode, decision: 'look' }, person.access)).toBe(
      'mfa-required',
    )
    expect(await stateOf(grant)).toBe('waiting')
  })

  test('by a session that a backup code opened gives the device no more than that', async () => {
    const operatorPerson = operator()
    const { codes, ...set } = await one.call('backupCode.regenerate', {}, person.access)
    await one.call('backupCode.confirm', { id: set.id, code: codes[0]?.expose() ?? '' }, person.access)
    const challengeId = await challengeOf(one, operatorPerson)
    const recovered = await opened(
      one,
      (await one.call('auth.completeMfa', { challengeId, backupCode: codes[1]?.expose() })).tokens,
    )
    const begun = await one.call('totp.enroll', { name: 'begun by the code' }, recovered.access)
    const grant = await begin()
    await decide(grant, 'look', recovered)
    await decide(grant, 'approve', recovered)
    const device = await opened(one, (await poll(grant)).tokens ?? { accessExpiresAt: system.clock.now() })
    expect(await one.outcome('backupCode.regenerate', {}, device.access)).toBe('step-up-required')
    expect(
      (
        await one.db
          .selectFrom('session')
          .select('recovery_until')
          .where('id', '=', device.sessionId)
          .executeTakeFirstOrThrow()
      ).recovery_until,
    ).toEqual(system.clock.now())
    const confirmed = { id: begun.id, code: await codeOf(begun.secret.expose(), system.clock.now()) }
    expect(await one.outcome('totp.confirm', confirmed, device.access)).toBe('conflict')
    nextCode(system.clock)
    expect(
      await one.call(
        'auth.stepUpComplete',
        { totp: await codeOf(operatorPerson.totpSecret.expose(), system.clock.now()) },
        device.access,
      ),
    ).toMatchObject({ assurance: 'su' })
  })
})

describe('a user code', () => {
  test('has one spelling, however a person types it, and no letter of another alphabet is one of ours', () => {
    for (const typed of ['BCDF-GHJK', 'bcdfghjk', ' bcdf ghjk', 'b-c-d-f-g-h-j-k'])
      expect(canonicalUserCode(typed)).toBe('BCDFGHJK')
    for (const typed of [
      'BCDFGHJ',
      'BCDFGHJKL',
      'ABCDFGHJ',
      'BCDF_GHJK',
      'ＢCDFGHJK',
      'BCDFGHJS'.replace('S', 'ſ'),
      'BCDFGHJK\u200b',
      'BCDFGHJ1',
    ])
      expect(canonicalUserCode(typed)).toBeNull()
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 16 }), (text) => {
        const code = canonicalUserCode(text)
        expect(code === null || /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(code)).toBe(true)
      }),
    )
  })

  test("may be guessed at five times over everything; a code of one's own buys no more guesses", async () => {
    const other = await logIn(system, one, operator())
    const mine = await begin()
    let evaluated = 0
    for (let at = 0; at < 40; at += 1) {
      const by = at % 2 === 0 ? person : other
      const code = await (at % 3 === 0 ? one : two).outcome(
        'auth.deviceApprove',
        { userCode: at % 2 === 0 ? 'BBBB-BBBB' : 'zzzzzzzz', decision: 'look' },
        by.access,
      )
      if (code === 'not-found') evaluated += 1
      else expect(code).toBe('rate-limited')
      if (at < 4) await two.outcome('auth.deviceApprove', { userCode: mine.userCode, decision: 'look' }, person.access)
    }
    expect(evaluated).toBe(5)
    expect(await two.outcome('auth.deviceApprove', { userCode: mine.userCode, decision: 'look' }, person.access)).toBe(
      'rate-limited',
    )
    system.clock.advance(300)
    person = await logIn(system, one, operator())
    expect((await one.call('auth.deviceStart', {})).userCode).toHaveLength(9)
  })

  test('of 200 guesses at once five are looked up', async () => {
    const codes = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        (at % 2 === 0 ? one : two).outcome(
          'auth.deviceApprove',
          { userCode: 'BCBC-BCBC', decision: 'look' },
          person.access,
        ),
      ),
    )
    expect(codes.filter((code) => code === 'not-found')).toHaveLength(5)
    expect(codes.filter((code) => code === 'rate-limited')).toHaveLength(195)
  })
})
