import type { OperationName } from '@gatehouse/contract'
import type { Permit, Principal } from '@gatehouse/enforcement'
import type { Reader } from './reader.ts'
import type { Sight } from './search.queries.ts'

/** Roles that see what belongs to the whole System. */
const systemRoles: ReadonlySet<string> = new Set(['Admin', 'Auditor'])

/**
 * Lists are decided per `Workspace`, so policy has said nothing about entries without one. They are shown to Admins and
 * Auditors, whom
 * every policy set of ours lets read the whole record, and only while their scope really is whole workspaces.
 */
export function sightOf({ principal, scope }: Pick<Permit<OperationName>, 'principal' | 'scope'>): Sight {
  const everything = scope.workspaces.length > 0 && seesEverything(principal)
  return { principalId: principal.id, workspaces: scope.workspaces, ownIn: scope.ownIn, everything }
}

/** The same for a reader: who does not see people finds nothing by their ids, but among what is their own. */
export const sightFor = (
  permit: Pick<Permit<OperationName>, 'principal' | 'scope'>,
  { pseudonyms }: Reader,
): Sight => ({ ...sightOf(permit), hidesPeople: pseudonyms !== null && !seesOwnAlone(permit) })

/** Whether all that is shown under a permit of a list is the reader's own. */
export const seesOwnAlone = ({ scope }: Pick<Permit<OperationName>, 'scope'>): boolean => scope.workspaces.length === 0

/** Whether somebody's role sees the whole System. */
export const seesEverything = (principal: Principal): boolean =>
  principal.type === 'User' && principal.roles.some((role) => systemRoles.has(role))
