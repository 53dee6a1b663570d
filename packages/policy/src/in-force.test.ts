import { expect, test } from 'vitest'
import { createInForce } from './in-force.ts'
import { loadPolicies, requestIn } from './offline.ts'
import type { PolicySet } from './policy-set.ts'

const clock = { now: () => new Date('2026-11-23T10:00:00Z') }
const read = requestIn({
  caller: 'Admin',
  call: 'user.list',
  whose: 'own',
  tier: 'development',
  assurance: 'mfa',
  ownOnly: false,
  enrolled: true,
  at: clock.now(),
})

test('sets that the engine refuses, however many in a row, leave the one in force as it is (threat C8)', async () => {
  const { set } = await loadPolicies('policies')
  const inForce = createInForce({ first: set, node: 'one', clock })
  const before = inForce.prepared().evaluate(read)
  expect(before).toMatchObject({ effect: 'allow', errors: [] })
  for (const version of ['bad-1', 'bad-2', 'bad-3']) {
    // the checking thread would not let it through; a newer engine or a defect of it may
    const broken: PolicySet = {
      ...set,
      version,
      schema: 'entity User; action "x" appliesTo { principal: User, resource: User };',
      policies: set.policies.map((policy) => ({ ...policy, text: 'permit (' })),
    }
    const event = inForce.take({ kind: 'valid', content: version, set: broken, bundle: null })
    expect(event?.name).toBe('policy.reloadRefused')
    expect(inForce.prepared().set.version).toBe(set.version)
    expect(inForce.prepared().evaluate(read)).toEqual(before)
  }
  const next = { ...set, version: 'good' }
  expect(inForce.take({ kind: 'valid', content: 'good', set: next, bundle: null })?.name).toBe('policy.reloaded')
  expect(inForce.prepared().evaluate(read)).toEqual(before)
})
