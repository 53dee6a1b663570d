import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { anonymous, type Authenticator, type Clock, type UserPrincipal } from '@gatehouse/enforcement'
import { looksLikeApiToken } from './api-token/api-token-text.ts'
import { createApiTokenProver, type ApiTokenProver } from './api-token/prove-api-token.ts'
import { selectCaller, touchSession, type CallerRow } from './authenticate.queries.ts'
import { sessionIdleSeconds, type IdentityConfig } from './config.ts'
import { missingOf } from './missing-steps.ts'
import type { GatehouseSettingsInForce, SettingsInForce } from './settings/settings-in-force.ts'
import type { SigningKeys } from './signing/signing-keys.ts'
import type { AccessClaims } from './tokens/access-claims.ts'
import { createAccessTokenVerifier } from './tokens/verify-access-token.ts'

/** A session's last use is kept to the minute: one write per minute and session, not one per request. */
const touchSeconds = 60

export interface AuthenticatorDeps {
  readonly db: Store
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly config: IdentityConfig
  readonly settings: SettingsInForce
}

/** The port's authenticator, and what `auth.verify` needs beyond it. */
export interface AccessTokenAuthenticator extends Authenticator {
  /** What a good access token says, and who it proves. Throws `Refusal('unauthenticated')` for any other. */
  inspect(token: string): Promise<{ readonly claims: AccessClaims; readonly principal: UserPrincipal }>
  /** The same of API tokens. */
  readonly inspectApiToken: ApiTokenProver['inspect']
}

/** Proves callers by access token, signature and times from the token, all else from one query; or by API token. */
export function createAuthenticator(deps: AuthenticatorDeps): AccessTokenAuthenticator {
  const verifyToken = createAccessTokenVerifier(deps)
  const apiTokens = createApiTokenProver(deps)
  // a stream proves its caller again without the token at hand; the cut-off is compared with when it was issued
  const issuedAt = new WeakMap<UserPrincipal, number>()

  const prove = async (proof: { userId: string; sessionId: string; tokenId: string; issuedAtMilliseconds: number }): Promise<UserPrincipal> => {
    const now = deps.clock.now()
    const row = await selectCaller(deps.db, { ...proof, now, idleSince: secondsBefore(now, sessionIdleSeconds) })
    if (row === null) throw unauthenticated()
    // equal lives: tokens given out by the very act that moved the cut-off bear its time
    if (row.cut_off !== null && proof.issuedAtMilliseconds < row.cut_off.getTime()) throw unauthenticated()
    touch(deps.db, row, now)
    const principal = principalOf(row, proof.tokenId, await deps.settings.current())
    issuedAt.set(principal, proof.issuedAtMilliseconds)
    return principal
  }

  const inspect: AccessTokenAuthenticator['inspect'] = async (token) => {
    const claims = await verifyToken(token)
    const principal = await prove({ userId: claims.sub, sessionId: claims.sid, tokenId: claims.jti, issuedAtMilliseconds: claims.iat_ms })
    return { claims, principal }
  }

  return {
    inspect,
    inspectApiToken: apiTokens.inspect,
    authenticate: async (credential, from) => {
      if (credential === null) return anonymous
      return looksLikeApiToken(credential) ? apiTokens.prove(credential, from) : (await inspect(credential)).principal
    },
    recheck: async (principal, from) => {
      if (principal.type === 'Service' || principal.apiToken !== undefined) return apiTokens.recheck(principal, from)
      return prove({
        userId: principal.id, sessionId: principal.session.id, tokenId: principal.tokenId,
        issuedAtMilliseconds: issuedAt.get(principal) ?? 0, // not proved by us: dead after any cut-off
      })
    },
  }
}

function touch(db: Store, row: CallerRow, now: Date): void {
  const unlessSince = secondsBefore(now, touchSeconds)
  if (row.last_used_at >= unlessSince) return
  // not awaited: no request waits for a convenience, and a lost one is made up a minute later
  void touchSession(db, { sessionId: row.session_id, now, unlessSince }).catch(() => undefined)
}

function principalOf(row: CallerRow, tokenId: string, settings: GatehouseSettingsInForce): UserPrincipal {
  return Object.freeze({
    type: 'User', id: row.user_id, username: row.username, displayName: row.display_name, roles: row.roles, teams: row.teams,
    hasAuthenticator: row.has_authenticator, missing: missingOf(row, settings), tokenId,
    session: { id: row.session_id, assurance: row.assurance, provedAt: row.proved_at, authTime: row.auth_time, expiresAt: row.expires_at, methods: row.methods, recoveryUntil: row.recovery_until },
  })
}

const secondsBefore = (now: Date, seconds: number): Date => new Date(now.getTime() - seconds * 1000)
const unauthenticated = (): Refusal => new Refusal('unauthenticated')
