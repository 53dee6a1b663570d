import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  getOperationOf,
  isOperationName,
  listOperationOf,
  reaches,
  Refusal,
  type Assurance,
  type Operation,
  type OperationName,
} from '@gatehouse/contract'
import { baseContext } from './context.ts'
import type { Permit, Scope } from './permit.ts'
import type { Decision, DecisionRequest } from './decision.ts'
import type { Decider } from './ports.ts'
import { apiTokenOf, assuranceOf, emergencyOf, mayRecover, type Principal } from './principal.ts'
import { entitiesFor } from './entities-for.ts'
import { uid, type CedarValue, type EntityUid, type Slice } from './slice.ts'

export interface DecisionFacts {
  readonly operation: Operation
  readonly name: OperationName
  readonly principal: Principal
  readonly input: Readonly<Record<string, unknown>>
  readonly now: Date
  readonly address: string
  readonly stepUpMaxAgeSeconds: number
}

const denied = (version: string): Decision => ({ effect: 'deny', policies: [], version })

/** How a question is put: at which assurance, and whether about the caller's own things only. */
interface AskedAt {
  readonly assurance: Assurance
  readonly ownOnly: boolean
}

/** What is asked of Cedar for one resource at a given assurance. */
export function requestFor(facts: DecisionFacts, slice: Slice, { assurance, ownOnly }: AskedAt): DecisionRequest {
  const { operation, principal } = facts
  return {
    principal: uid(principal.type, principal.id),
    action: facts.name,
    resource: slice.resource,
    // the declaration's own function of its own input; the registry has forgotten which
    context: {
      ...contextOf({ facts, slice }, assurance, { ownOnly, recovery: mayRecover(principal, facts.now) }),
      ...operation.authorize.context?.(facts.input as never),
    },
    entities: entitiesFor(principal, slice),
  }
}

/** What every question says of the call and of its place. */
const contextOf = (
  { facts: { principal, now, address }, slice }: Question,
  assurance: Assurance,
  more: { readonly ownOnly?: boolean; readonly recovery?: boolean },
): ReturnType<typeof baseContext> =>
  baseContext({
    now,
    address,
    principalId: principal.id,
    place: slice.place ?? null,
    assurance,
    apiToken: apiTokenOf(principal) !== null,
    emergency: emergencyOf(principal),
    ...more,
  })

/** Decides one resource. Returns the allow, or throws the refusal that tells the caller the most they may know. */
export function decideOne(
  decider: Decider,
  facts: DecisionFacts,
  slice: Slice,
): { decision: Decision; request: DecisionRequest } {
  const assurance = assuranceOf(facts.principal, facts.now, facts.stepUpMaxAgeSeconds)
  const request = requestFor(facts, slice, { assurance, ownOnly: false })
  const decision = decider.decide(request)
  if (decision.effect === 'allow' && reaches(assurance, facts.operation.assurance)) return { decision, request }
  throw new DeniedDecision(refusalFor(decider, { facts, slice }, { decision, assurance }), { decision, request })
}

/** A decision with what was asked; null where nothing was. */
export interface Decided {
  readonly decision: Decision
  readonly request: DecisionRequest | null
}

/** Carries the decision to the audit record beside the refusal that the caller sees. */
export class DeniedDecision extends Error {
  override readonly name = 'DeniedDecision'
  readonly refusal: Refusal
  readonly decision: Decision
  readonly request: DecisionRequest | null

  constructor(refusal: Refusal, { decision, request }: Decided) {
    super(refusal.message)
    this.refusal = refusal
    this.decision = decision
    this.request = request
  }
}

/** Who wants what of which resource. */
interface Question {
  readonly facts: DecisionFacts
  readonly slice: Slice
}

/** Decides again as if the second factor were fresh: only who would then be allowed is told to prove it. */
function refusalFor(
  decider: Decider,
  { facts, slice }: Question,
  first: { decision: Decision; assurance: Assurance },
): Refusal {
  const { principal, operation } = facts
  const fresh = canProve(principal)
    ? decider.decide(requestFor(facts, slice, { assurance: 'su', ownOnly: false }))
    : denied(first.decision.version)
  if (fresh.effect === 'allow') {
    const wanted = operation.assurance === 'su' || first.decision.effect === 'deny' ? 'su' : 'mfa'
    return proofRefusal(first.assurance, wanted, facts.stepUpMaxAgeSeconds)
  }
  if (principal.type === 'Anonymous') return new Refusal('unauthenticated')
  if (!maySee(decider, facts, slice)) return new Refusal('not-found')
  const policies = first.decision.effect === 'deny' ? first.decision.policies : []
  // where it is the floor that was missed no proof helps: a program can never reach `su`, an API token of a person
  // nothing but `pw`
  const hint = reaches(first.assurance, operation.assurance) ? null : hintFor(principal, operation.assurance)
  return new Refusal('forbidden', {
    reason: policies.length > 0 ? 'forbid' : 'no-permit',
    policies: [...policies],
    ...(hint === null ? {} : { hint }),
  })
}

/**
 * Only a log-in can be raised. An API token never proves a factor (threat rule 41), and an emergency session and a
 * token for Vault's clients are as strong as they began, so their bearers are not asked for one.
 */
const canProve = (principal: Principal): boolean =>
  principal.type === 'User' &&
  principal.apiToken === undefined &&
  principal.emergency === undefined &&
  principal.transit === undefined

function hintFor(principal: Principal, floor: Assurance): string | null {
  if (emergencyOf(principal) !== null)
    return 'an emergency session counts as freshly proved for its first five minutes only'
  if (principal.type === 'User' && principal.apiToken !== undefined)
    return 'an API token never proves a second factor; log in to do this'
  if (principal.type !== 'Service') return null
  return floor === 'su'
    ? 'only a person may do this, not a program'
    : 'this needs a bound token: one with source addresses or a key'
}

/** Whoever has proved a second factor is asked to prove it again, all others to prove one. */
function proofRefusal(reached: Assurance, wanted: 'mfa' | 'su', maxAgeSeconds: number): Refusal {
  if (reaches(reached, 'mfa')) return new Refusal('step-up-required', { assurance: 'su', maxAgeSeconds })
  return new Refusal('mfa-required', { assurance: wanted, maxAgeSeconds })
}

/** A resource whose own `.get` is denied, or that no list shows the caller, does not exist for them (threat C2). */
function maySee(decider: Decider, facts: DecisionFacts, slice: Slice): boolean {
  const { principal } = facts
  const sight = sightOn(slice)
  if (sight === null) return true
  if (sight.owner !== null && sight.owner.id === principal.id) return true
  const assurance = assuranceOf(principal, facts.now, facts.stepUpMaxAgeSeconds)
  const context = contextOf({ facts, slice }, assurance, {})
  const { operation: action, resource } = sight
  return (
    decider.decide({ ...requestFor(facts, slice, { assurance, ownOnly: false }), action, resource, context }).effect ===
    'allow'
  )
}

/** What is asked to know whether a thing is seen. */
interface Sight {
  readonly operation: OperationName
  readonly resource: EntityUid
  /** Whose it is, where no operation of its own has to decide that; what is one's own is seen. */
  readonly owner: EntityUid | null
}

/** Null: everybody knows of it. */
function sightOn({ resource, entities }: Slice): Sight | null {
  const get = getOperationOf[resource.type]
  if (get !== null && isOperationName(get)) return { operation: get, resource, owner: null }
  if (!(resource.type in listOperationOf)) return null
  const type = resource.type as keyof typeof listOperationOf // `in` has just looked
  const { operation, decidedOn } = listOperationOf[type]
  const attributes = entities.find(({ uid: { type, id } }) => type === resource.type && id === resource.id)?.attrs ?? {}
  const [owner, on] = [
    entityIn(attributes['owner']) ?? entityIn(attributes['ownerService']),
    entityIn(attributes[decidedOn]),
  ]
  // of what cannot be told whose it is or where it belongs nothing is told
  return { operation, resource: on ?? resource, owner }
}

const entityIn = (value: CedarValue | undefined): EntityUid | null =>
  typeof value === 'object' && '__entity' in value ? (value as { readonly __entity: EntityUid }).__entity : null

/** Decisions in one turn of the event loop: some 20 ms, then others have theirs. */
const workspacesPerTurn = 50

/**
 * Decides a list once per workspace: whole, else only what is the caller's own; none allowed is a refusal. Below the
 * floor it is decided as if the second factor were fresh: only who would then be allowed is told to prove it.
 */
export async function decideScope(
  decider: Decider,
  facts: DecisionFacts,
  workspaces: readonly Slice[],
): Promise<Decided & { readonly scope: Scope }> {
  const assurance = assuranceOf(facts.principal, facts.now, facts.stepUpMaxAgeSeconds)
  const isBelow = !reaches(assurance, facts.operation.assurance)
  if (isBelow && !canProve(facts.principal)) throw belowFloor(facts, assurance)
  const decided: (Decided & { readonly slice: Slice; readonly own: boolean })[] = []
  for (const slice of workspaces) {
    if (decided.length > 0 && decided.length % workspacesPerTurn === 0) await nextTurn()
    decided.push({ slice, ...wholeOrOwn(decider, { facts, slice }, isBelow ? 'su' : assurance) })
  }
  const allowed = decided.filter(({ decision }) => decision.effect === 'allow')
  // one stands in the audit log for all of them, with what was asked for it
  const first: Decided = allowed[0] ?? decided[0] ?? { decision: denied(''), request: null }
  const { decision, request } = first
  if (allowed.length === 0)
    throw new DeniedDecision(
      new Refusal('forbidden', {
        reason: decision.policies.length > 0 ? 'forbid' : 'no-permit',
        policies: [...decision.policies],
      }),
      first,
    )
  if (isBelow) throw belowFloor(facts, assurance)
  const idsOf = (own: boolean): string[] => allowed.filter((one) => one.own === own).map((one) => one.slice.resource.id)
  return { scope: { workspaces: idsOf(false), ownIn: idsOf(true) }, decision, request }
}

function belowFloor({ principal, operation, stepUpMaxAgeSeconds }: DecisionFacts, assurance: Assurance): Refusal {
  if (assurance === 'none') return new Refusal('unauthenticated')
  if (canProve(principal))
    return proofRefusal(assurance, operation.assurance === 'su' ? 'su' : 'mfa', stepUpMaxAgeSeconds)
  return new Refusal('forbidden', {
    reason: 'no-permit',
    policies: [],
    hint: hintFor(principal, operation.assurance) ?? undefined,
  })
}

function wholeOrOwn(
  decider: Decider,
  { facts, slice }: Question,
  assurance: Assurance,
): Decided & { readonly own: boolean } {
  const asked = (ownOnly: boolean): Decided => {
    const request = requestFor(facts, slice, { assurance, ownOnly })
    return { decision: decider.decide(request), request }
  }
  const whole = asked(false)
  if (whole.decision.effect === 'allow') return { ...whole, own: false }
  const own = asked(true)
  return own.decision.effect === 'allow' ? { ...own, own: true } : { ...whole, own: false }
}

/** The same question on rows that have moved since: `change()` asks it once, inside its transaction. */
export function decideAgain<N extends OperationName>(decider: Decider, permit: Permit<N>, slice: Slice): Decided {
  if (permit.request === null) return { decision: permit.decision, request: null }
  const request = { ...permit.request, entities: entitiesFor(permit.principal, slice) }
  return { decision: decider.decide(request), request }
}
