import { z } from 'zod'
import { AuditEffect, PolicyEffect } from './outputs.ts'

const id = z.string()

/**
 * What belongs to a decision. `mfa`: denied, and allowed once they prove a second factor now. `approval`: denied, and
 * allowed once a second person has approved this very call. `useApproval`: allowed by an approval, which is used up by
 * `approval.use` before the call is done. `ownOnly`: allowed of a list, for what is their own.
 */
export const ObligationKind = z.enum(['mfa', 'approval', 'useApproval', 'ownOnly']).meta({ id: 'ObligationKind' })
export const DecisionObligation = z
  .object({
    kind: ObligationKind,
    /** The approval that is to be used; of the other kinds null. */
    approval: id.nullable(),
  })
  .meta({ id: 'DecisionObligation' })

/** A policy that determined a decision, in its own words. */
export const DecisionReason = z
  .object({ policy: id, effect: PolicyEffect, doc: z.string(), severity: z.string() })
  .meta({ id: 'DecisionReason' })

/** Whether somebody may do something, and why. */
export const PolicyEvaluation = z
  .object({
    decision: AuditEffect,
    /** The determining policies; none of a deny: no policy permits it. */
    policies: z.array(id),
    reasons: z.array(DecisionReason),
    /** Why it could not be decided by policies, or what went wrong in them: the decision is then a deny. */
    errors: z.array(z.string()),
    obligations: z.array(DecisionObligation),
    /** What was said of the call and not looked at: the server knows it better, or the schema has no such fact. */
    ignored: z.array(z.string()),
    policyVersion: z.string(),
    /** As it stands in the audit log: for `decision.get` and `policy.explain`. */
    decisionId: id,
    durationMicroseconds: z.int(),
  })
  .meta({ id: 'PolicyEvaluation' })

/** Where in a policy a condition stands. */
export const ConditionClause = z
  .enum(['principal', 'action', 'resource', 'when', 'unless'])
  .meta({ id: 'ConditionClause' })
/** One part of a policy, evaluated by itself on the values of the call. */
export const ExplainedCondition = z
  .object({
    policy: id,
    clause: ConditionClause,
    /** In the policy's own text. */
    text: z.string(),
    /** Null: it cannot be said, since what stands before it in the policy is not so. */
    holds: z.boolean().nullable(),
    /** Whether the policy can apply by it: of an `unless`, that it does not hold. */
    met: z.boolean(),
  })
  .meta({ id: 'ExplainedCondition' })

/** A decision, taken apart. */
export const PolicyExplanation = PolicyEvaluation.extend({
  /** Of a denial: the permits that come nearest to the call, nearest first. */
  nearest: z.array(DecisionReason),
  /** Of the policies that decided, and of those. */
  conditions: z.array(ExplainedCondition),
  /** What would make a denial an allow, each way for itself, tried on the policies. Empty: nothing that is known. */
  wouldAllow: z.array(z.string()),
}).meta({ id: 'PolicyExplanation' })

/** One case of a suite, and what came of it. */
export const PolicyCaseResult = z
  .object({
    file: z.string(),
    name: z.string(),
    passed: z.boolean(),
    /** What differs from what it expects; null: nothing. */
    difference: z.string().nullable(),
  })
  .meta({ id: 'PolicyCaseResult' })
export const PolicyTestRun = z
  .object({ policyVersion: z.string(), passed: z.int(), failed: z.int(), cases: z.array(PolicyCaseResult) })
  .meta({ id: 'PolicyTestRun' })
