// Threats A14 and A15: what a liar with a key, a browser of their own, or another's answer tries.
import type { Output } from '@gatehouse/contract'
import { createMaker, createSoftwareAuthenticator, type Lie } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  challenged,
  fillChallenges,
  json,
  logInByKey,
  newcomer,
  noticesOf,
  origin,
  passkeyAnswer,
  register,
  registering,
  secondFactor,
  setSettings,
  stepUpAnswer,
} from './keys.ts'
import { codeOf, opened, startSystem, testConfig, wrongCode, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let node: TestNode
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
})
afterAll(() => system.end())

const coolDown = (): void => system.clock.advance(301)
const idOf = async (access: string): Promise<string> =>
  (await node.call('authenticator.list', {}, access)).items[0]?.id ?? ''
const credentialOf = (authenticatorId: string) =>
  node.db
    .selectFrom('webauthn_credential')
    .selectAll()
    .where('authenticator_id', '=', authenticatorId)
    .executeTakeFirstOrThrow()

/** Everything an honest browser would not say. */
const lies = {
  'another origin': { origin: 'https://evil.example' },
  'our host under another scheme or port': { origin: 'http://localhost:9999' },
  "a page in another's frame": { crossOrigin: true },
  'a frame that names the page around it': { crossOrigin: true, topOrigin: 'https://evil.example' },
  'a page around it without a frame': { topOrigin: 'http://localhost:8420' },
  'another relying party': { rpId: 'evil.example' },
  'nobody present': { userPresent: false },
  "another ceremony's type": { type: 'payment.get' },
  'a backup without eligibility': { backedUp: true, backupEligible: false },
} as const satisfies Record<string, Lie>
const lieNames = Object.keys(lies) as (keyof typeof lies)[] // the keys of that very object

describe('registration', () => {
  // Threat A14
  test('every lie of a browser is refused, and nothing is registered', async () => {
    const person = await newcomer(system, node, 'liar-registering')
    for (const name of lieNames)
      expect(await registering(node, person.access, createSoftwareAuthenticator(origin), {}, lies[name]), name).toBe(
        'invalid-credentials',
      )
    expect(
      await registering(
        node,
        person.access,
        createSoftwareAuthenticator(origin),
        { kind: 'passkey' },
        { userVerified: false },
      ),
      'a passkey that did not verify its user',
    ).toBe('invalid-credentials')
    expect(
      await registering(node, person.access, createSoftwareAuthenticator(origin), {}, { type: 'webauthn.get' }),
    ).toBe('invalid-credentials')
    expect((await node.call('authenticator.list', {}, person.access)).items).toEqual([])
    expect(await node.call('auth.whoami', {}, person.access)).toMatchObject({
      assurance: 'pw',
      missing: ['authenticator'],
    })
  })

  // Threat A14
  test('a challenge is good once, for five minutes, and only with the answer made for it', async () => {
    const person = await newcomer(system, node, 'replayer-registering')
    const key = createSoftwareAuthenticator(origin)
    const begun = await node.call('webauthn.registerBegin', {}, person.access)
    const other = await node.call('webauthn.registerBegin', {}, person.access)
    expect(
      await node.outcome(
        'webauthn.registerComplete',
        { id: other.id, credential: json(key.create(begun.options)) },
        person.access,
      ),
    ).toBe('invalid-credentials')
    const answer = { id: begun.id, credential: json(key.create(begun.options)) }
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => node.outcome('webauthn.registerComplete', answer, person.access)),
    )
    expect(outcomes.filter((code) => code === 'allowed')).toHaveLength(1)
    expect((await node.call('authenticator.list', {}, person.access)).items).toHaveLength(1)
    const late = await node.call('webauthn.registerBegin', {}, person.access)
    coolDown()
    await node.call('auth.stepUpComplete', await stepUpAnswer(node, person.access, key), person.access)
    expect(
      await node.outcome(
        'webauthn.registerComplete',
        { id: late.id, credential: json(createSoftwareAuthenticator(origin).create(late.options)) },
        person.access,
      ),
    ).toBe('invalid-credentials')
  })

  // Threat A15: the answer of one person's browser, sent in another's session
  test('an answer made for one person registers nothing for another', async () => {
    const [ada, eve] = [await newcomer(system, node, 'a15-ada'), await newcomer(system, node, 'a15-eve')]
    const key = createSoftwareAuthenticator(origin)
    const begun = await node.call('webauthn.registerBegin', {}, ada.access)
    const answer = json(key.create(begun.options))
    const own = await node.call('webauthn.registerBegin', {}, eve.access)
    expect(await node.outcome('webauthn.registerComplete', { id: begun.id, credential: answer }, eve.access)).toBe(
      'invalid-credentials',
    )
    expect(await node.outcome('webauthn.registerComplete', { id: own.id, credential: answer }, eve.access)).toBe(
      'invalid-credentials',
    )
    expect((await node.call('authenticator.list', {}, eve.access)).items).toEqual([])
  })
})

describe('what a role demands of an authenticator', () => {
  const none = { attestation: 'none', aaguids: [], backupEligibleAllowed: true } as const
  const model = 'cb69481e-8ff7-4039-93ec-0a2729a154a8'
  afterEach(async () => {
    await setSettings(node, {}, system.clock.now())
    testConfig.mfa.webauthnAttestationRoots.splice(0)
  })
  const demanding = async (rules: {
    attestation: 'none' | 'required'
    aaguids: string[]
    backupEligibleAllowed: boolean
  }): Promise<TestNode> => {
    await setSettings(node, { authenticatorRules: [{ role: 'Developer', ...rules }] }, system.clock.now())
    return system.openNode()
  }

  // Threat A14 (GHSA-6hxq-p678-4hr2): a chain is as good as an anchor outside it
  test("attestation: a chain to a trusted root is taken; none, self or a stranger's chain are not", async () => {
    const person = await newcomer(system, node, 'attested', 'Developer')
    const [maker, stranger] = [await createMaker('Good Keys'), await createMaker('Good Keys')]
    testConfig.mfa.webauthnAttestationRoots.push(maker.root)
    const strict = await demanding({ ...none, attestation: 'required', aaguids: [] })
    expect((await strict.call('webauthn.registerBegin', {}, person.access)).options).toMatchObject({
      attestation: 'direct',
    })
    const forged = await stranger.batch()
    const refused = {
      none: 'none',
      self: 'self',
      stranger: forged,
      "the stranger's root in the chain": {
        ...forged,
        certificates: [...forged.certificates, stranger.rootCertificate],
      },
      "our root behind a stranger's certificate": {
        ...forged,
        certificates: [...forged.certificates, maker.rootCertificate],
      },
      'a certificate that may make no others': await maker.batch({ intermediate: 'leaf' }),
      'our certificate, his key': { ...(await maker.batch()), privateKey: forged.privateKey },
    } as const
    for (const [name, attestation] of Object.entries(refused)) {
      expect(['conflict', 'invalid-credentials'], name).toContain(
        await registering(strict, person.access, createSoftwareAuthenticator(origin, { attestation }), {
          kind: 'securityKey',
        }),
      )
    }
    expect((await node.call('authenticator.list', {}, person.access)).items).toEqual([])
    expect(
      await registering(
        strict,
        person.access,
        createSoftwareAuthenticator(origin, { attestation: await maker.batch() }),
        { kind: 'securityKey' },
      ),
    ).toBe('allowed')
    expect(
      await registering(
        strict,
        person.access,
        createSoftwareAuthenticator(origin, { attestation: await maker.batch({ intermediate: 'authority' }) }),
        { kind: 'securityKey' },
      ),
    ).toBe('allowed')
  })

  test('attestation without any trusted root takes nobody: nothing can be told from a forgery', async () => {
    const person = await newcomer(system, node, 'unanchored', 'Developer')
    const strict = await demanding({ ...none, attestation: 'required', aaguids: [] })
    const refusal = await strict.call('webauthn.registerBegin', {}, person.access)
    const key = createSoftwareAuthenticator(origin, { attestation: await (await createMaker('Any')).batch() })
    expect(
      (
        await strict.refusal(
          'webauthn.registerComplete',
          { id: refusal.id, credential: json(key.create(refusal.options)) },
          person.access,
        )
      ).details.hint,
    ).toContain('vouches')
  })

  test('models: others are refused at registration, and those that became others at use', async () => {
    const person = await newcomer(system, node, 'modelled', 'Developer')
    const key = createSoftwareAuthenticator(origin, { aaguid: '11111111-2222-3333-4444-555555555555' })
    await register(await system.openNode(), person.access, key)
    const strict = await demanding({ ...none, aaguids: [model.toUpperCase()] })
    expect(await registering(strict, person.access, createSoftwareAuthenticator(origin))).toBe('conflict')
    expect(
      await registering(strict, person.access, createSoftwareAuthenticator(origin, { aaguid: model }), {
        kind: 'securityKey',
      }),
    ).toBe('allowed')
    const { id } = await challenged(strict, person)
    expect((await strict.refusal('auth.completeMfa', await secondFactor(strict, id, key))).details.hint).toContain(
      'models',
    )
    expect(await strict.outcome('auth.passkeyComplete', await passkeyAnswer(strict, key))).toBe('conflict')
    expect(
      await strict.outcome('auth.stepUpComplete', await stepUpAnswer(strict, person.access, key), person.access),
    ).toBe('conflict')
  })

  test('backup-eligible keys: barred at registration and at use, and only in roles that say so', async () => {
    const person = await newcomer(system, node, 'synced', 'Developer')
    const synced = createSoftwareAuthenticator(origin, { backupEligible: true, counts: false })
    await register(await system.openNode(), person.access, synced)
    const strict = await demanding({ ...none, aaguids: [], backupEligibleAllowed: false })
    expect(
      await registering(strict, person.access, createSoftwareAuthenticator(origin, { backupEligible: true })),
    ).toBe('conflict')
    expect(await strict.outcome('auth.passkeyComplete', await passkeyAnswer(strict, synced))).toBe('conflict')
    expect(await registering(strict, person.access, createSoftwareAuthenticator(origin), { kind: 'securityKey' })).toBe(
      'allowed',
    )
    const other = await newcomer(system, node, 'synced-operator', 'Operator')
    expect(await registering(strict, other.access, createSoftwareAuthenticator(origin, { backupEligible: true }))).toBe(
      'allowed',
    )
  })

  test('a key that changed and is forged is a wrong key, and a role that bars copied keys says so', async () => {
    const person = await newcomer(system, node, 'barred-later', 'Developer')
    const key = createSoftwareAuthenticator(origin)
    const strict = await demanding({ ...none, aaguids: [], backupEligibleAllowed: false })
    await register(strict, person.access, key)
    expect(
      await strict.outcome(
        'auth.passkeyComplete',
        await passkeyAnswer(strict, key, { backupEligible: true, forgedSignature: true }),
      ),
    ).toBe('invalid-credentials')
    const refusal = await strict.refusal(
      'auth.passkeyComplete',
      await passkeyAnswer(strict, key, { backupEligible: true }),
    )
    expect(refusal).toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining('your role does not') },
    })
  })
})

describe('assertions', () => {
  // Threat A14
  test('every lie of a browser is refused as a second factor, as a passkey, and at a step-up', async () => {
    const person = await newcomer(system, node, 'liar')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    const all: Record<string, Lie> = {
      ...lies,
      "a registration's type": { type: 'webauthn.create' },
      'a signature of something else': { forgedSignature: true },
      "another's handle": { userHandle: Buffer.alloc(64).toString('base64url') },
    }
    for (const [name, lie] of Object.entries(all)) {
      // waiting the window out would outlive the session's token
      await node.db.deleteFrom('guess_throttle').execute()
      const { id } = await challenged(node, person)
      expect(
        await node.outcome('auth.completeMfa', await secondFactor(node, id, key, lie)),
        `second factor: ${name}`,
      ).toBe('invalid-credentials')
      expect(await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, key, lie)), `passkey: ${name}`).toBe(
        'invalid-credentials',
      )
      expect(
        await node.outcome('auth.stepUpComplete', await stepUpAnswer(node, person.access, key, lie), person.access),
        `step-up: ${name}`,
      ).toBe('invalid-credentials')
    }
    coolDown()
    expect(await node.call('auth.whoami', {}, person.access), 'no lie has made the session fresh').toMatchObject({
      assurance: 'mfa',
    })
    expect(
      await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, key, { userVerified: false })),
      'a passkey that did not verify its user',
    ).toBe('invalid-credentials')
    expect(await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, key))).toBe('allowed')
  })

  test('a key that is synced since an update is said to be so, costs no guess, and proves nothing', async () => {
    const person = await newcomer(system, node, 'synced-later')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    const authenticator = await idOf(person.access)
    const changed = { backupEligible: true, backedUp: true }
    for (let time = 0; time < 8; time += 1) {
      const refusal = await node.refusal('auth.passkeyComplete', await passkeyAnswer(node, key, changed))
      expect(refusal).toMatchObject({ code: 'conflict', details: { hint: expect.stringContaining('synced to other') } })
    }
    expect(await node.db.selectFrom('guess_throttle').selectAll().where('failures', '>', 0).execute()).toEqual([])
    coolDown()
    const { id } = await challenged(node, person)
    const refused = await node.refusal('auth.completeMfa', await secondFactor(node, id, key, changed))
    expect(refused.details.hint).toContain('register it again')
    expect(
      await node.outcome('auth.stepUpComplete', await stepUpAnswer(node, person.access, key, changed), person.access),
    ).toBe('conflict')
    expect(await node.call('auth.whoami', {}, person.access)).toMatchObject({ assurance: 'mfa' })
    expect((await node.call('authenticator.list', {}, person.access)).items[0]?.webauthn?.backupChangedAt).toBeDefined()
    expect((await noticesOf(node, person.id)).filter((kind) => kind === 'credentialChanged')).toHaveLength(1)
    expect(node.alerts.filter(({ kind }) => kind === 'webauthn-backup-changed')).toHaveLength(1)
    const events = await node.db
      .selectFrom('audit_entry')
      .select('id')
      .where('action', '=', 'authenticator.backupChanged')
      .where('resource_id', '=', authenticator)
      .execute()
    expect(events).toHaveLength(1)
  })

  // Threat A14: replay, on every node
  test('of fifty sendings of one assertion one wins, as a second factor, as a passkey and at a step-up', async () => {
    const person = await newcomer(system, node, 'fifty')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    const nodes = [node, await system.openNode()]
    const allowedOf = async (send: (at: TestNode) => Promise<string>): Promise<number> =>
      (await Promise.all(Array.from({ length: 50 }, (_, at) => send(nodes[at % 2] ?? node)))).filter(
        (code) => code === 'allowed',
      ).length
    const { id } = await challenged(node, person)
    const second = await secondFactor(node, id, key)
    expect(await allowedOf((at) => at.outcome('auth.completeMfa', second))).toBe(1)
    coolDown()
    const passkey = await passkeyAnswer(node, key)
    expect(await allowedOf((at) => at.outcome('auth.passkeyComplete', passkey))).toBe(1)
    coolDown()
    const again = await stepUpAnswer(node, person.access, key)
    expect(await allowedOf((at) => at.outcome('auth.stepUpComplete', again, person.access))).toBe(1)
    expect(Number((await credentialOf(await idOf(person.access))).counter)).toBe(3)
  })

  // Threat A13: what was signed for one challenge, session or purpose meets no other
  test('an assertion is good for its own challenge, session and purpose only', async () => {
    const person = await newcomer(system, node, 'bound')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    const [first, second] = [await challenged(node, person), await challenged(node, person)]
    const forFirst = await secondFactor(node, first.id, key)
    expect(await node.outcome('auth.completeMfa', { ...forFirst, challengeId: second.id })).toBe('invalid-credentials')
    const elsewhere = await logInByKey(node, person, key)
    const forSession = await stepUpAnswer(node, person.access, key)
    expect(await node.outcome('auth.stepUpComplete', forSession, elsewhere.access)).toBe('invalid-credentials')
    const { id, assertion } = await passkeyAnswer(node, key)
    expect(await node.outcome('auth.stepUpComplete', { assertion }, person.access)).toBe('invalid-credentials')
    coolDown()
    expect(await node.outcome('auth.passkeyComplete', { id, assertion }), 'after five minutes').toBe(
      'invalid-credentials',
    )
    expect(await node.outcome('auth.passkeyComplete', { ...(await passkeyAnswer(node, key)), id: 'another' })).toBe(
      'invalid-credentials',
    )
    expect(await node.outcome('auth.stepUpComplete', forSession, person.access), 'after five minutes').toBe(
      'invalid-credentials',
    )
  })

  // Threat A14 (foreign credential id) and A15 (a proof of one person for another)
  test("one person's key proves nothing for another, under whichever id", async () => {
    const [ada, eve] = [await newcomer(system, node, 'owner-ada'), await newcomer(system, node, 'owner-eve')]
    const [adaKey, eveKey] = [createSoftwareAuthenticator(origin), createSoftwareAuthenticator(origin)]
    await register(node, ada.access, adaKey)
    await register(node, eve.access, eveKey)
    const adaId = adaKey.credentialIds()[0] ?? ''
    const { id } = await challenged(node, ada)
    const { options } = await node.call('auth.mfaOptions', { challengeId: id })
    const withEves = { ...options, allowCredentials: [{ id: eveKey.credentialIds()[0] }] }
    expect(
      await node.outcome('auth.completeMfa', { challengeId: id, assertion: json(eveKey.get(withEves)) }),
      'her own id',
    ).toBe('invalid-credentials')
    const again = await node.call('auth.mfaOptions', { challengeId: id })
    expect(
      await node.outcome('auth.completeMfa', {
        challengeId: id,
        assertion: json(
          eveKey.get({ ...again.options, allowCredentials: withEves.allowCredentials }, { credentialId: adaId }),
        ),
      }),
      'his id',
    ).toBe('invalid-credentials')
    const step = await node.call('auth.stepUpBegin', {}, ada.access)
    expect(
      await node.outcome(
        'auth.stepUpComplete',
        { assertion: json(eveKey.get({ ...step.options, allowCredentials: withEves.allowCredentials })) },
        ada.access,
      ),
      'step-up',
    ).toBe('invalid-credentials')
    const handle = json(adaKey.get((await node.call('auth.passkeyBegin', {})).options))['response'] as {
      userHandle: string
    } // an assertion of ours
    expect(
      await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, eveKey, { userHandle: handle.userHandle })),
      'his handle',
    ).toBe('invalid-credentials')
    expect(
      await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, eveKey, { credentialId: adaId })),
      'his id, her handle',
    ).toBe('invalid-credentials')
    expect(
      await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, eveKey, { credentialId: 'AAAA' })),
      "nobody's id",
    ).toBe('invalid-credentials')
  })

  // Threat A12
  test("a disabled person's passkey opens nothing", async () => {
    const person = await newcomer(system, node, 'disabled')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    const answer = await passkeyAnswer(node, key)
    await node.db.updateTable('users').set({ status: 'disabled' }).where('id', '=', person.id).execute()
    expect(await node.outcome('auth.passkeyComplete', answer)).toBe('invalid-credentials')
    expect(await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, key))).toBe('invalid-credentials')
  })
})

describe('a counter that goes back', () => {
  // Threat A14
  test('disables the key everywhere, tells all concerned, and never opens the account to a password', async () => {
    const person = await newcomer(system, node, 'cloned')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    await logInByKey(node, person, key)
    await logInByKey(node, person, key)
    const authenticator = await idOf(person.access)
    expect(Number((await credentialOf(authenticator)).counter)).toBe(2)
    const { id } = await challenged(node, person)
    expect(await node.outcome('auth.completeMfa', await secondFactor(node, id, key, { counter: 2 }))).toBe(
      'invalid-credentials',
    )
    expect((await node.call('authenticator.list', {}, person.access)).items[0]?.webauthn?.disabledAt).toEqual(
      system.clock.now(),
    )
    expect((await noticesOf(node, person.id)).filter((kind) => kind === 'credentialSuspect')).toHaveLength(1)
    expect(node.alerts.at(-1)).toMatchObject({
      kind: 'webauthn-counter-rollback',
      detail: { user: person.id, authenticator, stored: 2, counter: 2 },
    })
    const event = await node.db
      .selectFrom('audit_entry')
      .select('id')
      .where('action', '=', 'authenticator.suspected')
      .where('resource_id', '=', authenticator)
      .execute()
    expect(event).toHaveLength(1)
    coolDown()
    expect(
      await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, key, { counter: 99 })),
      'the true key, too: nobody can tell',
    ).toBe('invalid-credentials')
    const next = await node.call('auth.login', { username: person.username, password: person.password })
    expect(next).toMatchObject({ tokens: null, challenge: { methods: [] } })
    expect(await node.outcome('auth.mfaOptions', { challengeId: next.challenge?.id ?? '' })).toBe('conflict')
    expect(await node.call('mfa.status', {}, person.access)).toMatchObject({
      enrolled: true,
      methods: [],
      authenticators: 1,
    })
    expect(await node.call('auth.stepUpBegin', {}, person.access)).toEqual({
      methods: [],
      options: null,
      browser: null,
    })
  })

  test('a forged signature with an old counter disables nothing', async () => {
    const person = await newcomer(system, node, 'not-cloned')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    await logInByKey(node, person, key)
    const { id } = await challenged(node, person)
    expect(
      await node.outcome('auth.completeMfa', await secondFactor(node, id, key, { counter: 1, forgedSignature: true })),
    ).toBe('invalid-credentials')
    expect(await node.outcome('auth.completeMfa', await secondFactor(node, id, key, { counter: 7 }))).toBe('allowed')
  })

  test('with another authenticator the disabled one can be removed, but not the other way round', async () => {
    const person = await newcomer(system, node, 'cloned-two')
    const [bad, good] = [createSoftwareAuthenticator(origin), createSoftwareAuthenticator(origin)]
    const badOne = await register(node, person.access, bad)
    const goodOne = await register(node, person.access, good)
    await node.call('auth.stepUpComplete', await stepUpAnswer(node, person.access, bad), person.access)
    expect(
      await node.outcome(
        'auth.stepUpComplete',
        await stepUpAnswer(node, person.access, bad, { counter: 1 }),
        person.access,
      ),
    ).toBe('invalid-credentials')
    expect(await node.outcome('authenticator.remove', { id: goodOne.id, reason: 'x' }, person.access)).toBe('conflict')
    expect(await node.call('authenticator.remove', { id: badOne.id, reason: 'cloned' }, person.access)).toEqual({
      id: badOne.id,
      authenticatorsLeft: 1,
    })
  })
})

describe('guesses', () => {
  // Threats A7 and A9: one account, one count, whatever is tried
  test('wrong assertions and wrong codes share five guesses; then all factors are refused', async () => {
    const person = await newcomer(system, node, 'guesser')
    const key = createSoftwareAuthenticator(origin)
    await register(node, person.access, key)
    const enrolment = await node.call('totp.enroll', {}, person.access)
    const totp = (): Promise<string> => codeOf(enrolment.secret.expose(), system.clock.now())
    await node.call('totp.confirm', { id: enrolment.id, code: await totp() }, person.access)
    system.clock.advance(30)
    const { id, methods } = await challenged(node, person)
    expect(methods).toEqual(['totp', 'webauthn'])
    expect(
      await node.outcome('auth.completeMfa', {
        challengeId: id,
        totp: await wrongCode(enrolment.secret.expose(), system.clock.now()),
      }),
    ).toBe('invalid-credentials')
    for (let guess = 0; guess < 4; guess += 1)
      expect(await node.outcome('auth.completeMfa', await secondFactor(node, id, key, { forgedSignature: true }))).toBe(
        'invalid-credentials',
      )
    expect(await node.outcome('auth.completeMfa', await secondFactor(node, id, key))).toBe('rate-limited')
    expect(await node.outcome('auth.completeMfa', { challengeId: id, totp: await totp() })).toBe('rate-limited')
    expect(await node.outcome('auth.stepUpComplete', await stepUpAnswer(node, person.access, key), person.access)).toBe(
      'rate-limited',
    )
    expect(await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, key))).toBe('rate-limited')
    coolDown()
    expect(await node.outcome('auth.passkeyComplete', await passkeyAnswer(node, key))).toBe('allowed')
  })

  test('questions to strangers are bounded: expired ones go as new ones come', async () => {
    const waiting = async (): Promise<number> =>
      Number(
        (
          await node.db
            .selectFrom('webauthn_challenge')
            .select((eb) => eb.fn.countAll().as('count'))
            .executeTakeFirst()
        )?.count,
      )
    for (let asked = 0; asked < 30; asked += 1) await node.call('auth.passkeyBegin', {})
    expect(await waiting()).toBeGreaterThanOrEqual(30)
    coolDown()
    for (let asked = 0; asked < 30; asked += 1) await node.call('auth.passkeyBegin', {})
    expect(await waiting()).toBe(30)
  })

  test('with fifty thousand waiting, strangers wait, too, and people at work do not', async () => {
    const person = await newcomer(system, node, 'at-work')
    const [now, later] = [system.clock.now(), new Date(system.clock.now().getTime() + 60_000)]
    await fillChallenges(node, { now, later, count: 50_000 })
    expect(await node.outcome('auth.passkeyBegin', {})).toBe('unavailable')
    expect(await registering(node, person.access, createSoftwareAuthenticator(origin))).toBe('allowed')
    system.clock.advance(61)
    expect(await node.outcome('auth.passkeyBegin', {})).toBe('allowed')
    await node.db.deleteFrom('webauthn_challenge').execute()
  })

  test('one session holds three open registrations, and the oldest goes', async () => {
    const person = await newcomer(system, node, 'clumsy')
    const begun: Output<'webauthn.registerBegin'>[] = []
    for (let at = 0; at < 4; at += 1) {
      system.clock.advance(1)
      begun.push(await node.call('webauthn.registerBegin', { kind: 'securityKey' }, person.access))
    }
    const outcomes = []
    for (const { id, options } of begun)
      outcomes.push(
        await node.outcome(
          'webauthn.registerComplete',
          { id, credential: json(createSoftwareAuthenticator(origin).create(options)) },
          person.access,
        ),
      )
    expect(outcomes).toEqual(['invalid-credentials', 'allowed', 'allowed', 'allowed'])
  })
})

describe('recovery', () => {
  test('a session that a backup code opened may register one key, and comes to no fresh factor by it', async () => {
    const person = await newcomer(system, node, 'recovering')
    const lost = createSoftwareAuthenticator(origin)
    await register(node, person.access, lost)
    const codes = await node.call('backupCode.regenerate', {}, person.access)
    await node.call('backupCode.confirm', { id: codes.id, code: codes.codes[0]?.expose() ?? '' }, person.access)
    const { id, methods } = await challenged(node, person)
    expect(methods).toEqual(['webauthn', 'backupCode'])
    const { access } = await opened(
      node,
      (await node.call('auth.completeMfa', { challengeId: id, backupCode: codes.codes[1]?.expose() ?? '' })).tokens,
    )
    const fresh = createSoftwareAuthenticator(origin)
    expect(await registering(node, access, fresh)).toBe('allowed')
    expect(await node.call('auth.whoami', {}, access)).toMatchObject({ assurance: 'mfa' })
    expect((await noticesOf(node, person.id)).toSorted()).toEqual(
      expect.arrayContaining(['authenticatorAdded', 'backupCodeUsed', 'backupCodesReplaced']),
    )
    expect((await logInByKey(node, person, fresh)).access).not.toBe('')
  })
})
