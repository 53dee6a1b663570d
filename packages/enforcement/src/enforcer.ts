import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  isNested,
  operations,
  Refusal,
  systemId,
  type Operation,
  type OperationName,
  type Output,
  type SubscriptionName,
} from '@gatehouse/contract'
import { UnavailableError } from '@gatehouse/kit'
import { inSpan } from '@gatehouse/kit/tracing'
import { asRefusal } from './as-refusal.ts'
import { createBudget } from './budget.ts'
import type { Call, Caller } from './call.ts'
import { Fault } from './fault.ts'
import { createGate, type Gate } from './gate.ts'
import { grantPermit, type GrantDeps } from './grant-permit.ts'
import type { Handlers } from './handler.ts'
import { openStream, streamRecheckMilliseconds } from './open-stream.ts'
import type { Permit } from './permit.ts'
import type { AuditTrail, Authenticator, Clock, Limiter } from './ports.ts'
import { anonymous, CallerMovedError, type Principal, type ServicePrincipal } from './principal.ts'
import { createLanes, ownStampede } from './own-lanes.ts'
import { createProgress, type Progress } from './progress.ts'
import { rememberedPrincipals, type RememberedPrincipals } from './remembered-principals.ts'
import { isProvedByItsStatement } from './second-look.ts'
import { sharedSlices } from './shared-slices.ts'
import { uid } from './slice.ts'
import { createStreamPlaces, type StreamPlaces } from './stream-places.ts'
import { createRechecks, type Rechecks } from './stream-rechecks.ts'

/** Who waits behind a stampede waits a few seconds, not for ever. */
const stampede = { queueMax: 5000, waitMillisecondsMax: 15_000 } as const

/**
 * So many calls with one credential are worked on at once, as many as one request may carry. A thousand would each
 * wait for a connection, and whoever else needs one would wait behind them all (threat D5).
 */
const ownCallsMax = 20

export interface EnforcerDeps<Db> extends GrantDeps<Db> {
  readonly handlers: Handlers
  readonly authenticator: Authenticator
  readonly limiter: Limiter
  readonly trail: AuditTrail
  readonly clock: Clock
  /** The principal of internal operations; absent in a process that runs none. */
  readonly service?: ServicePrincipal
  readonly onFault: (fault: Fault, name: OperationName) => void
}

/** Turns one raw call into one audited outcome. There is no other way to a handler. */
export interface Enforcer {
  /** Answers the output, or throws `Refusal` or `Fault`. */
  call<N extends OperationName>(call: Call<N>): Promise<Output<N>>
  /**
   * The same, for what is made of the output: of a query while its entry is on its way, since both are work for
   * different processes. Nobody is told of it before the entry is there, and it is thrown away where that cannot be
   * kept. `make` never throws, and does nothing else.
   */
  call<N extends OperationName, T>(call: Call<N>, make: (output: Output<N>) => T): Promise<T>
  /**
   * Whether a request comes from someone who is known, or was a moment ago: strangers learn no shapes before this.
   * Never throws for a bad credential.
   */
  isKnown(caller: Caller): Promise<boolean>
  /** The same, as the refusal that says what became of a credential that was good; null: they are known. */
  whyUnknown(caller: Caller): Promise<Refusal | null>
  /** Records that a request was refused before it came to an operation. Never authenticates: it is done or not. */
  refused(request: { readonly caller: Caller; readonly requestId: string }, refusal: Refusal): Promise<void>
  /** Opens a stream; it ends with a refusal when its caller may no longer see it. */
  subscribe<N extends SubscriptionName>(call: Call<N>): Promise<AsyncIterable<Output<N>>>
  /** The same, for what is made of each item. What `make` throws is a fault, and the stream's end. */
  subscribe<N extends SubscriptionName, T>(call: Call<N>, make: (item: Output<N>) => T): Promise<AsyncIterable<T>>
  /** An internal operation, as this process's service. */
  internal<N extends OperationName>(name: N, raw: unknown, requestId: string): Promise<Output<N>>
}

async function whyUnknown(
  principalOf: Pick<ReturnType<typeof rememberedPrincipals>, 'assumed'>,
  caller: Caller,
): Promise<Refusal | null> {
  try {
    return (await principalOf.assumed(caller)).type === 'Anonymous' ? new Refusal('unauthenticated') : null
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unauthenticated') return error
    throw asRefusal(error, false)
  }
}

/** Makes the one enforcer of a process. */
export function createEnforcer<Db>(given: EnforcerDeps<Db>): Enforcer {
  const deps: EnforcerDeps<Db> = { ...given, slices: sharedSlices(given.slices) }
  const principalOf = rememberedPrincipals(deps.authenticator)
  const inTurn = createTurns()
  const inOwnLane = createOwnLanes()
  const places = createStreamPlaces()
  const rechecks = createRechecks(streamRecheckMilliseconds)
  const admit = createAdmission(deps, principalOf)
  const work = createWork(deps, admit)

  return {
    call: <N extends OperationName, T>(call: Call<N>, make?: (output: Output<N>) => T) =>
      principalOf.provingAgain(call.caller, () => {
        const progress = begin(deps, call)
        return recorded(deps, { call, progress }, async () => {
          if (operations[call.name].internal === true || operations[call.name].kind === 'subscription')
            throw new Refusal('not-found')
          return inOwnLane(call, () => inTurn(call.name, () => work(call, progress, make)))
        })
      }),

    isKnown: async (caller) => (await whyUnknown(principalOf, caller)) === null,
    whyUnknown: (caller) => whyUnknown(principalOf, caller),

    refused: async (request, refusal) => {
      const principal = await principalOf.known(request.caller)
      await recordRefused(deps, { ...request, principal }, refusal)
    },

    subscribe: <N extends SubscriptionName, T>(call: Call<N>, make?: (item: Output<N>) => T) => {
      const progress = begin(deps, call)
      return recorded(deps, { call, progress }, async () => {
        await admit(call, progress)
        const permit = await grant(deps, call, progress)
        return opened<N, Output<N> | T, Db>({ ...deps, places, rechecks }, call, {
          permit,
          progress,
          make: make ?? ((item) => item),
        })
      })
    },

    internal: (name, raw, requestId) => {
      const { service } = deps
      if (service === undefined || operations[name].internal !== true)
        throw new TypeError(`${name} is not for this process`)
      const call: Call<typeof name> = {
        name,
        raw,
        requestId,
        caller: { credential: null, address: '127.0.0.1', userAgent: service.name, transport: 'internal' },
      }
      const progress = begin(deps, call)
      progress.learn({ principal: service })
      return recorded(deps, { call, progress }, async () => {
        const permit = await grant(deps, call, progress)
        return answer<typeof name, Output<typeof name>>(deps, { permit, progress })
      })
    },
  }
}

type Admit = (call: Call, progress: Progress) => Promise<void>

/**
 * Runs the calls of each credential a few at a time. INVARIANT: who calls is asked after the wait, so who was shut out
 * meanwhile is.
 */
function createOwnLanes(): <T>(call: Call, run: () => Promise<T>) => Promise<T> {
  const inLane = createLanes(ownStampede)
  return ({ caller: { credential }, nested }, run) =>
    // strangers are many; and what edges ask is bounded by what their document may cost
    credential === null || nested === true ? run() : inLane({ key: credential, width: ownCallsMax }, run)
}

/** Counts a call, and learns who calls. */
function createAdmission({ limiter }: Pick<Deps, 'limiter'>, principalOf: RememberedPrincipals): Admit {
  return async (call, progress) => {
    // INVARIANT: only what an edge asks comes past the count, and only reads are asked by edges
    const isCounted = call.nested !== true || !isNested(call.name)
    if (isCounted) await limiter.admitAddress(call.caller)
    const operation = operations[call.name]
    const prove = mayAssume(call.name) ? principalOf.assumed : principalOf
    progress.learn({ principal: await identify(operation, () => prove(call.caller)) })
    if (isCounted) await limiter.admitCaller(progress.known.principal, call.caller)
  }
}

const grant = <N extends OperationName, Db>(
  deps: GrantDeps<Db>,
  call: Call<N>,
  progress: Progress,
): Promise<Permit<N>> => grantPermit(deps, call, { operation: operations[call.name], progress })

/** Admits a call, decides it and does it, within what its declaration leaves it. */
function createWork<Db>(
  deps: EnforcerDeps<Db>,
  admit: Admit,
): <N extends OperationName, T>(
  call: Call<N>,
  progress: Progress,
  make: ((output: Output<N>) => T) | undefined,
) => Promise<Output<N> | T> {
  const budget = createBudget()
  return async (call, progress, make) => {
    await admit(call, progress)
    const permit = await grant(deps, call, progress)
    return budget({ name: call.name, principal: permit.principal }, () => answer(deps, { permit, progress, make }))
  }
}

/**
 * Reads may begin before their caller was looked at: nothing happens by them but the answer, which waits for the entry,
 * and the entry looks. What takes minutes is not begun twice.
 */
function mayAssume(name: OperationName): boolean {
  const { kind, heavy }: Operation = operations[name]
  return (kind === 'query' && heavy !== true) || isProvedByItsStatement(name)
}

/** Runs at once, or, where the declaration caps how many may run, when its turn has come. */
function createTurns(): <T>(name: OperationName, run: () => Promise<T>) => Promise<T> {
  const gates = new Map<OperationName, Gate>()
  return (name, run) => {
    const width = operations[name].parallelMax
    if (width === undefined) return run()
    const gate = gates.get(name) ?? createGate({ width, ...stampede })
    gates.set(name, gate)
    return gate(run)
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

type Deps = EnforcerDeps<never>

const begin = ({ clock }: Pick<Deps, 'clock'>, call: Pick<Call, 'caller' | 'requestId' | 'signal'>): Progress =>
  createProgress({
    requestId: call.requestId,
    at: clock.now(),
    address: call.caller.address,
    forwards: call.caller.forwards === true,
    userAgent: call.caller.userAgent,
    transport: call.caller.transport,
    background: call.caller.background === true,
    proof: call.caller.proof ?? null,
    device: call.caller.device ?? null,
    signal: call.signal ?? null,
  })

/** Step 0: whatever happens below is recorded, and if the audit log cannot be written, the call fails. */
async function recorded<N extends OperationName, T>(
  { onFault, trail }: Pick<Deps, 'onFault' | 'trail'>,
  { call, progress }: { readonly call: Call<N>; readonly progress: Progress },
  run: () => Promise<T>,
): Promise<T> {
  const attributes = { 'gatehouse.operation': call.name, 'gatehouse.transport': call.caller.transport }
  return inSpan({ name: call.name, attributes }, async (span) => {
    try {
      return await run()
    } catch (error) {
      const told = await toldOf({ onFault, trail }, { call, progress }, error)
      // a refusal is an answer: what fails is a fault of ours
      if (told instanceof Refusal) span?.end({ attributes: { 'gatehouse.refusal': told.code } })
      throw told
    }
  })
}

/**
 * Records what went wrong, and answers what the caller is told of it. INVARIANT: whoever is told that nothing was done
 * can rely on it: where that is not known it is said, also if the audit log cannot take it.
 */
async function toldOf<N extends OperationName>(
  { onFault, trail }: Pick<Deps, 'onFault' | 'trail'>,
  { call, progress }: { readonly call: Call<N>; readonly progress: Progress },
  error: unknown,
): Promise<Refusal | Fault> {
  if (error instanceof CallerMovedError) throw error
  const isChange = operations[call.name].kind !== 'query'
  const isWritten = isChange && trail.writtenUnder({ call: progress.facts }) !== 'none'
  // what was asked before the decision was who calls, and on what
  const isLost = isChange && error instanceof UnavailableError && error.mayBeDone && progress.known.decision !== null
  const mayBeDone = isWritten || isLost
  const cause = asRefusal(error, mayBeDone)
  const told = cause instanceof Refusal ? cause : new Fault(call.requestId, cause)
  if (told instanceof Fault) onFault(told, call.name)
  const recorded = trail.record({
    action: call.name,
    outcome: told instanceof Refusal && told.details.mayBeDone !== true ? 'refused' : 'failed',
    call: progress.facts,
    ...progress.known,
    refusal: told instanceof Refusal ? told.code : null,
  })
  const entryId = await recorded.catch((reason: unknown) => {
    if (!mayBeDone || reason instanceof CallerMovedError) throw reason
    return null
  })
  return told instanceof Refusal ? naming(told, entryId, progress) : told
}

/** A denial with the entry of its decision, so that who may read that can say why it was denied. */
function naming(refusal: Refusal, entryId: string | null, { known }: Progress): Refusal {
  const isDenied = refusal.code === 'forbidden' && known.decision?.effect === 'deny' && known.request !== null
  if (!isDenied || entryId === null) return refusal
  return new Refusal(
    refusal.code,
    { ...refusal.details, decisionId: entryId },
    { message: refusal.message, cause: refusal.cause },
  )
}

interface Answering<N extends OperationName, T> {
  readonly permit: Permit<N>
  readonly progress: Progress
  /** What the output is made into; absent: it is answered as it is. */
  readonly make?: ((output: Output<N>) => T) | undefined
}

async function answer<N extends OperationName, T>(
  { handlers, trail }: Pick<Deps, 'handlers' | 'trail'>,
  { permit, progress, make }: Answering<N, T>,
): Promise<Output<N> | T> {
  // a subscription never comes here: `subscribe` is its only door
  const output = await (handlers[permit.name](permit) as Promise<Output<N>>)
  const operation: Operation = operations[permit.name]
  if (operation.kind === 'query') {
    const kept = trail.record({
      action: permit.name,
      outcome: 'allowed',
      call: progress.facts,
      ...progress.known,
      refusal: null,
    })
    // a turn later the entry has been sent, and the database is at work
    const made = make === undefined ? output : nextTurn().then(() => make(output))
    await kept
    return made
  }
  if (operation.audit.onlyChanges !== true && trail.writtenUnder(permit as never) !== 'outcome')
    throw new TypeError(`${permit.name} returned without an audit entry`)
  return make === undefined ? output : make(output)
}

const recordRefused = (
  deps: Pick<Deps, 'trail' | 'clock'>,
  request: { readonly caller: Caller; readonly requestId: string; readonly principal: Principal },
  refusal: Refusal,
): Promise<string | null> =>
  deps.trail.record({
    action: 'request.refused',
    outcome: 'refused',
    principal: request.principal,
    resource: uid('System', systemId),
    workspace: null,
    decision: null,
    input: {},
    call: begin(deps, request).facts,
    refusal: refusal.code,
  })

/** Takes a place for a stream that is granted, and opens it; the place is given back when it ends. */
interface Opening<N extends SubscriptionName, T> {
  readonly permit: Permit<N>
  readonly progress: Progress
  readonly make: (item: Output<N>) => T
}

async function opened<N extends SubscriptionName, T, Db>(
  deps: EnforcerDeps<Db> & { readonly places: StreamPlaces; readonly rechecks: Rechecks },
  call: Call<N>,
  { permit, progress, make }: Opening<N, T>,
): Promise<AsyncIterable<T>> {
  const giveBack = deps.places.take(permit.principal, call.caller.address)
  try {
    await recordOpened(deps, call, progress)
    return openStream({ ...deps, begin: (again) => begin(deps, again) }, { call, permit, progress, make, giveBack })
  } catch (error) {
    giveBack()
    throw error
  }
}

const recordOpened = ({ trail }: Pick<Deps, 'trail'>, call: Call, progress: Progress): Promise<string | null> =>
  trail.record({
    action: call.name,
    outcome: 'allowed',
    call: progress.facts,
    ...progress.known,
    refusal: null,
    detail: { stream: 'opened' },
  })
