import { operations, Refusal, type Output, type SubscriptionName } from '@gatehouse/contract'
import { asRefusal } from './as-refusal.ts'
import type { Call } from './call.ts'
import { Fault } from './fault.ts'
import { grantPermit, type GrantDeps } from './grant-permit.ts'
import type { Handlers } from './handler.ts'
import type { Permit } from './permit.ts'
import type { AuditTrail, Authenticator } from './ports.ts'
import type { Principal } from './principal.ts'
import type { Progress } from './progress.ts'
import type { Rechecks } from './stream-rechecks.ts'
import { holdStream } from './stream.ts'

/** How often a stream's caller is proved again. A revoked session's streams end within this. */
export const streamRecheckMilliseconds = 1000

/**
 * A caller who is still the same is decided again this often, by the same policies: hours and workspaces change more
 * rarely than a session ends, and a list costs two decisions for each workspace.
 */
export const streamRedecideMilliseconds = 5000

/** What opening a stream needs. */
export interface StreamDeps<Db> extends GrantDeps<Db> {
  readonly handlers: Handlers
  readonly authenticator: Authenticator
  readonly trail: AuditTrail
  readonly rechecks: Rechecks
  readonly begin: (call: Call) => Progress
  readonly onFault: (fault: Fault, name: SubscriptionName) => void
}

/** A stream that is granted and has its place, and is not open yet. */
export interface GrantedStream<N extends SubscriptionName, T> {
  readonly call: Call<N>
  readonly permit: Permit<N>
  readonly progress: Progress
  /** What leaves for an item. */
  readonly make: (item: Output<N>) => T
  /** Gives the stream's place back. */
  readonly giveBack: () => void
}

/**
 * A stream whose caller is proved again each second, that ends when its client goes, and is recorded when it closes,
 * whether or not anybody ever read of it.
 */
export function openStream<N extends SubscriptionName, T, Db>(
  deps: StreamDeps<Db>,
  granted: GrantedStream<N, T>,
): AsyncIterable<T> {
  const { call, permit, make } = granted
  const refused = (error: unknown): Refusal | Fault => {
    const cause = asRefusal(error, false)
    if (cause instanceof Refusal) return cause
    const fault = new Fault(call.requestId, cause)
    deps.onFault(fault, call.name)
    return fault
  }
  // SubscriptionName's handlers answer iterables, by the type of Handler
  const source = deps.handlers[call.name](permit) as AsyncIterable<Output<N>>
  const seat = deps.rechecks.join({
    key: groupKey(permit.principal, call),
    check: checkOf(deps, granted),
    end: (error) => void stream.end(refused(error)),
  })
  const gone = (): void => void stream.end(null)
  const stream = holdStream({
    source,
    fresh: seat.fresh,
    make,
    failed: refused,
    onClose: async () => {
      call.signal?.removeEventListener('abort', gone)
      seat.leave()
      granted.giveBack()
      await recordClosed(deps, granted).catch((error: unknown) => void refused(error))
    },
  })
  call.signal?.addEventListener('abort', gone, { once: true })
  if (call.signal?.aborted === true) gone()
  return stream
}

/** Streams of one token that ask the same from the same address are proved and decided together. */
const groupKey = (principal: Principal, { name, raw, caller }: Call): string =>
  JSON.stringify([tokenOf(principal), caller.address, name, raw])

const tokenOf = (principal: Principal): string => {
  if (principal.type === 'User') return `${principal.type}:${principal.session.id}:${principal.tokenId}`
  return `${principal.type}:${principal.id}:${principal.type === 'Service' ? principal.apiToken?.id : ''}`
}

function checkOf<N extends SubscriptionName, Db>(
  deps: StreamDeps<Db>,
  { call, permit }: Pick<GrantedStream<N, unknown>, 'call' | 'permit'>,
): () => Promise<void> {
  const caller = permit.principal
  let decided = { principal: JSON.stringify(caller), policies: deps.decider.version(), at: performance.now() }
  return async () => {
    const principal = caller.type === 'Anonymous' ? caller : await deps.authenticator.recheck(caller, call.caller)
    const policies = deps.decider.version()
    const same = JSON.stringify(principal) === decided.principal && policies === decided.policies
    if (same && performance.now() - decided.at < streamRedecideMilliseconds) return
    const progress = deps.begin(call)
    progress.learn({ principal })
    const now = await grantPermit(deps, call, { operation: operations[call.name], progress })
    if (JSON.stringify(now.scope) !== JSON.stringify(permit.scope))
      throw new Refusal('unavailable', { hint: 'what you may see has changed; open the stream again' })
    decided = { principal: JSON.stringify(principal), policies, at: performance.now() }
  }
}

const recordClosed = <N extends SubscriptionName, Db>(
  { trail }: StreamDeps<Db>,
  { call, progress }: Pick<GrantedStream<N, unknown>, 'call' | 'progress'>,
): Promise<string | null> =>
  trail.record({
    action: call.name,
    outcome: 'allowed',
    call: progress.facts,
    ...progress.known,
    refusal: null,
    detail: { stream: 'closed' },
  })
