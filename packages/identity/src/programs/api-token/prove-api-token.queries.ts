import type { Role } from '@gatehouse/contract'
import { namedStatement, type Store } from '@gatehouse/database'
import { CompiledQuery, sql } from 'kysely'

/**
 * All that a request needs to know of an API token and its owner, as they stand now. Exactly one of the two owners is
 * there.
 */
export interface TokenCallerRow {
  readonly token_id: string
  readonly scopes: string[]
  readonly source_addresses: string[]
  readonly key_thumbprint: string | null
  readonly created_at: Date
  readonly expires_at: Date
  readonly last_used_at: Date | null
  readonly user_id: string | null
  readonly username: string | null
  readonly display_name: string | null
  readonly must_change_password: boolean
  readonly has_authenticator: boolean
  readonly roles: Role[]
  readonly account_id: string | null
  readonly account_name: string | null
  readonly teams: { readonly id: string; readonly name: string }[]
}

const tokenText = `
  select k.id as token_id, k.scopes, k.source_addresses, k.key_thumbprint, k.created_at, k.expires_at, k.last_used_at,
    u.id as user_id, u.username, u.display_name, coalesce(u.must_change_password, false) as must_change_password,
    exists (select from authenticator f where f.user_id = u.id and f.confirmed_at is not null) as has_authenticator,
    array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
    a.id as account_id, a.name as account_name,
    coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name) order by t.name) from team t where t.id in (
      select m.team_id from team_member m where m.user_id = u.id union all select s.team_id
        from service_account_team s where s.account_id = a.id)), '[]'::json) as teams
  from api_token k left join users u on u.id = k.user_id left join service_account a on a.id = k.account_id
  where k.hash = $1 and k.revoked_at is null and k.expires_at > $2 and (u.status = 'active' or a.status = 'active')
    and not exists (select from locked_principal l where l.id = coalesce(u.id, a.id))`

/** Parsed and planned once per connection: it runs at every request. */
const tokenQuery = namedStatement('gatehouse-api-token', tokenText)

/**
 * The caller behind an API token, if token and owner are both alive. One round trip, no cache: a revocation holds on
 * every node at once.
 */
export async function selectTokenCaller(
  db: Store,
  { hash, now }: { hash: Buffer; now: Date },
): Promise<TokenCallerRow | null> {
  const { rows } = await db.executeQuery<TokenCallerRow>(CompiledQuery.raw(tokenQuery, [hash, now]))
  return rows[0] ?? null
}

/** Notes that a token is in use, unless that was noted since `unlessSince`. */
export async function touchToken(
  db: Store,
  { id, now, address, unlessSince }: { id: string; now: Date; address: string; unlessSince: Date },
): Promise<void> {
  await db
    .updateTable('api_token')
    .set({ last_used_at: now, last_used_address: address })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', unlessSince)]))
    .execute()
}

/** What became of an API token and its owner, and from where and by which key it could be used. */
export interface TokenEndRow {
  readonly revoked_at: Date | null
  readonly expires_at: Date
  readonly source_addresses: string[]
  readonly key_thumbprint: string | null
  /** Its owner is. */
  readonly locked: boolean
}

/** An API token, dead or alive; null: there is none with this hash. */
export async function selectTokenEnd(db: Store, hash: Buffer): Promise<TokenEndRow | null> {
  const row = await db
    .selectFrom('api_token')
    .select(['revoked_at', 'expires_at', 'source_addresses', 'key_thumbprint'])
    .select(
      sql<boolean>`exists (select from locked_principal l where l.id = coalesce(user_id, account_id))`.as('locked'),
    )
    .where('hash', '=', hash)
    .executeTakeFirst()
  return row ?? null
}
