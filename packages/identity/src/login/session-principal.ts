import type { UserPrincipal } from '@gatehouse/enforcement'
import { absoluteEnd, idleEnd } from '../session/session-limits.ts'
import { missingOf } from '../settings/missing-steps.ts'
import type { GatehouseSettingsInForce, Limits } from '../shared/settings.ts'
import type { CallerRow } from './authenticate.queries.ts'

/**
 * Whether a token is older than what was done to its person. Equal lives: tokens given out by the very act that moved
 * the cut-off bear its time.
 */
export const isCutOff = (
  { issuedAtMilliseconds }: { readonly issuedAtMilliseconds: number },
  { cut_off }: CallerRow,
): boolean => cut_off !== null && issuedAtMilliseconds < cut_off.getTime()

/** A person as their session stands. */
export function principalOf(
  row: CallerRow,
  { tokenId, settings, limits }: { tokenId: string; settings: GatehouseSettingsInForce; limits: Limits },
): UserPrincipal {
  return Object.freeze({
    type: 'User',
    id: row.user_id,
    username: row.username,
    displayName: row.display_name,
    roles: row.roles,
    teams: row.teams,
    hasAuthenticator: row.has_authenticator,
    missing: missingOf(row, settings),
    tokenId,
    looked: row.version,
    session: {
      id: row.session_id,
      assurance: row.assurance,
      provedAt: row.proved_at,
      authTime: row.auth_time,
      expiresAt: absoluteEnd(row, limits),
      idleExpiresAt: idleEnd(row, limits),
      methods: row.methods,
      recoveryUntil: row.recovery_until,
    },
  })
}
