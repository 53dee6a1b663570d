// Threat D2: nobody decides what he asked for, nor says yes to what is about himself, by whatever role.
import { fileURLToPath } from 'node:url'
import { roles } from '@gatehouse/contract'
import { ref } from '@gatehouse/enforcement'
import { expect, test } from 'vitest'
import { loadPolicies } from './offline.ts'
import { requestIn } from './situation.ts'

const { decider } = await loadPolicies(fileURLToPath(new URL('../../../policies', import.meta.url)))

/** What is decided when the caller is whom the approval is about. */
function decideOnOneself(call: 'approval.approve' | 'approval.deny') {
  const asked = requestIn({
    caller: 'Admin',
    call,
    whose: 'foreign',
    tier: 'development',
    assurance: 'su',
    ownOnly: false,
    enrolled: true,
    at: new Date('2026-11-25T12:00:00Z'),
  })
  const entities = asked.entities.map((entity) =>
    entity.uid.type === 'Approval'
      ? { ...entity, attrs: { ...entity.attrs, subject: ref('User', asked.principal.id) } }
      : entity,
  )
  return decider.decide({ ...asked, entities })
}

test('who an approval is about cannot say yes to it, and can say no', () => {
  expect(decideOnOneself('approval.approve')).toMatchObject({ effect: 'deny', policies: ['approval-not-of-oneself'] })
  expect(decideOnOneself('approval.deny')).toMatchObject({ effect: 'allow' })
})

test("whatever the role, one's own request is not approved", () => {
  for (const caller of roles) {
    const decision = decider.decide(
      requestIn({
        caller,
        call: 'approval.approve',
        whose: 'own',
        tier: 'development',
        assurance: 'su',
        ownOnly: false,
        enrolled: true,
        at: new Date('2026-11-25T12:00:00Z'),
      }),
    )
    expect([decision.effect, decision.policies.includes('approval-by-another')]).toEqual(['deny', true])
  }
})
