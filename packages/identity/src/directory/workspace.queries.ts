import type { Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

export interface WorkspaceRow {
  readonly id: string
  readonly name: string
  readonly environment: string
  readonly tier: 'development' | 'staging' | 'production'
  readonly time_zone: string
  readonly created_at: Date
  readonly teams: string[]
}

const workspaceRows = sql`
  select w.id, w.name, w.environment, e.tier, coalesce(c.time_zone, e.time_zone) as time_zone, w.created_at,
    array(select t.name from workspace_team wt join team t on t.id = wt.team_id where wt.workspace_id = w.id
      order by t.name) as teams
  from workspace w join environment e on e.id = w.environment
    left join workspace_calendar c on c.workspace_id = w.id`

export async function selectWorkspace(db: Store, id: string): Promise<WorkspaceRow | null> {
  const { rows } = await sql<WorkspaceRow>`${workspaceRows} where w.id = ${id} and w.archived_at is null`.execute(db)
  return rows[0] ?? null
}

/** Of these workspaces, newest first. `ids` is what the caller was allowed, so it is not optional. */
export async function selectWorkspaces(
  db: Store,
  page: { ids: readonly string[]; first: number; after: { at: Date; id: string } | null },
): Promise<WorkspaceRow[]> {
  const { rows } = await sql<WorkspaceRow>`${workspaceRows}
    where w.id = any (${[...page.ids]}) and w.archived_at is null
      and (${page.after?.at ?? null}::timestamptz is null
        or (w.created_at, w.id) < (${page.after?.at ?? null}::timestamptz, ${page.after?.id ?? null}::text))
    order by w.created_at desc, w.id desc limit ${page.first + 1}`.execute(db)
  return rows
}

/** Adds a workspace that these teams see. False: the name is taken, also by one that is archived. */
export async function insertWorkspace(
  tx: Transaction,
  workspace: { id: string; name: string; environment: string; teamIds: readonly string[]; now: Date },
): Promise<boolean> {
  const row = await tx
    .insertInto('workspace')
    .values({
      id: workspace.id,
      name: workspace.name,
      environment: workspace.environment,
      created_at: workspace.now,
      archived_at: null,
    })
    .onConflict((on) => on.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row === undefined) return false
  await insertTeams(tx, workspace.id, workspace.teamIds)
  return true
}

async function insertTeams(tx: Transaction, workspaceId: string, teamIds: readonly string[]): Promise<void> {
  if (teamIds.length === 0) return
  await tx
    .insertInto('workspace_team')
    .values(teamIds.map((teamId) => ({ workspace_id: workspaceId, team_id: teamId })))
    .execute()
}

/** From now on exactly these teams see it. */
export async function replaceTeams(tx: Transaction, workspaceId: string, teamIds: readonly string[]): Promise<void> {
  await tx.deleteFrom('workspace_team').where('workspace_id', '=', workspaceId).execute()
  await insertTeams(tx, workspaceId, teamIds)
}

/** PostgreSQL: the name was given away meanwhile. */
const uniqueViolation = '23505'

/**
 * Changes what was given; `undefined` leaves it. The row is written in any case, so that whoever has decided on it sees
 * that it moved. False: the name is taken, and the transaction is to be given up.
 */
export async function updateWorkspace(
  tx: Transaction,
  { id, name, environment }: { id: string; name: string | undefined; environment: string | undefined },
): Promise<boolean> {
  try {
    await tx
      .updateTable('workspace')
      .set({ ...(name === undefined ? {} : { name }), ...(environment === undefined ? {} : { environment }) })
      .set((eb) => ({ archived_at: eb.ref('archived_at') }))
      .where('id', '=', id)
      .execute()
    return true
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === uniqueViolation) return false
    throw error
  }
}

/** Archives a workspace. False: it is archived already. */
export async function archiveWorkspace(tx: Transaction, { id, now }: { id: string; now: Date }): Promise<boolean> {
  const row = await tx
    .updateTable('workspace')
    .set({ archived_at: now })
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** A workspace as it leaves. */
export const describeWorkspace = (row: WorkspaceRow): Output<'workspace.get'> => ({
  id: row.id,
  name: row.name,
  environment: row.environment,
  tier: row.tier,
  timeZone: row.time_zone,
  teams: row.teams,
  createdAt: row.created_at,
})

/** How people call a workspace, and the environment that it stands in; null: there is none. */
export async function selectWorkspaceName(
  db: Store,
  id: string,
): Promise<{ readonly name: string; readonly environment: string } | null> {
  return (
    (await db.selectFrom('workspace').select(['name', 'environment']).where('id', '=', id).executeTakeFirst()) ?? null
  )
}
