import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

/** What became of a session that a token belongs to. */
export interface SessionEndRow {
  readonly status: 'active' | 'disabled'
  readonly cut_off: Date | null
  readonly revoked_at: Date | null
  readonly expires_at: Date
  readonly key_thumbprint: string | null
  /** The person is. */
  readonly locked: boolean
}

/** The session of an access token, dead or alive; null: it is gone, or is not this person's. */
export async function selectSessionEnd(
  db: Store,
  { sessionId, userId }: { sessionId: string; userId: string },
): Promise<SessionEndRow | null> {
  const row = await db
    .selectFrom('session as s')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .select(['u.status', 'u.cut_off', 's.revoked_at', 's.expires_at', 's.key_thumbprint', locked])
    .where('s.id', '=', sessionId)
    .where('u.id', '=', userId)
    .executeTakeFirst()
  return row ?? null
}

/** The session of an unspent refresh token, dead or alive, and when the token was given; null: unknown or spent. */
export async function selectRefreshEnd(
  db: Store,
  hash: Buffer,
): Promise<(SessionEndRow & { readonly issued_at: Date }) | null> {
  const row = await db
    .selectFrom('refresh_token as r')
    .innerJoin('session as s', 's.id', 'r.session_id')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .select(['u.status', 'u.cut_off', 's.revoked_at', 's.expires_at', 's.key_thumbprint', locked])
    .select('r.issued_at')
    .where('r.hash', '=', hash)
    .where('r.used_at', 'is', null)
    .executeTakeFirst()
  return row ?? null
}

const locked = sql<boolean>`exists (select from locked_principal l where l.id = u.id)`.as('locked')
