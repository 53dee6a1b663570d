import type { Role } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

/** A person as the holder of an emergency token, if they may log in. */
export interface HolderRow {
  readonly id: string
  readonly username: string
  readonly display_name: string
  readonly cut_off: Date | null
  readonly must_change_password: boolean
  readonly has_authenticator: boolean
  readonly roles: Role[]
  readonly teams: { readonly id: string; readonly name: string }[]
  readonly locked: boolean
}

/** Null: they are disabled or gone. */
export async function selectHolder(db: Store, id: string): Promise<HolderRow | null> {
  const { rows } = await sql<HolderRow>`
    select u.id, u.username, u.display_name, u.cut_off, u.must_change_password,
      exists (select from locked_principal l where l.id = u.id) as locked,
      exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null) as has_authenticator,
      array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
      coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name) order by t.name) from team_member m
        join team t on t.id = m.team_id where m.user_id = u.id), '[]'::json) as teams
    from users u where u.id = ${id} and u.status = 'active'`.execute(db)
  return rows[0] ?? null
}
