import { z } from 'zod'
import { AuditEffect } from './audit-outputs.ts'
import { PolicyEffect } from './policy-outputs.ts'
import { Instant } from './scalars.ts'

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

/** Somebody who could do something. */
export const WhoCouldPrincipal = z
  .object({
    type: z.enum(['User', 'Service']).meta({ id: 'WhoCouldPrincipalType' }),
    id,
    /** As they are called today. */
    name: z.string(),
    /** `allow`: just so. `needs`: with one of `needs`, and not without. */
    answer: z.enum(['allow', 'needs']).meta({ id: 'WhoCouldAnswer' }),
    /** The policies that allow it: as it stands, or with the first of `needs`. */
    policies: z.array(id),
    obligations: z.array(DecisionObligation),
    /** What they lack, each way for itself, tried on the policies. */
    needs: z.array(z.string()),
  })
  .meta({ id: 'WhoCouldPrincipal' })

/** Who could do something: those of a part of the people and programs, by the policies of one moment. */
export const PolicyWhoCould = z
  .object({
    /** The moment that is asked about: its hour and its policies. People, teams and things are those of now. */
    at: Instant,
    policyVersion: z.string(),
    /** People and programs that were asked about in this answer. */
    looked: z.int(),
    principals: z.array(WhoCouldPrincipal),
    /** Why policies could not be asked, of some or all: the action or the thing is unknown, a fact is missing. */
    errors: z.array(z.string()),
    /** What was said of the call and not looked at. */
    ignored: z.array(z.string()),
    /** To ask about the rest: the `after` of the next question. Null: everybody was asked about. */
    next: z.string().nullable(),
  })
  .meta({ id: 'PolicyWhoCould' })

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
