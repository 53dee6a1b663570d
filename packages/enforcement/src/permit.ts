import type { Input, OperationName } from '@gatehouse/contract'
import type { CallFacts } from './call.ts'
import type { Decision, DecisionRequest } from './decision.ts'
import type { Principal } from './principal.ts'
import type { Slice } from './slice.ts'

/** Where a list may look: everything of the System, whole workspaces, or only the caller's own rows in some. */
export interface Scope {
  /** The whole workspace is allowed. */
  readonly workspaces: readonly string[]
  /** Only what is the caller's own, in these workspaces. */
  readonly ownIn: readonly string[]
}

export interface PermitFacts<N extends OperationName> {
  readonly principal: Principal
  readonly input: Input<N>
  /** The decided resource with its rows; null for a list over workspaces. */
  readonly slice: Slice | null
  readonly scope: Scope
  readonly decision: Decision
  /** The request that was decided, to be recorded, and to be decided again when the rows have moved. */
  readonly request: DecisionRequest | null
  readonly call: CallFacts
}

type Mint = <N extends OperationName>(name: N, facts: PermitFacts<N>) => Permit<N>

/**
 * Proof that enforcement passed, for one operation. Only the enforcer can make one: the constructor is private, the
 * mint is
 * taken once when the enforcer's module loads, and `#name` keeps another operation's permit, a literal or a spread from
 * compiling.
 */
export class Permit<N extends OperationName> implements PermitFacts<N> {
  static #minted = false
  readonly #name: N
  readonly principal: Principal
  readonly input: Input<N>
  readonly slice: Slice | null
  readonly scope: Scope
  readonly decision: Decision
  readonly request: DecisionRequest | null
  readonly call: CallFacts

  private constructor(name: N, facts: PermitFacts<N>) {
    this.#name = name
    this.principal = facts.principal
    this.input = facts.input
    this.slice = facts.slice
    this.scope = facts.scope
    this.decision = facts.decision
    this.request = facts.request
    this.call = facts.call
    Object.freeze(this)
  }

  get name(): N {
    return this.#name
  }

  /** Hands the mint out, once. INVARIANT: only enforcer.ts calls this. */
  static takeMint(): Mint {
    if (Permit.#minted) throw new TypeError('the mint has been taken')
    Permit.#minted = true
    return (name, facts) => new Permit(name, facts)
  }
}

/** Any operation's permit, where only the facts matter. */
export type AnyPermit = { readonly [N in OperationName]: Permit<N> }[OperationName]
