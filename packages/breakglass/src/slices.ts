import type { Store } from '@gatehouse/database'
import { ref, uid, type LoadSlice } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { selectApprovers, selectRequestVersion } from './request.queries.ts'
import { selectSessionVersion } from './session.queries.ts'

/** A request: who asked, and for which workspace. */
export const loadBreakGlassRequestSlice: LoadSlice<Store> = async (db, id) => {
  const row = isUuid(id) ? await selectRequestVersion(db, id) : null
  if (row === null) return null
  const resource = { type: 'BreakGlassRequest', id: row.id } as const
  return {
    resource,
    workspace: row.workspace_id,
    entities: [
      {
        uid: resource,
        attrs: { workspace: ref('Workspace', row.workspace_id), requester: ref('User', row.requester_id) },
        parents: [uid('Workspace', row.workspace_id)],
      },
    ],
    versions: [{ table: 'break_glass_request', id: row.id, version: row.version }],
  }
}

/** An emergency session: whose it is, who approved it, and in which workspace it is. */
export const loadEmergencySessionSlice: LoadSlice<Store> = async (db, id) => {
  const row = isUuid(id) ? await selectSessionVersion(db, id) : null
  if (row === null) return null
  const resource = { type: 'EmergencySession', id: row.id } as const
  const approvers = new Set([...row.approver_ids, ...(await selectApprovers(db, row.request_id))])
  return {
    resource,
    workspace: row.workspace_id,
    entities: [
      {
        uid: resource,
        attrs: {
          workspace: ref('Workspace', row.workspace_id),
          owner: ref('User', row.user_id),
          approvers: [...approvers].map((approver) => ref('User', approver)),
        },
        parents: [uid('Workspace', row.workspace_id)],
      },
    ],
    versions: [{ table: 'emergency_session', id: row.id, version: row.version }],
  }
}
