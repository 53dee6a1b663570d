import type { OperationName } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Directory, Permit, Principal } from '@gatehouse/enforcement'
import type { Reader } from './reader.ts'
import type { Sight } from './search.queries.ts'

/** Roles that see what belongs to the whole System. */
const systemRoles: ReadonlySet<string> = new Set(['Admin', 'Auditor'])

/** What says which workspaces there are. */
export interface SightDeps {
  readonly db: Store
  readonly directory: Pick<Directory<Store>, 'allWorkspaces'>
}

/**
 * Lists are decided per `Workspace`, archived ones among them, so policy has said nothing about entries without one, or
 * of one that never was. They are shown to Admins and Auditors, whom every policy set of ours lets read the whole
 * record, and only while their scope really is whole workspaces. Who does not see people finds nothing by their ids,
 * but among what is their own.
 */
export async function sightFor(
  { db, directory }: SightDeps,
  permit: Pick<Permit<OperationName>, 'principal' | 'scope'>,
  { pseudonyms }: Reader,
): Promise<Sight> {
  const { principal, scope } = permit
  return {
    principalId: principal.id,
    workspaces: scope.workspaces,
    ownIn: scope.ownIn,
    everything: scope.workspaces.length > 0 && seesEverything(principal),
    known: await directory.allWorkspaces(db),
    hidesPeople: pseudonyms !== null && !seesOwnAlone(permit),
  }
}

/** Whether all that is shown under a permit of a list is the reader's own. */
export const seesOwnAlone = ({ scope }: Pick<Permit<OperationName>, 'scope'>): boolean => scope.workspaces.length === 0

/** Whether somebody's role sees the whole System. */
export const seesEverything = (principal: Principal): boolean =>
  principal.type === 'User' && principal.roles.some((role) => systemRoles.has(role))
