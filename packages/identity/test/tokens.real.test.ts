// Threats B1–B3, B6, B7: other algorithms, other spellings, other claims, other kinds of token, malformed and oversized
// ones.
import { createHmac, createSecretKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { secret } from '@gatehouse/contract'
import { sealerUnder } from '@gatehouse/keys'
import { createMaker } from '@gatehouse/testkit'
import fc from 'fast-check'
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccessTokenVerifier, openSigningKeys } from '../src/index.ts'
import {
  callerWith,
  challengeOf,
  codeOf,
  logIn,
  nextCode,
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
let session: LoggedIn
let claims: Record<string, unknown>
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
  session = await logIn(system, one, personOf(system, 'Operator'))
  claims = { ...(await one.authenticator.inspect(session.access)).claims }
})
afterAll(() => system.end())

const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const accepted = (token: string): Promise<boolean> =>
  one.authenticator.authenticate(callerWith(token)).then(
    () => true,
    () => false,
  )
/** A token by our own key, with a header and claims of the test's choosing. */
async function signed(header: Record<string, unknown>, payload: unknown): Promise<string> {
  const { kid, privateKey } = await one.keys.within(one.db)
  const text = `${b64({ alg: 'RS256', typ: 'at+jwt', kid, ...header })}.${b64(payload)}`
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}

describe('headers', () => {
  test('our own token is accepted, also when it is built by hand', async () => {
    expect(await accepted(session.access)).toBe(true)
    expect(await accepted(await signed({}, claims))).toBe(true)
  })

  test('no other algorithm, type, key reference or extension is accepted, though our own key signed it', async () => {
    const jwk = await exportJWK(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)
    const headers: Record<string, unknown>[] = [
      { alg: 'none' },
      { alg: 'HS256' },
      { alg: 'PS256' },
      { alg: 'RS512' },
      { alg: 'rs256' },
      { alg: ['RS256'] },
      { alg: null },
      { typ: 'JWT' },
      { typ: 'at+JWT' },
      { typ: 'application/at+jwt' },
      { typ: undefined },
      { typ: 'dpop+jwt' },
      { kid: undefined },
      { kid: 7 },
      { kid: '' },
      { kid: '../../etc/passwd' },
      { kid: "' or 1=1 --" },
      { kid: 'x'.repeat(7000) },
      { kid: 'x'.repeat(1_000_000) },
      { jwk },
      { x5c: [] },
      { x5c: [Buffer.from((await createMaker('Anybody')).rootCertificate).toString('base64')] },
      { crit: ['exp'] },
      { crit: [] },
      { zip: 'DEF' },
      { b64: false },
      { cty: 'JWT' },
    ]
    for (const header of headers)
      expect(await accepted(await signed(header, claims)), JSON.stringify(header).slice(0, 60)).toBe(false)
  })

  // Threat B1: keys that a token brings, or says where they are
  test("a stranger's token is refused whatever it says about its own key, and nobody is asked for one", async () => {
    let asked = 0
    const server = createServer((_request, response) => {
      asked += 1
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [] }))
    }).on('connection', () => (asked += 1))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // one that listens on TCP has a port
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = { ...(await exportJWK(publicKey)), kid: 'own', alg: 'RS256', use: 'sig' }
    const { kid } = await one.keys.within(one.db)
    const certificate = Buffer.from((await createMaker('Anybody')).rootCertificate).toString('base64')
    const places = [
      { jku: `${address}/jwks` },
      { x5u: `${address}/certificate` },
      { jku: `${address}/jwks`, jwk },
      { jwk },
      { jwk, x5c: [certificate] },
      { 'x5t#S256': 'AAAA', x5u: address },
      { kid: `${address}/jwks` },
      { kid: `${address}/jwks`, jku: address },
      { iss: address },
    ]
    for (const header of places.flatMap((one) => [
      { kid, ...one },
      { ...one, kid: 'own' },
    ])) {
      const token = await new SignJWT({ ...claims, iss: address })
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', ...header })
        .sign(privateKey)
      expect(await accepted(token), JSON.stringify(header).slice(0, 80)).toBe(false)
      expect(await accepted(await signed(header, claims)), `${JSON.stringify(header).slice(0, 80)}, signed by us`).toBe(
        false,
      )
    }
    // whoever calls does so at once; the server itself is heard
    expect(asked).toBe(0)
    await fetch(address)
    expect(asked).toBeGreaterThan(0)
    await new Promise((resolve) => void server.close(resolve))
  })

  test('unsigned, signed by the public key as a secret, by another or the next key: refused', async () => {
    const { kid } = await one.keys.within(one.db)
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const publicPem = (await one.keys.find(kid))?.export({ format: 'pem', type: 'spki' }) ?? ''
    const forged = `${b64({ alg: 'HS256', typ: 'at+jwt', kid })}.${b64(claims)}`
    const next = (await one.keys.jwks()).keys.map((key) => key.kid).find((other) => other !== kid)
    const tokens = [
      new UnsecuredJWT(claims).encode(),
      `${b64({ alg: 'RS256', typ: 'at+jwt', kid })}.${b64(claims)}.`,
      `${forged}.${createHmac('sha256', publicPem).update(forged).digest('base64url')}`,
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
        .sign(createSecretKey(Buffer.from(publicPem))),
      await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid }).sign(stranger),
      await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: next }).sign(stranger),
      await signed({ kid: next }, claims),
    ]
    for (const token of tokens) expect(await accepted(token)).toBe(false)
  })
})

describe('claims', () => {
  const wrong: readonly unknown[] = [undefined, null, '', '1', 'NaN', -1, 1.5, 1e21, true, [], {}, [1]]

  test('a missing, mistyped or impossible value of any claim is refused', async () => {
    for (const name of Object.keys(claims)) {
      for (const value of wrong.filter(
        (one) =>
          !(Array.isArray(one) && name === 'amr') &&
          !(typeof one === 'string' && ['acr', 'permissions_hash', 'workspace'].includes(name)) &&
          !(one === undefined && name === 'workspace'),
      )) {
        expect(
          await accepted(await signed({}, { ...claims, [name]: value })),
          `${name} = ${JSON.stringify(value)}`,
        ).toBe(false)
      }
    }
    const text = JSON.stringify(claims)
    for (const name of ['exp', 'nbf', 'iat', 'auth_time']) {
      for (const number of ['1e400', '-1e400']) {
        const wide = text.replace(new RegExp(`"${name}":\\d+`), `"${name}":${number}`)
        expect(wide).not.toBe(text)
        expect(await accepted(await signed({}, wide)), `${name} = ${number}`).toBe(false)
      }
    }
    expect(await accepted(await signed({}, text))).toBe(true)
    for (const payload of [null, 'text', 7, [claims], true])
      expect(await accepted(await signed({}, payload))).toBe(false)
  })

  test('another issuer, audience, person, session, or time is refused', async () => {
    const now = Math.floor(system.clock.now().getTime() / 1000)
    const others: Record<string, unknown>[] = [
      { iss: 'control-centre' },
      { iss: 'Control-Center' },
      { aud: 'other' },
      { aud: ['other'] },
      { exp: now },
      { exp: now - 1 },
      { nbf: now + 60 },
      { iat: now + 60 },
      { sub: '01890000-0000-7000-8000-000000000000' },
      { sid: '01890000-0000-7000-8000-000000000000' },
    ]
    for (const other of others)
      expect(await accepted(await signed({}, { ...claims, ...other })), JSON.stringify(other)).toBe(false)
    expect(await accepted(await signed({}, { ...claims, aud: testConfig.jwt.audience[1] }))).toBe(true)
  })

  test('a token ends at its last second, though its signature was checked before', async () => {
    const fresh = await logIn(system, one, personOf(system, 'Viewer'))
    system.clock.advance(testConfig.jwt.accessTokenTtlSeconds - 11)
    expect(await accepted(fresh.access)).toBe(true)
    system.clock.advance(12)
    expect(await accepted(fresh.access)).toBe(false)
    session = await logIn(system, one, personOf(system, 'Operator'))
    claims = { ...(await one.authenticator.inspect(session.access)).claims }
  })
})

/** What is not the token, and might be read as it by who is lenient. */
function spellingsOf(token: string): string[] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return [
    ...Array.from({ length: token.length }, (_, at) => token.slice(0, at)),
    `${token}=`,
    `${token}==`,
    `${token}.`,
    `.${token}`,
    ` ${token}`,
    `${token} `,
    `${token}\n`,
    `${token}\u0000`,
    `${header}=.${payload}.${signature}`,
    `${header}.${payload}==.${signature}`,
    `${header}.${payload}.${signature}=`,
    token.replaceAll('-', '+').replaceAll('_', '/'),
    [header, payload, signature].map((part) => part.toLowerCase()).join('.'),
    `${token}.${signature}`,
    `${header}.${payload}.${payload}.${signature}`,
    `${header}.${header}.${payload}.${signature}`,
    `${header}..${signature}`,
    `${header}.${payload}.`,
    `${token}${token}`,
    `${token} ${token}`,
    `${token},${token}`,
    // the last character of an RSA-2048 signature carries four spare bits: each other value of them is another spelling
    ...[...alphabet].map((letter) => token.slice(0, -1) + letter),
    ...[...alphabet].map((letter) => `${header}.${payload.slice(0, -1)}${letter}.${signature}`),
  ].filter((spelling) => spelling !== token)
}

describe('spellings', () => {
  // Threat B2
  test('a revoked token is dead in each of its spellings, and a good one is good in no other', async () => {
    const person = await logIn(system, one, personOf(system, 'Auditor'))
    expect(await accepted(person.access)).toBe(true)
    for (const spelling of spellingsOf(person.access)) expect(await accepted(spelling), spelling.slice(-30)).toBe(false)
    await two.call('auth.logout', {}, person.access)
    for (const spelling of [person.access, ...spellingsOf(person.access)])
      expect(await accepted(spelling), spelling.slice(-30)).toBe(false)
  })

  test('no prefix, padding, other alphabet, stray bit or doubled part of a good token is accepted', async () => {
    expect(await accepted(session.access)).toBe(true)
    const [header = '', payload = '', signature = ''] = session.access.split('.')
    const tokens = [
      ...Array.from({ length: session.access.length }, (_, at) => session.access.slice(0, at)),
      `${session.access}=`,
      `${session.access}==`,
      `${session.access}.`,
      `.${session.access}`,
      ` ${session.access}`,
      `${session.access}\n`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}=.${signature}`,
      `${header}.${payload}.${signature}.${signature}`,
      `${header}.${payload}.${payload}.${signature}`,
      `${header}..${signature}`,
      '..',
      '.',
      '',
      session.access.replaceAll('-', '+').replaceAll('_', '/'),
      [...header].join(' ') + `.${payload}.${signature}`,
    ].filter((token) => token !== session.access)
    for (const token of tokens) expect(await accepted(token), token.slice(-30)).toBe(false)
    // the last character of an RSA-2048 signature carries four spare bits: each other value of them is another spelling
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const letter of alphabet)
      if (!session.access.endsWith(letter)) expect(await accepted(session.access.slice(0, -1) + letter)).toBe(false)
  })

  test('a token with any one character changed is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(session.access.length - 1), fc.constantFrom(...'Aa0-_.~ é\u0000'), async (at, letter) => {
        fc.pre(session.access[at] !== letter)
        expect(await accepted(session.access.slice(0, at) + letter + session.access.slice(at + 1))).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('all else is refused as unauthenticated, never a fault, and a huge one without being read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.stringMatching(/^[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}$/),
        ),
        async (text) => {
          await expect(one.authenticator.authenticate(callerWith(text))).rejects.toMatchObject({
            code: 'unauthenticated',
          })
        },
      ),
      { numRuns: 2000 },
    )
    const huge = `${b64({ alg: 'RS256', p2c: 2 ** 31 })}.${'A'.repeat(1_000_000)}.AAAA`
    const times: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now()
      expect(await accepted(huge)).toBe(false)
      times.push(performance.now() - start)
    }
    expect(times.toSorted((a, b) => a - b)[2]).toBeLessThan(5)
  })
})

describe('what costs more to refuse than to send', () => {
  // Threat B6
  test('encrypted, compressed, costly and huge tokens are refused before any key is asked for', async () => {
    let asked = 0
    const counting = {
      ...one.keys,
      find: (kid: string) => {
        asked += 1
        return one.keys.find(kid)
      },
    }
    const verify = createAccessTokenVerifier({ keys: counting, clock: system.clock, config: testConfig })
    const { kid } = await one.keys.within(one.db)
    const [header = '', payload = '', signature = ''] = session.access.split('.')
    const hostile = [
      `${b64({ alg: 'RSA-OAEP', enc: 'A256GCM', kid })}.AAAA.AAAA.AAAA.AAAA`,
      `${b64({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31, kid })}.AAAA.AAAA.AAAA.AAAA`,
      `${b64({ alg: 'RS256', typ: 'at+jwt', kid, zip: 'DEF' })}.${payload}.${signature}`,
      `${b64({ alg: 'RS256', typ: 'at+jwt', kid, p2c: 2 ** 31 })}.${payload}.${signature}`,
      `${b64({ alg: 'RS256', typ: 'at+jwt', kid, pad: 'x'.repeat(1_000_000) })}.${payload}.${signature}`,
      `${header}.${'A'.repeat(1_000_000)}.${signature}`,
      `${header}.${payload}.${'A'.repeat(1_000_000)}`,
      `${b64({ alg: 'RS256', typ: 'at+jwt', kid: 'x'.repeat(65) })}.${payload}.${signature}`,
      `${b64({ alg: 'RS256', typ: 'at+jwt', kid, jku: 'http://127.0.0.1:9/' })}.${payload}.${signature}`,
    ]
    for (const token of hostile)
      await expect(verify(token), token.slice(0, 40)).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(asked).toBe(0)
    await expect(verify(session.access)).resolves.toMatchObject({ jti: claims['jti'] })
    expect(asked).toBeGreaterThan(0)
  })
})

/** What a browser keeps so that its person has guesses of their own. */
async function deviceSecret(): Promise<string> {
  const person = personOf(system, 'Viewer')
  nextCode(system.clock)
  const { tokens } = await one.call('auth.completeMfa', {
    challengeId: await challengeOf(one, person),
    totp: await codeOf(person.totpSecret.expose(), system.clock.now()),
  })
  return tokens.deviceToken?.expose() ?? ''
}

/** Proof of the possession of a key (RFC 9449), which is beside a token and never one. */
async function proof(): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return new SignJWT({
    jti: 'x',
    htm: 'POST',
    htu: 'http://localhost:8420/trpc/auth.whoami',
    iat: Math.floor(system.clock.now().getTime() / 1000),
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) })
    .sign(privateKey)
}

describe('kinds', () => {
  // Threat B3
  test('each kind of secret is worth something in its own place only', async () => {
    const admin = await logIn(system, one, personOf(system, 'Admin', 1))
    const apiToken = (
      await one.call('apiToken.create', { name: 'x', purpose: 'x', scopes: ['read'] }, admin.access)
    ).token.expose()
    const device = (await one.call('auth.deviceStart', {})).deviceCode.expose()
    const invited =
      (
        await one.call('user.invite', { username: 'somebody-invited', role: 'Viewer' }, admin.access)
      ).invitationUrl?.expose() ?? ''
    const invitation = invited.slice(invited.indexOf('#') + 1)
    const { challenge } = await one.call('auth.login', {
      username: personOf(system, 'Developer').username,
      password: personOf(system, 'Developer').password.expose(),
    })
    const service = await one.call('serviceAccount.create', { name: 'kinds-bot' }, admin.access)
    const serviceToken = (
      await one.call(
        'apiToken.create',
        { name: 'x', purpose: 'x', scopes: ['auth.whoami'], serviceAccount: service.id },
        admin.access,
      )
    ).token.expose()
    const kinds = {
      access: admin.access,
      refresh: admin.refresh,
      apiToken,
      serviceToken,
      device,
      invitation,
      challenge: challenge?.id ?? '',
      deviceSecret: await deviceSecret(),
      proof: await proof(),
      revokedId: String(claims['jti']),
    }
    const places: Record<string, (value: string) => Promise<string>> = {
      access: (value) => one.outcome('auth.whoami', {}, value),
      refresh: (value) => one.outcome('auth.refresh', { refreshToken: value }),
      device: (value) => one.outcome('auth.devicePoll', { deviceCode: value }),
      invitation: (value) =>
        one.outcome('auth.acceptInvite', { invitation: value, newPassword: 'a sentence that nobody leaked' }),
      challenge: (value) => one.outcome('auth.completeMfa', { challengeId: value, totp: '000000' }),
    }
    for (const [place, open] of Object.entries(places)) {
      for (const [kind, value] of Object.entries(kinds)) {
        await one.db.deleteFrom('guess_throttle').execute()
        // API tokens are shown where an access token is
        if (kind === place || (place === 'access' && (kind === 'apiToken' || kind === 'serviceToken'))) continue
        expect([place, kind, await open(value)]).toEqual([
          place,
          kind,
          expect.stringMatching(/^(unauthenticated|invalid-credentials|invalid-input|not-found)$/),
        ])
      }
    }
    for (const token of [apiToken, serviceToken]) expect(await one.outcome('auth.whoami', {}, token)).toBe('allowed')
    expect(await one.outcome('auth.devicePoll', { deviceCode: device })).toBe('allowed')
  })

  test('a refresh token, a challenge and a one-time password open nothing', async () => {
    const { challenge } = await one.call('auth.login', {
      username: personOf(system, 'Admin').username,
      password: personOf(system, 'Admin').password.expose(),
    })
    for (const token of [session.refresh, challenge?.id ?? '', personOf(system, 'Admin').password.expose()])
      expect(await one.outcome('auth.whoami', {}, token)).toBe('unauthenticated')
  })

  test('verify tells of a good token in the words of RFC 7662, and of no other anything', async () => {
    const verified = await two.call('auth.verify', { token: session.access })
    expect(verified).toMatchObject({
      active: true,
      token_type: 'Bearer',
      iss: 'control-center',
      aud: ['orchestrator', 'cli'],
      username: personOf(system, 'Operator').username,
      sid: session.sessionId,
      acr: 'mfa',
      amr: ['pwd', 'otp', 'mfa'],
      jti: claims['jti'],
      exp: claims['exp'],
    })
    expect(await two.call('auth.verify', { token: session.refresh })).toMatchObject({
      active: true,
      token_type: 'refresh_token',
      sid: session.sessionId,
    })
    for (const token of ['', 'x', `${session.access}x`, await signed({}, { ...claims, exp: 1 })])
      expect(await two.call('auth.verify', { token })).toEqual({ active: false })
    await one.call('auth.logout', {}, session.access)
    expect(await two.call('auth.verify', { token: session.access })).toEqual({ active: false })
    expect(await two.call('auth.verify', { token: session.refresh })).toEqual({ active: false })
  })
})

describe('signing keys', () => {
  // Threat B8
  test('a node with another data key than they were sealed under does not start, and makes none', async () => {
    const before = await one.db.selectFrom('signing_key').select('kid').orderBy('kid').execute()
    await expect(
      openSigningKeys({
        db: one.db,
        sealer: sealerUnder({ id: randomUUID(), key: randomBytes(32) }),
        clock: system.clock,
      }),
    ).rejects.toThrow(/signing key .* does not open with this data key: start with the state directory/)
    expect(await one.db.selectFrom('signing_key').select('kid').orderBy('kid').execute()).toEqual(before)
  })

  test('nodes of one database have the same keys, one current and one next, and show no private part', async () => {
    expect(await two.keys.jwks()).toEqual(await one.keys.jwks())
    expect((await one.keys.jwks()).keys).toHaveLength(2)
    for (const key of (await one.keys.jwks()).keys)
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
  })

  test('ten nodes that boot at once on an empty database make one current key', async () => {
    const other = await startSystem()
    const node = await other.openNode()
    await node.db.deleteFrom('signing_key').execute()
    const all = await Promise.all(
      Array.from({ length: 10 }, () => openSigningKeys({ db: node.db, sealer: other.sealer, clock: other.clock })),
    )
    const names = await Promise.all(all.map(async (keys) => (await keys.within(node.db)).kid))
    expect(new Set(names).size).toBe(1)
    expect(await node.db.selectFrom('signing_key').select('kid').execute()).toHaveLength(2)
    await other.end()
  })

  test('a given key becomes the current one, once, and tokens of the one before stay good', async () => {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
      publicKeyEncoding: { format: 'pem', type: 'spki' },
    })
    const imported = { privateKeyPem: secret(pair.privateKey), publicKeyPem: pair.publicKey }
    const before = await logIn(system, one, personOf(system, 'Operator'))
    const open = { db: one.db, sealer: system.sealer, clock: system.clock, imported }
    const first = await openSigningKeys(open)
    const again = await openSigningKeys(open)
    expect((await again.within(one.db)).kid).toBe((await first.within(one.db)).kid)
    expect((await first.jwks()).keys).toHaveLength(3)
    const three = await system.openNode()
    expect((await three.keys.within(three.db)).kid).toBe((await first.within(one.db)).kid)
    expect(await three.outcome('auth.whoami', {}, before.access)).toBe('allowed')
    const after = await logIn(system, three, personOf(system, 'Viewer'))
    // a node that was there before learns the new key within seconds
    await expect
      .poll(() => two.outcome('auth.whoami', {}, after.access), { timeout: 8000, interval: 500 })
      .toBe('allowed')
  })

  test('a given key that is no RSA key, too short, or not a pair is refused with the reason', async () => {
    const pem = (key: { export(options: { format: 'pem'; type: 'pkcs8' }): string | Buffer }): string =>
      String(key.export({ format: 'pem', type: 'pkcs8' }))
    const good = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const open = (privateKeyPem: string, publicKeyPem: string | null = null) =>
      openSigningKeys({
        db: one.db,
        sealer: system.sealer,
        clock: system.clock,
        imported: { privateKeyPem: secret(privateKeyPem), publicKeyPem },
      })
    await expect(open('not a key')).rejects.toThrow('not a PEM that can be read')
    await expect(open(pem(generateKeyPairSync('ed25519').privateKey))).rejects.toThrow('must be RSA')
    await expect(open(pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey))).rejects.toThrow('2048')
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'pem', type: 'spki' })
    await expect(open(pem(good.privateKey), String(other))).rejects.toThrow('does not belong')
  })
})
