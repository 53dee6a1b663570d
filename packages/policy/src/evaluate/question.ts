import type { Input, Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type {
  Approvals,
  AuditTrail,
  Clock,
  Decision,
  DecisionRequest,
  EntityUid,
  Permit,
  Principal,
  Random,
  ServicePrincipal,
  Slice,
  Slices,
  Subjects,
  UserPrincipal,
} from '@gatehouse/enforcement'
import type { PolicyEngine } from '../policy-engine.ts'

/** What questions are answered with. */
export interface EvaluationDeps {
  readonly engine: Pick<PolicyEngine, 'decider' | 'inForce'>
  readonly db: Store
  readonly slices: Slices<Store>
  readonly subjects: Subjects
  readonly approvals: Approvals
  readonly trail: Pick<AuditTrail, 'record'>
  readonly clock: Clock
  readonly random: Pick<Random, 'id'>
  /** `[mfa] step_up_max_age`. */
  readonly stepUpMaxAgeSeconds: number
}

/** What is asked, with who is asked about and where, as the server knows them. */
export interface Asked {
  readonly input: Input<'policy.evaluate'>
  /** Null: nobody who may call. */
  readonly principal: UserPrincipal | ServicePrincipal | null
  /** Whoever asks, asks about themselves: they are told of things as they would be if they called. */
  readonly isOwn: boolean
  /** The workspace that the question may be asked in. */
  readonly workspace: Slice
  readonly now: Date
  readonly address: string
}

/** What came of it. */
export interface Finding {
  /** Null: there was nothing to ask the policies. */
  readonly request: DecisionRequest | null
  readonly decision: Decision | null
  readonly obligations: Output<'policy.evaluate'>['obligations']
  readonly ignored: readonly string[]
  readonly errors: readonly string[]
  /** Null: not found. */
  readonly principal: Principal | null
  readonly resource: EntityUid | null
}

/** A question, with the permit to ask it. */
export type Question = Pick<Permit<'policy.evaluate'>, 'input' | 'principal' | 'slice' | 'call'>

/**
 * The address of somebody whom nobody has seen call. It is in no network: a policy that wants one's own network denies,
 * rather than take the address of the program that asks for theirs.
 */
export const nowhere = '0.0.0.0'

/** Looks up who is asked about, and where. */
export async function askedBy(
  { subjects, clock }: EvaluationDeps,
  { input, principal, slice, call }: Question,
): Promise<Asked> {
  if (slice === null || principal.type === 'Anonymous') throw new TypeError('this is asked in a workspace, by somebody')
  const isOwn = input.principal === undefined
  const about =
    input.principal === undefined
      ? principal
      : await subjects.find({
          type: input.principal.type,
          reference: input.principal.id,
          sessionId: input.session ?? null,
        })
  const address = input.address ?? (isOwn ? call.address : nowhere)
  return { input, isOwn, principal: about, workspace: slice, now: clock.now(), address }
}
