import { findRecordedDecision, type RecordedDecision, type SubjectKeys } from '@gatehouse/audit'
import { invalidField, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Decision, DecisionRequest, Handler, Permit, Place } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { createPace } from '../access/pace.ts'
import { believedDecision, byOneSet, deciderOn, erringIn } from '../decider.ts'
import { errorsOf, findingOf, reasonOf, recordAnswer } from '../evaluate/evaluate-handler.ts'
import { askedBy, type EvaluationDeps } from '../evaluate/question.ts'
import type { PreparedSet } from '../prepared-set.ts'
import { explainRequest } from './explain-request.ts'
import type { PastSets } from './past-sets.ts'
import { waysToAllow } from './ways-to-allow.ts'

export interface ExplainDeps extends EvaluationDeps {
  readonly subjectKeys: SubjectKeys
  readonly pastSets: PastSets
}

type Explanation = Output<'policy.explain'>

/** Half of what a turn may take. */
const decisionsPerTurn = 50

/** The handler of `policy.explain`. */
export function explainPolicies(deps: ExplainDeps): Handler<'policy.explain'> {
  const ofThePast = async (id: string): Promise<Explanation> => {
    const begun = performance.now()
    const recorded = isUuid(id) ? await findRecordedDecision(deps, id) : null
    if (recorded === null) throw new Refusal('not-found', { hint: 'nothing was decided in this audit entry' })
    const request = requestOf(recorded)
    const { effect, policies, version } = recorded
    return deps.pastSets.by(version, async (prepared) => {
      const erred = effect === 'deny' ? erringIn(prepared.set, prepared.evaluate(request).errors) : []
      const decision = { effect, policies, version, erred }
      return {
        ...(await apart(prepared, { request, place: null, ...decision })),
        decision: effect,
        policies: [...policies],
        reasons: prepared.set.policies.filter(({ id: one }) => policies.includes(one)).map(reasonOf),
        errors: errorsOf({ errors: [], decision }),
        obligations: [],
        ignored: [],
        policyVersion: version,
        decisionId: id,
        durationMicroseconds: Math.round((performance.now() - begun) * 1000),
      }
    })
  }

  const ofNow = async ({ input, principal, slice, call }: Permit<'policy.explain'>): Promise<Explanation> => {
    const begun = performance.now()
    const question = { input: questionIn(input), principal, slice, call }
    const asked = await askedBy(deps, question)
    const place = asked.workspace.place ?? null
    const { finding, taken, prepared } = await byOneSet(deps.engine.inForce, async (current) => {
      const found = await findingOf(onSet(deps, current), asked)
      const { request, decision } = found
      const parts =
        request === null || decision === null ? nothing : await apart(current, { request, place, ...decision })
      return { finding: found, taken: parts, prepared: current }
    })
    const evaluation = await recordAnswer(onSet(deps, prepared), { question, asked, finding, begun })
    return { ...evaluation, ...taken }
  }

  return (permit) => (permit.input.decision === undefined ? ofNow(permit) : ofThePast(permit.input.decision))
}

const nothing = { nearest: [], conditions: [], wouldAllow: [] }

/** The same, asking this set and no newer one. */
export const onSet = (deps: EvaluationDeps, prepared: PreparedSet): EvaluationDeps => ({
  ...deps,
  engine: { decider: deciderOn(prepared), inForce: () => prepared },
})

interface Decided extends Pick<Decision, 'effect' | 'policies' | 'erred'> {
  readonly request: DecisionRequest
  readonly place: Place | null
}

async function apart(
  prepared: PreparedSet,
  { request, place, ...decision }: Decided,
): Promise<Pick<Explanation, 'nearest' | 'conditions' | 'wouldAllow'>> {
  const { nearest, conditions } = explainRequest(prepared, request, decision)
  const { step } = createPace(decisionsPerTurn)
  const decides = (asked: DecisionRequest): boolean => believedDecision(prepared.evaluate(asked)).effect === 'allow'
  return {
    nearest: nearest.map(reasonOf),
    conditions: [...conditions],
    wouldAllow:
      decision.effect === 'allow'
        ? []
        : (await waysToAllow(request, { decides, place, step })).map(({ words }) => words),
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
