import type { CedarValueJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { Decision, DecisionRequest } from '@gatehouse/enforcement'
import { askCedar } from '../cedar-engine.ts'
import type { PolicyFacts } from '../policy-set.ts'
import { engineEntity, flawIn, type PreparedSet } from '../prepared-set.ts'
import { partsOf, type Clause, type PolicyPart } from './policy-parts.ts'

/** One part of a policy, and whether it is so for one request. */
export interface ExplainedCondition {
  readonly policy: string
  readonly clause: Clause
  readonly text: string
  /** Null: it cannot be said, since a part of the policy that does not hold stands before it, or Cedar errs in it. */
  readonly holds: boolean | null
  /** Whether the policy could apply by this part. */
  readonly met: boolean
}

/** What the policies say to one request, part by part. */
export interface Explanation {
  /** Of those that decided, and of those that could not be evaluated and so denied. */
  readonly decided: readonly ExplainedCondition[]
  /** The permits that come nearest to a request that is denied, nearest first. */
  readonly nearest: readonly PolicyFacts[]
  readonly conditions: readonly ExplainedCondition[]
}

/** More permits than these say nothing that the first do not. */
const nearestMax = 3

/**
 * Takes the policies that a request is met by apart, and has Cedar evaluate each part as a policy of its own, on the
 * request's own values: nothing of what they mean is decided here.
 */
export function explainRequest(
  { set }: PreparedSet,
  request: DecisionRequest,
  decision: Pick<Decision, 'effect' | 'policies' | 'erred'>,
): Explanation {
  // nothing of it may come to the engine: see `flawIn`
  if (flawIn(request) !== null) return { decided: [], nearest: [], conditions: [] }
  const { policies, erred = [] } = decision
  const decided = set.policies.filter(({ id }) => policies.includes(id) || erred.includes(id))
  const permits = decision.effect === 'deny' ? set.policies.filter(({ effect }) => effect === 'permit') : []
  const evaluated = evaluateParts(set.schema, request, [...decided, ...permits])
  const nearest = permits
    .filter(({ id }) => couldBeMeant(evaluated.get(id) ?? []))
    .toSorted((one, two) => missed(evaluated.get(one.id)) - missed(evaluated.get(two.id)))
    .slice(0, nearestMax)
  return {
    decided: decided.flatMap(({ id }) => evaluated.get(id) ?? []),
    nearest,
    conditions: [...decided, ...nearest].flatMap(({ id }) => evaluated.get(id) ?? []),
  }
}

/** A permit of other actions, or of other types of things, would not be asked for. */
const couldBeMeant = (parts: readonly ExplainedCondition[]): boolean =>
  parts.every(({ clause, met }) => met || (clause !== 'action' && clause !== 'resource'))

const missed = (parts: readonly ExplainedCondition[] = []): number => parts.filter(({ met }) => !met).length

/** All parts of some policies, in one question to the engine. */
function evaluateParts(
  schema: string,
  request: DecisionRequest,
  policies: readonly PolicyFacts[],
): ReadonlyMap<string, readonly ExplainedCondition[]> {
  const parts = policies.map((policy) => ({ id: policy.id, parts: partsOf(policy) }))
  const named = parts.flatMap(({ parts: own }, place) =>
    own.map((part, index) => [`${place}.${index}`, part.alone] as const),
  )
  const asked = Object.fromEntries(named.filter(([, alone]) => isExact(alone)))
  const { held, erred } = ask(schema, request, asked)
  const holdsOf = (name: string): boolean | null => (!(name in asked) || erred.has(name) ? null : held.has(name))
  return new Map(
    parts.map(({ id, parts: own }, place) => [
      id,
      toldOf(id, own, (index) => ({ holds: holdsOf(`${place}.${index}`) })),
    ]),
  )
}

/** An integer beyond 2^53 was rounded when the policy was read as JSON: of what asks for it nothing can be said. */
const isExact = (json: unknown): boolean =>
  typeof json === 'number'
    ? Number.isSafeInteger(json)
    : typeof json !== 'object' || json === null || Object.values(json).every(isExact)

interface Answer {
  readonly held: ReadonlySet<string>
  readonly erred: ReadonlySet<string>
}

/**
 * An `unless` keeps a policy from applying only when all that it joins by `&&` holds: as soon as one part does not, the
 * policy can apply, whatever the others are. Cedar looks at them from left to right and no further than it has to.
 */
function toldOf(
  policy: string,
  parts: readonly PolicyPart[],
  answerTo: (index: number) => { readonly holds: boolean | null },
): readonly ExplainedCondition[] {
  const holds = parts.map((_, index) => answerTo(index).holds)
  return parts.map(({ clause, text, together }, index) => {
    const joined = holds.filter((_, place) => parts[place]?.together === together)
    const isMet = clause === 'unless' ? joined.find((one) => one !== true) === false : holds[index] === true
    return { policy, clause, text, holds: holds[index] ?? null, met: isMet }
  })
}

/** Each part is a permit; those that apply are the reasons of the answer, and those that err its errors. */
function ask(schema: string, request: DecisionRequest, parts: Readonly<Record<string, PolicyJson>>): Answer {
  const nothing = { held: new Set<string>(), erred: new Set(Object.keys(parts)) }
  if (Object.keys(parts).length === 0) return nothing
  const call = {
    principal: { ...request.principal },
    action: { type: 'Action', id: request.action },
    resource: { ...request.resource },
    context: request.context as Record<string, CedarValueJson>, // the same JSON; Cedar's type lacks `readonly`
    entities: request.entities.map(engineEntity),
    policies: { staticPolicies: { ...parts } },
    schema,
    validateRequest: true,
  }
  const answer = askCedar((cedar) => cedar.isAuthorized(call))
  if (answer.type === 'failure') return nothing
  const { reason, errors } = answer.response.diagnostics
  return { held: new Set(reason), erred: new Set(errors.map(({ policyId }) => policyId)) }
}
