import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Caller, Clock, UserPrincipal } from '@gatehouse/enforcement'
import { hasEnded } from '../session/session-limits.ts'
import { limitsOfRoles } from '../settings/settings-in-force.ts'
import type { IdentityConfig } from '../shared/config.ts'
import { isPersonLocked } from '../directory/lock.queries.ts'
import { ended } from '../shared/ended.ts'
import type { SigningKeys } from '../shared/ports.ts'
import type { SettingsInForce } from '../shared/settings.ts'
import { verifyTransitToken } from '../tokens/transit-token.ts'
import type { callerLookup } from './authenticate.queries.ts'
import { isCutOff, principalOf } from './session-principal.ts'

export interface TransitProverDeps {
  readonly db: Store
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly config: IdentityConfig
  readonly settings: SettingsInForce
  readonly findCaller: ReturnType<typeof callerLookup>
}

/**
 * Proves who shows a token of `kms.facadeToken`: where Vault's clients ask, from its address, and while the session
 * that it was made in and its person are as they were. Its use keeps no session from ending: it lies in a script.
 */
export const createTransitProver =
  (deps: TransitProverDeps) =>
  async (caller: Caller, token: string): Promise<UserPrincipal> => {
    if (caller.transport !== 'vault' || caller.scheme === 'dpop') throw new Refusal('unauthenticated')
    const claims = await verifyTransitToken(deps, token)
    if (claims.address !== caller.address || caller.forwards === true) throw new Refusal('unauthenticated')
    const now = deps.clock.now()
    const row = await deps.findCaller({ userId: claims.sub, sessionId: claims.sid, tokenId: claims.jti, now })
    if (row === null && (await isPersonLocked(deps.db, claims.sub))) throw ended('user-locked')
    if (row === null || isCutOff({ issuedAtMilliseconds: claims.iat_ms }, row)) throw ended('session-revoked')
    const settings = await deps.settings.current()
    const limits = limitsOfRoles(settings, row.roles)
    if (hasEnded(row, limits, now)) throw ended('session-expired')
    const person = principalOf(row, { tokenId: claims.jti, settings, limits })
    return Object.freeze<UserPrincipal>({
      ...person,
      // what is proved in the session later is not proved by whoever has the token
      session: { ...person.session, provedAt: new Date(claims.proved_at_ms) },
      transit: { keys: claims.keys, expiresAt: new Date(claims.exp * 1000) },
    })
  }
