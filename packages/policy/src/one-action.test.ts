import { operationNames, operations } from '@gatehouse/contract'
import type { DecisionRequest } from '@gatehouse/enforcement'
import { sampleOf } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { compiled } from '../test/policy-texts.ts'
import { textsById } from './policy-set.ts'
import { createSlots, preparePolicySet } from './prepared-set.ts'
import { requestIn, type CallerName } from './situation.ts'

// Threat C3: the right check for the wrong action. Enforcement asks for the operation by its own name, so a policy that
// permits one action must let exactly that operation through, and no other.

const noon = new Date('2026-11-25T12:00:00Z')

const callerOf = (name: (typeof operationNames)[number]): CallerName => {
  const { principals } = operations[name].authorize
  if (principals.includes('User')) return 'Admin'
  return principals.includes('Service') ? 'worker' : 'Anonymous'
}

const requests = operationNames.map((call) =>
  requestIn({
    caller: callerOf(call),
    call,
    whose: 'own',
    tier: 'development',
    assurance: 'su',
    ownOnly: false,
    enrolled: true,
    at: noon,
  }),
)

/** Every third operation in one set: the others must be denied by it, whatever noun or group they share. */
test.each([0, 1, 2])('N × N: permits of single actions let exactly those operations through (set %i)', async (turn) => {
  const permitted = operationNames.filter((_, index) => index % 3 === turn)
  const text = permitted
    .map(
      (name, index) =>
        `@id("p${index}")\n@doc("permits ${name} and nothing else")\n@severity("low")\n` +
        `permit (principal, action == Action::"${name}", resource);`,
    )
    .join('\n')
  const set = await compiled(text)
  expect(Object.keys(textsById(set.policies))).toHaveLength(permitted.length)
  const expectEach = (all: readonly DecisionRequest[], options: { readonly sliceAfter?: number } = {}): void => {
    const { evaluate } = preparePolicySet({ set, slots: createSlots(), ...options })
    for (const request of all) {
      const { effect, policies, errors } = evaluate(request)
      const own = permitted.findIndex((name) => name === request.action)
      expect([request.action, errors, effect, policies]).toEqual(
        own < 0 ? [request.action, [], 'deny', []] : [request.action, [], 'allow', [`p${own}`]],
      )
    }
  }
  expectEach(requests)
  // what is asked often is asked of the few policies whose scope can meet it: which those are is another's work
  const asked = sampleOf([0, 1, 2], 3).includes(turn) ? sampleOf(requests, 25) : []
  if (asked.length > 0) expectEach(asked, { sliceAfter: 0 })
})
