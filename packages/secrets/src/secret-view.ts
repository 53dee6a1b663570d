import type { Output } from '@gatehouse/contract'
import { revocationTerms } from './lease-terms.ts'
import { roleRevocation } from './revoked-within.ts'
import type { SecretBackendRow } from './secret-backend.queries.ts'
import type { Providers } from './secret-deps.ts'
import type { SecretRoleRow } from './secret-role.queries.ts'

/** A backend as it leaves. */
export const toBackend = (row: SecretBackendRow, providers: Providers): Output<'secretBackend.configure'> => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  shown: row.shown,
  ...revocationTerms(providers[row.kind].limits, providers[row.kind].limits.ttlSecondsMax),
  checkedAt: row.checked_at,
  lastError: row.last_error,
  createdAt: row.created_at,
})

type Forms = Pick<Output<'secretRole.get'>, SecretRoleRow['kind']>
const noForms: Forms = { postgres: null, vault: null, aws: null, upcloud: null }

/** A role as it leaves. */
export const toRole = (row: SecretRoleRow, providers: Providers): Output<'secretRole.get'> => ({
  id: row.id,
  name: row.name,
  workspace: row.workspace_id,
  backendId: row.backend_id,
  backend: row.backend_name,
  kind: row.kind,
  ...roleRevocation(row),
  ttlSecondsMin: providers[row.kind].limits.ttlSecondsMin,
  ttlSecondsMax: row.ttl_seconds_max,
  renewable: providers[row.kind].limits.renewable,
  leasesMax: row.leases_max,
  leasesEachMax: row.leases_each_max,
  ...noForms,
  // it was read as this kind's when it was written
  ...({ [row.kind]: providers[row.kind].readForm(row.form) } as Partial<Forms>),
  createdAt: row.created_at,
})
