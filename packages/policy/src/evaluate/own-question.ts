import {
  operations,
  reaches,
  resourceTypes,
  systemId,
  type ContextType,
  type ContextValue,
  type Facts,
  type Operation,
  type OperationName,
} from '@gatehouse/contract'
import {
  apiTokenOf,
  assuranceOf,
  decideOne,
  DeniedDecision,
  requestFor,
  scopesAdmit,
  uid,
  type DecisionFacts,
  type Slice,
} from '@gatehouse/enforcement'
import { nobody } from './foreign-question.ts'
import type { Asked, EvaluationDeps, Finding } from './question.ts'
import { undecided } from './undecided.ts'

/** Decides a call of one of Gatehouse's own operations, as enforcement would if it were made now. */
export async function decideOwn(deps: EvaluationDeps, asked: Asked, name: OperationName): Promise<Finding> {
  const operation = operations[name]
  if (operation.internal === true) return undecided(`\`${name}\` is done by Gatehouse itself`)
  const { resource: type } = operation.authorize
  if (resourceTypes.find((one) => one.toLowerCase() === asked.input.resource.type.toLowerCase()) !== type)
    return undecided(`\`${name}\` is done to ${type}, not to this type`)
  const { principal } = asked
  if (principal === null) return undecided(nobody)
  const never = neverReason(operation, principal)
  if (never !== null) return { ...undecided(never), principal }
  const slice = await sliceOf(deps, asked, operation)
  if (slice === null) return { ...undecided(unseen), principal }
  const { context, ignored, missing } = contextOf(operation, asked.input.context)
  if (missing.length > 0) {
    const fields = missing.map((field) => `context.${field}`).join(', ')
    return { ...undecided(`\`${name}\` is decided by ${fields} too: say it`), principal, resource: slice.resource }
  }
  const facts: DecisionFacts = {
    name,
    principal,
    operation: { ...operation, authorize: { ...operation.authorize, context: () => context } },
    input: {},
    now: asked.now,
    address: asked.address,
    stepUpMaxAgeSeconds: deps.stepUpMaxAgeSeconds,
  }
  return { ...decided(deps, facts, { slice, isOwn: asked.isOwn }), ignored }
}

const unseen = 'there is no such thing here'

type Found = NonNullable<Asked['principal']>

/** What no policy changes: whom it is for, a token's scopes, the first steps. Null: they may try. */
function neverReason(operation: Operation, principal: Found): string | null {
  const { principals } = operation.authorize
  if (!principals.includes(principal.type)) return `\`${operation.name}\` is not for a ${principal.type}`
  const token = apiTokenOf(principal)
  const name = operation.name as OperationName // of a declared operation
  if (token !== null && !principals.includes('Anonymous') && !scopesAdmit(token.scopes, name))
    return 'no scope of this token admits it'
  if (principal.type !== 'User' || principals.includes('Anonymous')) return null
  const step = principal.missing.find((one) =>
    one === 'passwordChange' ? operation.firstSteps !== 'password' : operation.firstSteps === undefined,
  )
  return step === undefined ? null : firstStepWords[step]
}

/** What somebody has to do before anything else is answered. */
export const firstStepWords = {
  passwordChange: 'they have to change their password first',
  authenticator: 'they have to enrol a second factor first',
} as const

/** What stands in another workspace than the one that is asked about does not exist in it. */
async function sliceOf(
  { slices, db }: EvaluationDeps,
  { input, workspace }: Asked,
  { authorize }: Operation,
): Promise<Slice | null> {
  if (authorize.resource === 'Workspace') return workspace
  const slice = await slices[authorize.resource](db, authorize.resource === 'System' ? systemId : input.resource.id)
  if (slice === null) return null
  return slice.workspace === null || slice.workspace === workspace.resource.id ? slice : null
}

function decided(
  { engine: { decider } }: EvaluationDeps,
  facts: DecisionFacts,
  { slice, isOwn }: { readonly slice: Slice; readonly isOwn: boolean },
): Omit<Finding, 'ignored'> {
  const { principal, resource } = { principal: facts.principal, resource: slice.resource }
  const found = { principal, resource, errors: [] }
  try {
    const { decision, request } = decideOne(decider, facts, slice)
    return { ...found, decision, request, obligations: approvalOf(facts) }
  } catch (error) {
    if (!(error instanceof DeniedDecision)) throw error
    const ownOnly = ownRows(decider, facts, slice)
    if (ownOnly !== null) return { ...found, ...ownOnly }
    // as if they called: what they may not see is not there
    if (isOwn && error.refusal.code === 'not-found') return { ...undecided(unseen), principal }
    const { decision, request } = error
    const mfa = error.refusal.code === 'mfa-required' || error.refusal.code === 'step-up-required'
    // an allow that misses the floor of the operation is none
    const denied = {
      ...decision,
      effect: 'deny',
      policies: decision.effect === 'deny' ? decision.policies : [],
    } as const
    const floor = decision.effect === 'allow' ? [`it asks for assurance \`${facts.operation.assurance}\``] : []
    return {
      ...found,
      request,
      decision: denied,
      errors: floor,
      obligations: mfa ? [{ kind: 'mfa', approval: null }] : [],
    }
  }
}

/** An operation that a second person has to approve, whatever the policies say. */
const approvalOf = ({ operation }: DecisionFacts): Finding['obligations'] =>
  operation.refusals.includes('approval-pending') && operation.name !== 'approval.use'
    ? [{ kind: 'approval', approval: null }]
    : []

/** A list that is denied as a whole may be allowed for what is the caller's own. Null: it is none, or not even that. */
function ownRows(
  decider: EvaluationDeps['engine']['decider'],
  facts: DecisionFacts,
  slice: Slice,
): Pick<Finding, 'decision' | 'request' | 'obligations'> | null {
  const { authorize, assurance: floor } = facts.operation
  if (authorize.resource !== 'Workspace' || authorize.id !== undefined) return null
  const assurance = assuranceOf(facts.principal, facts.now, facts.stepUpMaxAgeSeconds)
  const request = requestFor(facts, slice, { assurance, ownOnly: true })
  const decision = decider.decide(request)
  if (decision.effect === 'deny' || !reaches(assurance, floor)) return null
  return { decision, request, obligations: [{ kind: 'ownOnly', approval: null }] }
}

/** The facts of the input that policies may ask for, as the declaration has them. */
function contextOf(
  { authorize }: Operation,
  given: Facts,
): {
  readonly context: Readonly<Record<string, ContextValue>>
  readonly ignored: readonly string[]
  readonly missing: readonly string[]
} {
  const types = authorize.contextTypes ?? {}
  const context = Object.fromEntries(
    Object.entries(types).flatMap(([field, type]) => {
      const value = given[field]
      return value !== undefined && isOfType[type](value) ? [[field, value] as const] : []
    }),
  )
  return {
    context,
    missing: Object.keys(types).filter((field) => !(field in context)),
    ignored: Object.keys(given)
      .filter((field) => !Object.hasOwn(types, field))
      .map((field) => `context.${field}`),
  }
}

const isOfType: Readonly<Record<ContextType, (value: ContextValue) => boolean>> = {
  String: (value) => typeof value === 'string',
  Long: (value) => typeof value === 'number',
  Bool: (value) => typeof value === 'boolean',
  'Set<String>': (value) => Array.isArray(value),
}

/** The thing as it was named, where it was not found. */
export const namedThing = ({ resource }: Asked['input']) => uid(resource.type, resource.id)
