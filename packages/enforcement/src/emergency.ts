import { breakGlassActions, Refusal, type OperationName } from '@gatehouse/contract'
import { emergencyOf, type EmergencyFacts, type Principal } from './principal.ts'
import type { Slice } from './slice.ts'

/**
 * INVARIANT: an emergency session does what its request names, in its workspace, and nothing else: whatever policies
 * permit its person otherwise, and whatever its row says, nothing that could be asked for by nobody.
 */
export function refuseOutsideEmergency(name: OperationName, principal: Principal): void {
  const emergency = emergencyOf(principal)
  if (emergency === null || covers(emergency, name)) return
  throw new Refusal('forbidden', {
    reason: 'no-permit',
    policies: [],
    hint: `the emergency session is for ${emergency.actions.join(', ')}; log in as usual for all else`,
  })
}

const covers = ({ actions }: EmergencyFacts, name: OperationName): boolean =>
  actions.includes(name) && (breakGlassActions as readonly string[]).includes(name)

/**
 * What stands in another workspace does not exist for an emergency session; what stands in none was named by its action
 * alone. A host that takes bare accounts is never one of its hosts: such a certificate is good elsewhere too.
 */
export function refuseOtherPlace(principal: Principal, slice: Slice): void {
  const emergency = emergencyOf(principal)
  if (emergency === null) return
  if (slice.workspace !== null && slice.workspace !== emergency.workspace) throw new Refusal('not-found')
  if (slice.entities.some(({ attrs }) => attrs['unbound'] === true))
    throw new Refusal('forbidden', {
      reason: 'no-permit',
      policies: [],
      hint: 'a certificate of this host names a bare account, and would be good on others; not in an emergency',
    })
}

/** The workspaces that a list may range over. */
export const workspacesFor = (principal: Principal, workspaces: readonly Slice[]): readonly Slice[] => {
  const emergency = emergencyOf(principal)
  return emergency === null ? workspaces : workspaces.filter(({ resource }) => resource.id === emergency.workspace)
}
