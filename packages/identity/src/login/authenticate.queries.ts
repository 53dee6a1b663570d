import type { Role } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
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

const callerText = `
  select u.id as user_id, u.username, u.display_name, u.must_change_password, u.cut_off,
    s.id as session_id, s.assurance, s.methods, s.auth_time, s.proved_at, s.recovery_until, s.last_used_at,
      s.expires_at, s.key_thumbprint,
    exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null) as has_authenticator,
    array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
    coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name) order by t.name) from team_member m
      join team t on t.id = m.team_id where m.user_id = u.id), '[]'::json) as teams
  from session s join users u on u.id = s.user_id
  where s.id = $1 and u.id = $2 and u.status = 'active' and s.revoked_at is null and s.expires_at > $4
    and not exists (select from revoked_token k where k.jti = $3)`

/**
 * pg takes a query with a name, which the server parses and plans once per connection: this one runs at every request.
 */
// kysely hands the text through to pg as it is
const callerQuery = { name: 'gatehouse-caller', text: callerText } as unknown as string

export interface CallerKey {
  readonly sessionId: string
  readonly userId: string
  readonly tokenId: string
  readonly now: Date
}

/**
 * The caller behind a token, if session, user and token are all alive; the limits of the person's roles are for the
 * caller to look at. One round trip, no cache: a revocation holds on every node at once.
 */
export async function selectCaller(db: Store, key: CallerKey): Promise<CallerRow | null> {
  const { rows } = await db.executeQuery<CallerRow>(
    CompiledQuery.raw(callerQuery, [key.sessionId, key.userId, key.tokenId, key.now]),
  )
  return rows[0] ?? null
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
