import type { Store } from '@gatehouse/database'
import { ref, uid, type CedarValue, type Slice } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { readEntrySlice, type EntrySliceRow } from './audit-entry-slice.queries.ts'

/**
 * What a decision needs to know of one audit entry: whose it is, and which workspace it is in. An entry never changes,
 * so its row is not held.
 */
export async function loadAuditEntrySlice(db: Store, id: string): Promise<Slice | null> {
  const row = isUuid(id) ? await readEntrySlice(db, id) : null
  if (row === null) return null
  const workspace = row.workspace === null ? null : uid('Workspace', row.workspace)
  return {
    resource: { type: 'AuditEntry', id: row.id },
    // the entry about reading this one is its reader's own, and would name the workspace that they were not told of
    workspace: row.told_nothing ? null : row.workspace,
    entities: [
      {
        uid: uid('AuditEntry', row.id),
        attrs: { ...ownerOf(row), ...(workspace === null ? {} : { workspace: ref('Workspace', workspace.id) }) },
        parents: workspace === null ? [] : [workspace],
      },
    ],
    versions: [],
  }
}

/** Strangers own nothing, and an entry of theirs is nobody's own. */
const ownerOf = ({ principal_type: type, principal_id: id }: EntrySliceRow): Readonly<Record<string, CedarValue>> => {
  if (type === 'User') return { owner: ref('User', id) }
  return type === 'Service' ? { ownerService: ref('Service', id) } : {}
}
