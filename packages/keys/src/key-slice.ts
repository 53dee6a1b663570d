import type { Store } from '@gatehouse/database'
import { ref, uid, type LoadSlice } from '@gatehouse/enforcement'
import { readDecidedKey } from './service/key.queries.ts'

/** The slice of a key, by id or name. Its state is no policy's matter: every use of the key looks at it. */
export const loadKmsKeySlice: LoadSlice<Store> = async (db, reference) => {
  const row = await readDecidedKey(db, reference)
  if (row === null) return null
  const resource = { type: 'KmsKey', id: row.id } as const
  const attrs = { workspace: ref('Workspace', row.workspace_id) }
  return {
    resource,
    workspace: row.workspace_id,
    entities: [{ uid: resource, attrs, parents: [uid('Workspace', row.workspace_id)] }],
    versions: [{ table: 'kms_key', id: row.id, version: row.version }],
  }
}
