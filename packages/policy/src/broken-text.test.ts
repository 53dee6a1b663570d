// Half a surrogate pair makes the engine's binding throw from within; some 1,500 throws later it answers nobody.
// Wherever text is handed to it, such text is refused first.
import { expect, test } from 'vitest'
import { policy, shippedPolicies } from '../test/policy-texts.ts'
import { compilePolicySet } from './policy-set.ts'
import { PolicyError } from './policy-problem.ts'
import { readPolicySource, sourceOf } from './policy-source.ts'
import { createSlots, preparePolicySet } from './prepared-set.ts'
import { requestIn } from './situation.ts'
import { operatorSigns } from '../test/policy-texts.ts'

const half = '\ud800'
const rounds = 2000

test('text that is none never reaches the engine, and the engine answers on', async () => {
  const { schemas, policies } = await readPolicySource(shippedPolicies)
  const set = compilePolicySet(sourceOf([...schemas, ...policies], 'shipped'))
  const prepared = preparePolicySet({ set, slots: createSlots() })
  const request = requestIn(operatorSigns)
  const broken = [
    { ...request, action: `${request.action}${half}` },
    { ...request, principal: { ...request.principal, id: half } },
    { ...request, resource: { ...request.resource, type: `Ssh${half}` } },
    { ...request, context: { ...request.context, [half]: true } },
    { ...request, context: { ...request.context, dayOfWeek: half } },
    { ...request, entities: [...request.entities, { uid: { type: 'User', id: half }, attrs: {}, parents: [] }] },
    {
      ...request,
      entities: [...request.entities, { uid: { type: 'User', id: 'u' }, attrs: { [half]: 1 }, parents: [] }],
    },
  ]
  for (let round = 0; round < rounds; round += 1) {
    for (const one of broken) expect(prepared.evaluate(one).errors).toHaveLength(1)
    const file = { file: 'a.cedar', text: policy('a', `permit (principal, action, resource == User::"${half}");`) }
    expect(() => compilePolicySet(sourceOf([file], 'broken'))).toThrow(PolicyError)
    expect(() => compilePolicySet(sourceOf([{ file: 'a.cedarschema', text: half }], 'broken'))).toThrow(PolicyError)
  }
  expect(prepared.evaluate(request)).toMatchObject({ effect: 'allow', errors: [] })
  expect(compilePolicySet(sourceOf([...schemas, ...policies], 'shipped')).version).toBe(set.version)
})
