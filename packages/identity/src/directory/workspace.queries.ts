import type { Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

export interface WorkspaceRow {
  readonly id: string
  readonly name: string
  readonly tier: 'development' | 'staging' | 'production'
  readonly time_zone: string
  readonly created_at: Date
  readonly teams: string[]
}

const workspaceColumns = sql`
  w.id, w.name, w.tier, w.time_zone, w.created_at,
  array(select t.name from workspace_team wt join team t on t.id = wt.team_id where wt.workspace_id = w.id
    order by t.name) as teams`

export async function selectWorkspace(db: Store, id: string): Promise<WorkspaceRow | null> {
  const { rows } = await sql<WorkspaceRow>`select ${workspaceColumns} from workspace w where w.id = ${id}
      and w.archived_at is null`.execute(db)
  return rows[0] ?? null
}

/** Of these workspaces, newest first. `ids` is what the caller was allowed, so it is not optional. */
export async function selectWorkspaces(
  db: Store,
  page: { ids: readonly string[]; first: number; after: { at: Date; id: string } | null },
): Promise<WorkspaceRow[]> {
  const { rows } = await sql<WorkspaceRow>`
    select ${workspaceColumns} from workspace w
    where w.id = any (${[...page.ids]}) and w.archived_at is null
      and (${page.after?.at ?? null}::timestamptz is null
        or (w.created_at, w.id) < (${page.after?.at ?? null}::timestamptz, ${page.after?.id ?? null}::text))
    order by w.created_at desc, w.id desc limit ${page.first + 1}`.execute(db)
  return rows
}

/** Adds a workspace that these teams see, unless it is there. */
export async function ensureWorkspace(
  tx: Transaction,
  workspace: { id: string; name: string; tier: WorkspaceRow['tier']; teamIds: readonly string[]; now: Date },
): Promise<void> {
  const row = await tx
    .insertInto('workspace')
    .values({
      id: workspace.id,
      name: workspace.name,
      tier: workspace.tier,
      time_zone: 'UTC',
      created_at: workspace.now,
      archived_at: null,
    })
    .onConflict((on) => on.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row === undefined) return
  for (const teamId of workspace.teamIds)
    await tx.insertInto('workspace_team').values({ workspace_id: workspace.id, team_id: teamId }).execute()
}

/** A workspace as it leaves. */
export const describeWorkspace = (row: WorkspaceRow): Output<'workspace.get'> => ({
  id: row.id,
  name: row.name,
  tier: row.tier,
  timeZone: row.time_zone,
  teams: row.teams,
  createdAt: row.created_at,
})
