import {
  statefulIsAuthorized,
  policyToJson,
  preparsePolicySet,
  type StatefulAuthorizationCall,
} from '@cedar-policy/cedar-wasm/nodejs'
import { operationNames, operations } from '@gatehouse/contract'
import type { DecisionRequest } from '@gatehouse/enforcement'
import { sampleOf } from '@gatehouse/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compiled, handClock, heardAlerts, operatorSigns, policy, prepared } from '../test/policy-texts.ts'
import { createDecider } from './decider.ts'
import { textsById } from './policy-set.ts'
import { createSlots, preparePolicySet, type PreparedSet } from './prepared-set.ts'
import { requestIn } from './situation.ts'

const permitAll = policy('permit-all', 'permit (principal, action, resource);')
const request = requestIn(operatorSigns)

const decidingBy = (set: PreparedSet) => {
  const [alerts, clock] = [heardAlerts(), handClock()]
  return { alerts, clock, decider: createDecider({ current: () => set, alerts, clock }) }
}

// Threat C6: the hierarchy of groups comes from the schema; without it a forbid on a group vanishes and Cedar says
// allow.
describe('a forbid on a group of actions', () => {
  const text =
    permitAll +
    policy('no-writes', 'forbid (principal in Role::"Operator", action in Action::"writeActions", resource);')

  test('denies, and is named', async () => {
    const { decider, alerts } = decidingBy(await prepared(text))
    expect(decider.decide(request)).toEqual({ effect: 'deny', policies: ['no-writes'], version: 'test' })
    expect(alerts.told).toEqual([])
  })

  test('would be lost by a decision made without the schema: this is what the test above catches', async () => {
    preparsePolicySet('without-schema', { staticPolicies: textsById((await compiled(text)).policies) })
    // the same JSON; only `readonly` differs between our types and Cedar's
    const call = {
      ...structuredClone(request),
      action: { type: 'Action', id: request.action },
      preparsedPolicySetId: 'without-schema',
    } as StatefulAuthorizationCall
    const answer = statefulIsAuthorized(call)
    expect(answer.type === 'success' && answer.response.decision).toBe('allow')
  })

  test('leaves what is outside the group alone', async () => {
    const { decider } = decidingBy(await prepared(text))
    expect(decider.decide(requestIn({ ...operatorSigns, call: 'sshHost.get' })).effect).toBe('allow')
  })
})

// Threat C6: Cedar skips a policy that errs, so a forbid that errs would leave an allow.
describe('an error in a policy', () => {
  const text =
    permitAll +
    policy(
      'no-production',
      'forbid (principal, action, resource is SshHost) when { resource.workspace.tier == "production" };',
    )
  const torn: DecisionRequest = { ...request, entities: request.entities.filter(({ uid }) => uid.type !== 'Workspace') }

  test('denies although a permit holds, and alerts', async () => {
    const { decider, alerts } = decidingBy(await prepared(text))
    expect(decider.decide(request).effect).toBe('allow')
    expect(decider.decide(torn)).toEqual({ effect: 'deny', policies: [], version: 'test', erred: ['no-production'] })
    expect(alerts.told).toMatchObject([
      {
        kind: 'policy-error',
        detail: { action: 'sshCertificate.sign', errors: [expect.stringContaining('no-production')] },
      },
    ])
  })

  test('is told once a minute, not once a request', async () => {
    const { decider, alerts, clock } = decidingBy(await prepared(text))
    for (let turn = 0; turn < 50; turn += 1) decider.decide(torn)
    expect(alerts.told).toHaveLength(1)
    clock.forwardSeconds(61)
    decider.decide(torn)
    expect(alerts.told).toHaveLength(2)
  })
})

describe('a request that does not fit the schema is denied and told', () => {
  const cases: Readonly<Record<string, DecisionRequest>> = {
    'an action that is not declared': { ...request, action: 'lease.steal' as never },
    'a resource of another type': { ...request, resource: { type: 'System', id: 'gatehouse' } },
    'a principal of another type': { ...request, principal: { type: 'Anonymous', id: 'anonymous' } },
    'a fact too many': { ...request, context: { ...request.context, admin: true } },
    'a fact too few': { ...request, context: {} },
    'a fact of another type': { ...request, context: { ...request.context, mfaFresh: 'true' } },
    'a role that does not exist': {
      ...request,
      entities: request.entities.map((entity) =>
        entity.uid.type === 'User' ? { ...entity, parents: [{ type: 'Role', id: 'Root' }] } : entity,
      ),
    },
    'an entity without its attributes': {
      ...request,
      entities: request.entities.map((entity) => (entity.uid.type === 'SshHost' ? { ...entity, attrs: {} } : entity)),
    },
  }

  test.each(Object.entries(cases))('%s', async (_name, odd) => {
    const { decider, alerts } = decidingBy(await prepared(permitAll))
    expect(decider.decide(request).effect).toBe('allow')
    expect(decider.decide(odd)).toMatchObject({ effect: 'deny', policies: [] })
    expect(alerts.told).toHaveLength(1)
  })
})

test('an engine that throws denies and is told', () => {
  const alerts = heardAlerts()
  const decider = createDecider({
    current: () => {
      throw new RangeError('unreachable')
    },
    alerts,
    clock: handClock(),
  })
  expect(decider.decide(request)).toEqual({ effect: 'deny', policies: [], version: '' })
  expect(alerts.told).toMatchObject([{ kind: 'policy-error', detail: { errors: ['the engine failed: unreachable'] } }])
})

// Threat C7: the binding rounds what JSON cannot hold, and 2^53 + 1 would pass where 2^53 is the limit.
describe('numbers', () => {
  const withTtl = (ttlSeconds: number): DecisionRequest => ({ ...request, context: { ...request.context, ttlSeconds } })

  test('are compared as 64-bit integers compare, or refused', async () => {
    const limit = 2n ** 53n - 1n
    const { decider } = decidingBy(
      await prepared(
        policy(
          'short',
          'permit (principal, action == Action::"sshCertificate.sign", resource) ' +
            `when { context.ttlSeconds < ${limit} };`,
        ),
      ),
    )
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(Number), fc.double()),
        (ttl) => {
          const isAllowed = Number.isSafeInteger(ttl) && BigInt(ttl) < limit
          return (decider.decide(withTtl(ttl)).effect === 'allow') === isAllowed
        },
      ),
      { numRuns: 300 },
    )
  })

  test.each([2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    '%d is refused and told',
    async (ttl) => {
      const { decider, alerts } = decidingBy(await prepared(permitAll))
      expect(decider.decide(withTtl(ttl)).effect).toBe('deny')
      expect(alerts.told).toMatchObject([{ detail: { errors: ['`context.ttlSeconds` is not an integer below 2^53'] } }])
    },
  )

  test('are found in entities and inside sets and records, too', async () => {
    const { decider } = decidingBy(await prepared(permitAll))
    const entities = request.entities.map((entity) => ({
      ...entity,
      attrs: { ...entity.attrs, deep: [{ deeper: 2 ** 60 }] },
    }))
    expect(decider.decide({ ...request, entities }).effect).toBe('deny')
  })
})

/** A set is prepared for each operation, and each is asked about all; a part of them each day takes one second. */
const permittedOneIn = 48

const everyPairMilliseconds = 240_000

// Threat C3: the right check on the wrong action.
test(
  'a policy that permits one action lets exactly that one through',
  async () => {
    const slots = createSlots()
    const one = await compiled(permitAll)
    for (const permitted of sampleOf(operationNames, permittedOneIn)) {
      const text = policy('permit-all', `permit (principal, action == Action::"${permitted}", resource);`)
      const parsed = policyToJson(text)
      if (parsed.type === 'failure') throw new TypeError('the policy of this test is no policy')
      const policies = one.policies.map((facts) => ({ ...facts, text, json: parsed.json }))
      const set = preparePolicySet({ set: { ...one, policies }, slots })
      const through = operationNames.filter(
        (call) =>
          set.evaluate(
            requestIn({ ...operatorSigns, call, caller: operations[call].internal === true ? 'worker' : 'Admin' }),
          ).effect === 'allow',
      )
      expect(through).toEqual([permitted])
    }
  },
  everyPairMilliseconds,
)
