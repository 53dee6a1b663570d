import type { Store } from '@gatehouse/database'
import { selectGrants } from './session.queries.ts'
import type { GatehouseSettingsInForce } from '../shared/settings.ts'

/**
 * True when one of a person's roles demands an authenticator. Settings are given, since looking at them may take
 * another connection.
 */
export async function demandsAuthenticator(
  db: Store,
  { requiredRoles }: GatehouseSettingsInForce,
  userId: string,
): Promise<boolean> {
  const { roles } = await selectGrants(db, userId)
  return roles.some((role) => requiredRoles.includes(role))
}
