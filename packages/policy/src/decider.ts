import type { Alerts, Clock, Decider, Decision, DecisionRequest } from '@gatehouse/enforcement'
import { ReplacedSetError, type Evaluation, type PreparedSet } from './prepared-set.ts'
import type { PolicyAlert } from './policy-alerts.ts'
import type { PolicySet } from './policy-set.ts'

export interface DeciderDeps {
  /** The set in force at this moment. */
  readonly current: () => PreparedSet
  readonly alerts: Alerts<PolicyAlert>
  readonly clock: Clock
}

/** The same error is told once in this time: a broken policy is met by every request. */
const alertQuietMilliseconds = 60_000
/** Errors remembered for that. Beyond it they are told again rather than kept. */
const alertsRememberedMax = 100

/**
 * Decides by the set in force, and fails closed: an engine that throws, a request that does not fit the schema and a
 * policy that
 * errs are each a deny. Cedar skips a forbid that errs, so an allow beside an error is not believed (threat C6).
 */
export function createDecider({ current, alerts, clock }: DeciderDeps): Decider {
  const tell = createTeller(alerts, clock)
  return {
    decide: (request) => {
      const { set, evaluation } = ask(current, request)
      if (evaluation.errors.length > 0) tell(request, evaluation.errors, set?.version ?? '')
      return decisionBy(set, evaluation)
    },
    version: () => current().set.version,
  }
}

/**
 * Decides by one set and no other: what takes many turns must not begin by one set and end by another. Nobody is told
 * of errors. Throws `ReplacedSetError` once the set is no longer there.
 */
export const deciderOn = (prepared: PreparedSet): Decider => ({
  decide: (request) => decisionBy(prepared.set, evaluated(prepared, request)),
  version: () => prepared.set.version,
})

/** Times that something is begun anew. Sets are replaced some seconds apart at most. */
const roundsMax = 3

/** Does something by the set in force at its beginning, and anew when that set was replaced twice meanwhile. */
export async function byOneSet<T>(
  current: () => PreparedSet | Promise<PreparedSet>,
  work: (prepared: PreparedSet) => Promise<T>,
): Promise<T> {
  for (let round = 1; ; round += 1) {
    try {
      return await work(await current())
    } catch (error) {
      if (!(error instanceof ReplacedSetError) || round === roundsMax) throw error
    }
  }
}

/** Set null: there was none to ask. */
function ask(
  current: () => PreparedSet,
  request: DecisionRequest,
): { readonly set: PolicySet | null; readonly evaluation: Evaluation } {
  let set: PolicySet | null = null
  try {
    const prepared = current()
    set = prepared.set
    return { set, evaluation: prepared.evaluate(request) }
  } catch (error) {
    return { set, evaluation: failed(error) }
  }
}

function evaluated(prepared: PreparedSet, request: DecisionRequest): Evaluation {
  try {
    return prepared.evaluate(request)
  } catch (error) {
    if (error instanceof ReplacedSetError) throw error
    return failed(error)
  }
}

const failed = (error: unknown): Evaluation => ({
  effect: 'deny',
  policies: [],
  errors: [`the engine failed: ${error instanceof Error ? error.message : String(error)}`],
})

/**
 * What an evaluation comes to: beside an error nothing is allowed. Permits never determine a deny; forbids that did
 * apply are still named.
 */
export function believedDecision({ effect, policies, errors }: Evaluation): Omit<Decision, 'version'> {
  if (errors.length === 0) return { effect, policies }
  return { effect: 'deny', policies: effect === 'deny' ? policies : [] }
}

function decisionBy(set: PolicySet | null, evaluation: Evaluation): Decision {
  const decision = { ...believedDecision(evaluation), version: set?.version ?? '' }
  return set === null || evaluation.errors.length === 0
    ? decision
    : { ...decision, erred: erringIn(set, evaluation.errors) }
}

/** The ids of the policies that erred, without the engine's words: those repeat values. */
export function erringIn({ policies }: PolicySet, errors: readonly string[]): readonly string[] {
  const erring = errors.map((error) => error.slice(0, Math.max(0, error.indexOf(':'))))
  return [...new Set(erring.map((id) => (policies.some((policy) => policy.id === id) ? id : unfitRequest)))]
}

/** What is not a policy of the set that erred is the request as a whole, which does not fit the set's schema. */
export const unfitRequest = 'request'

function createTeller(
  alerts: Alerts<PolicyAlert>,
  clock: Clock,
): (request: DecisionRequest, errors: readonly string[], version: string) => void {
  const toldAt = new Map<string, number>()
  return ({ action, resource }, errors, version) => {
    const key = errors.join('\n')
    const now = clock.now().getTime()
    if (now - (toldAt.get(key) ?? -Infinity) < alertQuietMilliseconds) return
    if (toldAt.size >= alertsRememberedMax) toldAt.clear()
    toldAt.set(key, now)
    alerts.raise('policy-error', { action, resourceType: resource.type, version, errors })
  }
}
