import { createHash } from 'node:crypto'
import { secret, type Role, type Secret } from '@gatehouse/contract'
import type { Clock, Random } from '@gatehouse/enforcement'
import { SignJWT } from 'jose'
import type { IdentityConfig } from '../shared/config.ts'
import { accessTokenAlgorithm, accessTokenType } from '../shared/access-claims.ts'
import type { SigningKey } from '../shared/ports.ts'

/** The facts of a session that its access tokens tell. */
export interface TokenSubject {
  readonly userId: string
  readonly sessionId: string
  readonly assurance: 'pw' | 'mfa'
  readonly methods: readonly string[]
  readonly authTime: Date
  readonly roles: readonly Role[]
  readonly teams: readonly string[]
  /** The workspace to begin in; null: none is seen. */
  readonly workspace: string | null
  readonly ttlSeconds: number
  /** The key that it is bound to; null: to none. */
  readonly keyThumbprint: string | null
}

export interface IssuedAccessToken {
  readonly id: string
  readonly accessToken: Secret<string>
  readonly accessExpiresAt: Date
}

export interface IssueDeps {
  /** The key that signs now. */
  readonly key: SigningKey
  readonly clock: Clock
  readonly random: Random
  readonly config: { readonly jwt: Pick<IdentityConfig['jwt'], 'issuer' | 'audience'> }
}

/**
 * Signs an access token (RFC 9068) for a session. It proves who calls, never what they may: that is looked up at each
 * request.
 */
export async function issueAccessToken(
  { key, clock, random, config }: IssueDeps,
  subject: TokenSubject,
): Promise<IssuedAccessToken> {
  const now = clock.now()
  const issuedAt = Math.floor(now.getTime() / 1000)
  const expiresAt = issuedAt + subject.ttlSeconds
  const id = random.id()
  const token = await new SignJWT({
    iss: config.jwt.issuer,
    aud: config.jwt.audience,
    sub: subject.userId,
    sid: subject.sessionId,
    jti: id,
    iat: issuedAt,
    nbf: issuedAt,
    exp: expiresAt,
    iat_ms: now.getTime(),
    auth_time: Math.floor(subject.authTime.getTime() / 1000),
    amr: methodReferences(subject),
    acr: subject.assurance,
    permissions_hash: permissionsHash(subject),
    ...(subject.workspace === null ? {} : { workspace: subject.workspace }),
    ...(subject.keyThumbprint === null ? {} : { cnf: { jkt: subject.keyThumbprint } }),
  })
    .setProtectedHeader({ alg: accessTokenAlgorithm, typ: accessTokenType, kid: key.kid })
    .sign(key.privateKey)
  return { id, accessToken: secret(token), accessExpiresAt: new Date(expiresAt * 1000) }
}

/**
 * Our words for methods in those of RFC 8176. Of a key it is proved that somebody has it and touched it; `hwk` would
 * say that it lies in hardware, which only
 * its maker can say.
 */
const references: Readonly<Record<string, readonly string[]>> = {
  password: ['pwd'],
  totp: ['otp'],
  webauthn: ['pop', 'user'],
  passkey: ['pop', 'user'],
}

function methodReferences({ methods, assurance }: TokenSubject): string[] {
  const named = [...new Set(methods.flatMap((method) => references[method] ?? [method]))]
  return assurance === 'mfa' ? [...named, 'mfa'] : named
}

/** Changes whenever roles or teams do, so a client can see that what it knows of its rights is old. */
function permissionsHash({ roles, teams }: TokenSubject): string {
  const facts = JSON.stringify([roles.toSorted(), teams.toSorted()])
  return createHash('sha256').update(facts).digest('base64url').slice(0, 22)
}
