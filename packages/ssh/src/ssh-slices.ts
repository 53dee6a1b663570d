import type { ResourceType } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { ref, uid, type CedarValue, type LoadSlice, type Slice } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { ownerOf } from '@gatehouse/secrets'
import { readOwnedCertificate } from './ssh-certificate.queries.ts'
import { readHostByReference } from './ssh-host.queries.ts'
import { readOwnedKey } from './ssh-key.queries.ts'

/** The slice of a host, by id or name. */
export const loadSshHostSlice: LoadSlice<Store> = async (db, reference) => {
  const row = await readHostByReference(db, reference)
  return row === null ? null : sliceOf({ type: 'SshHost', table: 'ssh_host', row, attrs: { unbound: row.unbound } })
}

/** The slice of a temporal key; it is owned by whom its lease is owned by. */
export const loadSshKeySlice: LoadSlice<Store> = async (db, id) => {
  const row = isUuid(id) ? await readOwnedKey(db, id) : null
  return row === null ? null : sliceOf({ type: 'SshKey', table: 'ssh_key', row, attrs: ownerOf(row) })
}

/** The slice of a certificate; it is owned by whom its lease is owned by. */
export const loadSshCertificateSlice: LoadSlice<Store> = async (db, id) => {
  const row = isUuid(id) ? await readOwnedCertificate(db, id) : null
  return row === null ? null : sliceOf({ type: 'SshCertificate', table: 'ssh_certificate', row, attrs: ownerOf(row) })
}

interface Loaded {
  readonly type: ResourceType
  readonly table: string
  readonly row: { readonly id: string; readonly workspace_id: string; readonly version: string }
  readonly attrs: Readonly<Record<string, CedarValue>>
}

function sliceOf({ type, table, row, attrs }: Loaded): Slice {
  const resource = { type, id: row.id }
  return {
    resource,
    workspace: row.workspace_id,
    entities: [
      {
        uid: resource,
        attrs: { workspace: ref('Workspace', row.workspace_id), ...attrs },
        parents: [uid('Workspace', row.workspace_id)],
      },
    ],
    versions: [{ table, id: row.id, version: row.version }],
  }
}
