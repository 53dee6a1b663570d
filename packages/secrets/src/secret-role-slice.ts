import type { Store } from '@gatehouse/database'
import { ref, uid, type LoadSlice } from '@gatehouse/enforcement'
import { roleRevocation } from './revoked-within.ts'
import { readRole } from './secret-role.queries.ts'

/** The slice of a role, by id or name: its kind of backend, how its credentials die, and which workspace it is in. */
export const loadSecretRoleSlice: LoadSlice<Store> = async (db, reference) => {
  const row = await readRole(db, reference)
  if (row === null) return null
  const resource = { type: 'SecretRole', id: row.id } as const
  const { revocability, revokedWithinSeconds } = roleRevocation(row)
  const attrs = { workspace: ref('Workspace', row.workspace_id), backend: row.kind, revocability, revokedWithinSeconds }
  return {
    resource,
    workspace: row.workspace_id,
    entities: [{ uid: resource, attrs, parents: [uid('Workspace', row.workspace_id)] }],
    versions: [{ table: 'secret_role', id: row.id, version: row.version }],
  }
}
