import type { CedarEntity, CedarValue, EntityUid } from './slice.ts'

/** What Cedar is asked. */
export interface DecisionRequest {
  readonly principal: EntityUid
  /** An operation of ours, or what is done elsewhere, as the schema of policies has it. */
  readonly action: string
  readonly resource: EntityUid
  readonly context: Readonly<Record<string, CedarValue>>
  readonly entities: readonly CedarEntity[]
}

export interface Decision {
  readonly effect: 'allow' | 'deny'
  /** Determining policies: permits of an allow, forbids of a deny; empty is the default deny. */
  readonly policies: readonly string[]
  /** The policy set that decided. */
  readonly version: string
  /** Policies that could not be evaluated, beside which nothing is allowed; absent: none. */
  readonly erred?: readonly string[]
}
