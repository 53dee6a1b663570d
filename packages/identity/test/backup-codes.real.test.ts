// Threats A7, A10: codes spent twice, guessed past the shared limit, used to come further than a lost phone needs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spendBackupCode } from '../src/proof/backup-code/backup-code.queries.ts'
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
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
afterAll(() => system.end())

const coolDown = (): void => system.clock.advance(301)

/** New codes in force for a person; the session is fresh. */
async function codesOf(access: string): Promise<string[]> {
  const made = await one.call('backupCode.regenerate', {}, access)
  const codes = made.codes.map((code) => code.expose())
  await one.call('backupCode.confirm', { id: made.id, code: codes[0] ?? '' }, access)
  return codes
}

const enter = async (node: TestNode, username: string, password: string, backupCode: string): Promise<LoggedIn> =>
  opened(
    node,
    (
      await node.call('auth.completeMfa', {
        challengeId: await challengeOf(node, { username, password: { expose: () => password } as never }),
        backupCode,
      })
    ).tokens,
  )

describe('a set of codes', () => {
  test('ten codes of 80 bits, shown once, kept as salted argon2id, in force only once one was typed back', async () => {
    const person = personOf(system, 'Operator')
    const { access } = await logIn(system, one, person)
    expect(await one.call('backupCode.status', {}, access)).toEqual({
      confirmed: false,
      total: 0,
      left: 0,
      confirmedAt: null,
    })
    const made = await one.call('backupCode.regenerate', {}, access)
    const codes = made.codes.map((code) => code.expose())
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
    const kept = JSON.stringify(await one.db.selectFrom('backup_code').selectAll().execute())
    for (const code of codes) expect(kept).not.toContain(Buffer.from(code.replaceAll('-', '')).toString('hex'))
    // not yet: neither counted nor offered nor taken
    expect(await one.call('backupCode.status', {}, access)).toMatchObject({ confirmed: false, left: 0 })
    const challenge = (await one.call('auth.login', { username: person.username, password: person.password.expose() }))
      .challenge
    expect(challenge?.methods).toEqual(['totp'])
    expect(await one.outcome('auth.completeMfa', { challengeId: challenge?.id ?? '', backupCode: codes[0] })).toBe(
      'invalid-credentials',
    )
    expect(await one.outcome('backupCode.confirm', { id: made.id, code: 'aaaa-bbbb-cccc-dddd' }, access)).toBe(
      'invalid-credentials',
    )
    expect(
      await two.call('backupCode.confirm', { id: made.id, code: codes[3]?.toUpperCase() ?? '' }, access),
    ).toMatchObject({ confirmed: true, total: 10, left: 10 })
    expect(await one.outcome('backupCode.confirm', { id: made.id, code: codes[3] ?? '' }, access)).toBe('conflict')
    expect(
      (await one.call('auth.login', { username: person.username, password: person.password.expose() })).challenge
        ?.methods,
    ).toEqual(['totp', 'backupCode'])
    expect((await one.call('mfa.status', {}, access)).methods).toEqual(['totp', 'backupCode'])
  })

  test('new codes replace the old ones when confirmed, not before, and within a quarter of an hour', async () => {
    coolDown()
    const person = personOf(system, 'Developer')
    const password = person.password.expose()
    const { access } = await logIn(system, one, person)
    const old = await codesOf(access)
    const made = await one.call('backupCode.regenerate', {}, access)
    await enter(two, person.username, password, old[0] ?? '')
    await one.call('backupCode.confirm', { id: made.id, code: made.codes[0]?.expose() ?? '' }, access)
    expect(
      await one.outcome('auth.completeMfa', { challengeId: await challengeOf(one, person), backupCode: old[1] }),
    ).toBe('invalid-credentials')
    const late = await one.call('backupCode.regenerate', {}, access)
    system.clock.advance(15 * 60 + 1)
    const fresh = await logIn(system, one, person)
    expect(
      await one.outcome('backupCode.confirm', { id: late.id, code: late.codes[0]?.expose() ?? '' }, fresh.access),
    ).toBe('conflict')
    expect((await one.call('backupCode.status', {}, fresh.access)).left).toBe(10)
  })

  test('needs a fresh factor, belongs to its person, and nobody else confirms it', async () => {
    coolDown()
    const [mine, other] = [
      await logIn(system, one, personOf(system, 'Developer')),
      await logIn(system, one, personOf(system, 'Auditor')),
    ]
    const made = await one.call('backupCode.regenerate', {}, mine.access)
    expect(
      await one.outcome('backupCode.confirm', { id: made.id, code: made.codes[0]?.expose() ?? '' }, other.access),
    ).toBe('conflict')
    expect(await one.outcome('backupCode.confirm', { id: 'not-a-set', code: 'x' }, other.access)).toBe('conflict')
    expect(await one.outcome('backupCode.confirm', { id: '', code: 'x' }, other.access)).toBe('invalid-input')
    coolDown()
    expect((await one.refusal('backupCode.regenerate', {}, mine.access)).code).toBe('step-up-required')
    for (const name of ['backupCode.status', 'backupCode.regenerate'] as const)
      expect(await one.outcome(name, {})).toBe('unauthenticated')
    expect(await one.outcome('backupCode.confirm', { id: made.id, code: 'x' })).toBe('unauthenticated')
  })
})

describe('spending', () => {
  test('a code in any spelling opens one session, once', async () => {
    coolDown()
    const person = personOf(system, 'Viewer')
    const codes = await codesOf((await logIn(system, one, person)).access)
    await enter(
      one,
      person.username,
      person.password.expose(),
      ` ${(codes[0] ?? '').toUpperCase().replaceAll('-', ' ')} `,
    )
    for (const spelling of [codes[0], codes[0]?.replaceAll('-', ''), codes[0]?.toUpperCase()]) {
      expect(
        await two.outcome('auth.completeMfa', { challengeId: await challengeOf(two, person), backupCode: spelling }),
      ).toBe('invalid-credentials')
    }
    expect(
      await one.outcome('auth.completeMfa', {
        challengeId: await challengeOf(one, person),
        backupCode: codes[1],
        totp: '123456',
      }),
    ).toBe('invalid-input')
  })

  test('of 1,000 spends of one code at once, one wins', async () => {
    const row = await one.db
      .selectFrom('backup_code')
      .select(['set_id', 'hash'])
      .where('used_at', 'is', null)
      .where('set_id', 'in', one.db.selectFrom('backup_code_set').select('id').where('confirmed_at', 'is not', null))
      .executeTakeFirstOrThrow()
    const spend = (at: number): Promise<boolean> =>
      (at % 2 === 0 ? one : two).db
        .transaction()
        .execute((tx) => spendBackupCode(tx, { setId: row.set_id, hash: row.hash, now: system.clock.now() }))
    const won = await Promise.all(Array.from({ length: 1000 }, (_, at) => spend(at)))
    expect(won.filter(Boolean)).toHaveLength(1)
  })

  test('of 40 log-ins with one code at once, over two nodes, one opens a session', async () => {
    coolDown()
    const person = personOf(system, 'Viewer')
    const codes = await codesOf((await logIn(system, one, person)).access)
    const challenges = [await challengeOf(one, person), await challengeOf(one, person), await challengeOf(two, person)]
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        (at % 2 === 0 ? one : two).outcome('auth.completeMfa', {
          challengeId: challenges[at % 3] ?? '',
          backupCode: codes[2],
        }),
      ),
    )
    expect(outcomes.filter((code) => code === 'allowed')).toHaveLength(1)
  })

  test('wrong codes of both kinds share five guesses', async () => {
    coolDown()
    const person = personOf(system, 'Auditor')
    const codes = await codesOf((await logIn(system, one, person)).access)
    const challengeId = await challengeOf(one, person)
    for (let guess = 0; guess < 3; guess += 1)
      expect(await one.outcome('auth.completeMfa', { challengeId, backupCode: 'aaaa-bbbb-cccc-dddd' })).toBe(
        'invalid-credentials',
      )
    for (let guess = 0; guess < 2; guess += 1)
      expect(await two.outcome('auth.completeMfa', { challengeId, totp: 'abcdef' })).toBe('invalid-credentials')
    expect(await one.outcome('auth.completeMfa', { challengeId, backupCode: codes[5] })).toBe('rate-limited')
    expect(
      await one.outcome('auth.completeMfa', {
        challengeId,
        totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
      }),
    ).toBe('rate-limited')
  })
})

describe('a session that a backup code opened', () => {
  test('has two factors, none of them fresh, and adds one authenticator', async () => {
    coolDown()
    const person = personOf(system, 'Operator')
    const codes = await codesOf((await logIn(system, one, person)).access)
    const recovery = await enter(two, person.username, person.password.expose(), codes[0] ?? '')
    expect(await one.call('auth.whoami', {}, recovery.access)).toMatchObject({ assurance: 'mfa', missing: [] })
    expect(await one.outcome('backupCode.regenerate', {}, recovery.access)).toBe('step-up-required')
    expect(await one.outcome('auth.stepUpComplete', { backupCode: codes[1] } as never, recovery.access)).toBe(
      'invalid-input',
    )
    const phones = [
      await one.call('totp.enroll', { name: 'first' }, recovery.access),
      await one.call('totp.enroll', { name: 'second' }, recovery.access),
    ]
    const [first, second] = await Promise.all(
      phones.map(async ({ id, secret }) => ({ id, code: await codeOf(secret.expose(), system.clock.now()) })),
    )
    expect(await one.outcome('totp.confirm', first ?? { id: '', code: '' }, recovery.access)).toBe('allowed')
    expect(await one.call('auth.whoami', {}, recovery.access)).toMatchObject({ assurance: 'mfa' })
    expect(await one.outcome('backupCode.regenerate', {}, recovery.access)).toBe('step-up-required')
    const facts = await one.db
      .selectFrom('session')
      .select(['recovery_until', 'proved_at'])
      .where('id', '=', recovery.sessionId)
      .executeTakeFirstOrThrow()
    expect(facts).toEqual({ recovery_until: system.clock.now(), proved_at: null })
    // one, also of those that were begun while the code still let one be added
    expect(await one.outcome('totp.confirm', second ?? { id: '', code: '' }, recovery.access)).toBe('conflict')
    expect(await one.outcome('backupCode.regenerate', {}, recovery.access)).toBe('step-up-required')
    // the new authenticator is as good as any: a step-up by it counts
    nextCode(system.clock)
    const code = await codeOf(phones[0]?.secret.expose() ?? '', system.clock.now())
    expect(await one.call('auth.stepUpComplete', { totp: code }, recovery.access)).toMatchObject({ assurance: 'su' })
    expect(await one.outcome('totp.confirm', second ?? { id: '', code: '' }, recovery.access)).toBe('allowed')
  })

  test('of two authenticators confirmed at once, one is added', async () => {
    coolDown()
    const person = personOf(system, 'Admin')
    const codes = await codesOf((await logIn(system, one, person)).access)
    const recovery = await enter(two, person.username, person.password.expose(), codes[0] ?? '')
    const phones = [
      await one.call('totp.enroll', { name: 'first' }, recovery.access),
      await two.call('totp.enroll', { name: 'second' }, recovery.access),
    ]
    const outcomes = await Promise.all(
      phones.map(async ({ id, secret }, at) =>
        (at === 0 ? one : two).outcome(
          'totp.confirm',
          { id, code: await codeOf(secret.expose(), system.clock.now()) },
          recovery.access,
        ),
      ),
    )
    expect(outcomes.filter((code) => code === 'allowed')).toHaveLength(1)
  })

  test('adds nothing after ten minutes', async () => {
    coolDown()
    const person = personOf(system, 'Admin', 1)
    const codes = await codesOf((await logIn(system, one, person)).access)
    const recovery = await enter(two, person.username, person.password.expose(), codes[0] ?? '')
    const phone = await one.call('totp.enroll', { name: 'late' }, recovery.access)
    system.clock.advance(601)
    expect(
      await one.outcome(
        'totp.confirm',
        { id: phone.id, code: await codeOf(phone.secret.expose(), system.clock.now()) },
        recovery.access,
      ),
    ).toBe('conflict')
  })
})
