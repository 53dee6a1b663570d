import type { DecisionRequest } from '@gatehouse/enforcement'
import { beforeAll, describe, expect, test } from 'vitest'
import { compiled, policy, shippedPolicies } from '../../test/policy-texts.ts'
import { believedDecision, deciderOn } from '../decider.ts'
import { loadPolicies, type OfflinePolicies } from '../offline.ts'
import { platformQuestion } from '../platform-cases.ts'
import { platformRequest, type PlatformQuestion } from '../platform.ts'
import { createSlots, preparePolicySet } from '../prepared-set.ts'
import { conditionTexts } from './condition-texts.ts'
import { explainRequest, type Explanation } from './explain-request.ts'
import { partsOf } from './policy-parts.ts'
import { waysToAllow } from './ways-to-allow.ts'

let shipped: OfflinePolicies
beforeAll(async () => {
  shipped = await loadPolicies(shippedPolicies)
})

const night = new Date('2026-11-25T23:00:00Z')
const questionOf = (change: Partial<PlatformQuestion>, as: 'su' | 'mfa' | 'pw' = 'mfa'): PlatformQuestion => ({
  ...platformQuestion('Operator', { do: 'ssh', on: 'Server', tier: 'production', as }),
  ...change,
})

async function explained(question: PlatformQuestion): Promise<Explanation & { readonly ways: readonly string[] }> {
  const request = platformRequest(question)
  const decides = (asked: typeof request): boolean =>
    believedDecision(shipped.prepared.evaluate(asked)).effect === 'allow'
  const decision = believedDecision(shipped.prepared.evaluate(request))
  return {
    ...explainRequest(shipped.prepared, request, decision),
    ways: (
      await waysToAllow(request, { decides, place: question.workspace.place ?? null, step: () => Promise.resolve() })
    ).map(({ words }) => words),
  }
}

describe('an explanation', () => {
  test('has each condition of the policies that decided, in their own text, as Cedar evaluates it', async () => {
    const { decided } = await explained(questionOf({ now: night }))
    expect(decided.map(({ clause, text, holds, met }) => [clause, text, holds, met])).toEqual([
      ['action', 'action in [Action::"ssh", Action::"execute"]', true, true],
      ['when', 'resource.environment.tier == "production"', true, true],
      ['when', '(context.localHour < 6 || context.localHour >= 22)', true, true],
      ['unless', 'context.onCall', false, true],
      ['unless', 'context has emergency', false, true],
    ])
  })

  test('says what would make it allow, each way tried, the fewest things first', async () => {
    expect((await explained(questionOf({ now: night }))).ways.slice(0, 2)).toEqual([
      'do it between mon-fri 08:00-18:00 UTC',
      'be on call there',
    ])
    expect((await explained(questionOf({}, 'pw'))).ways).toContain('prove a second factor now')
    const developer = platformQuestion('Developer', { do: 'deploy', on: 'Cluster', tier: 'production', as: 'mfa' })
    expect((await explained(developer)).ways).toContain('an approval of this very call by an Operator, with a ticket')
    const viewer = {
      ...platformQuestion('Viewer', { do: 'create', on: 'Server', tier: 'production', as: 'pw' }),
      now: night,
    }
    expect((await explained(viewer)).ways).toContain(
      'prove a second factor now, and do it between mon-fri 08:00-18:00 UTC, ' +
        'and have the role Operator instead of Viewer',
    )
  })

  test('names the permits that come nearest to what none permits, and the condition that each misses', async () => {
    const question = platformQuestion('Viewer', {
      do: 'read',
      on: 'Secret',
      tier: 'development',
      as: 'mfa',
      properties: { classification: 'internal' },
    })
    const { decided, nearest, conditions } = await explained(question)
    expect(decided).toEqual([])
    expect(nearest.map(({ id }) => id)).toContain('operator-uses-secrets')
    const missing = conditions.filter(({ policy: one, met }) => one === 'operator-uses-secrets' && !met)
    expect(missing.map(({ clause, text }) => [clause, text])).toEqual([['principal', 'principal in Role::"Operator"']])
  })

  test('leaves open what cannot be said because something before it does not hold', async () => {
    const text = policy(
      'owners',
      'permit (principal, action == Action::"lease.get", resource is Lease)\n' +
        'when { resource has owner && resource.owner == principal };',
    )
    const set = await compiled(text)
    const request: DecisionRequest = {
      principal: { type: 'User', id: 'u' },
      action: 'lease.get',
      resource: { type: 'Lease', id: 'l' },
      context: platformRequest(questionOf({})).context,
      entities: [
        { uid: { type: 'User', id: 'u' }, attrs: { hasAuthenticator: true }, parents: [] },
        {
          uid: { type: 'Lease', id: 'l' },
          attrs: { backend: 'b', workspace: { __entity: { type: 'Workspace', id: 'w' } } },
          parents: [],
        },
      ],
    }
    const { force: _force, justification: _why, ...context } = request.context
    const prepared = preparePolicySet({ set, slots: createSlots() })
    const { conditions } = explainRequest(prepared, { ...request, context }, { effect: 'deny', policies: [] })
    expect(conditions.filter(({ clause }) => clause === 'when').map(({ text: said, holds }) => [said, holds])).toEqual([
      ['resource has owner', false],
      ['resource.owner == principal', null],
    ])
  })

  test('of text that is none says nothing, and does not reach the engine with it', () => {
    const request = { ...platformRequest(questionOf({})), action: 'ssh\ud800' }
    for (let round = 0; round < 2000; round += 1)
      expect(explainRequest(shipped.prepared, request, { effect: 'deny', policies: [] }).decided).toEqual([])
    expect(shipped.prepared.evaluate(platformRequest(questionOf({}))).errors).toEqual([])
  })

  test('tells every condition of the shipped policies by its own text', () => {
    for (const one of shipped.set.policies) {
      for (const { clause, text } of partsOf(one)) {
        if (clause === 'when' || clause === 'unless')
          expect(one.text.replaceAll(/\s+/g, ' '), `${one.id}: ${text}`).toContain(text)
        expect(text).not.toBe('')
      }
    }
  })
})

test('an `unless` of several parts is told part by part, and is met as soon as one of them does not hold', async () => {
  const text =
    'permit (principal, action == Action::"ssh", resource is Server)\n' +
    'unless { context.mfa && (context.onCall) || (context.force && context.weekend) };'
  const own = preparePolicySet({ set: await compiled(policy('p', text)), slots: createSlots() })
  const parts = (change: Partial<PlatformQuestion>) => {
    const request = platformRequest(questionOf(change))
    const { conditions } = explainRequest(own, request, believedDecision(own.evaluate(request)))
    return conditions.flatMap(({ clause, text: said, holds, met }) => (clause === 'unless' ? [[said, holds, met]] : []))
  }
  expect(parts({})).toEqual([
    ['context.mfa', true, true],
    ['(context.onCall)', false, true],
    ['context.force', false, true],
    ['context.weekend', false, true],
  ])
  const forced = { ...questionOf({}).claims, force: true }
  expect(parts({ claims: forced, now: new Date('2026-11-28T12:00:00Z') }).slice(2)).toEqual([
    ['context.force', true, false],
    ['context.weekend', true, false],
  ])
})

test('conditions are told apart where strings and comments hold brackets and operators', () => {
  const [one, two] = conditionTexts(
    'permit (principal, action, resource) when { a.b == "}&&{" && // not } here && there\n (c || d) }\n' +
      'unless { e || f };',
  )
  expect(one?.split('&&')).toEqual(['a.b == "}&&{"', '(c || d)'])
  expect(two?.split('||')).toEqual(['e', 'f'])
  expect(two?.whole).toBe('e || f')
})

// Threat C6: a deny because a policy errs looked like one that no policy permits
test('a policy that errs is told part by part, with the part that cannot be evaluated', async () => {
  const text = `${policy('p', 'permit (principal, action == Action::"ssh", resource is Server);')}${policy(
    'f',
    'forbid (principal, action == Action::"ssh", resource) when { context.localHour * 9223372036854775807 > 1 };',
  )}`
  const own = preparePolicySet({ set: await compiled(text), slots: createSlots() })
  const request = platformRequest(questionOf({}))
  const decision = deciderOn(own).decide(request)
  expect(decision).toMatchObject({ effect: 'deny', policies: [], erred: ['f'] })
  const { decided } = explainRequest(own, request, decision)
  expect(decided.map(({ policy: id, clause, holds }) => [id, clause, holds])).toEqual([
    ['f', 'action', true],
    ['f', 'when', null],
  ])
})
