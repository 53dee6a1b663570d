import { parseWhen } from '@gatehouse/audit'
import { invalidField, Refusal, resourceTypes, type Output } from '@gatehouse/contract'
import type {
  DecisionRequest,
  Handler,
  Permit,
  ServicePrincipal,
  Slice,
  Slices,
  UserPrincipal,
} from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { Store } from '@gatehouse/database'
import { createPace, type Pace } from '../access/pace.ts'
import { byOneSet } from '../decider.ts'
import { errorsOf, findingOf } from '../evaluate/evaluate-handler.ts'
import { nowhere, type Asked, type EvaluationDeps, type Finding } from '../evaluate/question.ts'
import { findVersionAt } from '../policy-change.queries.ts'
import type { PreparedSet } from '../prepared-set.ts'
import { onSet, type ExplainDeps } from './explain-handler.ts'
import { waysByCircumstances } from './ways-to-allow.ts'

type WhoCould = Output<'policy.whoCould'>
type Found = WhoCould['principals'][number]
type Caller = UserPrincipal | ServicePrincipal

/** People and programs that one answer asks about, some ten decisions each and up to a hundred for who lacks little. */
const lookedMax = 200
/** After so many decisions an answer ends with whom it is at: some seconds where none of them is remembered. */
const decisionsMax = 5_000
/** Half of what a turn may take. */
const decisionsPerTurn = 50

/**
 * The handler of `policy.whoCould`. Each person and program is asked about as enforcement would ask, by one set of
 * policies from the first to the last; nothing is concluded from one to another.
 */
export function whoCould(deps: ExplainDeps): Handler<'policy.whoCould'> {
  const pace = createPace(decisionsPerTurn)
  return async (permit) => {
    const now = deps.clock.now()
    const at = permit.input.at === undefined ? now : parseWhen('at', permit.input.at, now)
    const answer = (prepared: PreparedSet): Promise<WhoCould> =>
      askAbout({ ...onSet(deps, prepared), slices: onceEach(deps.slices) }, permit, { at, pace, prepared })
    if (at.getTime() >= now.getTime()) return byOneSet(deps.engine.inForce, answer)
    const version = await findVersionAt(deps.db, at)
    if (version === null) throw new Refusal('conflict', { hint: 'the policies of that time are not kept' })
    return deps.pastSets.by(version, answer)
  }
}

interface Moment {
  readonly at: Date
  readonly pace: Pace
  readonly prepared: PreparedSet
}

async function askAbout(
  deps: EvaluationDeps,
  permit: Permit<'policy.whoCould'>,
  { at, pace, prepared }: Moment,
): Promise<WhoCould> {
  const { first, after = null } = permit.input
  if (after !== null && !isUuid(after)) throw invalidField('after', 'the `next` of an earlier answer')
  const callers = await deps.subjects.listAfter({ after, limit: lookedMax + 1 })
  const principals: Found[] = []
  const [errors, ignored] = [new Set<string>(), new Set<string>()]
  let [looked, decisions] = [0, 0]
  const step = (): Promise<void> => {
    decisions += 1
    return pace.step()
  }
  for (const caller of callers.slice(0, lookedMax)) {
    if (principals.length === first || decisions >= decisionsMax) break
    await step()
    const [asked, steps] = askedAbout(permit, caller, at)
    const finding = await findingOf(deps, asked)
    // what is wrong with one person's call is said with them; a policy that errs may do so for everybody
    const wrong = finding.request === null ? finding : { ...finding, errors: [] }
    for (const error of errorsOf(wrong)) errors.add(error)
    for (const name of finding.ignored) ignored.add(name)
    const found = await couldOf(finding, { caller, steps, asked, step, deps })
    if (found !== null) principals.push(found)
    looked += 1
  }
  const last = callers[looked - 1]
  return {
    at,
    policyVersion: prepared.set.version,
    looked,
    principals,
    errors: [...errors],
    ignored: [...ignored],
    next: looked < callers.length ? (last?.id ?? after) : null,
  }
}

/** The question about one of them, as if their first steps were done; and which of these they have still to do. */
function askedAbout(
  { input, slice: workspace }: Permit<'policy.whoCould'>,
  caller: Caller,
  now: Date,
): readonly [Asked, readonly string[]] {
  if (workspace === null) throw new TypeError('this is asked in a workspace')
  const { first: _first, after: _after, at: _at, address = nowhere, ...question } = input
  const missing = caller.type === 'User' ? caller.missing : []
  const principal =
    caller.type === 'User'
      ? { ...caller, missing: [], hasAuthenticator: caller.hasAuthenticator || missing.includes('authenticator') }
      : caller
  const asked = { input: question, principal, isOwn: false, workspace, now, address }
  return [asked, missing.map((step) => stepWords[step])]
}

const stepWords = {
  passwordChange: 'change their password first',
  authenticator: 'enrol a second factor first',
} as const

interface About {
  readonly caller: Caller
  readonly steps: readonly string[]
  readonly asked: Asked
  readonly step: () => Promise<void>
  readonly deps: EvaluationDeps
}

/** Null: they could not, whatever of the call were otherwise. */
async function couldOf(
  { request, decision, obligations }: Finding,
  { caller, steps, asked, step, deps: { engine } }: About,
): Promise<Found | null> {
  if (request === null || decision === null) return null
  const { type, id } = caller
  const who = { type, id, name: caller.type === 'User' ? caller.username : caller.name }
  const by = (policies: readonly string[]) => ({ ...who, policies: [...policies], obligations: [...obligations] })
  if (decision.effect === 'allow') {
    const needs = steps.length === 0 ? [] : [steps.join(', and ')]
    return { ...by(decision.policies), answer: needs.length === 0 ? 'allow' : 'needs', needs }
  }
  const decide = (one: DecisionRequest) => engine.decider.decide(one)
  const decides = (one: DecisionRequest): boolean => decide(one).effect === 'allow'
  const ways = await waysByCircumstances(request, { decides, place: asked.workspace.place ?? null, step })
  const [nearest] = ways
  if (nearest === undefined) return null
  const needs = ways.map(({ words }) => [...steps, words].join(', and '))
  return { ...by(decide(nearest.request).policies), obligations: [], answer: 'needs', needs }
}

/** The same things for everybody: each is looked up once. */
function onceEach(slices: Slices<Store>): Slices<Store> {
  const known = new Map<string, Promise<Slice | null>>()
  const once =
    (type: (typeof resourceTypes)[number]) =>
    (db: Store, id: string): Promise<Slice | null> => {
      const key = `${type}:${id}`
      const found = known.get(key) ?? slices[type](db, id)
      known.set(key, found)
      return found
    }
  // one of each type, as they were
  return Object.fromEntries(resourceTypes.map((type) => [type, once(type)])) as unknown as Slices<Store>
}
