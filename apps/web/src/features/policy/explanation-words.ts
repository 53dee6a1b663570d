import type { Wire } from '@gatehouse/contract'

type Explanation = Wire<'policy.explain'>
export type Condition = Explanation['conditions'][number]
type Obligation = Explanation['obligations'][number]

/** The decision as one sentence. */
export function verdictWords({ decision, reasons, errors, obligations }: Explanation): string {
  if (decision === 'allow')
    return obligations.some(({ kind }) => kind === 'ownOnly') ? 'Allowed, for their own' : 'Allowed'
  if (obligations.some(({ kind }) => kind === 'mfa')) return 'Denied until they verify a second factor'
  if (obligations.some(({ kind }) => kind === 'approval')) return 'Denied until a second person approves'
  if (reasons.length > 0) return 'Denied by a policy'
  return errors.length > 0 ? 'Denied: the policies could not decide' : 'Denied: no policy permits it'
}

const obligationWords: Readonly<Record<Obligation['kind'], string>> = {
  mfa: 'It is allowed once they verify a second factor.',
  approval: 'It is allowed once a second person has approved this very call.',
  useApproval: 'An approval allows it. It is used up by the call.',
  ownOnly: 'Of a list, they get only what is their own.',
}

/** What belongs to a decision, as sentences. */
export const obligationsWords = ({ obligations }: Pick<Explanation, 'obligations'>): readonly string[] => [
  ...new Set(obligations.map(({ kind }) => obligationWords[kind])),
]

/** Whether a condition was so, in a word. */
export function holdsWord({ holds }: Pick<Condition, 'holds'>): string {
  if (holds === null) return 'not evaluated'
  return holds ? 'true' : 'false'
}

/** What stands before the text of a condition; the scope of a policy says itself what it is about. */
export const clauseWord = ({ clause }: Pick<Condition, 'clause'>): string =>
  clause === 'when' || clause === 'unless' ? clause : ''

/** How near a permit came: `2 of 4 conditions are not met`. */
export function missedWords(conditions: readonly Condition[]): string {
  const missed = conditions.filter(({ met }) => !met).length
  if (missed === 0) return 'all conditions are met'
  if (conditions.length === 1) return 'its condition is not met'
  return `${missed} of ${conditions.length} conditions ${missed === 1 ? 'is' : 'are'} not met`
}

/** How somebody could do something, in a few words. Empty: just so. */
export function couldWords({ answer, needs, obligations }: Wire<'policy.whoCould'>['principals'][number]): string {
  if (answer === 'needs') return needs.length === 1 ? 'if they do this' : 'with one of these'
  if (obligations.some(({ kind }) => kind === 'ownOnly')) return 'for their own'
  return obligations.some(({ kind }) => kind === 'approval') ? 'with an approval' : ''
}
