import { operations, reaches, type Assurance } from '@gatehouse/contract'
import type { Decider, Decision } from '@gatehouse/enforcement'
import { requestIn, type Situation } from './situation.ts'

/** `prove`: not now, but with a freshly proved second factor. */
export type Outcome = 'allow' | 'prove' | 'deny'

/** What a call comes to: policy and the operation's own floor together, as enforcement takes them. */
export function outcomeOf(
  decider: Decider,
  situation: Situation,
): { readonly outcome: Outcome; readonly decision: Decision } {
  const decision = decider.decide(requestIn(situation))
  if (passes(decision, situation, situation.assurance)) return { outcome: 'allow', decision }
  const provable =
    situation.apiToken !== true &&
    situation.caller !== 'Anonymous' &&
    situation.caller !== 'worker' &&
    situation.caller !== 'service'
  const fresh = provable && passes(decider.decide(requestIn({ ...situation, assurance: 'su' })), situation, 'su')
  return { outcome: fresh ? 'prove' : 'deny', decision }
}

const passes = ({ effect }: Decision, { call }: Situation, assurance: Assurance): boolean =>
  effect === 'allow' && reaches(assurance, operations[call].assurance)
