// Threats A5–A7, A9: guesses that are raced, spread or used to shut their victim out; devices that are known, planted,
// stolen or taken back.
import { secret, type Secret } from '@gatehouse/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluateGuess } from '../src/proof/password/evaluate-guess.ts'
import { createPasswordHashing } from '../src/proof/password/password-hashing.ts'
import { createGuessThrottle } from '../src/proof/throttle/guess-throttle.ts'
import {
  challengeOf,
  codeOf,
  logIn,
  nextCode,
  personOf,
  passwordCostCheap,
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

/** Longer than anything that is counted. */
const nextDay = (): void => system.clock.advance(2 * 86_400)

/** Logs a person in with both factors; the device's new secret. */
async function deviceOf(
  username: string,
  { password, totpSecret }: { password: Secret<string>; totpSecret: Secret<string> },
  device: Secret<string> | null = null,
): Promise<Secret<string>> {
  nextCode(system.clock)
  const at = one.from({ device })
  const { challenge } = await at.call('auth.login', { username, password: password.expose() })
  const { tokens } = await at.call('auth.completeMfa', {
    challengeId: challenge?.id ?? '',
    totp: await codeOf(totpSecret.expose(), system.clock.now()),
  })
  if (tokens.deviceToken === undefined) throw new TypeError('no device token')
  return tokens.deviceToken
}

const exhaust = async (username: string, place = {}): Promise<void> => {
  for (let guess = 0; guess < 5; guess += 1)
    expect(await one.from(place).outcome('auth.login', { username, password: `wrong ${guess}` })).toBe(
      'invalid-credentials',
    )
}

/** More than are computed and wait at once, whatever the machine has. */
const hashesTooMany = 200

test('a guess that a busy machine never evaluated counts for nothing', async () => {
  nextDay()
  const passwords = createPasswordHashing(system.random, passwordCostCheap)
  const throttle = createGuessThrottle({ db: one.db, clock: system.clock, limit: 5, windowSeconds: 300 })
  const source = { address: '198.51.100.77', device: null }
  const [password, hashed] = [secret('wrong'), await passwords.hash(secret('right'))]
  const guess = { username: 'somebody-busy', source, password, hashed }
  const counted = async () => {
    const { rows } = await sql<{ kind: string; failures: number }>`
      select kind, failures from guess_throttle where key in (${guess.username}, ${source.address}) order by kind
      `.execute(one.db)
    return Object.fromEntries(rows.map(({ kind, failures }) => [kind, failures]))
  }
  await throttle.claim('password', guess.username, source)
  expect(await evaluateGuess({ passwords, throttle }, guess)).toBe(false)
  await throttle.claim('password', guess.username, source)
  expect(await counted()).toEqual({ address: 2, password: 2 })
  const others = Promise.allSettled(Array.from({ length: hashesTooMany }, () => passwords.hash(password)))
  await expect(evaluateGuess({ passwords, throttle }, guess)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await counted()).toEqual({ address: 1, password: 1 })
  await others
})

describe('delays', () => {
  test('double with every full window, up to an hour, and are short again after a day', async () => {
    const waits: number[] = []
    for (let round = 0; round < 6; round += 1) {
      await exhaust('someone-attacked')
      const wait =
        (await two.refusal('auth.login', { username: 'someone-attacked', password: 'x' })).details.retryAfterSeconds ??
        0
      waits.push(wait)
      system.clock.advance(wait - 1)
      expect(await two.outcome('auth.login', { username: 'someone-attacked', password: 'x' })).toBe('rate-limited')
      system.clock.advance(1)
    }
    expect(waits).toEqual([300, 600, 1200, 2400, 3600, 3600])
    nextDay()
    await exhaust('someone-attacked')
    expect(
      (await two.refusal('auth.login', { username: 'someone-attacked', password: 'x' })).details.retryAfterSeconds,
    ).toBe(300)
  })

  test('an address has fifty wrong passwords over all names, and a right one cleans nothing but itself', async () => {
    nextDay()
    const person = personOf(system, 'Viewer')
    const sprayer = one.from({ address: '198.51.100.9' })
    for (let at = 0; at < 49; at += 1)
      expect(await sprayer.outcome('auth.login', { username: `sprayed-${at}`, password: 'Spring2026' })).toBe(
        'invalid-credentials',
      )
    for (let at = 0; at < 3; at += 1)
      expect(
        await sprayer.outcome('auth.login', { username: person.username, password: person.password.expose() }),
      ).toBe('allowed')
    expect(await sprayer.outcome('auth.login', { username: 'sprayed-49', password: 'x' })).toBe('invalid-credentials')
    expect(await sprayer.outcome('auth.login', { username: person.username, password: person.password.expose() })).toBe(
      'rate-limited',
    )
    expect(
      await two
        .from({ address: '198.51.100.10' })
        .outcome('auth.login', { username: person.username, password: person.password.expose() }),
    ).toBe('allowed')
  })
})

describe('a known device', () => {
  test("lets its owner in while strangers have used the account's guesses up", async () => {
    nextDay()
    const person = personOf(system, 'Operator')
    const device = await deviceOf(person.username, person)
    await exhaust(person.username, { address: '203.0.113.5' })
    const login = { username: person.username, password: person.password.expose() }
    expect(await two.outcome('auth.login', login)).toBe('rate-limited')
    expect(await two.from({ device: secret(`ghd_${'A'.repeat(43)}`) }).outcome('auth.login', login)).toBe(
      'rate-limited',
    )
    expect(await two.from({ device }).outcome('auth.login', login)).toBe('allowed')
    // the owner's log-in gives the strangers nothing back
    expect(await two.outcome('auth.login', login)).toBe('rate-limited')
  })

  test('has five guesses of its own and no more, for its own person only', async () => {
    nextDay()
    const [mine, other] = [personOf(system, 'Operator'), personOf(system, 'Operator', 1)]
    const device = await deviceOf(mine.username, mine)
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        (at % 2 === 0 ? one : two)
          .from({ device })
          .outcome('auth.login', { username: mine.username, password: `wrong ${at}` }),
      ),
    )
    expect(outcomes.filter((code) => code === 'rate-limited').length).toBeGreaterThanOrEqual(25)
    expect(
      await one.from({ device }).outcome('auth.login', { username: mine.username, password: mine.password.expose() }),
    ).toBe('rate-limited')
    await exhaust(other.username)
    expect(
      await one.from({ device }).outcome('auth.login', { username: other.username, password: other.password.expose() }),
    ).toBe('rate-limited')
  })

  // Threat A13
  test("gets a new secret with each log-in, and the old one is a stranger's", async () => {
    nextDay()
    const person = personOf(system, 'Admin')
    const planted = await deviceOf(personOf(system, 'Auditor').username, personOf(system, 'Auditor'))
    const first = await deviceOf(person.username, person, planted)
    const second = await deviceOf(person.username, person, first)
    expect(new Set([planted, first, second].map((one) => one.expose())).size).toBe(3)
    await exhaust(person.username)
    const login = { username: person.username, password: person.password.expose() }
    for (const stranger of [planted, first])
      expect(await one.from({ device: stranger }).outcome('auth.login', login)).toBe('rate-limited')
    expect(await one.from({ device: second }).outcome('auth.login', login)).toBe('allowed')
    expect(JSON.stringify(await one.db.selectFrom('known_device').selectAll().execute())).not.toContain(second.expose())
  })

  test('has no more codes than a stranger: they are counted over everything', async () => {
    nextDay()
    const person = personOf(system, 'Developer')
    const device = await deviceOf(person.username, person)
    const challengeId = await challengeOf(one, person)
    for (let guess = 0; guess < 5; guess += 1)
      expect(
        await one.outcome('auth.completeMfa', {
          challengeId,
          totp: await wrongCode(person.totpSecret.expose(), system.clock.now()),
        }),
      ).toBe('invalid-credentials')
    expect(
      await two
        .from({ device })
        .outcome('auth.completeMfa', {
          challengeId,
          totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
        }),
    ).toBe('rate-limited')
  })

  test('is a stranger again when its session or person is ended, or after a quarter of a year', async () => {
    nextDay()
    const admin = personOf(system, 'Admin', 1)
    const person = personOf(system, 'Viewer')
    const login = { username: person.username, password: person.password.expose() }
    const known = async (): Promise<number> =>
      (
        await one.db
          .selectFrom('known_device as d')
          .innerJoin('users as u', 'u.id', 'd.user_id')
          .select('d.hash')
          .where('u.username', '=', person.username)
          .execute()
      ).length
    const mine = await logIn(system, one, person)
    const before = await known()
    await logIn(system, one, person)
    expect(await known()).toBe(before + 1)
    expect(
      await one.outcome(
        'session.revoke',
        { id: mine.sessionId, reason: 'stolen laptop' },
        (await logIn(system, one, person)).access,
      ),
    ).toBe('allowed')
    expect(await known()).toBe(before + 1)
    await one.call('user.disable', { id: person.username, reason: 'left' }, (await logIn(system, one, admin)).access)
    expect(await known()).toBe(0)
    await one.call('user.enable', { id: person.username }, (await logIn(system, one, admin)).access)
    const device = await deviceOf(person.username, person)
    system.clock.advance(90 * 86_400 + 1)
    await exhaust(person.username)
    expect(await one.from({ device }).outcome('auth.login', login)).toBe('rate-limited')
  })

  test('user.unlock gives back the guesses of the account and of its devices', async () => {
    nextDay()
    const person = personOf(system, 'Operator')
    const device = await deviceOf(person.username, person)
    await exhaust(person.username)
    await exhaust(person.username, { device })
    await one.call(
      'user.unlock',
      { id: person.username },
      (await logIn(system, one, personOf(system, 'Admin', 1))).access,
    )
    const login = { username: person.username, password: person.password.expose() }
    expect(await one.outcome('auth.login', login)).toBe('allowed')
    expect(await one.from({ device }).outcome('auth.login', login)).toBe('allowed')
  })
})

describe('the alert on failures', () => {
  test('comes once a window, for passwords and codes together, and not for names that nobody has', async () => {
    nextDay()
    const person = personOf(system, 'Auditor')
    const raised = (): number => [...one.alerts, ...two.alerts].filter(({ kind }) => kind === 'auth-failures').length
    const before = raised()
    const challengeId = await challengeOf(one, person)
    const wrong = await wrongCode(person.totpSecret.expose(), system.clock.now())
    for (let at = 0; at < 3; at += 1) await two.outcome('auth.completeMfa', { challengeId, totp: wrong })
    await one.outcome('auth.login', { username: person.username, password: 'x' })
    expect(raised()).toBe(before)
    await one.outcome('auth.login', { username: person.username.toUpperCase(), password: 'x' })
    expect(raised()).toBe(before + 1)
    expect(one.alerts.at(-1)).toMatchObject({ kind: 'auth-failures', detail: { failures: 5, windowSeconds: 300 } })
    expect(JSON.stringify(one.alerts)).not.toContain(person.username)
    await one.outcome('auth.login', { username: person.username, password: 'x' })
    await exhaust('nobody-of-that-name')
    expect(raised()).toBe(before + 1)
    system.clock.advance(301)
    await exhaust(person.username)
    expect(raised()).toBe(before + 2)
  })
})
