import { randomUUID } from 'node:crypto'
import {
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  type CedarValueJson,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarEntity, CedarValue, DecisionRequest } from '@gatehouse/enforcement'
import { PolicyError } from './policy-problem.ts'
import { textsById, type PolicySet } from './policy-set.ts'

/**
 * What Cedar says to one request. Anything in `errors` means that the effect must not be believed if it is an allow.
 */
export interface Evaluation {
  readonly effect: 'allow' | 'deny'
  readonly policies: readonly string[]
  readonly errors: readonly string[]
}

/** A policy set that this thread's engine holds ready, so that a request parses no policy. */
export interface PreparedSet {
  readonly set: PolicySet
  evaluate(request: DecisionRequest): Evaluation
}

/** Places of the engine. It never frees one, so a process must not take a new one with each reload. */
export interface Slots {
  /** The place whose content nothing decides by. */
  free(): string
  /** From now on decisions are made by what lies in this place; the other one is free. */
  hold(slot: string): void
}

/**
 * Two places that take turns. They change only when the engine has taken a whole set: one that it refuses lies in the
 * free place, however often that happens, and the set in force is never the one being overwritten.
 */
export function createSlots(): Slots {
  const own = randomUUID()
  let held = `${own}-0`
  let free = `${own}-1`
  return {
    free: () => free,
    hold: (slot) => {
      if (slot !== held) [held, free] = [free, held]
    },
  }
}

/** Hands a validated set to this thread's engine. Throws `PolicyError` when it does not take it. */
export function preparePolicySet(set: PolicySet, slots: Slots): PreparedSet {
  const slot = slots.free()
  const taken = [preparseSchema(slot, set.schema), preparsePolicySet(slot, { staticPolicies: textsById(set.policies) })]
  const problems = taken.flatMap((answer) => (answer.type === 'failure' ? answer.errors : []))
  if (problems.length > 0)
    throw new PolicyError(problems.map(({ message }) => ({ file: 'policies', line: null, message })))
  slots.hold(slot)
  return { set, evaluate: (request) => evaluate(slot, request) }
}

/**
 * Asks the engine, always with the schema and with request validation: the hierarchy of action groups comes from the
 * schema, and
 * without it a forbid on a group silently vanishes (threat C6).
 */
function evaluate(slot: string, request: DecisionRequest): Evaluation {
  const unsafe = unsafeNumberIn(request)
  if (unsafe !== null) return { effect: 'deny', policies: [], errors: [`\`${unsafe}\` is not an integer below 2^53`] }
  const answer = statefulIsAuthorized({
    principal: { ...request.principal },
    action: { type: 'Action', id: request.action },
    resource: { ...request.resource },
    context: request.context as Record<string, CedarValueJson>, // the same JSON; Cedar's type lacks `readonly`
    entities: request.entities.map(entityOf),
    preparsedSchemaName: slot,
    preparsedPolicySetId: slot,
    validateRequest: true,
  })
  if (answer.type === 'failure')
    return { effect: 'deny', policies: [], errors: answer.errors.map(({ message }) => message) }
  const { decision, diagnostics } = answer.response
  const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`)
  return { effect: decision, policies: [...diagnostics.reason].sort(), errors }
}

const entityOf = ({
  uid,
  attrs,
  parents,
}: CedarEntity): {
  uid: { type: string; id: string }
  attrs: Record<string, CedarValueJson>
  parents: { type: string; id: string }[]
} => ({
  uid: { ...uid },
  attrs: attrs as Record<string, CedarValueJson>,
  parents: parents.map((parent) => ({ ...parent })),
}) // as above: only `readonly` differs

/** The binding rounds integers beyond 2^53 without a word (threat C7). Answers where one stands, or null. */
function unsafeNumberIn({ context, entities }: DecisionRequest): string | null {
  for (const [name, value] of Object.entries(context)) if (!isSafe(value)) return `context.${name}`
  for (const { uid, attrs } of entities) {
    for (const [name, value] of Object.entries(attrs)) if (!isSafe(value)) return `${uid.type}.${name}`
  }
  return null
}

function isSafe(value: CedarValue): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (typeof value !== 'object') return true
  return Object.values(value).every(isSafe)
}
