// Threats A1, A4–A9, A11–A13: names with many spellings, throttles that are raced, restarted or sidestepped, codes used
// twice, factors skipped.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  challengeOf,
  codeOf,
  logIn,
  nextCode,
  opened,
  personOf,
  startSystem,
  wrongCode,
  type TestNode,
  type TestSystem,
} from './system.ts'

let system: TestSystem
let one: TestNode
let two: TestNode
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
afterAll(() => system.end())

const counterOf = async (kind: string, key: string): Promise<number> =>
  (
    await one.db
      .selectFrom('guess_throttle')
      .select('failures')
      .where('kind', '=', kind)
      .where('key', '=', key)
      .executeTakeFirst()
  )?.failures ?? 0

const sessionsOf = async (username: string): Promise<number> =>
  (
    await one.db
      .selectFrom('session')
      .innerJoin('users', 'users.id', 'session.user_id')
      .select('session.id')
      .where('username', '=', username)
      .execute()
  ).length

/** Lets the windows of all throttles pass. */
const coolDown = (): void => system.clock.advance(301)

describe('logging in', () => {
  test('a password of someone with an authenticator brings a challenge and no session', async () => {
    const person = personOf(system, 'Operator')
    const before = await sessionsOf(person.username)
    const answer = await one.call('auth.login', { username: person.username, password: person.password.expose() })
    expect(answer.tokens).toBeNull()
    expect(answer.challenge?.methods).toEqual(['totp'])
    expect(await sessionsOf(person.username)).toBe(before)
    expect(await one.outcome('auth.whoami', {}, answer.challenge?.id)).toBe('unauthenticated')
  })

  test('password and code bring a session that has proved both just now', async () => {
    const person = personOf(system, 'Operator')
    const { access } = await logIn(system, one, person)
    const me = await two.call('auth.whoami', {}, access)
    expect(me).toMatchObject({
      username: person.username,
      roles: ['Operator'],
      teams: ['sre'],
      assurance: 'su',
      missing: [],
    })
    expect(me.assuranceAt).toEqual(system.clock.now())
    system.clock.advance(301)
    expect((await two.call('auth.whoami', {}, access)).assurance).toBe('mfa')
  })

  test('every spelling of a name logs the same person in', async () => {
    const person = personOf(system, 'Viewer')
    for (const username of [
      person.username.toUpperCase(),
      ` ${person.username} `,
      person.username.replace('v', '\uff36'),
    ]) {
      expect((await one.call('auth.login', { username, password: person.password.expose() })).challenge).not.toBeNull()
    }
  })

  test('unknown, impossible, disabled and wrong are refused alike and counted alike', async () => {
    coolDown()
    const disabled = personOf(system, 'Auditor')
    await one.db.updateTable('users').set({ status: 'disabled' }).where('username', '=', disabled.username).execute()
    const attempts = [
      { username: 'nobody-at-all', password: 'x' },
      { username: disabled.username, password: disabled.password.expose() },
      { username: personOf(system, 'Admin').username, password: 'x' },
    ]
    for (const attempt of attempts) {
      const refusal = await one.refusal('auth.login', attempt)
      expect([refusal.code, refusal.details, refusal.message]).toEqual([
        'invalid-credentials',
        {},
        'the name, password or code is wrong',
      ])
    }
    // no name has such a character, whoever there is: the refusal tells nothing of anybody
    expect(await one.outcome('auth.login', { username: 'zero\u200bwidth', password: 'x' })).toBe('invalid-input')
    for (const key of ['nobody-at-all', disabled.username, personOf(system, 'Admin').username])
      expect(await counterOf('password', key)).toBe(1)
    await one.db.updateTable('users').set({ status: 'active' }).where('username', '=', disabled.username).execute()
  })
})

describe('guessing passwords', () => {
  test('of 60 at once, over spellings and two nodes, five are evaluated and all are refused', async () => {
    coolDown()
    const { username, password } = personOf(system, 'Developer')
    const spellings = [username, username.toUpperCase(), ` ${username}`, username.replace('d', '\uff44')]
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        (at % 2 === 0 ? one : two).outcome('auth.login', {
          username: spellings[at % spellings.length] ?? username,
          password: `wrong ${at}`,
        }),
      ),
    )
    expect(outcomes.filter((code) => code === 'rate-limited')).toHaveLength(55)
    expect(outcomes.filter((code) => code === 'allowed')).toHaveLength(0)
    expect(await counterOf('password', username)).toBe(5)
    const refusal = await two.refusal('auth.login', { username, password: password.expose() })
    expect(refusal.code).toBe('rate-limited')
    expect(refusal.details.retryAfterSeconds).toBe(300)
  })

  test('a node that starts afterwards still knows', async () => {
    const { username, password } = personOf(system, 'Developer')
    const three = await system.openNode()
    expect(await three.outcome('auth.login', { username, password: password.expose() })).toBe('rate-limited')
  })

  test('no five minutes, wherever they begin, hold more than five guesses', async () => {
    coolDown()
    const username = 'somebody-patient'
    for (let guess = 0; guess < 4; guess += 1)
      expect(await one.outcome('auth.login', { username, password: 'x' })).toBe('invalid-credentials')
    system.clock.advance(299)
    expect(await one.outcome('auth.login', { username, password: 'x' })).toBe('invalid-credentials')
    system.clock.advance(2)
    expect(await one.outcome('auth.login', { username, password: 'x' })).toBe('rate-limited')
    system.clock.advance(299)
    expect(await one.outcome('auth.login', { username, password: 'x' })).toBe('invalid-credentials')
  })

  test('a right password forgets the wrong ones', async () => {
    coolDown()
    const { username, password } = personOf(system, 'Admin')
    for (let guess = 0; guess < 4; guess += 1) await one.outcome('auth.login', { username, password: 'x' })
    expect(await counterOf('password', username)).toBe(4)
    await one.call('auth.login', { username, password: password.expose() })
    expect(await counterOf('password', username)).toBe(0)
  })
})

describe('guessing codes', () => {
  test('of 200 wrong codes at once, over challenges and two nodes, five are evaluated', async () => {
    coolDown()
    const person = personOf(system, 'Operator', 1)
    const challenges = [await challengeOf(one, person), await challengeOf(two, person)]
    const totp = await wrongCode(person.totpSecret.expose(), system.clock.now())
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        (at % 2 === 0 ? one : two).outcome('auth.completeMfa', { challengeId: challenges[at % 2] ?? '', totp }),
      ),
    )
    expect(outcomes.filter((code) => code === 'invalid-credentials')).toHaveLength(5)
    expect(outcomes.filter((code) => code === 'rate-limited')).toHaveLength(195)
    expect(await counterOf('code', person.username)).toBe(5)
  })

  test('the right code is refused while the account is throttled, by log-in and by step-up', async () => {
    const person = personOf(system, 'Operator', 1)
    const challengeId = await challengeOf(one, person)
    const totp = await codeOf(person.totpSecret.expose(), system.clock.now())
    expect(await one.outcome('auth.completeMfa', { challengeId, totp })).toBe('rate-limited')
    coolDown()
    const { access } = await logIn(system, one, person)
    const wrong = await wrongCode(person.totpSecret.expose(), system.clock.now())
    for (let guess = 0; guess < 5; guess += 1)
      expect(await one.outcome('auth.stepUpComplete', { totp: wrong }, access)).toBe('invalid-credentials')
    nextCode(system.clock)
    expect(
      await two.outcome(
        'auth.stepUpComplete',
        { totp: await codeOf(person.totpSecret.expose(), system.clock.now()) },
        access,
      ),
    ).toBe('rate-limited')
  })

  test('a wrong code leaves the challenge open; a right one spends it', async () => {
    coolDown()
    const person = personOf(system, 'Operator')
    const challengeId = await challengeOf(one, person)
    expect(
      await one.outcome('auth.completeMfa', {
        challengeId,
        totp: await wrongCode(person.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('invalid-credentials')
    expect(
      await one.outcome('auth.completeMfa', {
        challengeId,
        totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('allowed')
    expect(await counterOf('code', person.username)).toBe(0)
    nextCode(system.clock)
    expect(
      await one.outcome('auth.completeMfa', {
        challengeId,
        totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('invalid-credentials')
  })

  test('a challenge without a code, of nobody, or older than five minutes opens nothing', async () => {
    coolDown()
    const person = personOf(system, 'Operator')
    const challengeId = await challengeOf(one, person)
    expect(await one.outcome('auth.completeMfa', { challengeId })).toBe('invalid-input')
    expect(await one.outcome('auth.completeMfa', { challengeId: 'x'.repeat(32), totp: '123456' })).toBe(
      'invalid-credentials',
    )
    system.clock.advance(301)
    expect(
      await one.outcome('auth.completeMfa', {
        challengeId,
        totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('invalid-credentials')
  })

  test("a challenge takes only its own person's code", async () => {
    coolDown()
    const [victim, attacker] = [personOf(system, 'Admin'), personOf(system, 'Viewer')]
    const challengeId = await challengeOf(one, victim)
    expect(
      await one.outcome('auth.completeMfa', {
        challengeId,
        totp: await codeOf(attacker.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('invalid-credentials')
  })
})

describe('codes used twice', () => {
  test('50 log-ins with one code at once open one session', async () => {
    coolDown()
    const person = personOf(system, 'Viewer')
    const challenges: string[] = []
    for (let at = 0; at < 5; at += 1) challenges.push(await challengeOf(one, person))
    const before = await sessionsOf(person.username)
    const totp = await codeOf(person.totpSecret.expose(), system.clock.now())
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        (at % 2 === 0 ? one : two).outcome('auth.completeMfa', {
          challengeId: challenges[at % challenges.length] ?? '',
          totp,
        }),
      ),
    )
    expect(outcomes.filter((code) => code === 'allowed')).toHaveLength(1)
    expect(await sessionsOf(person.username)).toBe(before + 1)
  })

  test('a spent code is refused in every spelling, everywhere, and says when to try again', async () => {
    coolDown()
    const person = personOf(system, 'Admin', 1)
    const { access } = await logIn(system, one, person)
    const totp = await codeOf(person.totpSecret.expose(), system.clock.now())
    const refusal = await two.refusal('auth.stepUpComplete', { totp: `${totp.slice(0, 3)} ${totp.slice(3)}` }, access)
    expect(refusal.code).toBe('invalid-credentials')
    expect(refusal.details.retryAfterSeconds).toBeGreaterThan(0)
    expect(refusal.details.retryAfterSeconds).toBeLessThanOrEqual(30)
    const challengeId = await challengeOf(two, person)
    expect(
      (await two.refusal('auth.completeMfa', { challengeId, totp: ` ${totp}` })).details.retryAfterSeconds,
    ).toBeGreaterThan(0)
    system.clock.advance(refusal.details.retryAfterSeconds ?? 0)
    expect(
      await two.outcome('auth.completeMfa', {
        challengeId,
        totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('allowed')
  })

  test('the code before the spent one is refused, too', async () => {
    coolDown()
    const person = personOf(system, 'Admin', 1)
    await logIn(system, one, person)
    const older = await codeOf(person.totpSecret.expose(), new Date(system.clock.now().getTime() - 30_000))
    expect(await one.outcome('auth.completeMfa', { challengeId: await challengeOf(one, person), totp: older })).toBe(
      'invalid-credentials',
    )
  })
})

describe('first steps', () => {
  test('the one-time password lets change it and nothing else; then enrol and nothing else; then all', async () => {
    coolDown()
    const admin = await logIn(system, one, personOf(system, 'Admin'))
    const created = await one.call(
      'user.create',
      { username: 'Newcomer', role: 'Operator', teams: ['sre'] },
      admin.access,
    )
    expect(created).toMatchObject({
      username: 'newcomer',
      roles: ['Operator'],
      teams: ['sre'],
      hasAuthenticator: false,
    })
    const first = await one.call('auth.login', { username: 'newcomer', password: created.oneTimePassword.expose() })
    const early = await opened(one, first.tokens ?? { accessExpiresAt: new Date() })
    expect((await one.call('auth.whoami', {}, early.access)).missing).toEqual(['passwordChange', 'authenticator'])
    expect(await one.outcome('user.list', {}, early.access)).toBe('password-change-required')
    expect(await one.outcome('totp.enroll', {}, early.access)).toBe('password-change-required')
    const changed = await one.call(
      'password.change',
      { currentPassword: created.oneTimePassword.expose(), newPassword: 'a long enough one' },
      early.access,
    )
    const session = await opened(two, changed.tokens)
    expect(session.sessionId).toBe(early.sessionId)
    expect(await two.outcome('user.list', {}, session.access)).toBe('mfa-enrolment-required')
    expect(await two.outcome('auth.stepUpComplete', { totp: '123456' }, session.access)).toBe('mfa-enrolment-required')
    const enrolment = await two.call('totp.enroll', { name: 'phone' }, session.access)
    expect(enrolment.otpauthUri.expose()).toContain(enrolment.secret.expose())
    expect(await one.call('mfa.status', {}, session.access)).toEqual({
      enrolled: false,
      required: true,
      methods: [],
      authenticators: 0,
    })
    expect(
      await one.outcome(
        'totp.confirm',
        { id: enrolment.id, code: await wrongCode(enrolment.secret.expose(), system.clock.now()) },
        session.access,
      ),
    ).toBe('invalid-credentials')
    const code = await codeOf(enrolment.secret.expose(), system.clock.now())
    expect(await one.call('totp.confirm', { id: enrolment.id, code }, session.access)).toMatchObject({
      id: enrolment.id,
      name: 'phone',
      confirmed: true,
    })
    expect(await two.call('auth.whoami', {}, session.access)).toMatchObject({ assurance: 'su', missing: [] })
    expect(await two.outcome('user.list', {}, session.access)).toBe('allowed')
    // the confirming code is spent
    expect((await one.refusal('auth.stepUpComplete', { totp: code }, session.access)).code).toBe('invalid-credentials')
  })

  test('a session that proved a password only ends when an authenticator is enrolled elsewhere', async () => {
    coolDown()
    const admin = await logIn(system, one, personOf(system, 'Admin'))
    const created = await one.call('user.create', { username: 'twice', role: 'Viewer' }, admin.access)
    const first = await opened(
      one,
      (await one.call('auth.login', { username: 'twice', password: created.oneTimePassword.expose() })).tokens ?? {
        accessExpiresAt: new Date(),
      },
    )
    const mine = await opened(
      one,
      (
        await one.call(
          'password.change',
          { currentPassword: created.oneTimePassword.expose(), newPassword: 'a long enough one' },
          first.access,
        )
      ).tokens,
    )
    const thief = await opened(
      two,
      (await two.call('auth.login', { username: 'twice', password: 'a long enough one' })).tokens ?? {
        accessExpiresAt: new Date(),
      },
    )
    const enrolment = await one.call('totp.enroll', {}, mine.access)
    await one.call(
      'totp.confirm',
      { id: enrolment.id, code: await codeOf(enrolment.secret.expose(), system.clock.now()) },
      mine.access,
    )
    expect(await two.outcome('auth.whoami', {}, thief.access)).toBe('unauthenticated')
    expect(await one.outcome('auth.whoami', {}, mine.access)).toBe('allowed')
  })

  test('an enrolment lives a quarter of an hour, and a confirmed one cannot be confirmed again', async () => {
    coolDown()
    const { access } = await logIn(system, one, personOf(system, 'Viewer'))
    const late = await one.call('totp.enroll', { name: 'late' }, access)
    system.clock.advance(14 * 60)
    const prompt = await one.call('totp.enroll', { name: 'prompt' }, access)
    system.clock.advance(61)
    const fresh = await one.call('auth.login', {
      username: personOf(system, 'Viewer').username,
      password: personOf(system, 'Viewer').password.expose(),
    })
    const again = await opened(
      one,
      (
        await one.call('auth.completeMfa', {
          challengeId: fresh.challenge?.id ?? '',
          totp: await codeOf(personOf(system, 'Viewer').totpSecret.expose(), system.clock.now()),
        })
      ).tokens,
    )
    expect(
      await one.outcome(
        'totp.confirm',
        { id: late.id, code: await codeOf(late.secret.expose(), system.clock.now()) },
        again.access,
      ),
    ).toBe('conflict')
    expect(
      await one.outcome(
        'totp.confirm',
        { id: prompt.id, code: await codeOf(prompt.secret.expose(), system.clock.now()) },
        again.access,
      ),
    ).toBe('allowed')
    nextCode(system.clock)
    expect(
      await one.outcome(
        'totp.confirm',
        { id: prompt.id, code: await codeOf(prompt.secret.expose(), system.clock.now()) },
        again.access,
      ),
    ).toBe('conflict')
    const names = (await one.call('authenticator.list', {}, again.access)).items.map(({ name }) => name)
    expect(names).toEqual(['prompt', 'seed'])
  })
})
