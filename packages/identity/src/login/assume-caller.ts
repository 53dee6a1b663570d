import type { Authenticator, Caller, Clock, UserPrincipal } from '@gatehouse/enforcement'
import { looksLikeApiToken } from '../programs/api-token/api-token-text.ts'
import { unlessUsedSince } from '../session/session-limits.ts'
import { limitsOfRoles } from '../settings/settings-in-force.ts'
import type { AccessClaims } from '../shared/access-claims.ts'
import type { SettingsInForce } from '../shared/settings.ts'
import { looksLikeEmergencyToken } from '../tokens/emergency-token.ts'
import { looksLikeTransitToken } from '../tokens/transit-token.ts'
import type { VerifyAccessToken } from '../tokens/verify-access-token.ts'
import { objectionTo, type Proved } from './caller-standing.ts'
import type { ProvedLately } from './proved-lately.ts'
import { principalOf } from './session-principal.ts'

export interface AssumptionDeps {
  readonly clock: Clock
  readonly settings: SettingsInForce
  readonly verifyToken: VerifyAccessToken
  readonly lately: ProvedLately<Proved>
}

/**
 * Who a bearer's access token belongs to, by what the database said a moment ago; token, times and limits are looked at
 * as ever. What a page asks by itself is looked at: not each of its reads has an entry that would prove it (ADR 091).
 */
export const createAssumption =
  (deps: AssumptionDeps): NonNullable<Authenticator['assume']> =>
  async (caller) => {
    const { credential, background } = caller
    if (credential === null || background === true || !isBearer(caller)) return null
    const claims = await claimsOf(deps, credential)
    if (claims === null) return null
    const known = deps.lately.find(claims.jti)
    if (known === null) return null
    const [now, settings] = [deps.clock.now(), await deps.settings.current()]
    const limits = limitsOfRoles(settings, known.row.roles)
    // that they have ended is for a look to say, and with a look it is noted that they are at work
    if (objectionTo(known, { limits, now, occasion: 'use' }) !== null) return null
    if (known.row.last_used_at < unlessUsedSince(limits, now)) return null
    const { tokenId } = known.facts
    const person = principalOf({ ...known.row, last_used_at: now }, { tokenId, settings, limits })
    return Object.freeze<UserPrincipal>({ ...person, assumed: known.row.version })
  }

/**
 * Null: it is a token of another kind. That is asked only of what is no access token: to read what a token says of
 * itself takes longer than to find that its signature was checked.
 */
async function claimsOf({ verifyToken }: AssumptionDeps, credential: string): Promise<AccessClaims | null> {
  try {
    return await verifyToken(credential)
  } catch (error) {
    if (isOtherToken(credential)) return null
    throw error
  }
}

const isOtherToken = (credential: string): boolean =>
  looksLikeApiToken(credential) || looksLikeTransitToken(credential) || looksLikeEmergencyToken(credential)

const isBearer = ({ scheme = 'bearer' }: Caller): boolean => scheme === 'bearer'
