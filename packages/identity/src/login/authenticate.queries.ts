import type { Role } from '@gatehouse/contract'
import { namedStatement, type Store } from '@gatehouse/database'
import { loadTogether } from '@gatehouse/kit'
import { CompiledQuery } from 'kysely'

/** All that a request needs to know of its caller, as it stands now. */
export interface CallerRow {
  readonly user_id: string
  readonly username: string
  readonly display_name: string
  readonly must_change_password: boolean
  readonly cut_off: Date | null
  readonly session_id: string
  readonly assurance: 'pw' | 'mfa'
  readonly methods: string[]
  readonly auth_time: Date
  readonly proved_at: Date | null
  readonly recovery_until: Date | null
  readonly last_used_at: Date
  readonly expires_at: Date
  readonly key_thumbprint: string | null
  readonly has_authenticator: boolean
  readonly roles: Role[]
  readonly teams: { readonly id: string; readonly name: string }[]
}

/** Callers whom one statement looks up: as many as come while the one before it runs, on a busy node. */
const callersMax = 64

const callersText = `
  select asked.place, u.id as user_id, u.username, u.display_name, u.must_change_password, u.cut_off,
    s.id as session_id, s.assurance, s.methods, s.auth_time, s.proved_at, s.recovery_until, s.last_used_at,
      s.expires_at, s.key_thumbprint,
    exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null) as has_authenticator,
    array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
    coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name) order by t.name) from team_member m
      join team t on t.id = m.team_id where m.user_id = u.id), '[]'::json) as teams
  from unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[])
      as asked (place, session_id, user_id, token_id, now)
    join session s on s.id = asked.session_id join users u on u.id = s.user_id
  where u.id = asked.user_id and u.status = 'active' and s.revoked_at is null and s.expires_at > asked.now
    and not exists (select from revoked_token k where k.jti = asked.token_id)`

/** Parsed and planned once per connection: it runs at every request. */
const callersQuery = namedStatement('gatehouse-callers', callersText)

export interface CallerKey {
  readonly sessionId: string
  readonly userId: string
  readonly tokenId: string
  readonly now: Date
}

/**
 * The caller behind a token, if session, user and token are all alive; the limits of the person's roles are for the
 * caller to look at. No cache: each question is answered by a statement that began after it was asked, so a revocation
 * holds on every node at once. Those that come at the same time share one.
 */
export const callerLookup = (db: Store): ((key: CallerKey) => Promise<CallerRow | null>) =>
  loadTogether((keys) => selectCallers(db, keys), callersMax)

/** The callers behind tokens, in the order of the keys. */
async function selectCallers(db: Store, keys: readonly CallerKey[]): Promise<(CallerRow | null)[]> {
  const { rows } = await db.executeQuery<CallerRow & { readonly place: number }>(
    CompiledQuery.raw(callersQuery, [
      keys.map((_, place) => place),
      keys.map(({ sessionId }) => sessionId),
      keys.map(({ userId }) => userId),
      keys.map(({ tokenId }) => tokenId),
      keys.map(({ now }) => now),
    ]),
  )
  const found = new Map(rows.map(({ place, ...row }) => [place, row]))
  return keys.map((_, place) => found.get(place) ?? null)
}

/** Notes that a session is in use, unless that was noted since `unlessSince`. */
export async function touchSession(
  db: Store,
  { sessionId, now, unlessSince }: { sessionId: string; now: Date; unlessSince: Date },
): Promise<void> {
  await db
    .updateTable('session')
    .set({ last_used_at: now })
    .where('id', '=', sessionId)
    .where('last_used_at', '<', unlessSince)
    .execute()
}
