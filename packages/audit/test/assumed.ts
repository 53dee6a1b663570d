// Callers as a gateway knows them from a moment ago, with the rows that say who they are.
import { randomUUID } from 'node:crypto'
import { liveCallers, type Store } from '@gatehouse/database'
import type { UserPrincipal } from '@gatehouse/enforcement'
import { CompiledQuery, sql } from 'kysely'
import { person } from './harness.ts'

/** Somebody with a session, as they are now. */
export async function insertAssumed(admin: Store): Promise<UserPrincipal> {
  const [userId, sessionId, tokenId] = [randomUUID(), randomUUID(), randomUUID()]
  const [now, later] = [new Date(), new Date(Date.now() + 3_600_000)]
  await sql`insert into users (id, username, display_name, password_hash, must_change_password, password_changed_at)
    values (${userId}, ${userId}, 'Ada', '', false, ${now})`.execute(admin)
  await sql`insert into session (id, user_id, assurance, methods, auth_time, last_used_at, expires_at, address,
      user_agent)
    values (${sessionId}, ${userId}, 'mfa', '{password,totp}', ${now}, ${now}, ${later}, '192.0.2.7', '')`.execute(
    admin,
  )
  const { session, ...rest } = person({ id: userId, username: userId, tokenId })
  return assumedNow(admin, { ...rest, session: { ...session, id: sessionId } })
}

/** The same person as they are now. */
export async function assumedNow(db: Store, one: UserPrincipal): Promise<UserPrincipal> {
  const look = liveCallers({ sessions: '$1', people: '$2', tokens: '$3' })
  const { rows } = await db.executeQuery<{ version: string }>(
    CompiledQuery.raw(look, [[one.session.id], [one.id], [one.tokenId]]),
  )
  const [row] = rows
  if (row === undefined) throw new TypeError('nobody')
  return { ...one, assumed: row.version }
}
