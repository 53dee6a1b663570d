import { invalidField, type Input } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Directory, Handler } from '@gatehouse/enforcement'
import type { BulkFilters } from './lease-bulk.queries.ts'
import type { HostsByReference } from './lease-handlers-deps.ts'
import type { Leases } from './leases.ts'

/** What naming leases by what hangs on them needs. */
export interface FiltersDeps {
  readonly db: Store
  readonly directory: Pick<Directory<Store>, 'findWorkspaceId'>
  readonly hosts: HostsByReference
}

/** What a caller named, by ids; null: one of the things is not there, so no lease fits. */
export async function filtersOf(
  { db, directory, hosts }: FiltersDeps,
  { workspace, host, ...others }: BulkFilters,
): Promise<BulkFilters | null> {
  const [workspaceId, hostId] = [
    workspace === undefined ? undefined : await directory.findWorkspaceId(db, workspace),
    host === undefined ? undefined : await hosts.findHostId(db, host),
  ]
  return workspaceId === null || hostId === null ? null : { ...others, workspace: workspaceId, host: hostId }
}

/**
 * Revokes all leases that fit, in the workspaces where the caller may: one statement says so of all of them, and what
 * touches a backend or host is taken away by the sweeps.
 */
export const revokeMany =
  (deps: FiltersDeps & { readonly change: Change; readonly leases: Leases }): Handler<'lease.revokeMany'> =>
  async (permit) => {
    const { reason, ...named } = permit.input
    refuseEverything(named)
    const filters = await filtersOf(deps, named)
    const reach = { scope: permit.scope, callerId: permit.principal.id }
    const ended = await deps.change(
      permit,
      (tx) =>
        filters === null
          ? Promise.resolve({ revoked: 0, ending: 0 })
          : deps.leases.endMany(tx, { reach, filters, reason }),
      ({ revoked, ending }) => ({ detail: { revoked, ending } }),
    )
    deps.leases.hurry()
    return ended
  }

/** Nobody ends everything by leaving something out. */
function refuseEverything(named: Omit<Input<'lease.revokeMany'>, 'reason'>): void {
  if (Object.values(named).some((value) => value !== undefined)) return
  throw invalidField('principal', 'whose leases, or those of which backend, role, prefix, host, session or workspace')
}
