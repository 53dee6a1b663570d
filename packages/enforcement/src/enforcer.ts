import { operations, Refusal, systemId, type Input, type Operation, type OperationName, type Output, type SubscriptionName } from '@gatehouse/contract'
import type { Call, Caller } from './call.ts'
import { decideOne, decideScope, DeniedDecision, type DecisionFacts } from './decide.ts'
import { Fault } from './fault.ts'
import { refuseBeforeFirstSteps } from './first-steps.ts'
import { createGate, type Gate } from './gate.ts'
import type { Handlers } from './handler.ts'
import { parseInput } from './parse-input.ts'
import { Permit, type PermitFacts } from './permit.ts'
import type { AuditTrail, Authenticator, Clock, Decider, Limiter } from './ports.ts'
import { anonymous, type Principal, type ServicePrincipal } from './principal.ts'
import { createProgress, type Progress } from './progress.ts'
import { recordedInput } from './record-input.ts'
import { refuseOutsideScopes } from './scopes.ts'
import { uid, type LoadWorkspaces, type Slices } from './slice.ts'
import { guarded } from './stream.ts'

const mint = Permit.takeMint()

/** How often a stream's caller is proved and decided again. A revoked session's stream ends within this. */
const streamRecheckMilliseconds = 1000

/** Who waits behind a stampede waits a few seconds, not for ever. */
const stampede = { queueMax: 5000, waitMillisecondsMax: 15_000 } as const

export interface EnforcerDeps<Db> {
  readonly handlers: Handlers
  readonly authenticator: Authenticator
  readonly limiter: Limiter
  readonly slices: Slices<Db>
  readonly workspaces: LoadWorkspaces<Db>
  readonly db: Db
  readonly decider: Decider
  readonly trail: AuditTrail
  readonly clock: Clock
  readonly stepUpMaxAgeSeconds: number
  /** The principal of internal operations; absent in a process that runs none. */
  readonly service?: ServicePrincipal
  readonly onFault: (fault: Fault, name: OperationName) => void
}

/** Turns one raw call into one audited outcome. There is no other way to a handler. */
export interface Enforcer {
  /** Answers the output, or throws `Refusal` or `Fault`. */
  call<N extends OperationName>(call: Call<N>): Promise<Output<N>>
  /** Whether a request comes from someone known: strangers learn no shapes before this. Never throws for a bad credential. */
  isKnown(caller: Caller): Promise<boolean>
  /** Opens a stream; it ends with a refusal when its caller may no longer see it. */
  subscribe<N extends SubscriptionName>(call: Call<N>): Promise<AsyncIterable<Output<N>>>
  /** An internal operation, as this process's service. */
  internal<N extends OperationName>(name: N, raw: unknown, requestId: string): Promise<Output<N>>
}

type Decided = Pick<PermitFacts<OperationName>, 'slice' | 'scope' | 'decision' | 'request'>

// oxlint-disable-next-line max-lines-per-function -- a factory: what is long is the list of small functions it closes over
export function createEnforcer<Db>(deps: EnforcerDeps<Db>): Enforcer {
  const authentications = new WeakMap<Caller, Promise<Principal>>()
  const gates = new Map<OperationName, Gate>()

  /** Runs at once, or, where the declaration caps how many may run, when its turn has come. */
  const inTurn = <T>(name: OperationName, run: () => Promise<T>): Promise<T> => {
    const width = operations[name].parallelMax
    if (width === undefined) return run()
    const gate = gates.get(name) ?? createGate({ width, ...stampede })
    gates.set(name, gate)
    return gate(run)
  }

  /** Once per HTTP request, however many operations it carries. */
  const principalOf = (caller: Caller): Promise<Principal> => {
    const known = authentications.get(caller) ?? deps.authenticator.authenticate(caller)
    authentications.set(caller, known)
    return known
  }

  const enforce = async <N extends OperationName>(call: Call<N>, progress: Progress): Promise<Permit<N>> => {
    const operation = operations[call.name]
    await deps.limiter.admitAddress(call.caller.address)
    progress.learn({ principal: await identify(operation, () => principalOf(call.caller)) })
    await deps.limiter.admitCaller(progress.known.principal, call.caller.address)
    return permitFor(call, operation, progress)
  }

  const permitFor = async <N extends OperationName>(call: Call<N>, operation: Operation, progress: Progress): Promise<Permit<N>> => {
    const { principal } = progress.known
    if (!operation.authorize.principals.includes(principal.type)) throw wrongPrincipal(principal)
    refuseOutsideScopes(call.name, principal)
    refuseBeforeFirstSteps(operation, principal)
    const input = parseInput(operation, call.raw)
    progress.learn({ input: recordedInput(operation, input) })
    const facts: DecisionFacts = { operation, name: call.name, principal, input, now: progress.facts.at, address: call.caller.address, stepUpMaxAgeSeconds: deps.stepUpMaxAgeSeconds }
    const decided = operation.authorize.id === undefined && operation.authorize.resource === 'Workspace' ? await decideList(facts, progress) : await decideResource(facts, progress)
    // parseInput has just parsed it by this very operation's schema
    return mint(call.name, { principal, input: input as Input<N>, call: progress.facts, ...decided })
  }

  const decideResource = async (facts: DecisionFacts, progress: Progress): Promise<Decided> => {
    const { operation, principal } = facts
    const caller = { principalId: principal.id, sessionId: principal.type === 'User' ? principal.session.id : null }
    // the declaration's own function of its own input
    const id = operation.authorize.id?.(facts.input as never, caller) ?? systemId
    progress.learn({ resource: uid(operation.authorize.resource, id) })
    const slice = await deps.slices[operation.authorize.resource](deps.db, id)
    if (slice === null) throw new Refusal('not-found')
    progress.learn({ resource: slice.resource, workspace: slice.workspace })
    const { decision, request } = progress.decided(() => decideOne(deps.decider, facts, slice))
    return { slice, scope: { workspaces: [], ownIn: [] }, decision, request }
  }

  const decideList = async (facts: DecisionFacts, progress: Progress): Promise<Decided> => {
    const workspaces = await deps.workspaces(deps.db)
    const { scope, decision } = progress.decided(() => decideScope(deps.decider, facts, workspaces))
    return { slice: null, scope, decision, request: null }
  }

  const begin = (call: Call): Progress => createProgress({
    requestId: call.requestId, at: deps.clock.now(), address: call.caller.address, userAgent: call.caller.userAgent, transport: call.caller.transport,
    background: call.caller.background === true, proof: call.caller.proof ?? null, device: call.caller.device ?? null,
  })

  /** Step 0: whatever happens below is recorded, and if the record cannot be written, the call fails. */
  const recorded = async <N extends OperationName, T>(call: Call<N>, progress: Progress, run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      const cause = error instanceof DeniedDecision ? error.refusal : error
      const refusal = cause instanceof Refusal ? cause : null
      const fault = refusal === null ? new Fault(call.requestId, cause) : null
      if (fault !== null) deps.onFault(fault, call.name)
      await deps.trail.record({ action: call.name, outcome: refusal === null ? 'failed' : 'refused', call: progress.facts, ...progress.known, refusal: refusal?.code ?? null })
      throw refusal ?? fault
    }
  }

  const answer = async <N extends OperationName>(call: Call<N>, permit: Permit<N>, progress: Progress): Promise<Output<N>> => {
    const operation = operations[call.name]
    const handler = deps.handlers[call.name]
    // a subscription never comes here: `subscribe` is its only door
    const output = await (handler(permit) as Promise<Output<N>>)
    await requireEntry(operation, permit, progress)
    return output
  }

  const requireEntry = async <N extends OperationName>(operation: Operation, permit: Permit<N>, progress: Progress): Promise<void> => {
    if (operation.kind === 'query') {
      await deps.trail.record({ action: permit.name, outcome: 'allowed', call: progress.facts, ...progress.known, refusal: null })
    } else if (deps.trail.writtenUnder(permit as never) !== 'outcome') {
      throw new TypeError(`${permit.name} returned without an audit entry`)
    }
  }

  return {
    call: (call) => {
      const progress = begin(call)
      return recorded(call, progress, async () => {
        if (operations[call.name].internal === true || operations[call.name].kind === 'subscription') throw new Refusal('not-found')
        return inTurn(call.name, async () => answer(call, await enforce(call, progress), progress))
      })
    },

    isKnown: async (caller) => {
      try {
        return (await principalOf(caller)).type !== 'Anonymous'
      } catch (error) {
        if (error instanceof Refusal && error.code === 'unauthenticated') return false
        throw error
      }
    },

    subscribe: async (call) => {
      const progress = begin(call)
      const permit = await recorded(call, progress, async () => {
        const granted = await enforce(call, progress)
        await deps.trail.record({ action: call.name, outcome: 'allowed', call: progress.facts, ...progress.known, refusal: null, detail: { stream: 'opened' } })
        return granted
      })
      return watched(call, permit, progress)
    },

    internal: (name, raw, requestId) => {
      const { service } = deps
      if (service === undefined || operations[name].internal !== true) throw new TypeError(`${name} is not for this process`)
      const call: Call = { name, raw, requestId, caller: { credential: null, address: '127.0.0.1', userAgent: service.name, transport: 'internal' } }
      const progress = begin(call)
      progress.learn({ principal: service })
      return recorded(call, progress, async () => {
        const permit = await permitFor(call as Call<typeof name>, operations[name], progress)
        return answer(call as Call<typeof name>, permit, progress)
      })
    },
  }

  /** A stream that proves and decides its caller again each second, and is recorded when it closes. */
  async function* watched<N extends SubscriptionName>(call: Call<N>, permit: Permit<N>, progress: Progress): AsyncGenerator<Output<N>> {
    // SubscriptionName's handlers answer iterables, by the type of Handler
    const source = deps.handlers[call.name](permit) as AsyncIterable<Output<N>>
    try {
      yield* guarded(source, () => recheck(call, permit), streamRecheckMilliseconds)
    } finally {
      await deps.trail.record({ action: call.name, outcome: 'allowed', call: progress.facts, ...progress.known, refusal: null, detail: { stream: 'closed' } })
    }
  }

  async function recheck<N extends SubscriptionName>(call: Call<N>, permit: Permit<N>): Promise<void> {
    const principal = permit.principal.type === 'Anonymous' ? permit.principal : await deps.authenticator.recheck(permit.principal, call.caller)
    const progress = begin(call)
    progress.learn({ principal })
    const now = await permitFor(call, operations[call.name], progress)
    if (JSON.stringify(now.scope) !== JSON.stringify(permit.scope)) {
      throw new Refusal('unavailable', { hint: 'what you may see has changed; open the stream again' })
    }
  }
}

/** A credential that is not good is nobody's: operations open to anyone go on as Anonymous, all others refuse. */
async function identify(operation: Operation, authenticate: () => Promise<Principal>): Promise<Principal> {
  try {
    return await authenticate()
  } catch (error) {
    const open = operation.authorize.principals.includes('Anonymous')
    if (open && error instanceof Refusal && error.code === 'unauthenticated') return anonymous
    throw error
  }
}

function wrongPrincipal(principal: Principal): Refusal {
  return principal.type === 'Anonymous' ? new Refusal('unauthenticated') : new Refusal('forbidden', { reason: 'no-permit', policies: [] })
}
