import { invalidField } from '@gatehouse/contract'
import { canonical } from '@gatehouse/audit'
import type { Handler } from '@gatehouse/enforcement'
import { createSecondPerson, selectVoters } from '@gatehouse/identity'
import type { BreakGlassDeps } from './deps.ts'
import { parseRule, readRule } from './read-rule.ts'
import { callingPerson } from './request-handlers.ts'
import { upsertRule } from './rule.queries.ts'
import { tooFew, whyMetByNobody } from './too-few.ts'

/** The rule in force, and whether there are people to meet it. */
export const breakGlassRuleGet =
  (deps: BreakGlassDeps): Handler<'breakGlass.ruleGet'> =>
  () =>
    showRule(deps)

async function showRule({ db, clock }: BreakGlassDeps) {
  const now = clock.now()
  const { rule, totpAdmitted, updatedAt, updatedBy } = await readRule(db)
  const [setter] = updatedBy === null ? [] : await selectVoters(db, { ids: [updatedBy], now })
  const few = await tooFew(db, now)
  return {
    rule: { ...rule } as Record<string, unknown>, // plain JSON of its own shape
    totpAdmitted,
    updatedAt,
    updatedBy: setter?.username ?? updatedBy,
    satisfiable: few === null,
    problem: few?.problem ?? null,
  }
}

/** Changes the rule, by a second Admin's yes to exactly this one. */
export const breakGlassRuleSet = (deps: BreakGlassDeps): Handler<'breakGlass.ruleSet'> => {
  const secondPerson = createSecondPerson(deps)
  return async (permit) => {
    const { totpAdmitted, reason } = permit.input
    const parsed = parseRule(permit.input.rule)
    if ('problem' in parsed) throw invalidField('rule', parsed.problem)
    const few = await whyMetByNobody(deps.db, { rule: parsed.rule, totpAdmitted }, deps.clock.now())
    if (few !== null) throw invalidField('rule', few)
    const content = canonical({ rule: JSON.parse(JSON.stringify(parsed.rule)), totpAdmitted }) // plain JSON
    // what is approved is this very rule, which the approver reads as what it is done to
    const call = {
      action: 'breakGlass.ruleSet',
      resource: { type: 'System', id: content },
      resourceName: content,
      reason,
    } as const
    await secondPerson.change(permit, call, (tx) =>
      upsertRule(tx, {
        rule: JSON.stringify(parsed.rule),
        totp_admitted: totpAdmitted,
        updated_at: deps.clock.now(),
        updated_by: callingPerson(permit).id,
      }),
    )
    return showRule(deps)
  }
}
