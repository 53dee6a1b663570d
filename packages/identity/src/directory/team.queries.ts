import type { Output, Position } from '@gatehouse/contract'
import { byName, byTime, goesOn, holdsText, inOrder, type Store, type Transaction } from '@gatehouse/database'
import type { Reference } from '@gatehouse/kit'
import { sql } from 'kysely'

export interface TeamRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly created_at: Date
  readonly members: { readonly id: string; readonly username: string }[]
}

const teamColumns = sql`
  t.id, t.name, t.description, t.created_at,
  coalesce((select json_agg(json_build_object('id', u.id, 'username', u.username) order by u.username)
    from team_member m join users u on u.id = m.user_id where m.team_id = t.id), '[]'::json) as members`

export async function selectTeam(db: Store, id: string): Promise<TeamRow | null> {
  const { rows } = await sql<TeamRow>`select ${teamColumns} from team t where t.id = ${id}`.execute(db)
  return rows[0] ?? null
}

const teamOrders = {
  newest: byTime('t.created_at', 'desc'),
  oldest: byTime('t.created_at', 'asc'),
  name: byName('t.name'),
} as const

/** Teams, in order. */
export async function selectTeams(
  db: Store,
  page: { first: number; after: Position | null; sort: keyof typeof teamOrders; search: string | undefined },
): Promise<TeamRow[]> {
  const keyset = { order: teamOrders[page.sort], id: 't.id', after: page.after }
  const { rows } = await sql<TeamRow>`
    select ${teamColumns} from team t
    where ${goesOn(keyset)} and ${holdsText(['t.name', 't.description'], page.search)}
    order by ${inOrder(keyset)} limit ${page.first + 1}`.execute(db)
  return rows
}

/** Teams by ids or names. */
export async function selectTeamIds(
  db: Store,
  references: readonly Reference[],
): Promise<{ id: string; name: string }[]> {
  const ids = references.flatMap(({ id }) => id ?? [])
  const names = references.flatMap(({ name }) => name ?? [])
  return db
    .selectFrom('team')
    .select(['id', 'name'])
    .where(sql<boolean>`(id = any(${ids}::uuid[]) or name = any(${names}::text[]))`)
    .execute()
}

/** Adds a team. False: the name is taken. */
export async function insertTeam(
  tx: Transaction,
  team: { id: string; name: string; description: string; now: Date },
): Promise<boolean> {
  const row = await tx
    .insertInto('team')
    .values({ id: team.id, name: team.name, description: team.description, created_at: team.now })
    .onConflict((on) => on.column('name').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Puts a person into a team. False: they are in it already, which is no mistake. */
export async function insertMember(tx: Transaction, member: { teamId: string; userId: string }): Promise<boolean> {
  const row = await tx
    .insertInto('team_member')
    .values({ team_id: member.teamId, user_id: member.userId })
    .onConflict((on) => on.doNothing())
    .returning('user_id')
    .executeTakeFirst()
  return row !== undefined
}

/** PostgreSQL: the name was given away meanwhile. */
const uniqueViolation = '23505'

/** Changes what was given; `undefined` leaves it. False: the name is taken, and the transaction is to be given up. */
export async function updateTeam(
  tx: Transaction,
  { teamId, name, description }: { teamId: string; name: string | undefined; description: string | undefined },
): Promise<boolean> {
  try {
    await tx
      .updateTable('team')
      .set({ ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) })
      .where('id', '=', teamId)
      .execute()
    return true
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === uniqueViolation) return false
    throw error
  }
}

/** Deletes a team with its memberships; its people stay. */
export async function deleteTeam(tx: Transaction, teamId: string): Promise<void> {
  await tx.deleteFrom('team').where('id', '=', teamId).execute()
}

/** Takes a person out. False: they are not in it. */
export async function deleteMember(tx: Transaction, member: { teamId: string; userId: string }): Promise<boolean> {
  const row = await tx
    .deleteFrom('team_member')
    .where('team_id', '=', member.teamId)
    .where('user_id', '=', member.userId)
    .returning('user_id')
    .executeTakeFirst()
  return row !== undefined
}

/** A team as it leaves. */
export const describeTeam = (row: TeamRow): Output<'team.get'> => ({
  id: row.id,
  name: row.name,
  description: row.description,
  members: row.members.map(({ id, username }) => ({ id, username })),
  createdAt: row.created_at,
})
