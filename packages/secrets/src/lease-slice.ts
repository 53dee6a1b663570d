import type { Store } from '@gatehouse/database'
import { ref, uid, type CedarValue, type LoadSlice } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { readLeaseVersion } from './lease.queries.ts'

/** The slice of one lease: its owner, its backend, which workspace it is in. */
export const loadLeaseSlice: LoadSlice<Store> = async (db, id) => {
  if (!isUuid(id)) return null
  const row = await readLeaseVersion(db, id)
  if (row === null) return null
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
    ],
    versions: [{ table: 'lease', id: row.id, version: row.version }],
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
