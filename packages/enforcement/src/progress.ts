import { systemId } from '@gatehouse/contract'
import type { CallFacts } from './call.ts'
import { DeniedDecision } from './decide.ts'
import type { Decision, DecisionRequest } from './decision.ts'
import { anonymous, type Principal } from './principal.ts'
import { uid, type EntityUid } from './slice.ts'

/** What is known of a call so far. Whatever is known when it is refused stands in the audit log. */
export interface Known {
  readonly principal: Principal
  readonly input: Readonly<Record<string, unknown>>
  readonly resource: EntityUid
  readonly workspace: string | null
  readonly decision: Decision | null
  /** What was asked for that decision. */
  readonly request: DecisionRequest | null
}

export interface Progress {
  readonly facts: CallFacts
  readonly known: Known
  learn(part: Partial<Known>): void
  /** Runs a decision and remembers it, a deny as well. */
  decided<T extends { readonly decision: Decision; readonly request: DecisionRequest | null }>(
    decide: () => T | Promise<T>,
  ): Promise<T>
}

/** Collects what a call has shown of itself. The one place where a call's state changes. */
export function createProgress(facts: CallFacts): Progress {
  let known: Known = {
    principal: anonymous,
    input: {},
    resource: uid('System', systemId),
    workspace: null,
    decision: null,
    request: null,
  }
  const learn = (part: Partial<Known>): void => {
    known = { ...known, ...part }
  }
  return {
    facts,
    get known() {
      return known
    },
    learn,
    decided: async (decide) => {
      try {
        const result = await decide()
        learn({ decision: result.decision, request: result.request })
        return result
      } catch (error) {
        if (error instanceof DeniedDecision) learn({ decision: error.decision, request: error.request })
        throw error
      }
    },
  }
}
