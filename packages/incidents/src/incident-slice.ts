import type { Store } from '@gatehouse/database'
import { ref, type CedarValue, type LoadSlice } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { selectIncidentVersion } from './incident-reads.queries.ts'

/** An incident: who opened it, if that was a person, and who leads it. */
export const loadIncidentSlice: LoadSlice<Store> = async (db, id) => {
  const row = isUuid(id) ? await selectIncidentVersion(db, id) : null
  if (row === null) return null
  const resource = { type: 'Incident', id: row.id } as const
  const attrs: Record<string, CedarValue> = {}
  if (row.opened_by_type === 'User' && row.opened_by !== null) attrs['opener'] = ref('User', row.opened_by)
  if (row.owner_id !== null) attrs['owner'] = ref('User', row.owner_id)
  const versions = [{ table: 'incident', id: row.id, version: row.version }]
  return { resource, workspace: null, entities: [{ uid: resource, attrs, parents: [] }], versions }
}
