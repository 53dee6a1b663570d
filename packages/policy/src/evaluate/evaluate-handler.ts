import { isOperationName, type Output } from '@gatehouse/contract'
import { uid, type EntityUid, type Handler } from '@gatehouse/enforcement'
import { unfitRequest } from '../decider.ts'
import type { PolicyFacts, PolicySet } from '../policy-set.ts'
import { decideForeign } from './foreign-question.ts'
import { decideOwn, firstStepWords, namedThing } from './own-question.ts'
import { saidInQuestion } from './said-in-question.ts'
import { askedBy, type Asked, type EvaluationDeps, type Finding, type Question } from './question.ts'

type Evaluation = Output<'policy.evaluate'>

/** The handler of `policy.evaluate`. Each answer stands in the audit log as a decision, before it is given. */
export const evaluatePolicies =
  (deps: EvaluationDeps): Handler<'policy.evaluate'> =>
  (permit) =>
    answerQuestion(deps, permit)

/** Answers one question, and records the answer before it is given. */
async function answerQuestion(deps: EvaluationDeps, question: Question): Promise<Evaluation> {
  const begun = performance.now()
  const asked = await askedBy(deps, question)
  const finding = await findingOf(deps, asked)
  return recordAnswer(deps, { question, asked, finding, begun })
}

/** What came of a question. */
export interface Answered {
  readonly question: Question
  readonly asked: Asked
  readonly finding: Finding
  /** When it was begun, by `performance.now()`. */
  readonly begun: number
}

/** Records an answer, and says then what is told of it. */
export async function recordAnswer(deps: EvaluationDeps, answered: Answered): Promise<Evaluation> {
  const { question, begun, ...found } = answered
  const { set } = deps.engine.inForce()
  const decisionId = await record(deps, question, found)
  const durationMicroseconds = Math.round((performance.now() - begun) * 1000)
  return { ...told(found.finding, set), decisionId, durationMicroseconds }
}

/** Decides what is asked: an operation of Gatehouse by its own declaration, all else by the schema. */
export async function findingOf(deps: EvaluationDeps, asked: Asked): Promise<Finding> {
  const { action } = asked.input
  if (isOperationName(action)) return decideOwn(deps, asked, action)
  const step = asked.principal?.type === 'User' ? asked.principal.missing[0] : undefined
  const finding = await decideForeign(deps, asked)
  if (step === undefined || finding.decision === null) return finding
  // whoever is not in yet does nothing anywhere, whatever policies say
  const decision = { ...finding.decision, effect: 'deny', policies: [] } as const
  return { ...finding, request: null, decision, obligations: [], errors: [firstStepWords[step]] }
}

/** A finding as it leaves, but for where it was recorded. */
export function told(finding: Finding, set: PolicySet): Omit<Evaluation, 'decisionId' | 'durationMicroseconds'> {
  const policies = [...(finding.decision?.policies ?? [])]
  return {
    decision: finding.decision?.effect ?? 'deny',
    policies,
    reasons: set.policies.filter(({ id }) => policies.includes(id)).map(reasonOf),
    errors: errorsOf(finding),
    obligations: [...finding.obligations],
    ignored: [...finding.ignored],
    policyVersion: finding.decision?.version ?? set.version,
  }
}

/** Why nothing could be decided, or no allow is believed: a deny without reasons would pass for one of no permit. */
export const errorsOf = ({ errors, decision }: Pick<Finding, 'errors' | 'decision'>): string[] => [
  ...errors,
  ...(decision?.erred ?? []).map((id) =>
    id === unfitRequest
      ? 'the question does not fit the schema of the policies'
      : `policy \`${id}\` could not be evaluated, and nothing is allowed beside that`,
  ),
]

/** A policy, as a reason. */
export const reasonOf = ({ id, effect, doc, severity }: PolicyFacts): Evaluation['reasons'][number] => ({
  policy: id,
  effect,
  doc,
  severity,
})

/**
 * Records the decision as one about whom it is about, with who asked. What was said of the call and of the thing may
 * say something of a person, and is kept sealed.
 */
async function record(
  { trail, random, engine }: EvaluationDeps,
  question: Question,
  { asked, finding }: { readonly asked: Asked; readonly finding: Finding },
): Promise<string> {
  const id = random.id()
  const { version } = engine.inForce().set
  const decision = finding.decision ?? { effect: 'deny', policies: [], version }
  const allowed = decision.effect === 'allow'
  const errors = errorsOf(finding)
  const { principal: asker } = question
  const resource = resourceOf(asked, finding)
  await trail.record({
    id,
    action: 'policy.decided',
    outcome: allowed ? 'allowed' : 'refused',
    call: { ...question.call, address: asked.address, background: false },
    principal: finding.principal ?? asker,
    resource,
    workspace: asked.workspace.resource.id,
    decision,
    request: finding.request,
    refusal: allowed ? null : 'forbidden',
    input: saidInQuestion(finding, resource),
    detail: {
      asked: asked.input.action,
      by: { type: asker.type, id: asker.id },
      ...(errors.length === 0 ? {} : { errors }),
    },
  })
  return id
}

/** The thing as it was found, or as it was named. */
const resourceOf = ({ input }: Asked, { resource }: Finding): EntityUid =>
  resource ?? (input.resource.type.toLowerCase() === 'user' ? uid('User', input.resource.id) : namedThing(input))
