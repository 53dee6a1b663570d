import { findRecordedDecision, type RecordedDecision, type SubjectKeys } from '@gatehouse/audit'
import { invalidField, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { DecisionRequest, Handler, Permit, Place } from '@gatehouse/enforcement'
import { createTurns, isUuid } from '@gatehouse/kit'
import { createPace } from '../access/pace.ts'
import { believedDecision } from '../decider.ts'
import { answerQuestion, reasonOf } from '../evaluate/evaluate-handler.ts'
import type { EvaluationDeps } from '../evaluate/question.ts'
import { findPolicySet } from '../policy-set.queries.ts'
import { createSlots, type PreparedSet } from '../prepared-set.ts'
import { prepareFiles } from '../rerun-decision.ts'
import { explainRequest } from './explain-request.ts'
import { waysToAllow } from './ways-to-allow.ts'

export interface ExplainDeps extends EvaluationDeps {
  readonly subjectKeys: SubjectKeys
}

type Explanation = Output<'policy.explain'>

/** Half of what a turn may take. */
const decisionsPerTurn = 50

/** The handler of `policy.explain`. Of sets of the past one at a time lies in the engine, which frees no place. */
export function explainPolicies(deps: ExplainDeps): Handler<'policy.explain'> {
  const [slots, turns] = [createSlots(), createTurns()]

  /** The set that decided, where it is kept. */
  const preparedOf = async (version: string): Promise<PreparedSet> => {
    const inForce = deps.engine.inForce()
    if (version === inForce.set.version) return inForce
    const kept = await findPolicySet(deps.db, version)
    if (kept === null) throw new Refusal('conflict', { hint: 'the policies that decided are not kept' })
    return prepareFiles(kept.files, { place: version, slots })
  }

  const ofThePast = (id: string): Promise<Explanation> =>
    turns.take(async () => {
      const begun = performance.now()
      const recorded = isUuid(id) ? await findRecordedDecision(deps, id) : null
      if (recorded === null) throw new Refusal('not-found', { hint: 'nothing was decided in this audit entry' })
      const request = requestOf(recorded)
      const prepared = await preparedOf(recorded.version)
      const { effect, policies, version } = recorded
      return {
        ...(await apart(prepared, { request, place: null, effect, policies })),
        decision: effect,
        policies: [...policies],
        reasons: prepared.set.policies.filter(({ id: one }) => policies.includes(one)).map(reasonOf),
        errors: [],
        obligations: [],
        ignored: [],
        policyVersion: version,
        decisionId: id,
        durationMicroseconds: Math.round((performance.now() - begun) * 1000),
      }
    })

  const ofNow = async ({ input, principal, slice, call }: Permit<'policy.explain'>): Promise<Explanation> => {
    const { evaluation, finding, asked } = await answerQuestion(deps, {
      input: questionIn(input),
      principal,
      slice,
      call,
    })
    const { request, decision } = finding
    if (request === null || decision === null) return { ...evaluation, nearest: [], conditions: [], wouldAllow: [] }
    const prepared = deps.engine.inForce()
    return { ...evaluation, ...(await apart(prepared, { request, place: asked.workspace.place ?? null, ...decision })) }
  }

  return (permit) => (permit.input.decision === undefined ? ofNow(permit) : ofThePast(permit.input.decision))
}

interface Decided {
  readonly request: DecisionRequest
  readonly place: Place | null
  readonly effect: 'allow' | 'deny'
  readonly policies: readonly string[]
}

async function apart(
  prepared: PreparedSet,
  { request, place, effect, policies }: Decided,
): Promise<Pick<Explanation, 'nearest' | 'conditions' | 'wouldAllow'>> {
  const { nearest, conditions } = explainRequest(prepared, request, { effect, policies })
  const { step } = createPace(decisionsPerTurn)
  const decides = (asked: DecisionRequest): boolean => believedDecision(prepared.evaluate(asked)).effect === 'allow'
  return {
    nearest: nearest.map(reasonOf),
    conditions: [...conditions],
    wouldAllow: effect === 'allow' ? [] : [...(await waysToAllow(request, { decides, place, step }))],
  }
}

function requestOf({ asked }: RecordedDecision): DecisionRequest {
  if ('request' in asked) return asked.request
  throw new Refusal('conflict', { hint: 'what this decision was made of is not known any more' })
}

/** What is asked, where it is no decision of the past. */
function questionIn(input: Input<'policy.explain'>): Input<'policy.evaluate'> {
  const { decision: _decision, action, resource, ...rest } = input
  const example = 'what is asked about, or a decision of the past'
  if (action === undefined) throw invalidField('action', example)
  if (resource === undefined) throw invalidField('resource', example)
  return { ...rest, action, resource }
}
