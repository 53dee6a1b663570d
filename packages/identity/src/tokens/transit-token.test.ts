import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { looksLikeTransitToken, signTransitToken, verifyTransitToken } from './transit-token.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const config = { jwt: { issuer: 'https://gatehouse.test' } }
const keys = { find: (kid: string) => Promise.resolve(kid === 'k1' ? publicKey : null) }
const facts = {
  tokenId: randomUUID(),
  userId: randomUUID(),
  sessionId: randomUUID(),
  provedAt: new Date('2026-11-29T11:58:00Z'),
  keys: ['shop-config'],
  address: '192.0.2.7',
  issuedAt: new Date('2026-11-29T12:00:00.250Z'),
  expiresAt: new Date('2026-11-29T12:15:00Z'),
}
const signed = async (): Promise<string> =>
  (await signTransitToken({ key: { kid: 'k1', privateKey }, config }, facts)).expose()
const verified = (token: string, at = '2026-11-29T12:14:59.999Z') =>
  verifyTransitToken({ keys, config, clock: { now: () => new Date(at) } }, token)

test('says for whom, in which session, for which keys and from where it was made, until it ends', async () => {
  const token = await signed()
  expect(looksLikeTransitToken(token)).toBe(true)
  expect(await verified(token)).toMatchObject({
    sub: facts.userId,
    sid: facts.sessionId,
    jti: facts.tokenId,
    keys: ['shop-config'],
    address: '192.0.2.7',
    iat_ms: facts.issuedAt.getTime(),
    proved_at_ms: facts.provedAt.getTime(),
  })
  await expect(verified(token, '2026-11-29T12:15:00Z')).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('is none of another issuer, type, audience or key, and has no claim more or less', async () => {
  const [, payload = ''] = (await signed()).split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  const made = (changed: object, header: object = {}): Promise<string> =>
    new SignJWT({ ...claims, ...changed })
      .setProtectedHeader({ alg: 'RS256', typ: 'transit+jwt', kid: 'k1', ...header })
      .sign(privateKey)
  expect(await verified(await made({}))).toMatchObject({ keys: ['shop-config'] })
  for (const token of [
    await made({ iss: 'https://other.test' }),
    await made({ aud: 'gatehouse' }),
    await made({ keys: [] }),
    await made({ more: true }),
    await made({ exp: '9999999999' }),
    await made({ address: undefined }),
    await made({}, { typ: 'at+jwt' }),
    await made({}, { typ: 'bg+jwt' }),
    await made({}, { kid: 'k2' }),
    await made({}, { jku: 'https://other.test' }),
    await made({}, { alg: 'PS256' }),
    `${await made({})}.x`,
    'gatehouse_svc_x',
    '',
  ])
    await expect(verified(token)).rejects.toMatchObject({ code: 'unauthenticated' })
})
