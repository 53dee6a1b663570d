import { policyToText, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyFacts } from '../policy-set.ts'
import { conditionTexts } from './condition-texts.ts'

type Expression = PolicyJson['conditions'][number]['body']

/** Where in a policy a part stands. */
export type Clause = 'principal' | 'action' | 'resource' | 'when' | 'unless'

/** One thing that has to be so, or of an `unless` has not to be so, for a policy to apply. */
export interface PolicyPart {
  readonly clause: Clause
  /** As the policy has it. */
  readonly text: string
  /** A policy of its own, that applies where the part is true. */
  readonly alone: PolicyJson
}

const anything = {
  effect: 'permit',
  principal: { op: 'All' },
  action: { op: 'All' },
  resource: { op: 'All' },
  conditions: [],
} as const satisfies PolicyJson

/** What a policy is made of: its scope, and each condition that stands beside others. */
export function partsOf(policy: PolicyFacts): readonly PolicyPart[] {
  const { principal, action, resource, conditions } = policy.json
  const scope: readonly PolicyPart[] = [
    ...(principal.op === 'All' ? [] : [scopePart('principal', { ...anything, principal })]),
    ...(action.op === 'All' ? [] : [scopePart('action', { ...anything, action })]),
    ...(resource.op === 'All' ? [] : [scopePart('resource', { ...anything, resource })]),
  ]
  const texts = conditionTexts(policy.text)
  return [...scope, ...conditions.flatMap(({ kind, body }, index) => conditionParts(kind, body, texts[index] ?? null))]
}

const clauses = ['principal', 'action', 'resource'] as const

/** The constraint as Cedar writes it. */
function scopePart(clause: (typeof clauses)[number], alone: PolicyJson): PolicyPart {
  const scope = /\(([^]*?)\)(?:;| when| unless)/.exec(textOf(alone))?.[1] ?? ''
  return { clause, alone, text: piecesOf(scope)[clauses.indexOf(clause)] ?? clause }
}

/** The three constraints of a scope; none of them holds a comma outside brackets. */
const piecesOf = (scope: string): readonly string[] =>
  scope.split(/,(?![^[]*\])/).map((piece) => piece.trim().replaceAll(/\s+/g, ' '))

/**
 * A `when` is all of what stands between `&&`; an `unless` is none of what stands between `||`. Parts that cannot be
 * told apart in the text are given as Cedar writes them.
 */
function conditionParts(
  kind: 'when' | 'unless',
  body: Expression,
  text: ReturnType<typeof conditionTexts>[number] | null,
): readonly PolicyPart[] {
  const operator = kind === 'when' ? '&&' : '||'
  const bodies = flattened(body, operator)
  const own = ownTexts(text, bodies.length, operator)
  return bodies.map((part, index) => {
    const alone: PolicyJson = { ...anything, conditions: [{ kind: 'when', body: part }] }
    const written = own.length === bodies.length ? own[index] : undefined
    return { clause: kind, alone, text: written ?? bodyText(alone) }
  })
}

const ownTexts = (
  text: ReturnType<typeof conditionTexts>[number] | null,
  count: number,
  operator: '&&' | '||',
): readonly string[] => {
  if (text === null) return []
  return count === 1 ? [text.whole] : text.split(operator)
}

function flattened(body: Expression, operator: '&&' | '||'): readonly Expression[] {
  const sides = (body as Readonly<Record<string, unknown>>)[operator] as
    | { readonly left: Expression; readonly right: Expression }
    | undefined // the binding's own form of two sides
  return sides === undefined ? [body] : [...flattened(sides.left, operator), ...flattened(sides.right, operator)]
}

const textOf = (policy: PolicyJson): string => {
  const answer = policyToText(policy)
  return answer.type === 'success' ? answer.text : ''
}

const bodyText = (policy: PolicyJson): string => /when \{([^]*)\};?\s*$/.exec(textOf(policy))?.[1]?.trim() ?? ''
