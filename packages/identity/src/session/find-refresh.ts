import type { HandlerDeps } from '../shared/deps.ts'
import { limitsOfRoles } from '../settings/settings-in-force.ts'
import { hasEnded } from './session-limits.ts'
import { selectRefresh, type RefreshRow } from './session.queries.ts'

/**
 * A refresh token whose family could still be alive by the limits of this moment. Null: unknown, expired, or of a
 * session that has ended.
 */
export async function findRefresh(
  { db, clock, settings }: Pick<HandlerDeps, 'db' | 'clock' | 'settings'>,
  hash: Buffer,
): Promise<RefreshRow | null> {
  const now = clock.now()
  const found = await selectRefresh(db, { hash, now })
  if (found === null) return null
  const limits = limitsOfRoles(await settings.current(), found.roles)
  const isExpired = now.getTime() >= found.issued_at.getTime() + limits.refreshTokenTtlSeconds * 1000
  return isExpired || hasEnded(found.session, limits, now) ? null : found
}
