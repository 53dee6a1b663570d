// Passkeys and security keys: registered, used beside a password, alone, and again in a session.
import { createSoftwareAuthenticator, type CredentialAlgorithm } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { directory } from '../src/directory/directory.queries.ts'
import {
  challenged,
  json,
  logInByKey,
  newcomer,
  noticesOf,
  origin,
  passkeyAnswer,
  register,
  registering,
  secondFactor,
  stepUpAnswer,
  tokensOf,
  type Newcomer,
} from './keys.ts'
import { codeOf, opened, startSystem, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let node: TestNode
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
})
afterAll(() => system.end())

const coolDown = (): void => system.clock.advance(301)
const claimsOf = (access: string): Record<string, unknown> =>
  // a payload of ours
  JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>

describe('registration', () => {
  test.each(['ES256', 'EdDSA', 'RS256'] as const satisfies readonly CredentialAlgorithm[])(
    'a %s security key becomes a second factor, and the session has two',
    async (algorithm) => {
      const person = await newcomer(system, node, `reg-${algorithm.toLowerCase()}`)
      const key = createSoftwareAuthenticator(origin, { algorithm })
      const made = await register(node, person.access, key, { name: 'blue key', kind: 'securityKey' })
      expect(made).toMatchObject({
        kind: 'webauthn',
        name: 'blue key',
        confirmed: true,
        webauthn: {
          passkey: false,
          backupEligible: false,
          backedUp: false,
          aaguid: '00000000-0000-0000-0000-000000000000',
          model: null,
        },
      })
      expect(await node.call('auth.whoami', {}, person.access)).toMatchObject({ assurance: 'su', missing: [] })
      expect((await node.call('authenticator.list', {}, person.access)).items).toEqual([made])
      expect(await node.call('mfa.status', {}, person.access)).toEqual({
        enrolled: true,
        required: true,
        methods: ['webauthn'],
        authenticators: 1,
      })
      expect(await noticesOf(node, person.id)).toContain('authenticatorAdded')
      const { id, methods } = await challenged(node, person)
      expect(methods).toEqual(['webauthn'])
      const session = await opened(
        node,
        (await node.call('auth.completeMfa', await secondFactor(node, id, key))).tokens,
      )
      expect(claimsOf(session.access)).toMatchObject({ acr: 'mfa', amr: ['pwd', 'pop', 'user', 'mfa'] })
    },
  )

  test('the browser is told what to make: kind, algorithms, random user, nothing registered twice', async () => {
    const person = await newcomer(system, node, 'options')
    const first = (await node.call('webauthn.registerBegin', { kind: 'passkey' }, person.access)).options
    expect(first).toMatchObject({
      rp: { id: 'localhost', name: 'Gatehouse' },
      attestation: 'none',
      excludeCredentials: [],
      timeout: 300_000,
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ alg, type: 'public-key' })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    })
    const handle = Buffer.from((first as { user: { id: string } }).user.id, 'base64url') // as options are
    expect(handle).toHaveLength(64)
    expect(handle.toString('latin1')).not.toContain('options')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key, { kind: 'securityKey' })
    const second = (await node.call('webauthn.registerBegin', { kind: 'securityKey' }, person.access)).options
    expect(second).toMatchObject({
      user: { id: handle.toString('base64url') },
      authenticatorSelection: { residentKey: 'discouraged', userVerification: 'discouraged' },
      excludeCredentials: [{ id: key.credentialIds()[0], type: 'public-key' }],
    })
  })

  test('sessions with a password only end; who comes back is asked for the key', async () => {
    const person = await newcomer(system, node, 'others')
    const thief = await opened(
      node,
      tokensOf(await node.call('auth.login', { username: person.username, password: person.password })),
    )
    await register(node, person.access, createSoftwareAuthenticator(origin))
    expect(await node.outcome('auth.whoami', {}, thief.access)).toBe('unauthenticated')
    expect((await node.call('auth.login', { username: person.username, password: person.password })).tokens).toBeNull()
  })

  test("refuses bad input, strangers, and another's or an unknown ceremony", async () => {
    const person = await newcomer(system, node, 'refused')
    const other = await newcomer(system, node, 'refused-other')
    expect(await node.outcome('webauthn.registerBegin', { kind: 'card' as never }, person.access)).toBe('invalid-input')
    expect(await node.outcome('webauthn.registerBegin', { name: 'two\nlines\u0007' }, person.access)).toBe(
      'invalid-input',
    )
    expect(await node.outcome('webauthn.registerBegin', {})).toBe('unauthenticated')
    expect(await node.outcome('webauthn.registerComplete', { id: 'x', credential: {} }, person.access)).toBe(
      'invalid-input',
    )
    expect(await node.outcome('webauthn.registerComplete', { id: 'x', credential: {} })).toBe('unauthenticated')
    const begun = await node.call('webauthn.registerBegin', {}, other.access)
    const credential = json(createSoftwareAuthenticator(origin).create(begun.options))
    expect(await node.outcome('webauthn.registerComplete', { id: begun.id, credential }, person.access)).toBe(
      'invalid-credentials',
    )
    expect(await node.outcome('webauthn.registerComplete', { id: 'unknown', credential }, other.access)).toBe(
      'invalid-credentials',
    )
    // asked for in one session, answered in another of the same person
    const second = await opened(
      node,
      tokensOf(await node.call('auth.login', { username: other.username, password: other.password })),
    )
    expect(await node.outcome('webauthn.registerComplete', { id: begun.id, credential }, second.access)).toBe(
      'invalid-credentials',
    )
    expect(await node.call('authenticator.list', {}, other.access)).toMatchObject({ items: [] })
    expect(await node.outcome('webauthn.registerComplete', { id: begun.id, credential }, other.access)).toBe('allowed')
  })

  test('the eleventh authenticator is a conflict, of whatever kind', async () => {
    const person = await newcomer(system, node, 'many')
    for (let count = 0; count < 10; count += 1)
      await register(node, person.access, createSoftwareAuthenticator(origin), { kind: 'securityKey' })
    expect(await node.outcome('webauthn.registerBegin', {}, person.access)).toBe('conflict')
    expect(await node.outcome('totp.enroll', {}, person.access)).toBe('conflict')
  })

  test("one credential is one person's: registered again, by whomever, it is a conflict", async () => {
    const person = await newcomer(system, node, 'first-owner')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    const credentialId = key.credentialIds()[0]
    expect(await registering(node, person.access, createSoftwareAuthenticator(origin), {}, { credentialId })).toBe(
      'conflict',
    )
    const other = await newcomer(system, node, 'second-owner')
    expect(await registering(node, other.access, createSoftwareAuthenticator(origin), {}, { credentialId })).toBe(
      'conflict',
    )
    expect(await node.call('auth.whoami', {}, other.access)).toMatchObject({
      assurance: 'pw',
      missing: ['authenticator'],
    })
  })
})

describe('passkey first', () => {
  let person: Newcomer
  const key = createSoftwareAuthenticator(origin, {
    backupEligible: true,
    counts: false,
    aaguid: 'bada5566-a7aa-401f-bd96-45619a55120d',
  })
  beforeAll(async () => {
    person = await newcomer(system, node, 'passkey')
    expect(await register(node, person.access, key, { kind: 'passkey' })).toMatchObject({
      webauthn: { passkey: true, backupEligible: true, backedUp: true, userVerified: true, model: '1Password' },
    })
  })

  test('a passkey that verified its user opens a session with two fresh factors', async () => {
    system.clock.advance(1)
    const session = await opened(node, (await node.call('auth.passkeyComplete', await passkeyAnswer(node, key))).tokens)
    expect(await node.call('auth.whoami', {}, session.access)).toMatchObject({
      username: 'passkey',
      assurance: 'su',
      missing: [],
    })
    expect(claimsOf(session.access)).toMatchObject({ acr: 'mfa', amr: ['pop', 'user', 'mfa'] })
    expect((await node.call('session.list', {}, session.access)).items[0]).toMatchObject({
      methods: ['passkey'],
      assurance: 'su',
    })
    // a set of policies by which only passkeys come in is none that shuts this person out
    const one = (await directory.activePeople(node.db)).find(({ username }) => username === 'passkey')
    expect(one?.logsInBy).toEqual(['password', 'passkey'])
  })

  test('the question says nothing of anybody', async () => {
    const { options } = await node.call('auth.passkeyBegin', {})
    expect(Object.keys(options).toSorted()).toEqual(['challenge', 'rpId', 'timeout', 'userVerification'])
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
  })

  test('its session steps up only where the user is verified again', async () => {
    const { access } = await opened(
      node,
      (await node.call('auth.passkeyComplete', await passkeyAnswer(node, key))).tokens,
    )
    coolDown()
    const begun = await node.call('auth.stepUpBegin', {}, access)
    expect(begun).toMatchObject({ methods: ['webauthn'], options: { userVerification: 'required' } })
    expect(
      await node.outcome(
        'auth.stepUpComplete',
        { assertion: json(key.get(begun.options ?? {}, { userVerified: false })) },
        access,
      ),
    ).toBe('invalid-credentials')
    expect(await node.call('auth.whoami', {}, access)).toMatchObject({ assurance: 'mfa' })
    expect(await node.call('auth.stepUpComplete', await stepUpAnswer(node, access, key), access)).toMatchObject({
      assurance: 'su',
    })
  })

  test('bad input and what is no passkey are refused', async () => {
    expect(await node.outcome('auth.passkeyComplete', { id: 'x', assertion: {} })).toBe('invalid-input')
    expect(await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, key, { userHandle: null }))).toBe(
      'invalid-credentials',
    )
    const owner = await newcomer(system, node, 'no-passkey')
    const securityKey = createSoftwareAuthenticator(origin)
    await register(node, owner.access, securityKey, { kind: 'securityKey' })
    expect(await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, securityKey))).toBe(
      'invalid-credentials',
    )
  })
})

describe('second factor and step-up', () => {
  test('a touch is enough beside a password; the challenge is met once', async () => {
    const person = await newcomer(system, node, 'toucher')
    const key = createSoftwareAuthenticator(origin, { verifiesUser: false })
    await register(node, person.access, key, { kind: 'securityKey' })
    const { id } = await challenged(node, person)
    const answer = await secondFactor(node, id, key)
    const { access } = await opened(node, (await node.call('auth.completeMfa', answer)).tokens)
    expect(await node.outcome('auth.completeMfa', answer)).toBe('invalid-credentials')
    coolDown()
    expect(
      await node.outcome(
        'authenticator.remove',
        { id: (await node.call('authenticator.list', {}, access)).items[0]?.id ?? '', reason: 'x' },
        access,
      ),
    ).toBe('step-up-required')
    expect(await node.call('auth.stepUpComplete', await stepUpAnswer(node, access, key), access)).toMatchObject({
      assurance: 'su',
    })
  })

  test('mfaOptions refuses unknown challenges and people without a key', async () => {
    expect(await node.outcome('auth.mfaOptions', { challengeId: 'unknown' })).toBe('invalid-credentials')
    expect(await node.outcome('auth.mfaOptions', { challengeId: 'not an id' })).toBe('invalid-input')
    const person = await newcomer(system, node, 'only-totp')
    const made = await node.call('totp.enroll', { algorithm: 'SHA512', digits: 8 }, person.access)
    const { TOTP, NobleCryptoPlugin, ScureBase32Plugin } = await import('otplib')
    const phone = new TOTP({
      algorithm: 'sha512',
      digits: 8,
      crypto: new NobleCryptoPlugin(),
      base32: new ScureBase32Plugin(),
    })
    const code = () =>
      phone.generate({ secret: made.secret.expose(), epoch: Math.floor(system.clock.now().getTime() / 1000) })
    expect(Buffer.from(made.secret.expose())).toHaveLength(Math.ceil((64 * 8) / 5))
    expect(
      await node.outcome(
        'totp.confirm',
        { id: made.id, code: await codeOf(made.secret.expose(), system.clock.now()) },
        person.access,
      ),
    ).toBe('invalid-credentials')
    expect(await node.outcome('totp.confirm', { id: made.id, code: await code() }, person.access)).toBe('allowed')
    system.clock.advance(30)
    const { id, methods } = await challenged(node, person)
    expect(methods).toEqual(['totp'])
    expect(await node.outcome('auth.mfaOptions', { challengeId: id })).toBe('conflict')
    expect(await node.outcome('auth.completeMfa', { challengeId: id, totp: await code() })).toBe('allowed')
    expect(await node.call('auth.stepUpBegin', {}, person.access)).toEqual({
      methods: ['totp'],
      options: null,
      browser: null,
    })
  })

  test('one factor at a time, and in the right form', async () => {
    const person = await newcomer(system, node, 'one-at-a-time')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    const { id } = await challenged(node, person)
    expect(await node.outcome('auth.completeMfa', { challengeId: id, totp: '123456', assertion: {} })).toBe(
      'invalid-input',
    )
    expect(await node.outcome('auth.completeMfa', { challengeId: id, assertion: { id: 'x' } })).toBe('invalid-input')
    expect(await node.outcome('auth.stepUpComplete', {}, person.access)).toBe('invalid-input')
    expect(await node.outcome('auth.completeMfa', await secondFactor(node, id, key))).toBe('allowed')
  })
})

describe('removal', () => {
  test('a removed key proves nothing, and the last one stays while the role demands one', async () => {
    const person = await newcomer(system, node, 'remover')
    const [blue, red] = [createSoftwareAuthenticator(origin), createSoftwareAuthenticator(origin)]
    const made = await register(node, person.access, blue, { kind: 'securityKey' })
    const kept = await register(node, person.access, red, { kind: 'securityKey' })
    expect(await node.outcome('totp.remove', { id: made.id, reason: 'wrong kind' }, person.access)).toBe('not-found')
    expect(await node.call('authenticator.remove', { id: made.id, reason: 'lost' }, person.access)).toEqual({
      id: made.id,
      authenticatorsLeft: 1,
    })
    expect(await noticesOf(node, person.id)).toContain('authenticatorRemoved')
    expect(await node.outcome('authenticator.remove', { id: kept.id, reason: 'lost' }, person.access)).toBe('conflict')
    const { id } = await challenged(node, person)
    const { options } = await node.call('auth.mfaOptions', { challengeId: id })
    expect(options).toMatchObject({ allowCredentials: [{ id: red.credentialIds()[0] }] })
    const asked = { ...options, allowCredentials: [{ id: blue.credentialIds()[0] }] }
    expect(await node.outcome('auth.completeMfa', { challengeId: id, assertion: json(blue.get(asked)) })).toBe(
      'invalid-credentials',
    )
    expect((await logInByKey(node, person, red)).access).not.toBe('')
  })
})
