import type { DecisionRequest } from '@gatehouse/enforcement'
import { believedDecision, erringIn } from './decider.ts'
import { compilePolicySet } from './policy-set.ts'
import { sourceOf, type SourceFile } from './policy-source.ts'
import { createSlots, preparePolicySet, type PreparedSet, type Slots } from './prepared-set.ts'

/** What a decision came to: the effect that holds, and what determined it. */
export interface Verdict {
  readonly effect: 'allow' | 'deny'
  readonly policies: readonly string[]
}

/** Policies made ready from their files alone; throws `PolicyError` when they are no good. */
export function prepareFiles(
  files: readonly SourceFile[],
  { place, slots = createSlots() }: { readonly place: string; readonly slots?: Slots },
): PreparedSet {
  return preparePolicySet({ set: compilePolicySet(sourceOf(files, place)), slots })
}

/** Decides again, and believes no allow beside an error, as the decision was made. */
export function decideOnce({ evaluate }: PreparedSet, request: DecisionRequest): Verdict {
  return believedDecision(evaluate(request))
}

/** A verdict with the policies that could not be evaluated, by their ids. */
export interface CandidateVerdict extends Verdict {
  readonly errors: readonly string[]
}

/** Decides by other policies than those in force, and says which of them erred: whoever tries them is to mend them. */
export function decideByCandidate({ set, evaluate }: PreparedSet, request: DecisionRequest): CandidateVerdict {
  const evaluation = evaluate(request)
  return { ...believedDecision(evaluation), errors: erringIn(set, evaluation.errors) }
}

/** Whether two decisions came to the same. */
export const isSameVerdict = (one: Verdict, two: Verdict): boolean =>
  one.effect === two.effect && one.policies.toSorted().join() === two.policies.toSorted().join()
