import { Refusal, systemId, type Input, type Operation, type OperationName } from '@gatehouse/contract'
import type { Call } from './call.ts'
import { decideOne, decideScope, type DecisionFacts } from './decide.ts'
import { refuseOtherPlace, refuseOutsideEmergency, workspacesFor } from './emergency.ts'
import { refuseBeforeFirstSteps } from './first-steps.ts'
import { parseInput } from './parse-input.ts'
import { Permit, type PermitFacts } from './permit.ts'
import type { Decider } from './ports.ts'
import type { Principal } from './principal.ts'
import type { Progress } from './progress.ts'
import { recordedInput } from './record-input.ts'
import { refuseOutsideScopes } from './scopes.ts'
import { refuseOtherKey, refuseOutsideTransit } from './transit.ts'
import { uid, type LoadWorkspaces, type Slices } from './slice.ts'

/** INVARIANT: the only one there is. Whatever is not granted below has no permit. */
const mint = Permit.takeMint()

/** What deciding a call needs. */
export interface GrantDeps<Db> {
  readonly slices: Slices<Db>
  readonly workspaces: LoadWorkspaces<Db>
  readonly db: Db
  readonly decider: Decider
  readonly stepUpMaxAgeSeconds: number
}

/** The permit of a call whose caller is known; throws the refusal of whichever step says no. */
export async function grantPermit<N extends OperationName, Db>(
  deps: GrantDeps<Db>,
  call: Call<N>,
  { operation, progress }: { operation: Operation; progress: Progress },
): Promise<Permit<N>> {
  const { principal } = progress.known
  if (!operation.authorize.principals.includes(principal.type)) throw wrongPrincipal(principal)
  refuseOutsideScopes(call.name, principal)
  refuseOutsideEmergency(call.name, principal)
  refuseOutsideTransit({ name: call.name, transport: call.caller.transport }, principal)
  refuseBeforeFirstSteps(operation, principal)
  const input = parseInput(operation, call.raw)
  progress.learn({ input: recordedInput(operation, input) })
  const facts: DecisionFacts = {
    operation,
    name: call.name,
    principal,
    input,
    now: progress.facts.at,
    address: call.caller.address,
    stepUpMaxAgeSeconds: deps.stepUpMaxAgeSeconds,
  }
  const decided =
    operation.authorize.id === undefined && operation.authorize.resource === 'Workspace'
      ? await decideList(deps, facts, progress)
      : await decideResource(deps, facts, progress)
  // parseInput has just parsed it by this very operation's schema
  return mint(call.name, { principal, input: input as Input<N>, call: progress.facts, ...decided })
}

type Decided = Pick<PermitFacts<OperationName>, 'slice' | 'scope' | 'decision' | 'request'>

async function decideResource<Db>(deps: GrantDeps<Db>, facts: DecisionFacts, progress: Progress): Promise<Decided> {
  const { operation, principal } = facts
  const caller = { principalId: principal.id, sessionId: principal.type === 'User' ? principal.session.id : null }
  // the declaration's own function of its own input
  const id = operation.authorize.id?.(facts.input as never, caller) ?? systemId
  progress.learn({ resource: uid(operation.authorize.resource, id) })
  refuseOtherKey(principal, { type: operation.authorize.resource, reference: id })
  const slice = await deps.slices[operation.authorize.resource](deps.db, id)
  if (slice === null) throw new Refusal('not-found')
  refuseOtherPlace(principal, slice)
  progress.learn({ resource: slice.resource, workspace: slice.workspace })
  const { decision, request } = await progress.decided(() => decideOne(deps.decider, facts, slice))
  return { slice, scope: { workspaces: [], ownIn: [] }, decision, request }
}

async function decideList<Db>(deps: GrantDeps<Db>, facts: DecisionFacts, progress: Progress): Promise<Decided> {
  const { archivedToo = false } = facts.operation.authorize
  const workspaces = workspacesFor(facts.principal, await deps.workspaces(deps.db, { archivedToo }))
  const decided = await progress.decided(() => decideScope(deps.decider, facts, workspaces))
  return { slice: null, ...decided }
}

function wrongPrincipal(principal: Principal): Refusal {
  return principal.type === 'Anonymous'
    ? new Refusal('unauthenticated')
    : new Refusal('forbidden', { reason: 'no-permit', policies: [] })
}
