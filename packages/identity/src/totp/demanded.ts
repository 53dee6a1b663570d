import type { Store } from '@gatehouse/database'
import type { HandlerDeps } from '../deps.ts'
import { selectGrants } from '../session/session.queries.ts'

/** True when one of a person's roles demands an authenticator. */
export async function demandsAuthenticator(db: Store, { settings }: Pick<HandlerDeps, 'settings'>, userId: string): Promise<boolean> {
  const { requiredRoles } = await settings.current()
  const { roles } = await selectGrants(db, userId)
  return roles.some((role) => requiredRoles.includes(role))
}
