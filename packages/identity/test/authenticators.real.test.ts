// Authenticators that are renamed, lost and given up; codes that a script asks about.
import { NobleCryptoPlugin, ScureBase32Plugin, TOTP } from 'otplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  codeOf,
  logIn,
  nextCode,
  personOf,
  startSystem,
  testConfig,
  wrongCode,
  type TestNode,
  type TestSystem,
} from './system.ts'

let system: TestSystem
let node: TestNode
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
})
afterAll(() => system.end())

const base32 = new ScureBase32Plugin()
const coolDown = (): void => system.clock.advance(301)

/** Confirms another authenticator in a fresh session; its id and secret. */
async function addPhone(access: string, name: string): Promise<{ id: string; secret: string }> {
  const made = await node.call('totp.enroll', { name }, access)
  await node.call('totp.confirm', { id: made.id, code: await codeOf(made.secret.expose(), system.clock.now()) }, access)
  return { id: made.id, secret: made.secret.expose() }
}

const idsOf = async (access: string): Promise<string[]> =>
  (await node.call('authenticator.list', {}, access)).items.map(({ id }) => id)

describe('authenticator.rename', () => {
  test('changes the name and nothing else', async () => {
    const { access } = await logIn(system, node, personOf(system, 'Operator'))
    const [id = ''] = await idsOf(access)
    expect(await node.call('authenticator.rename', { id, name: 'old phone' }, access)).toMatchObject({
      id,
      name: 'old phone',
      kind: 'totp',
      confirmed: true,
    })
    coolDown()
    expect(
      await node.outcome(
        'auth.stepUpComplete',
        { totp: await codeOf(personOf(system, 'Operator').totpSecret.expose(), system.clock.now()) },
        access,
      ),
    ).toBe('allowed')
  })

  test('refuses a bad name, a stranger, and an id of nobody', async () => {
    const { access } = await logIn(system, node, personOf(system, 'Operator'))
    const [id = ''] = await idsOf(access)
    for (const name of ['', 'two\nlines', 'x'.repeat(101)])
      expect(await node.outcome('authenticator.rename', { id, name }, access)).toBe('invalid-input')
    expect(await node.outcome('authenticator.rename', { id, name: 'x' })).toBe('unauthenticated')
    expect(
      await node.outcome('authenticator.rename', { id: '01890000-0000-7000-8000-000000000000', name: 'x' }, access),
    ).toBe('not-found')
    expect((await node.call('authenticator.list', {}, access)).items[0]?.name).toBe('old phone')
  })
})

describe.each(['authenticator.remove', 'totp.remove'] as const)('%s', (name) => {
  const person = () => personOf(system, name === 'totp.remove' ? 'Viewer' : 'Auditor')

  test('a removed authenticator proves nothing; the others go on', async () => {
    coolDown()
    const { access } = await logIn(system, node, person())
    const phone = await addPhone(access, 'lost')
    expect(await node.call(name, { id: phone.id, reason: 'lost' }, access)).toEqual({
      id: phone.id,
      authenticatorsLeft: 1,
    })
    const told = await node.db
      .selectFrom('notification')
      .select('kind')
      .where('text', 'like', '%“lost”%')
      .where('user_id', '=', (await node.call('auth.whoami', {}, access)).id)
      .execute()
    expect(told.map(({ kind }) => kind).toSorted()).toEqual(['authenticatorAdded', 'authenticatorRemoved'])
    nextCode(system.clock)
    expect(
      await node.outcome('auth.stepUpComplete', { totp: await codeOf(phone.secret, system.clock.now()) }, access),
    ).toBe('invalid-credentials')
    expect(
      await node.outcome(
        'auth.stepUpComplete',
        { totp: await codeOf(person().totpSecret.expose(), system.clock.now()) },
        access,
      ),
    ).toBe('allowed')
    expect(await node.outcome(name, { id: phone.id, reason: 'lost' }, access)).toBe('not-found')
  })

  test('the last one stays while the role demands one, also when the last two go at once', async () => {
    coolDown()
    const { access } = await logIn(system, node, person())
    const [first = ''] = await idsOf(access)
    expect(await node.outcome(name, { id: first, reason: 'x' }, access)).toBe('conflict')
    const phone = await addPhone(access, 'second')
    const outcomes = await Promise.all([first, phone.id].map((id) => node.outcome(name, { id, reason: 'x' }, access)))
    expect(outcomes.toSorted()).toEqual(['allowed', 'conflict'])
    expect(await idsOf(access)).toHaveLength(1)
  })

  test('needs a fresh factor, a reason and a login', async () => {
    coolDown()
    const other = personOf(system, 'Developer')
    const { access } = await logIn(system, node, other)
    const [id = ''] = await idsOf(access)
    expect(await node.outcome(name, { id, reason: '' }, access)).toBe('invalid-input')
    expect(await node.outcome(name, { id, reason: 'x' })).toBe('unauthenticated')
    coolDown()
    expect(await node.outcome(name, { id, reason: 'x' }, access)).toBe('step-up-required')
    expect(await idsOf(access)).toEqual([id])
  })
})

describe('totp.enroll', () => {
  const hashes = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const
  const lengths = { SHA1: 20, SHA256: 32, SHA512: 64 } as const

  // Threat A8: one code, one success, by whatever hash and length it is made
  test.each(
    (['SHA1', 'SHA256', 'SHA512'] as const).flatMap((algorithm) =>
      ([6, 8] as const).map((digits) => ({ algorithm, digits })),
    ),
  )(
    'an app for $algorithm and $digits digits is asked for its own codes, each spent once in all spellings',
    async ({ algorithm, digits }) => {
      coolDown()
      const { access } = await logIn(system, node, personOf(system, 'Developer'))
      const made = await node.call('totp.enroll', { name: `${algorithm}-${digits}`, algorithm, digits }, access)
      const uri = new URL(made.otpauthUri.expose())
      expect(Object.fromEntries(uri.searchParams)).toEqual({
        secret: made.secret.expose(),
        issuer: 'Gatehouse',
        algorithm,
        digits: String(digits),
        period: '30',
      })
      expect(base32.decode(made.secret.expose())).toHaveLength(lengths[algorithm])
      const phone = new TOTP({ algorithm: hashes[algorithm], digits, crypto: new NobleCryptoPlugin(), base32 })
      const code = (): Promise<string> =>
        phone.generate({ secret: made.secret.expose(), epoch: Math.floor(system.clock.now().getTime() / 1000) })
      const first = await code()
      expect(first).toHaveLength(digits)
      expect(await node.outcome('totp.confirm', { id: made.id, code: first.slice(1) }, access)).toBe(
        'invalid-credentials',
      )
      expect(await node.outcome('totp.confirm', { id: made.id, code: first }, access)).toBe('allowed')
      nextCode(system.clock)
      const next = await code()
      const spellings = [
        next,
        ` ${next}`,
        `${next.slice(0, 3)} ${next.slice(3)}`,
        [...next].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join(''),
      ]
      const outcomes = await Promise.all(spellings.map((totp) => node.outcome('auth.stepUpComplete', { totp }, access)))
      expect(outcomes.filter((outcome) => outcome === 'allowed')).toHaveLength(1)
      await node.call('authenticator.remove', { id: made.id, reason: 'tried' }, access)
    },
  )

  test('other parameters are not offered', async () => {
    coolDown()
    const { access } = await logIn(system, node, personOf(system, 'Developer'))
    expect(await node.outcome('totp.enroll', { digits: 7 as never }, access)).toBe('invalid-input')
    expect(await node.outcome('totp.enroll', { algorithm: 'MD5' as never }, access)).toBe('invalid-input')
  })
})

describe('mfa.verify', () => {
  test('says a code is right once, and raises nothing', async () => {
    coolDown()
    const person = personOf(system, 'Admin')
    const { access } = await logIn(system, node, person)
    coolDown()
    const before = await node.call('auth.whoami', {}, access)
    const code = await codeOf(person.totpSecret.expose(), system.clock.now())
    const [id = ''] = await idsOf(access)
    expect(await node.call('mfa.verify', { code }, access)).toEqual({
      authenticator: id,
      verifiedAt: system.clock.now(),
    })
    expect(await node.call('auth.whoami', {}, access)).toEqual(before)
    expect((await node.refusal('mfa.verify', { code }, access)).details.retryAfterSeconds).toBeGreaterThan(0)
    expect(await node.outcome('auth.stepUpComplete', { totp: code }, access)).toBe('invalid-credentials')
    expect(await node.outcome('mfa.verify', { code })).toBe('unauthenticated')
    expect(await node.outcome('mfa.verify', {} as never, access)).toBe('invalid-input')
  })

  test('shares the five guesses of all codes', async () => {
    coolDown()
    const person = personOf(system, 'Admin', 1)
    const { access } = await logIn(system, node, person)
    const code = await wrongCode(person.totpSecret.expose(), system.clock.now())
    for (let guess = 0; guess < 5; guess += 1)
      expect(await node.outcome('mfa.verify', { code }, access)).toBe('invalid-credentials')
    nextCode(system.clock)
    expect(
      await node.outcome(
        'auth.stepUpComplete',
        { totp: await codeOf(person.totpSecret.expose(), system.clock.now()) },
        access,
      ),
    ).toBe('rate-limited')
  })
})

describe('mfa.disable', () => {
  test('is a conflict while the role demands a factor, and takes nothing', async () => {
    coolDown()
    const { access } = await logIn(system, node, personOf(system, 'Operator'))
    expect(await node.outcome('mfa.disable', { reason: 'x' }, access)).toBe('conflict')
    expect(await idsOf(access)).toHaveLength(1)
    expect(await node.outcome('mfa.disable', { reason: '' }, access)).toBe('invalid-input')
    expect(await node.outcome('mfa.disable', { reason: 'x' })).toBe('unauthenticated')
    coolDown()
    expect(await node.outcome('mfa.disable', { reason: 'x' }, access)).toBe('step-up-required')
  })

  test('takes all factors where no role demands them; then a password that may stand alone is enough', async () => {
    coolDown()
    const person = personOf(system, 'Operator')
    const { access } = await logIn(system, node, person)
    const made = await node.call('backupCode.regenerate', {}, access)
    await node.call('backupCode.confirm', { id: made.id, code: made.codes[0]?.expose() ?? '' }, access)
    const demanded = testConfig.mfa.requiredRoles.splice(0)
    await node.settings.refresh()
    try {
      expect(await node.call('mfa.disable', { reason: 'pilot over' }, access)).toEqual({ authenticatorsRemoved: 1 })
      expect(
        (await node.call('auth.login', { username: person.username, password: person.password.expose() })).tokens,
      ).not.toBeNull()
      expect((await node.call('auth.whoami', {}, access)).missing).toEqual(['passwordChange'])
      expect(await node.outcome('mfa.status', {}, access)).toBe('password-change-required')
      const change = (newPassword: string) => ({ currentPassword: person.password.expose(), newPassword })
      expect(
        (await node.refusal('password.change', change('eight+four'), access)).details.fields?.[0]?.message,
      ).toContain('15')
      const { tokens } = await node.call('password.change', change('a sentence that may stand alone'), access)
      const changed = tokens.accessToken?.expose() ?? ''
      expect(await node.call('mfa.status', {}, changed)).toEqual({
        enrolled: false,
        required: false,
        methods: [],
        authenticators: 0,
      })
      expect(await node.outcome('mfa.verify', { code: '123456' }, changed)).toBe('mfa-enrolment-required')
    } finally {
      testConfig.mfa.requiredRoles.push(...demanded)
      await node.settings.refresh()
    }
  })
})
