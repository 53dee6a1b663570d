import type { Store } from '@gatehouse/database'
import { ref, uid, type CedarEntity, type CedarValue, type LoadSlice, type RowVersion } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { readLeaseVersion, readWorkspace } from './lease.queries.ts'

/** The slice of one lease: its owner, its backend, its workspace. */
export const loadLeaseSlice: LoadSlice<Store> = async (db, id) => {
  if (!isUuid(id)) return null
  const row = await readLeaseVersion(db, id)
  if (row === null) return null
  const within = await loadWorkspaceEntity(db, row.workspace_id)
  const resource = { type: 'Lease', id: row.id } as const
  return {
    resource,
    workspace: row.workspace_id,
    entities: [
      {
        uid: resource,
        attrs: { workspace: ref('Workspace', row.workspace_id), backend: row.backend, ...ownerOf(row) },
        parents: [uid('Workspace', row.workspace_id)],
      },
      within.entity,
    ],
    versions: [{ table: 'lease', id: row.id, version: row.version }, within.version],
  }
}

/** Who a credential belongs to, as Cedar sees it: a person or a program. */
export const ownerOf = (row: {
  readonly principal_type: 'User' | 'Service'
  readonly principal_id: string
}): Readonly<Record<string, CedarValue>> =>
  row.principal_type === 'User'
    ? { owner: ref('User', row.principal_id) }
    : { ownerService: ref('Service', row.principal_id) }

/** The workspace that a thing belongs to, by id. Throws when there is none: foreign keys say there is. */
export async function loadWorkspaceEntity(
  db: Store,
  id: string,
): Promise<{ readonly entity: CedarEntity; readonly version: RowVersion }> {
  const row = await readWorkspace(db, id)
  if (row === null) throw new TypeError('a row names a workspace that is not there')
  return {
    entity: {
      uid: uid('Workspace', row.id),
      attrs: { tier: row.tier, teams: row.teams.map((team) => ref('Team', team)) },
      parents: [],
    },
    version: { table: 'workspace', id: row.id, version: row.version },
  }
}
