import type { Role } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { z } from 'zod'
import { approvingRoles, problemOfRule, shippedRule, waysOf, type ApprovalRule, type Part } from './approval-rule.ts'
import { selectRule } from './rule.queries.ts'

/** The rule in force. */
export interface RuleInForce {
  readonly rule: ApprovalRule
  readonly totpAdmitted: boolean
  readonly updatedAt: Date | null
  readonly updatedBy: string | null
}

const People: z.ZodType<Part> = z.strictObject({ people: z.number(), roles: z.array(z.enum(approvingRoles)) })
const PartShape: z.ZodType<Part> = z.lazy(() =>
  z.union([People, z.strictObject({ allOf: z.array(PartShape) }), z.strictObject({ anyOf: z.array(PartShape) })]),
)
const RuleShape: z.ZodType<ApprovalRule> = z.union([PartShape, z.strictObject({ inSequence: z.array(PartShape) })])

/** A rule of the right form; or why it can't be set, in words. */
export function parseRule(json: unknown): { readonly rule: ApprovalRule } | { readonly problem: string } {
  const parsed = RuleShape.safeParse(json)
  if (!parsed.success)
    return {
      problem:
        'a rule: {"people": 2, "roles": ["Admin", "Operator"]}, or allOf, anyOf or inSequence with a list of such ' +
        `parts; roles are ${approvingRoles.join(', ')}`,
    }
  const problem = problemOfRule(parsed.data)
  return problem === null ? { rule: parsed.data } : { problem }
}

/** What was set, or the shipped rule. Throws for a row that nobody could have set: no rule, no approval. */
export async function readRule(db: Store): Promise<RuleInForce> {
  const row = await selectRule(db)
  if (row === null) return { rule: shippedRule, totpAdmitted: true, updatedAt: null, updatedBy: null }
  const parsed = parseRule(JSON.parse(row.rule))
  if ('problem' in parsed) throw new TypeError(`the stored approval rule is none: ${parsed.problem}`)
  return { rule: parsed.rule, totpAdmitted: row.totp_admitted, updatedAt: row.updated_at, updatedBy: row.updated_by }
}

/** Roles that a rule names anywhere. */
export const rolesIn = (rule: ApprovalRule): readonly Role[] => [
  ...new Set(waysOf(rule).flatMap((way) => way.flatMap(({ roles }) => roles))),
]
