import type { Role } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** Names beyond this say nothing to a person; `user.list --role` pages through all of them. */
const holdersMax = 100

export interface RoleHolders {
  readonly role: Role
  readonly holders: string[]
  readonly count: number
}

/** Who has which role, of roles that somebody has. */
export async function selectRoleHolders(db: Store): Promise<RoleHolders[]> {
  const { rows } = await sql<RoleHolders>`
    select r.role::text as role, (array_agg(u.username order by u.username))[1:${sql.lit(holdersMax)}] as holders,
      count(*)::int as count
    from user_role r join users u on u.id = r.user_id group by r.role`.execute(db)
  return rows
}

/** Gives a role. False: the person has it. */
export async function insertRole(tx: Transaction, grant: { userId: string; role: Role; now: Date }): Promise<boolean> {
  const row = await tx
    .insertInto('user_role')
    .values({ user_id: grant.userId, role: grant.role, granted_at: grant.now })
    .onConflict((on) => on.doNothing())
    .returning('role')
    .executeTakeFirst()
  return row !== undefined
}

/** Takes a role. False: the person does not have it. */
export async function deleteRole(tx: Transaction, grant: { userId: string; role: Role }): Promise<boolean> {
  const row = await tx
    .deleteFrom('user_role')
    .where('user_id', '=', grant.userId)
    .where('role', '=', grant.role)
    .returning('role')
    .executeTakeFirst()
  return row !== undefined
}
