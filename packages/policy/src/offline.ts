import type { Decider, Decision, DecisionRequest } from '@gatehouse/enforcement'
import { PolicyError, type PolicyProblem } from './policy-problem.ts'
import { compilePolicySet, type PolicySet } from './policy-set.ts'
import { readPolicySource, sourceOf, type SourceFile } from './policy-source.ts'
import { readSuites, runSuites, type CaseResult } from './suites.ts'
import { createSlots, preparePolicySet, type PreparedSet } from './prepared-set.ts'

export { actionsSchema } from './actions-schema.ts'
export { createDecider } from './decider.ts'
export { permissionsOf, policyMatrix, type Permission } from './matrix.ts'
export { outcomeOf, type Outcome } from './outcome.ts'
export { verifyReceipt, type ReceiptCheck } from './verify-receipt.ts'
export { difference, readPolicyCases, type PolicyCase } from './policy-cases.ts'
export { decidePlatform, type Obligation, type PlatformOutcome, type PlatformQuestion } from './platform.ts'
export { platformDifference, readPlatformCases, type PlatformCase } from './platform-cases.ts'
export { compareGrants, type GrantChange } from './policy-grants.ts'
export { PolicyError, problemText, type PolicyProblem } from './policy-problem.ts'
export type { PolicyFacts, PolicySet } from './policy-set.ts'
export type { Evaluation, PreparedSet } from './prepared-set.ts'
export { callers, requestIn, type CallerName, type Situation } from './situation.ts'

/** A policy directory that decides in this process, without a server. */
export interface OfflinePolicies {
  readonly set: PolicySet
  readonly prepared: PreparedSet
  /** What decides by it; an error in a policy throws, since nobody is there to be alerted. */
  readonly decider: Decider
}

/** Reads, validates and prepares a directory. Throws `PolicyError` with every problem. */
export async function loadPolicies(path: string): Promise<OfflinePolicies> {
  const { schemas, policies } = await readPolicySource(path)
  return policiesFrom([...schemas, ...policies], path)
}

function decided({ set, evaluate }: PreparedSet, request: DecisionRequest): Decision {
  const { effect, policies, errors } = evaluate(request)
  if (errors.length > 0) throw new PolicyError(errors.map((message) => ({ file: 'policies', line: null, message })))
  return { effect, policies, version: set.version }
}

/** The same of files that are at hand. `place` names where they are from. */
export function policiesFrom(files: readonly SourceFile[], place: string): OfflinePolicies {
  const set = compilePolicySet(sourceOf(files, place))
  const prepared = preparePolicySet({ set, slots: createSlots() })
  return { set, prepared, decider: { decide: (request) => decided(prepared, request), version: () => set.version } }
}

/** What came of the suites of a directory, by its own policies. */
export interface PolicyTestRun {
  readonly policyVersion: string
  readonly results: readonly CaseResult[]
}

/** Runs `tests/*.yaml` of a directory by its own policies, without a server. Throws `PolicyError`. */
export async function testDirectory(path: string): Promise<PolicyTestRun> {
  const { decider, set } = await loadPolicies(path)
  const results = await runSuites(decider, await readSuites(path), () => Promise.resolve())
  return { policyVersion: set.version, results }
}

/** What is wrong with a directory, and what is odd about it. Without errors it may be put in force. */
export interface PolicyValidation {
  readonly errors: readonly PolicyProblem[]
  readonly warnings: readonly PolicyProblem[]
}

/** Validates a directory without a server. */
export async function validatePolicies(path: string): Promise<PolicyValidation> {
  try {
    return { errors: [], warnings: compilePolicySet(await readPolicySource(path)).warnings }
  } catch (error) {
    if (error instanceof PolicyError) return { errors: error.problems, warnings: [] }
    throw error
  }
}
