import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Caller, Clock, UserPrincipal } from '@gatehouse/enforcement'
import type { IdentityConfig } from '../shared/config.ts'
import { ended } from '../shared/ended.ts'
import type { EmergencySessions, EmergencyStanding, SigningKeys } from '../shared/ports.ts'
import { requireBinding } from '../tokens/dpop/key-binding.ts'
import { verifyEmergencyToken, type EmergencyClaims } from '../tokens/emergency-token.ts'
import { selectHolder, type HolderRow } from './emergency-holder.queries.ts'

/** What proving emergency tokens needs. */
export interface EmergencyProverDeps {
  readonly db: Store
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly config: IdentityConfig
  readonly emergencies: EmergencySessions
}

/** Proves who shows an emergency token: by its signature, and by the rows of its session and its person as they are. */
export interface EmergencyProver {
  prove(caller: Caller, token: string): Promise<UserPrincipal>
  /** The same again, for streams. Throws for one who was not proved here. */
  recheck(principal: UserPrincipal): Promise<UserPrincipal>
}

export function createEmergencyProver(deps: EmergencyProverDeps): EmergencyProver {
  const proved = new WeakMap<UserPrincipal, EmergencyClaims>()
  const look = async (claims: EmergencyClaims, occasion: 'use' | 'look'): Promise<UserPrincipal> => {
    const holder = await selectHolder(deps.db, claims.sub)
    // who was shut out, or changed their password since, is out with this token too
    if (holder === null || (holder.cut_off !== null && claims.iat_ms < holder.cut_off.getTime()))
      throw unauthenticated()
    if (holder.locked) throw ended('user-locked')
    const standing = await deps.emergencies.find({ id: claims.bg, tokenId: claims.jti, userId: holder.id, occasion })
    if (standing === null || standing.keyThumbprint !== (claims.cnf?.jkt ?? null)) throw unauthenticated()
    if (standing.isLocked) throw ended('approval-locked')
    const principal = principalOf(holder, standing, deps.clock.now())
    proved.set(principal, claims)
    return principal
  }
  return {
    prove: async (caller, token) => {
      const claims = await verifyEmergencyToken(deps, token)
      await requireBinding(deps, caller, { token, thumbprint: claims.cnf?.jkt ?? null })
      return look(claims, caller.background === true ? 'look' : 'use')
    },
    recheck: async (principal) => {
      const claims = proved.get(principal)
      if (claims === undefined) throw unauthenticated()
      return look(claims, 'look')
    },
  }
}

/** The emergency session stands in the place of a log-in: entries and leases under it carry its id. */
const principalOf = (holder: HolderRow, standing: EmergencyStanding, now: Date): UserPrincipal =>
  Object.freeze<UserPrincipal>({
    type: 'User',
    id: holder.id,
    username: holder.username,
    displayName: holder.display_name,
    roles: holder.roles,
    teams: holder.teams,
    hasAuthenticator: holder.has_authenticator,
    missing: holder.must_change_password ? (['passwordChange'] as const) : [],
    tokenId: standing.tokenId,
    session: {
      id: standing.id,
      assurance: 'mfa',
      provedAt: standing.isFresh ? now : null,
      authTime: standing.activatedAt,
      expiresAt: standing.expiresAt,
      methods: ['emergency'],
    },
    emergency: {
      id: standing.id,
      workspace: standing.workspace,
      actions: standing.actions,
      incident: standing.incident,
      expiresAt: standing.expiresAt,
    },
  })

const unauthenticated = (): Refusal => new Refusal('unauthenticated')
