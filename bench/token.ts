import { createAccessTokenVerifier, issueAccessToken, type IdentityConfig, type SigningKeys } from '@gatehouse/identity'
import { systemRandom } from '@gatehouse/enforcement'
import { generateKeyPairSync } from 'node:crypto'
import { jwtVerify } from 'jose'
import { compare, readable, type Row } from './row.ts'

const kid = 'bench'
/** As many different tokens as a busy gateway sees in a few seconds. */
const tokensMax = 300

const config: IdentityConfig = {
  mail: false,
  publicUrl: 'http://localhost:8420',
  jwt: {
    issuer: 'control-center',
    audience: ['orchestrator', 'cli'],
    accessTokenTtlSeconds: 900,
    refreshTokenTtlSeconds: 604_800,
  },
  password: { memoryKib: 47_104, passes: 2 },
  mfa: {
    totpIssuer: 'Gatehouse',
    rateLimit: 5,
    rateLimitWindowSeconds: 300,
    stepUpMaxAgeSeconds: 300,
    requiredRoles: [],
    webauthnRpId: 'localhost',
    webauthnOrigins: ['http://localhost:8420'],
    webauthnAttestationRoots: [],
  },
}

/**
 * Checks access tokens against `jose.jwtVerify` with the same demands: tokens never seen before, and tokens of a caller
 * at work.
 */
export async function tokenBench(): Promise<Row[]> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = { kid, privateKey }
  const keys: SigningKeys = {
    within: () => Promise.resolve(key),
    find: () => Promise.resolve(publicKey),
    jwks: () => Promise.resolve({ keys: [] }),
    refresh: () => Promise.resolve(),
  }
  const clock = { now: () => new Date() }
  const random = systemRandom(clock)
  const subject = {
    userId: random.id(),
    sessionId: random.id(),
    assurance: 'mfa',
    methods: ['password', 'totp'],
    authTime: clock.now(),
    roles: ['Operator'],
    teams: [random.id()],
    workspace: 'default',
    keyThumbprint: null,
    ttlSeconds: config.jwt.accessTokenTtlSeconds,
  } as const
  const issued = await Promise.all(
    Array.from({ length: tokensMax }, () => issueAccessToken({ key, clock, random, config }, subject)),
  )
  const tokens = issued.map(({ accessToken }) => accessToken.expose())
  const tokenAt = (at: number): string => tokens[at % tokens.length] ?? ''

  const verifyOf = () => createAccessTokenVerifier({ keys, clock, config })
  const warm = verifyOf()
  const each = async (times: number, verify: (token: string) => Promise<unknown>): Promise<void> => {
    for (let at = 0; at < times; at += 1) await verify(tokenAt(at))
  }
  const jose = {
    name: 'jose.jwtVerify',
    run: (times: number) =>
      each(times, (token) =>
        jwtVerify(token, publicKey, {
          algorithms: ['RS256'],
          typ: 'at+jwt',
          issuer: config.jwt.issuer,
          audience: config.jwt.audience,
        }),
      ),
  }
  const row = async (id: string, what: string, run: (times: number) => Promise<void>): Promise<Row> => {
    const { oursMicroseconds, peerMicroseconds, ratio } = await compare({ name: what, run }, jose, tokensMax)
    return {
      id,
      what,
      ours: readable(oursMicroseconds),
      peer: readable(peerMicroseconds),
      ratio,
      reads: 'time of ours in units of jose.jwtVerify; below 1 is faster',
    }
  }
  return [
    // a verifier of its own each time: nothing is remembered from the round before
    await row('token.cold', 'check of an access token, never seen before', (times) => each(times, verifyOf())),
    await row('token.warm', 'check of an access token, seen before', (times) => each(times, warm)),
  ]
}
