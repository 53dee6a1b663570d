import { randomUUID } from 'node:crypto'
import type { CedarValueJson, Response, Schema, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarEntity, CedarValue, DecisionRequest } from '@gatehouse/enforcement'
import { madeOnce } from '@gatehouse/kit'
import { askCedar, engineInUse } from './cedar-engine.ts'
import { createMemory } from './facts/decision-memory.ts'
import { entitiesByUid } from './facts/entities-by-uid.ts'
import { slicesOf, type PolicySlice, type PolicySlices } from './facts/policy-slices.ts'
import { areSurelyValid, isSurelyValid } from './facts/surely-valid.ts'
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

/** Another policy set lies where this one did: whoever asks it takes the newer one, and asks anew. */
export class ReplacedSetError extends Error {
  override readonly name = 'ReplacedSetError'

  constructor() {
    super('another policy set lies where this one did')
  }
}

/** A policy set that this thread's engine holds ready, so that a request parses no policy. */
export interface PreparedSet {
  readonly set: PolicySet
  evaluate(request: DecisionRequest): Evaluation
}

/** Places of the engine. It never frees one, so a process must not take a new one with each reload. */
export interface Slots {
  /** The place whose content nothing decides by. Whoever asked for it before no longer has it. */
  take(): Slot
  /** From now on decisions are made by what lies in this place; the other one is free. */
  hold(slot: Slot): void
}

export interface Slot {
  readonly name: string
  /** False once another set was laid into the same place. */
  isOwn(): boolean
}

/**
 * Two places that take turns. They change only when the engine has taken a whole set: one that it refuses lies in the
 * free place, however often that happens, and the set in force is never the one being overwritten.
 */
export function createSlots(): Slots {
  const own = randomUUID()
  let [held, free] = [`${own}-0`, `${own}-1`]
  const turns = new Map<string, number>()
  return {
    take: () => {
      const [name, turn] = [free, (turns.get(free) ?? 0) + 1]
      turns.set(name, turn)
      return { name, isOwn: () => turns.get(name) === turn }
    },
    hold: ({ name }) => {
      if (name !== held) [held, free] = [free, held]
    },
  }
}

export interface PrepareOptions {
  readonly set: PolicySet
  readonly slots: Slots
  /** Requests of a kind that are asked of the whole set before its slice is made. */
  readonly sliceAfter?: number
}

/** Making a slice costs the engine some 10 ms, and asking it saves some half a millisecond. */
const sliceAfterDefault = 20

/** Hands a validated set to this thread's engine. Throws `PolicyError` when it does not take it. */
export function preparePolicySet({ set, slots, sliceAfter = sliceAfterDefault }: PrepareOptions): PreparedSet {
  const slot = slots.take()
  layDown(slot.name, set.schema, set.policies)
  slots.hold(slot)
  let engine = engineInUse()
  const slices = slicesOf(set)
  const bySlice = slices === null ? null : createSliceEvaluation(slices, { slot: slot.name, sliceAfter })
  /** A new engine, after one that broke, holds nothing. */
  const layAnew = (): void => {
    layDown(slot.name, set.schema, set.policies)
    bySlice?.forgetPlaces()
    engine = engineInUse()
  }
  return {
    set,
    evaluate: (request) => {
      // INVARIANT: what lies in a place is asked only by who laid it there
      if (!slot.isOwn()) throw new ReplacedSetError()
      if (engine !== engineInUse()) layAnew()
      return bySlice?.evaluate(request) ?? evaluateWhole(slot.name, request)
    },
  }
}

function layDown(
  slot: string,
  schema: Schema,
  policies: readonly { readonly id: string; readonly text: string }[],
): void {
  const taken = askCedar((cedar) => [
    cedar.preparseSchema(slot, schema),
    cedar.preparsePolicySet(slot, { staticPolicies: textsById(policies) }),
  ])
  const problems = taken.flatMap((answer) => (answer.type === 'failure' ? answer.errors : []))
  if (problems.length > 0)
    throw new PolicyError(problems.map(({ message }) => ({ file: 'policies', line: null, message })))
}

interface SliceEvaluation {
  readonly evaluate: (request: DecisionRequest) => Evaluation | null
  /** Whatever was laid into the engine is no longer there. */
  readonly forgetPlaces: () => void
}

/**
 * Answers from memory, or by the few policies that can meet the request; null where only the whole set may answer. What
 * is not surely valid goes to the whole set, so that a look-up never answers what the engine would have refused, and
 * errors are the whole set's own. Those are never kept.
 */
function createSliceEvaluation(
  { model, sliceFor }: PolicySlices,
  { slot, sliceAfter }: { readonly slot: string; readonly sliceAfter: number },
): SliceEvaluation {
  const memory = createMemory<Evaluation>()
  const asked = new Map<number, number>()
  const placeOf = ({ number, schema, policies }: PolicySlice): string => {
    const times = asked.get(number) ?? 0
    if (times > sliceAfter) return `${slot}/${number}`
    asked.set(number, times + 1)
    if (times < sliceAfter) return slot
    layDown(`${slot}/${number}`, schema, policies)
    return `${slot}/${number}`
  }
  const looked = madeOnce((entities: DecisionRequest['entities']) => {
    const byUid = entitiesByUid(entities)
    return { byUid, areValid: areSurelyValid(model, entities, byUid) }
  })
  const evaluate = (request: DecisionRequest): Evaluation | null => {
    const slice = sliceFor(request)
    if (slice === null) return null
    const entities = looked(request.entities)
    if (!entities.areValid || !isSurelyValid(model, request)) return null
    const key = `${slice.number};${slice.keyOf(request, entities.byUid)}`
    const known = memory.recall(key)
    if (known !== undefined) return known
    const evaluation = ask(placeOf(slice), request)
    if (evaluation?.errors.length === 0) memory.keep(key, evaluation)
    return evaluation
  }
  return { evaluate, forgetPlaces: () => asked.clear() }
}

function evaluateWhole(slot: string, request: DecisionRequest): Evaluation {
  const flaw = flawIn(request)
  if (flaw !== null) return { effect: 'deny', policies: [], errors: [flaw] }
  const answer = askCedar((cedar) => cedar.statefulIsAuthorized(callOf(slot, request)))
  if (answer.type === 'success') return evaluationOf(answer.response)
  return { effect: 'deny', policies: [], errors: answer.errors.map(({ message }) => message) }
}

/** Null: the engine refused the request. */
function ask(slot: string, request: DecisionRequest): Evaluation | null {
  const answer = askCedar((cedar) => cedar.statefulIsAuthorized(callOf(slot, request)))
  return answer.type === 'success' ? evaluationOf(answer.response) : null
}

/**
 * Asks the engine, always with the schema and with request validation: the hierarchy of action groups comes from the
 * schema, and without it a forbid on a group silently vanishes (threat C6).
 */
const callOf = (slot: string, request: DecisionRequest): StatefulAuthorizationCall => ({
  principal: { ...request.principal },
  action: { type: 'Action', id: request.action },
  resource: { ...request.resource },
  context: request.context as Record<string, CedarValueJson>, // the same JSON; Cedar's type lacks `readonly`
  entities: request.entities.map(engineEntity),
  preparsedSchemaName: slot,
  preparsedPolicySetId: slot,
  validateRequest: true,
})

/** Frozen, for it may be given to many. */
function evaluationOf({ decision, diagnostics }: Response): Evaluation {
  const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`)
  return Object.freeze({
    effect: decision,
    policies: Object.freeze([...diagnostics.reason].sort()),
    errors: Object.freeze(errors.sort()),
  })
}

/** An entity as the engine takes it. */
export const engineEntity = ({
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

/**
 * What the binding would take for something else, or would break at: it rounds integers beyond 2^53 without a word
 * (threat C7), and half a surrogate pair makes it throw from within, where each throw costs some of its stack: after
 * some hundreds it answers nobody any more. Null: nothing.
 */
export function flawIn({ principal, action, resource, context, entities }: DecisionRequest): string | null {
  const uids = [principal, resource, ...entities.flatMap(({ uid, parents }) => [uid, ...parents])]
  if (!isText(action) || !uids.every(({ type, id }) => isText(type) && isText(id)))
    return 'an id is not well-formed text'
  for (const [name, value] of Object.entries(context)) {
    const flaw = isText(name) ? flawOf(value) : notText
    if (flaw !== null) return `\`context.${name.toWellFormed()}\` is ${flaw}`
  }
  for (const { uid, attrs } of entities) {
    for (const [name, value] of Object.entries(attrs)) {
      const flaw = isText(name) ? flawOf(value) : notText
      if (flaw !== null) return `\`${uid.type}.${name.toWellFormed()}\` is ${flaw}`
    }
  }
  return null
}

const notText = 'not well-formed text'

function flawOf(value: CedarValue): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? null : 'not an integer below 2^53'
  if (typeof value === 'string') return value.isWellFormed() ? null : notText
  // what is no value of Cedar's is the engine's to refuse
  if (typeof value !== 'object' || value === null) return null
  for (const [name, inner] of Object.entries(value)) {
    const flaw = name.isWellFormed() ? flawOf(inner) : notText
    if (flaw !== null) return flaw
  }
  return null
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.isWellFormed()
