import { operations, reaches, systemId, type OperationName } from '@gatehouse/contract'
import {
  apiTokenOf,
  assuranceOf,
  requestFor,
  scopesAdmit,
  uid,
  type Decider,
  type Permit,
  type Principal,
} from '@gatehouse/enforcement'
import type { Pseudonyms } from './pseudonyms.ts'

/** What says to whom people are shown. */
export interface ReaderDeps {
  readonly decider: Decider
  /** `[mfa] step_up_max_age`. */
  readonly stepUpMaxAgeSeconds: number
  readonly pseudonyms: Pseudonyms
}

/** Who reads the audit log, and what stands for others in it. */
export interface Reader {
  readonly principal: Principal
  /** Null: people are shown as they are. */
  readonly pseudonyms: Pseudonyms | null
}

/** Whoever may ask whose a pseudonym is sees no pseudonyms. */
const right = 'audit.identify'

const system = {
  resource: { type: 'System', id: systemId },
  workspace: null,
  entities: [{ uid: uid('System', systemId), attrs: {}, parents: [] }],
  versions: [],
} as const

/**
 * The reader of a permit. Lists of entries are decided on workspaces; whether people are shown is decided beside that,
 * by the policies and for this caller as they are proved now, as if they asked whose a pseudonym is.
 */
export function readerOf(
  { decider, stepUpMaxAgeSeconds, pseudonyms }: ReaderDeps,
  { principal, call }: Pick<Permit<OperationName>, 'principal' | 'call'>,
): Reader {
  const operation = operations[right]
  const token = apiTokenOf(principal)
  const assurance = assuranceOf(principal, call.at, stepUpMaxAgeSeconds)
  const mayAsk =
    operation.authorize.principals.includes(principal.type) &&
    (token === null || scopesAdmit(token.scopes, right)) &&
    reaches(assurance, operation.assurance)
  if (!mayAsk) return { principal, pseudonyms }
  const facts = {
    operation,
    name: right,
    principal,
    input: {},
    now: call.at,
    address: call.address,
    stepUpMaxAgeSeconds,
  } as const
  const { effect } = decider.decide(requestFor(facts, system, { assurance, ownOnly: false }))
  return { principal, pseudonyms: effect === 'allow' ? null : pseudonyms }
}
