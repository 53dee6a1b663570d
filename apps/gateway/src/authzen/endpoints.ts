import { isOperationName, Refusal, type Wire } from '@gatehouse/contract'
import { challengeHeader, told, type RequestContext, type Runner } from '../transports/run.ts'
import { paths } from './metadata.ts'
import {
  evaluationInput,
  nameless,
  oneQuestion,
  questionsIn,
  readJson,
  type AskedOne,
  type Question,
  type Semantic,
} from './request.ts'

/** A decision as AuthZEN has it. */
interface Decision {
  readonly decision: boolean
  readonly context?: Readonly<Record<string, unknown>>
}

type Endpoint = (context: RequestContext) => Promise<Response>

/**
 * The endpoints of AuthZEN 1.0 by their paths. Each question is the operation `policy.evaluate` of whoever asks, so
 * that the same policies, limits and audit entries hold; only what is no operation of Gatehouse is asked about here.
 */
export const authzenEndpoints = (runner: Runner): Readonly<Record<string, Endpoint>> => ({
  [paths.evaluation]: answering(async (context) => {
    const question = await read(runner, context, oneQuestion)
    return evaluated(runner, context, question)
  }),
  [paths.evaluations]: answering(async (context) => {
    const asked = await read(runner, context, questionsIn)
    if (asked.kind === 'one') return evaluated(runner, context, asked.question)
    // the first alone: each question is counted when it is asked, and these would fill the audit log uncounted
    const wrong = asked.questions.find((one) => one instanceof Refusal)
    if (wrong instanceof Refusal) await runner.refused(context, wrong)
    return { evaluations: await inTurn(asked.semantic, asked.questions, (one) => orDenied(runner, context, one)) }
  }),
})

/** Strangers learn no shapes: who asks is known before what they ask is read. What is refused here is recorded. */
async function read<T>(runner: Runner, context: RequestContext, parse: (body: unknown) => T): Promise<T> {
  try {
    const unknown = await runner.whyUnknown(context.caller)
    if (unknown !== null) throw unknown
    return parse(await readJson(context))
  } catch (error) {
    if (error instanceof Refusal) await runner.refused(context, error)
    throw error
  }
}

async function evaluated(runner: Runner, context: RequestContext, question: Question): Promise<Decision> {
  if (isOperationName(question.action.name))
    return denied('operations of Gatehouse itself are asked by policy.evaluate')
  const input = evaluationInput(question)
  if (input === null) return denied(`there is no subject of this type: user, service`)
  // encoded by the operation's own output
  const told = (await runner.call(context, 'policy.evaluate', input)) as Wire<'policy.evaluate'>
  return decisionOf({ ...told, ignored: [...told.ignored, ...nameless(question)] })
}

const denied = (error: string): Decision => ({ decision: false, context: { errors: [error] } })

/** What a decision hangs on, in the context: who enforces it must do what the obligations say, or deny. */
function decisionOf(told: Wire<'policy.evaluate'>): Decision {
  const { decision, decisionId, policyVersion, reasons, errors, obligations, ignored } = told
  const wantsFactor = obligations.some(({ kind }) => kind === 'mfa')
  return {
    decision: decision === 'allow',
    context: {
      id: decisionId,
      policy_version: policyVersion,
      reasons: reasons.map(({ policy, doc }) => ({ policy, doc })),
      ...(obligations.length === 0
        ? {}
        : {
            obligations: obligations.map(({ kind, approval }) => (approval === null ? { kind } : { kind, approval })),
          }),
      ...(wantsFactor ? { acr_values: 'mfa' } : {}),
      ...(errors.length === 0 ? {} : { errors }),
      ...(ignored.length === 0 ? {} : { ignored }),
    },
  }
}

/** One of many: what is refused is denied, and says so. What stops all of them stops the request. */
async function orDenied(runner: Runner, context: RequestContext, question: AskedOne): Promise<Decision> {
  try {
    if (question instanceof Refusal) throw question
    return await evaluated(runner, context, question)
  } catch (error) {
    const { status, message, body } = told(error)
    if (!ownErrors.has(body.code)) throw error
    return { decision: false, context: { error: { status: statusOf(status), message: messageOf(message, body) } } }
  }
}

/** What is wrong with one question, and says nothing of the others. */
const ownErrors: ReadonlySet<string> = new Set(['invalid-input', 'not-found', 'forbidden'])

/** Asks in a row where the first answer of a kind ends it, else all at once: they do not hang on one another. */
async function inTurn(
  semantic: Semantic,
  questions: readonly AskedOne[],
  ask: (question: AskedOne) => Promise<Decision>,
): Promise<readonly Decision[]> {
  if (semantic === 'execute_all') return Promise.all(questions.map(ask))
  const stopsAt = semantic === 'permit_on_first_permit'
  const decisions: Decision[] = []
  for (const question of questions) {
    const decision = await ask(question)
    decisions.push(decision)
    if (decision.decision === stopsAt) break
  }
  return decisions
}

/** What is not to be seen is not to be asked about. */
const statusOf = (status: number): number => (status === 404 ? 403 : status)

/** A request's own id goes back as it came; one that is longer is no id. */
const requestIdMax = 256

const answering =
  (answer: (context: RequestContext) => Promise<object>): Endpoint =>
  async (context) => {
    const headers = new Headers({ 'cache-control': 'no-store' })
    const requestId = context.http.req.header('x-request-id')
    if (requestId !== undefined && requestId.length <= requestIdMax) headers.set('x-request-id', requestId)
    try {
      return Response.json(await answer(context), { headers })
    } catch (error) {
      return refused(error, headers)
    }
  }

/** An error is a message, and its status says which (AuthZEN 1.0, *Error Responses*). */
function refused(error: unknown, headers: Headers): Response {
  const { status, message, body } = told(error)
  const challenge = challengeHeader(body, status)
  if (challenge !== null) headers.set('www-authenticate', challenge)
  if (body.retryAfterSeconds !== undefined) headers.set('retry-after', String(body.retryAfterSeconds))
  headers.set('content-type', 'text/plain; charset=utf-8')
  return new Response(messageOf(message, body), { status: statusOf(status), headers })
}

const messageOf = (message: string, { fields = [], requestId }: ReturnType<typeof told>['body']): string => {
  const wrong = fields.map(({ path, message: what }) => `${path}: ${what}`).join('; ')
  const asked = requestId === undefined ? '' : `; ask with request id ${requestId}`
  return wrong === '' ? message + asked : `${message}: ${wrong}`
}
