import { namedStatement, type Store } from '@gatehouse/database'
import { commonHoursText, readHours, ref, uid, type CedarEntity, type Place, type Slice } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import { CompiledQuery, sql } from 'kysely'

interface WorkspaceSliceRow {
  id: string
  version: string
  environment: string
  tier: string
  requires_mfa: boolean
  requires_approval: boolean
  teams: string[]
  time_zone: string
  networks: string[]
  business_hours: string[] | null
  holidays: string[] | null
  on_call: readonly { readonly user: string; readonly from: string; readonly to: string }[] | null
}

/**
 * A workspace with what its environment and its calendar say. Its version is its own row's: whoever changes its
 * environment touches that row, too, so that no change holds a row which all workspaces share.
 */
const workspacesText = `
  select w.id, w.xmin::text as version, w.environment, e.tier, e.requires_mfa, e.requires_approval, e.networks,
    array(select t.team_id::text from workspace_team t where t.workspace_id = w.id order by t.team_id) as teams,
    coalesce(c.time_zone, e.time_zone) as time_zone, c.business_hours, c.holidays,
    (select json_agg(json_build_object('user', s.user_id, 'from', s.starts_at, 'to', s.ends_at) order by s.starts_at)
      from on_call_shift s where s.workspace_id = w.id) as on_call
  from workspace w join environment e on e.id = w.environment
    left join workspace_calendar c on c.workspace_id = w.id`
const workspaceRows = sql.raw(workspacesText)

/** A workspace that is not archived, by id or name. */
export async function loadWorkspaceSlice(db: Store, reference: string): Promise<Slice | null> {
  const { id, name } = referenceOf(reference)
  const { rows } = await sql<WorkspaceSliceRow>`${workspaceRows}
    where (w.id = ${id} or w.name = ${name}) and w.archived_at is null`.execute(db)
  return rows[0] === undefined ? null : workspaceSlice(rows[0])
}

/** The workspace that a thing stands in, by its id: also an archived one, for things in it are still there. */
export async function loadWorkspaceOf(db: Store, id: string): Promise<Slice | null> {
  const { rows } = await db.executeQuery<WorkspaceSliceRow>(CompiledQuery.raw(workspaceOf, [id]))
  return rows[0] === undefined ? null : workspaceSlice(rows[0])
}

/** Parsed and planned once per connection: it runs at every call on a thing that stands in a workspace. */
const workspaceOf = namedStatement('gatehouse-read-workspace-of', `${workspacesText} where w.id = $1`)

/** Every workspace that a list may range over: all of them, for one that is left out exists for nobody. */
export async function loadWorkspaces(db: Store, which?: { readonly archivedToo: boolean }): Promise<readonly Slice[]> {
  const archivedToo = which?.archivedToo === true
  const { rows } = await sql<WorkspaceSliceRow>`${workspaceRows} where w.archived_at is null or ${archivedToo}
      order by w.archived_at is not null, w.id`.execute(db)
  return rows.map(workspaceSlice)
}

function workspaceSlice(row: WorkspaceSliceRow): Slice {
  const resource = { type: 'Workspace', id: row.id } as const
  const entity: CedarEntity = {
    uid: resource,
    attrs: {
      tier: row.tier,
      requiresMfa: row.requires_mfa,
      requiresApproval: row.requires_approval,
      teams: row.teams.map((team) => ref('Team', team)),
    },
    parents: [uid('Environment', row.environment)],
  }
  return {
    resource,
    workspace: row.id,
    place: placeOf(row),
    entities: [entity],
    versions: [{ table: 'workspace', id: row.id, version: row.version }],
  }
}

/** When and where people work there; without a calendar of its own, at common hours. */
export const placeOf = (
  row: Pick<WorkspaceSliceRow, 'time_zone' | 'networks' | 'business_hours' | 'holidays' | 'on_call'>,
): Place => ({
  timeZone: row.time_zone,
  businessHours: readHours(row.business_hours ?? commonHoursText),
  holidays: row.holidays ?? [],
  onCall: (row.on_call ?? []).map(({ user, from, to }) => ({ userId: user, from: new Date(from), to: new Date(to) })),
  networks: row.networks,
})

/** One of the three environments. */
export async function loadEnvironmentSlice(db: Store, id: string): Promise<Slice | null> {
  const row = await db
    .selectFrom('environment')
    .select(['id', 'tier', 'requires_mfa', 'requires_approval', sql<string>`xmin::text`.as('version')])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  const resource = { type: 'Environment', id: row.id } as const
  const attrs = { tier: row.tier, requiresMfa: row.requires_mfa, requiresApproval: row.requires_approval }
  return {
    resource,
    workspace: null,
    entities: [{ uid: resource, attrs, parents: [] }],
    versions: [{ table: 'environment', id: row.id, version: row.version }],
  }
}
