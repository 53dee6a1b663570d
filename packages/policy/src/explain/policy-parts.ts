import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { askCedar } from '../cedar-engine.ts'
import type { PolicyFacts } from '../policy-set.ts'
import { conditionTexts, textWithin, type ConditionText } from './condition-texts.ts'

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
  /** The parts of an `unless` that count only together have this in common; of all others it is their own. */
  readonly together: string
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
  return [
    ...scope,
    ...conditions.flatMap(({ kind, body }, index) => conditionParts(body, { kind, index, text: texts[index] ?? null })),
  ]
}

const clauses = ['principal', 'action', 'resource'] as const

/** The constraint as Cedar writes it. */
function scopePart(clause: (typeof clauses)[number], alone: PolicyJson): PolicyPart {
  const scope = /\(([^]*?)\)(?:;| when| unless)/.exec(textOf(alone))?.[1] ?? ''
  return { clause, alone, text: piecesOf(scope)[clauses.indexOf(clause)] ?? clause, together: clause }
}

/** The three constraints of a scope; none of them holds a comma outside brackets. */
const piecesOf = (scope: string): readonly string[] =>
  scope.split(/,(?![^[]*\])/).map((piece) => piece.trim().replaceAll(/\s+/g, ' '))

interface ConditionPlace {
  readonly kind: 'when' | 'unless'
  /** Which of the policy's conditions it is. */
  readonly index: number
  readonly text: ConditionText | null
}

/**
 * A `when` is all of what stands between `&&`; an `unless` is none of what stands between `||`, each of which is all of
 * what stands between `&&`. Parts that cannot be told apart in the text are given as Cedar writes them.
 */
function conditionParts(body: Expression, { kind, index, text }: ConditionPlace): readonly PolicyPart[] {
  if (kind === 'when')
    return partsAt(body, '&&', text).map((part, at) => ({ ...part, clause: kind, together: `${index}.${at}` }))
  return piecesAt(body, '||', text).flatMap(({ body: one, text: written }, at) =>
    partsAt(one, '&&', written).map((part) => ({ ...part, clause: kind, together: `${index}.${at}` })),
  )
}

interface Piece {
  readonly body: Expression
  /** Null: it cannot be told apart in the text. */
  readonly text: ConditionText | null
}

function piecesAt(body: Expression, operator: '&&' | '||', text: ConditionText | null): readonly Piece[] {
  const bodies = flattened(body, operator)
  if (bodies.length === 1) return [{ body, text }]
  const own = text?.split(operator) ?? []
  return bodies.map((one, index) => {
    const written = own.length === bodies.length ? own[index] : undefined
    return { body: one, text: written === undefined ? null : textWithin(written) }
  })
}

const partsAt = (body: Expression, operator: '&&' | '||', text: ConditionText | null) =>
  piecesAt(body, operator, text).map(({ body: part, text: written }) => {
    const alone: PolicyJson = { ...anything, conditions: [{ kind: 'when', body: part }] }
    return { alone, text: written?.whole ?? bodyText(alone) }
  })

function flattened(body: Expression, operator: '&&' | '||'): readonly Expression[] {
  const sides = (body as Readonly<Record<string, unknown>>)[operator] as
    | { readonly left: Expression; readonly right: Expression }
    | undefined // the binding's own form of two sides
  return sides === undefined ? [body] : [...flattened(sides.left, operator), ...flattened(sides.right, operator)]
}

const textOf = (policy: PolicyJson): string => {
  const answer = askCedar((cedar) => cedar.policyToText(policy))
  return answer.type === 'success' ? answer.text : ''
}

const bodyText = (policy: PolicyJson): string => /when \{([^]*)\};?\s*$/.exec(textOf(policy))?.[1]?.trim() ?? ''
