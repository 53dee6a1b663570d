// Tokens bound to a key (RFC 9449), over two nodes.
import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import type { Caller } from '@gatehouse/enforcement'
import { calculateJwkThumbprint, exportJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readProof } from '../src/tokens/dpop/dpop-proof.ts'
import {
  callerWith,
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

const keys = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const
type Algorithm = keyof typeof keys
const place = '/trpc/auth.whoami'
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

interface Making {
  readonly algorithm?: Algorithm
  readonly header?: Record<string, unknown>
  readonly claims?: Record<string, unknown>
  readonly token?: string
  readonly signer?: KeyObject
}
/** A proof as a client makes it, or one that is wrong in what the test says. */
async function proofOf({ algorithm = 'ES256', header = {}, claims = {}, token, signer }: Making = {}): Promise<string> {
  const { publicKey, privateKey } = keys[algorithm]
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }
  const head = { typ: 'dpop+jwt', alg: algorithm, jwk: await exportJWK(publicKey), ...header }
  const iat = Math.floor(system.clock.now().getTime() / 1000)
  const body = { jti: randomUUID(), htm: 'POST', htu: `http://localhost:8420${place}`, iat, ...ath, ...claims }
  const text = `${b64(head)}.${b64(body)}`
  const key = signer ?? privateKey
  const signature =
    key.asymmetricKeyType === 'ed25519'
      ? sign(null, Buffer.from(text), key)
      : sign('sha256', Buffer.from(text), key.asymmetricKeyType === 'ec' ? { key, dsaEncoding: 'ieee-p1363' } : key)
  return `${text}.${signature.toString('base64url')}`
}
const showing = (header: string, token: string | null = null, requestId: string = randomUUID()): Caller => ({
  ...callerWith(token),
  scheme: token === null ? 'bearer' : 'dpop',
  proof: { header, method: 'POST', path: place, requestId },
})
const shown = async (token: string, making: Making = {}): Promise<Caller> =>
  showing(await proofOf({ token, ...making }), token)

async function boundLogIn(algorithm: Algorithm = 'ES256'): Promise<LoggedIn> {
  const person = personOf(system, 'Operator')
  nextCode(system.clock)
  const challengeId = await challengeOf(one, person)
  const { tokens } = await one.call(
    'auth.completeMfa',
    { challengeId, totp: await codeOf(person.totpSecret.expose(), system.clock.now()) },
    showing(await proofOf({ algorithm })),
  )
  const access = tokens.accessToken?.expose() ?? ''
  const { sessionId } = await one.call('auth.whoami', {}, await shown(access, { algorithm }))
  return { access, refresh: tokens.refreshToken?.expose() ?? '', sessionId: sessionId ?? '' }
}

describe('an API token that is tied to a key', () => {
  test('is good with a proof of that key, and with nothing less', async () => {
    const admin = await logIn(system, one, personOf(system, 'Admin'))
    const keyThumbprint = await calculateJwkThumbprint(await exportJWK(keys.ES256.publicKey))
    const token = (
      await one.call('apiToken.create', { name: 'tied', purpose: 'x', scopes: ['read'], keyThumbprint }, admin.access)
    ).token.expose()
    expect(await two.outcome('auth.whoami', {}, await shown(token))).toBe('allowed')
    expect(await one.outcome('auth.whoami', {}, token)).toBe('unauthenticated')
    expect(await one.outcome('auth.whoami', {}, await shown(token, { algorithm: 'EdDSA' }))).toBe('unauthenticated')
    expect(
      await one.outcome(
        'auth.whoami',
        {},
        await shown(token, { claims: { ath: createHash('sha256').update('another').digest('base64url') } }),
      ),
    ).toBe('unauthenticated')
    const service = await one.call('serviceAccount.create', { name: 'tied-bot' }, admin.access)
    const bound = (
      await one.call(
        'apiToken.create',
        { name: 'tied', purpose: 'x', scopes: ['auth.whoami'], keyThumbprint, serviceAccount: service.id },
        admin.access,
      )
    ).token.expose()
    expect((await one.call('auth.whoami', {}, await shown(bound))).assurance).toBe('mfa')
  })
})

describe('a bound token', () => {
  test.each(['ES256', 'EdDSA', 'RS256'] as const)(
    'by %s is good with a proof of its key on every node, and with nothing less',
    async (algorithm) => {
      const { access } = await boundLogIn(algorithm)
      const { claims } = await one.authenticator.inspect(access)
      expect(claims.cnf).toEqual({ jkt: await calculateJwkThumbprint(await exportJWK(keys[algorithm].publicKey)) })
      expect(await two.outcome('auth.whoami', {}, await shown(access, { algorithm }))).toBe('allowed')
      expect(await two.outcome('auth.whoami', {}, access)).toBe('unauthenticated')
      expect(await two.outcome('auth.whoami', {}, { ...(await shown(access, { algorithm })), scheme: 'bearer' })).toBe(
        'unauthenticated',
      )
      expect(await two.outcome('auth.whoami', {}, { ...callerWith(access), scheme: 'dpop' })).toBe('unauthenticated')
      // one of the two others
      const stranger = Object.entries(keys).find(([name]) => name !== algorithm)?.[0] as Algorithm
      expect(await two.outcome('auth.whoami', {}, await shown(access, { algorithm: stranger }))).toBe('unauthenticated')
      expect(await one.call('auth.verify', { token: access })).toMatchObject({
        active: true,
        token_type: 'DPoP',
        cnf: claims.cnf,
      })
    },
  )

  test('is refused with a proof that is wrong in any one thing', async () => {
    const { access } = await boundLogIn()
    const now = Math.floor(system.clock.now().getTime() / 1000)
    const jwk = await exportJWK(keys.ES256.publicKey)
    const rsa = await exportJWK(keys.RS256.publicKey)
    const shortKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    const wrong: Record<string, Making> = {
      'another type': { header: { typ: 'JWT' } },
      'no algorithm': { header: { alg: 'none' } },
      'a shared secret': { header: { alg: 'HS256' } },
      'another algorithm': { header: { alg: 'ES384' } },
      "not the key's algorithm": { header: { alg: 'EdDSA' } },
      'a private key': { header: { jwk: await exportJWK(keys.ES256.privateKey) } },
      'no key': { header: { jwk: undefined } },
      'a symmetric key': { header: { jwk: { kty: 'oct', k: 'AAAA' } } },
      'a key id beside it': { header: { kid: 'x' } },
      'a key address': { header: { jku: 'http://127.0.0.1:9' } },
      'an extension': { header: { crit: ['x'] } },
      'no point of the curve': { header: { jwk: { ...jwk, x: jwk.y } } },
      'a modulus too short': { algorithm: 'RS256', header: { jwk: await exportJWK(shortKey) } },
      'an exponent as long as the modulus': {
        algorithm: 'RS256',
        header: { jwk: { ...rsa, e: Buffer.from(`${'ff'.repeat(255)}01`, 'hex').toString('base64url') } },
      },
      'a point under which anybody can sign': {
        algorithm: 'EdDSA',
        header: {
          jwk: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(`01${'00'.repeat(31)}`, 'hex').toString('base64url') },
        },
      },
      'another signer': { signer: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
      'another method': { claims: { htm: 'GET' } },
      'a method in small letters': { claims: { htm: 'post' } },
      'another path': { claims: { htu: 'http://localhost:8420/trpc/auth.logout' } },
      'another host': { claims: { htu: `http://gatehouse.example${place}` } },
      'another port': { claims: { htu: `http://localhost:8421${place}` } },
      'another protocol': { claims: { htu: `https://localhost:8420${place}` } },
      'a name before the host': { claims: { htu: `http://me@localhost:8420${place}` } },
      'no address': { claims: { htu: place } },
      'too old': { claims: { iat: now - 61 } },
      'from the future': { claims: { iat: now + 61 } },
      'no time': { claims: { iat: undefined } },
      'a time in words': { claims: { iat: String(now) } },
      'no id': { claims: { jti: undefined } },
      'a short id': { claims: { jti: 'x' } },
      'another token': { token: 'another' },
      'no token': { claims: { ath: undefined } },
    }
    for (const [what, making] of Object.entries(wrong))
      expect(await one.outcome('auth.whoami', {}, await shown(access, making)), what).toBe('unauthenticated')
    const good = await proofOf({ token: access })
    for (const header of [
      '',
      'x',
      `${good}=`,
      good.slice(0, -1),
      `${good}.${good}`,
      `${good}, ${good}`,
      'x'.repeat(100_000),
    ])
      expect(await one.outcome('auth.whoami', {}, showing(header, access)), header.slice(-20)).toBe('unauthenticated')
    expect(await one.outcome('auth.whoami', {}, showing(good, access))).toBe('allowed')
  })

  // Threat A8: a hundred proofs that would cost ten milliseconds each are refused in the time of a few.
  test('of a key with a huge exponent costs no verification', async () => {
    const { n, kty } = await exportJWK(keys.RS256.publicKey)
    const e = Buffer.from(`${'ff'.repeat(255)}01`, 'hex').toString('base64url')
    const header = await proofOf({ algorithm: 'RS256', header: { jwk: { kty, n, e } } })
    const proof = { header, method: 'POST', path: place, requestId: randomUUID() }
    const options = { publicUrl: 'http://localhost:8420', now: system.clock.now() }
    const begun = performance.now()
    for (let shown = 0; shown < 100; shown += 1) expect(readProof(proof, options)).toBeNull()
    expect(performance.now() - begun).toBeLessThan(300)
  })

  test('is good at every name of this machine, with a query left out of account', async () => {
    const { access } = await boundLogIn()
    for (const htu of [
      `http://127.0.0.1:8420${place}`,
      `http://[::1]:8420${place}`,
      `HTTP://LOCALHOST:8420${place}`,
      `http://localhost:8420${place}?input=1#x`,
    ]) {
      expect(await one.outcome('auth.whoami', {}, await shown(access, { claims: { htu } })), htu).toBe('allowed')
    }
  })

  test('is not good twice by one proof, on another node or of 50 at once, though a batch is one request', async () => {
    const { access } = await boundLogIn()
    const proof = await proofOf({ token: access })
    expect(await one.outcome('auth.whoami', {}, showing(proof, access, 'request'))).toBe('allowed')
    expect(await two.outcome('auth.whoami', {}, showing(proof, access))).toBe('unauthenticated')
    expect(await one.outcome('auth.whoami', {}, showing(proof, access, 'request'))).toBe('allowed')
    const raced = await proofOf({ token: access })
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        (at % 2 === 0 ? one : two).outcome('auth.whoami', {}, showing(raced, access)),
      ),
    )
    expect(outcomes.filter((code) => code === 'allowed')).toHaveLength(1)
    system.clock.advance(200)
    for (let at = 0; at < 60; at += 1) await one.call('auth.whoami', {}, await shown(access))
    expect(
      (await one.db.selectFrom('dpop_proof').select('hash').where('expires_at', '<', system.clock.now()).execute())
        .length,
    ).toBeLessThan(5)
  })

  test('shown by whoever has not its key keeps no session in use', async () => {
    const { access, sessionId } = await boundLogIn()
    system.clock.advance(120)
    const before = await one.db
      .selectFrom('session')
      .select('last_used_at')
      .where('id', '=', sessionId)
      .executeTakeFirstOrThrow()
    expect(await one.outcome('auth.whoami', {}, access)).toBe('unauthenticated')
    expect(
      await one.db.selectFrom('session').select('last_used_at').where('id', '=', sessionId).executeTakeFirstOrThrow(),
    ).toEqual(before)
  })
})

describe('a refresh', () => {
  test('of a bound family is worth nothing without its key; spent, it ends the family whoever shows it', async () => {
    const session = await boundLogIn()
    expect(await one.outcome('auth.refresh', { refreshToken: session.refresh })).toBe('unauthenticated')
    expect(
      await two.outcome(
        'auth.refresh',
        { refreshToken: session.refresh },
        showing(await proofOf({ algorithm: 'EdDSA' })),
      ),
    ).toBe('unauthenticated')
    const { tokens } = await two.call('auth.refresh', { refreshToken: session.refresh }, showing(await proofOf()))
    expect(await one.outcome('auth.whoami', {}, await shown(tokens.accessToken?.expose() ?? ''))).toBe('allowed')
    expect(await one.outcome('auth.refresh', { refreshToken: session.refresh })).toBe('unauthenticated')
    expect(await two.outcome('auth.whoami', {}, await shown(tokens.accessToken?.expose() ?? ''))).toBe(
      'unauthenticated',
    )
  })

  describe('whose answer was lost', () => {
    const again = async (node: TestNode, token: string, making: Making = {}): Promise<string> =>
      node.outcome('auth.refresh', { refreshToken: token }, showing(await proofOf(making)))
    const renew = async (node: TestNode, token: string): Promise<{ access: string; refresh: string }> => {
      const { tokens } = await node.call('auth.refresh', { refreshToken: token }, showing(await proofOf()))
      return { access: tokens.accessToken?.expose() ?? '', refresh: tokens.refreshToken?.expose() ?? '' }
    }
    const entriesOf = (sessionId: string) =>
      one.db
        .selectFrom('audit_entry')
        .select(['action', 'entry'])
        .where('resource_id', '=', sessionId)
        .where('action', 'in', ['auth.refresh', 'refreshToken.reused'])
        .orderBy('id')
        .execute()

    test('is given again to the same key within 30 s, once; what was lost is dead, and one entry says so', async () => {
      const session = await boundLogIn()
      const lost = await renew(one, session.refresh)
      system.clock.advance(29)
      const given = await renew(two, session.refresh)
      expect(await one.outcome('auth.whoami', {}, await shown(lost.access))).toBe('unauthenticated')
      expect(await two.outcome('auth.whoami', {}, await shown(given.access))).toBe('allowed')
      const entries = await entriesOf(session.sessionId)
      expect(entries.map(({ action }) => action)).toEqual(['auth.refresh', 'auth.refresh'])
      expect(entries.map(({ entry }) => entry.includes('insteadOf'))).toEqual([false, true])
      expect(await one.outcome('auth.whoami', {}, await shown((await renew(one, given.refresh)).access))).toBe(
        'allowed',
      )
    })

    test('a dead successor that is shown is a token used twice', async () => {
      const session = await boundLogIn()
      const lost = await renew(one, session.refresh)
      const given = await renew(one, session.refresh)
      expect(await again(two, lost.refresh)).toBe('unauthenticated')
      expect(await one.outcome('auth.whoami', {}, await shown(given.access))).toBe('unauthenticated')
      expect((await entriesOf(session.sessionId)).map(({ action }) => action)).toContain('refreshToken.reused')
    })

    const refused: [string, (token: string, lost: string) => Promise<string>][] = [
      [
        'after 30 s',
        async (token) => {
          system.clock.advance(30)
          return again(two, token)
        },
      ],
      [
        'a second time',
        async (token) => {
          await renew(one, token)
          return again(two, token)
        },
      ],
      [
        'after its successor was used',
        async (token, lost) => {
          await renew(one, lost)
          return again(two, token)
        },
      ],
      ['with another key', (token) => again(two, token, { algorithm: 'EdDSA' })],
      ['with a proof of something else', (token) => again(two, token, { claims: { htm: 'GET' } })],
      ['without a proof', (token) => two.outcome('auth.refresh', { refreshToken: token })],
    ]
    test.each(refused)('is not given again %s: the family ends', async (_, ask) => {
      const session = await boundLogIn()
      const lost = await renew(one, session.refresh)
      expect(await ask(session.refresh, lost.refresh)).toBe('unauthenticated')
      expect(await one.outcome('auth.whoami', {}, await shown(lost.access))).toBe('unauthenticated')
      expect((await entriesOf(session.sessionId)).map(({ action }) => action)).toContain('refreshToken.reused')
    })

    test('a proof that was shown before, and the second call of one batch, get nothing', async () => {
      const replayed = await boundLogIn()
      const proof = await proofOf()
      await one.call('auth.refresh', { refreshToken: replayed.refresh }, showing(proof))
      expect(await two.outcome('auth.refresh', { refreshToken: replayed.refresh }, showing(proof))).toBe(
        'unauthenticated',
      )
      const batched = await boundLogIn()
      const batch = showing(await proofOf())
      await one.call('auth.refresh', { refreshToken: batched.refresh }, batch)
      expect(await one.outcome('auth.refresh', { refreshToken: batched.refresh }, batch)).toBe('unauthenticated')
    })

    test('of 20 tries at once by its key at most two are answered, and one session is alive or none', async () => {
      const session = await boundLogIn()
      const tries = await Promise.all(
        Array.from({ length: 20 }, (_, at) => again(at % 2 === 0 ? one : two, session.refresh)),
      )
      expect(tries.filter((outcome) => outcome === 'allowed').length).toBeLessThanOrEqual(2)
      expect(
        (await entriesOf(session.sessionId)).filter(({ action }) => action === 'refreshToken.reused'),
      ).toHaveLength(1)
    })

    test('a token that was a bearer’s is not given again, not to the key that its exchange showed either', async () => {
      const session = await logIn(system, one, personOf(system, 'Operator'))
      await one.call('auth.refresh', { refreshToken: session.refresh }, showing(await proofOf()))
      expect(await again(two, session.refresh)).toBe('unauthenticated')
    })
  })

  // Threat B4: a thief binds a stolen refresh token to a key of their own, so that reuse is not seen
  test('that a thief has bound to a key of their own throws them out when its owner returns with it', async () => {
    const owner = await logIn(system, one, personOf(system, 'Operator'))
    const thief = await two.call('auth.refresh', { refreshToken: owner.refresh }, showing(await proofOf()))
    expect(await one.outcome('auth.refresh', { refreshToken: owner.refresh })).toBe('unauthenticated')
    expect(await two.outcome('auth.whoami', {}, await shown(thief.tokens.accessToken?.expose() ?? ''))).toBe(
      'unauthenticated',
    )
    expect(
      await two.outcome(
        'auth.refresh',
        { refreshToken: thief.tokens.refreshToken?.expose() ?? '' },
        showing(await proofOf()),
      ),
    ).toBe('unauthenticated')
    const events = await one.db
      .selectFrom('audit_entry')
      .select('resource_id')
      .where('action', '=', 'refreshToken.reused')
      .where('resource_id', '=', owner.sessionId)
      .execute()
    expect(events).toHaveLength(1)
  })

  test('with a proof binds a family that was not, and its old tokens die', async () => {
    const session = await logIn(system, one, personOf(system, 'Operator'))
    const { tokens } = await one.call('auth.refresh', { refreshToken: session.refresh }, showing(await proofOf()))
    const access = tokens.accessToken?.expose() ?? ''
    expect(await two.outcome('auth.whoami', {}, session.access)).toBe('unauthenticated')
    expect(await two.outcome('auth.whoami', {}, access)).toBe('unauthenticated')
    expect(await two.outcome('auth.whoami', {}, await shown(access))).toBe('allowed')
    expect(await two.outcome('auth.refresh', { refreshToken: tokens.refreshToken?.expose() ?? '' })).toBe(
      'unauthenticated',
    )
  })
})

test("a token that is bound to nothing is a bearer's: with the other scheme it is refused", async () => {
  const session = await logIn(system, one, personOf(system, 'Operator'))
  expect(await one.outcome('auth.whoami', {}, await shown(session.access))).toBe('unauthenticated')
  expect(await one.outcome('auth.whoami', {}, session.access)).toBe('allowed')
})

test('a log-in with a proof that is not good is refused and says so; no session is opened', async () => {
  const person = personOf(system, 'Operator')
  nextCode(system.clock)
  const challengeId = await challengeOf(one, person)
  const before = await one.db.selectFrom('session').select('id').execute()
  const refused = await one.refusal(
    'auth.completeMfa',
    { challengeId, totp: await codeOf(person.totpSecret.expose(), system.clock.now()) },
    showing(await proofOf({ claims: { htm: 'GET' } })),
  )
  expect(refused).toMatchObject({ code: 'invalid-input', details: { fields: [{ path: 'DPoP' }] } })
  expect(await one.db.selectFrom('session').select('id').execute()).toHaveLength(before.length)
})

test('a device that shows a key gets tokens that are bound to it', async () => {
  const person = await logIn(system, one, personOf(system, 'Operator'))
  const { deviceCode, userCode } = await one.call('auth.deviceStart', {})
  for (const decision of ['look', 'approve'] as const)
    await two.call('auth.deviceApprove', { userCode, decision }, person.access)
  const { tokens } = await one.call('auth.devicePoll', { deviceCode: deviceCode.expose() }, showing(await proofOf()))
  const access = tokens?.accessToken?.expose() ?? ''
  expect(await two.outcome('auth.whoami', {}, access)).toBe('unauthenticated')
  expect(await two.outcome('auth.whoami', {}, await shown(access))).toBe('allowed')
  // the session that approved is as it was
  expect((await opened(one, (await one.call('auth.refresh', { refreshToken: person.refresh })).tokens)).sessionId).toBe(
    person.sessionId,
  )
})
