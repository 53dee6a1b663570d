import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { anonymous, type Clock, type UserPrincipal } from '@gatehouse/enforcement'
import { looksLikeApiToken } from '../programs/api-token/api-token-text.ts'
import { createApiTokenProver } from '../programs/api-token/prove-api-token.ts'
import { refusalOf } from './ending.ts'
import { callerLookup, touchSession, type CallerRow } from './authenticate.queries.ts'
import type { IdentityConfig } from '../shared/config.ts'
import { createAssumption } from './assume-caller.ts'
import { objectionTo, type Occasion, type Proved, type TokenFacts } from './caller-standing.ts'
import { requireBinding, shownKeyFor } from '../tokens/dpop/key-binding.ts'
import { findRefresh } from '../session/find-refresh.ts'
import { limitsOfRoles } from '../settings/settings-in-force.ts'
import { unlessUsedSince } from '../session/session-limits.ts'
import type { AccessClaims } from '../shared/access-claims.ts'
import { refreshTokenHash } from '../tokens/refresh-token.ts'
import { createAccessTokenVerifier } from '../tokens/verify-access-token.ts'
import type { AccessTokenAuthenticator, EmergencySessions, SigningKeys } from '../shared/ports.ts'
import { looksLikeEmergencyToken } from '../tokens/emergency-token.ts'
import { looksLikeTransitToken } from '../tokens/transit-token.ts'
import { createEmergencyProver } from './prove-emergency.ts'
import { createTransitProver } from './prove-transit.ts'
import { provedLately } from './proved-lately.ts'
import { principalOf } from './session-principal.ts'
import type { Limits, SettingsInForce } from '../shared/settings.ts'

export interface AuthenticatorDeps {
  readonly db: Store
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly config: IdentityConfig
  readonly settings: SettingsInForce
  /** Knows emergency sessions. */
  readonly emergencies: EmergencySessions
}

const factsOf = (claims: AccessClaims): TokenFacts => ({
  userId: claims.sub,
  sessionId: claims.sid,
  tokenId: claims.jti,
  issuedAtMilliseconds: claims.iat_ms,
  keyThumbprint: claims.cnf?.jkt ?? null,
})

/** Proves callers by access token, signature and times from the token, all else from one query; or by API token. */
export function createAuthenticator(deps: AuthenticatorDeps): AccessTokenAuthenticator {
  const verifyToken = createAccessTokenVerifier(deps)
  const apiTokens = createApiTokenProver(deps)
  const emergency = createEmergencyProver(deps)
  const findCaller = callerLookup(deps.db)
  const proveTransit = createTransitProver({ ...deps, findCaller })
  // a stream proves its caller again without the token at hand
  const proved = new WeakMap<UserPrincipal, TokenFacts>()
  const lately = provedLately<Proved>()

  const prove = async (facts: TokenFacts, occasion: Occasion): Promise<UserPrincipal> => {
    const now = deps.clock.now()
    const [row, settings] = await Promise.all([findCaller({ ...facts, now }), deps.settings.current()])
    if (row === null) throw await refusalOf(deps.db, facts, now)
    const limits = limitsOfRoles(settings, row.roles)
    const objection = objectionTo({ facts, row }, { limits, now, occasion })
    if (objection !== null) throw objection
    if (occasion === 'use') touch(deps.db, row, { now, limits })
    const principal = principalOf(occasion === 'use' ? { ...row, last_used_at: now } : row, {
      tokenId: facts.tokenId,
      settings,
      limits,
    })
    proved.set(principal, facts)
    // one that is bound to a key is proved by a proof each time
    if (occasion === 'use' && facts.keyThumbprint === null) lately.note(facts.tokenId, { facts, row })
    return principal
  }

  const proveClaims = (claims: AccessClaims, occasion: 'use' | 'look'): Promise<UserPrincipal> =>
    prove(factsOf(claims), occasion)

  /** A refresh token proves who may end its session, and nothing else. */
  const proveRefresh = async (hash: Buffer): Promise<UserPrincipal> => {
    const found = await findRefresh(deps, hash)
    if (found === null || found.used_at !== null) throw unauthenticated()
    const { id: tokenId, session, issued_at: issuedAt } = found
    const [userId, sessionId, keyThumbprint] = [session.user_id, session.id, session.key_thumbprint]
    const issuedAtMilliseconds = issuedAt.getTime()
    return prove({ userId, sessionId, tokenId, issuedAtMilliseconds, keyThumbprint }, 'stream')
  }

  return {
    inspect: async (token) => {
      const claims = await verifyToken(token)
      return { claims, principal: await proveClaims(claims, 'look') }
    },
    inspectApiToken: apiTokens.inspect,
    authenticate: async (caller) => {
      const { credential, background } = caller
      if (credential === null) return anonymous
      if (looksLikeApiToken(credential))
        return apiTokens.prove(credential, {
          address: caller.address,
          keyThumbprint: await shownKeyFor(deps, caller, credential),
        })
      if (looksLikeTransitToken(credential)) return proveTransit(caller, credential)
      if (looksLikeEmergencyToken(credential)) return emergency.prove(caller, credential)
      const refreshHash = caller.scheme === 'itself' ? refreshTokenHash(credential) : null
      if (refreshHash !== null) return proveRefresh(refreshHash)
      const claims = await verifyToken(credential)
      // before the session is looked at: who has not the key does not keep it in use
      if (caller.scheme !== 'itself')
        await requireBinding(deps, caller, { token: credential, thumbprint: claims.cnf?.jkt ?? null })
      return proveClaims(claims, background === true || caller.scheme === 'itself' ? 'look' : 'use')
    },
    assume: createAssumption({ ...deps, verifyToken, lately }),
    recheck: async (principal, { address }) => {
      // the key was shown when the stream was opened
      if (principal.type === 'Service' || principal.apiToken !== undefined)
        return apiTokens.recheck(principal, { address, keyThumbprint: principal.apiToken?.keyThumbprint ?? null })
      if (principal.emergency !== undefined) return emergency.recheck(principal)
      const facts = proved.get(principal)
      if (facts === undefined) throw unauthenticated()
      return prove(facts, 'stream')
    },
  }
}

function touch(db: Store, row: CallerRow, { now, limits }: { now: Date; limits: Limits }): void {
  const unlessSince = unlessUsedSince(limits, now)
  if (row.last_used_at >= unlessSince) return
  // not awaited: no request waits for a convenience, and a lost one is made up by the next
  void touchSession(db, { sessionId: row.session_id, now, unlessSince }).catch(() => undefined)
}

const unauthenticated = (): Refusal => new Refusal('unauthenticated')
