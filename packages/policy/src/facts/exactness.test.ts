import { randomUUID } from 'node:crypto'
import {
  isAuthorized,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  schemaToJsonWithResolvedTypes,
  statefulIsAuthorized,
  type AuthorizationAnswer,
  type StatefulAuthorizationCall,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { DecisionRequest } from '@gatehouse/enforcement'
import { testSeed, volume } from '@gatehouse/testkit'
import { describe, expect, test } from 'vitest'
import { chanceOf, type Chance } from '../../test/generated/chance.ts'
import { policyBy } from '../../test/generated/policies.ts'
import { neighbourOf, oddOf, requestBy } from '../../test/generated/requests.ts'
import { generatedSchema } from '../../test/generated/schema.ts'
import { textsById, type PolicySet } from '../policy-set.ts'
import { createSlots, preparePolicySet, type Evaluation, type PreparedSet, type Slots } from '../prepared-set.ts'
import { entitiesByUid } from './entities-by-uid.ts'
import { modelOf, type ResolvedSchema } from './schema-model.ts'
import { areSurelyValid, isSurelyValid } from './surely-valid.ts'

const schemaJson = ((): ResolvedSchema => {
  const answer = schemaToJsonWithResolvedTypes(generatedSchema)
  if (answer.type === 'failure') throw new TypeError(answer.errors.map(({ message }) => message).join('\n'))
  return answer.json
})()

/** The engine's places are never freed: one pair for ours and one for the peer. */
const slots: Slots = createSlots()
const peer = randomUUID()

/** Policies as they come, also such that would not validate: those err most. */
function setBy(chance: Chance): PolicySet {
  const policies = Array.from({ length: 4 + chance.below(20) }, (_, number) => {
    const text = policyBy(chance)
    const parsed = policyToJson(text)
    if (parsed.type === 'failure') throw new TypeError(`${text}: ${parsed.errors[0]?.message}`)
    const id = `p${number}`
    return { id, effect: parsed.json.effect, doc: '', severity: '', file: '', line: 1, text, json: parsed.json }
  })
  return {
    version: 'test',
    schemaVersion: 'test',
    schema: generatedSchema,
    schemaJson,
    policies,
    files: [],
    manifest: null,
    warnings: [],
  }
}

const callOf = (request: DecisionRequest): StatefulAuthorizationCall =>
  ({
    ...request,
    action: { type: 'Action', id: request.action },
    preparsedSchemaName: peer,
    preparsedPolicySetId: peer,
    validateRequest: true,
  }) as unknown as StatefulAuthorizationCall // the same JSON; only `readonly` differs

/** What the bare engine says, in our words. */
function said(answer: AuthorizationAnswer): Evaluation {
  if (answer.type === 'failure')
    return { effect: 'deny', policies: [], errors: answer.errors.map(({ message }) => inNoOrder(message)) }
  const { decision, diagnostics } = answer.response
  return {
    effect: decision,
    policies: [...diagnostics.reason].sort(),
    errors: diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`).sort(),
  }
}

/** Of a circle of parents the engine names the entity that it came upon first, which is another one each time. */
const inNoOrder = (error: string): string => error.replace(/ containing vertex .*/s, ' containing some vertex')

const anyOrder = (evaluation: Evaluation): Evaluation => ({ ...evaluation, errors: evaluation.errors.map(inNoOrder) })

const bare = (request: DecisionRequest): Evaluation => said(statefulIsAuthorized(callOf(request)))

const plain = (set: PolicySet, request: DecisionRequest): Evaluation => {
  const { preparsedPolicySetId: _set, preparsedSchemaName: _schema, ...call } = callOf(request)
  const policies = { staticPolicies: textsById(set.policies) }
  return said(isAuthorized({ ...call, schema: generatedSchema, policies }))
}

interface Round {
  readonly set: PolicySet
  readonly ours: PreparedSet
  readonly requests: readonly DecisionRequest[]
}

/** A set of policies, and requests to it: some alike but for one thing, some odd, many twice. */
function roundBy(chance: Chance, requestsTotal: number): Round {
  const set = setBy(chance)
  preparseSchema(peer, generatedSchema)
  preparsePolicySet(peer, { staticPolicies: textsById(set.policies) })
  const requests: DecisionRequest[] = []
  for (let request = requestBy(chance); requests.length < requestsTotal;) {
    requests.push(request)
    if (chance.once(12)) request = requestBy(chance)
    else if (chance.once(8)) requests.push(oddOf(chance, request))
    else request = neighbourOf(chance, request)
  }
  return { set, ours: preparePolicySet({ set, slots, sliceAfter: chance.pick([0, 0, 0, 3]) }), requests }
}

/** Refused before the engine, which would round the number or break at the text: nothing to compare. */
const isOurs = ({ errors }: Evaluation): boolean =>
  errors.some((error) => / is not (?:an integer below 2\^53|well-formed text)$/.test(error))

// The binding throws from within, and each throw costs some of its stack: unguarded, the engine would be gone for all.
test('a flood of text that is none leaves the engine as it was', () => {
  const chance = chanceOf(testSeed())
  const { ours } = roundBy(chance, 0)
  const good = requestBy(chance)
  const before = bare(good)
  for (let turn = 0; turn < 5_000; turn += 1) {
    const { errors } = ours.evaluate({ ...good, principal: { type: 'User', id: `\ud800${turn}` } })
    expect(errors).toEqual(['an id is not well-formed text'])
  }
  expect(ours.evaluate(good)).toEqual(before)
  expect(bare(good)).toEqual(before)
})

const rounds = volume({ full: 400, sample: 3 })
const requestsPerRound = 260

// Acceptance: what is remembered, and what is asked of a slice, is what the whole engine says.
describe('decisions, reasons and errors', () => {
  test(`are those of the whole set, hits and misses alike (${rounds * requestsPerRound} requests)`, () => {
    const counts = { asked: 0, hits: 0, allowed: 0, named: 0, erring: 0 }
    for (let round = 0; round < rounds; round += 1) {
      const seed = testSeed() * 100_003 + round
      const chance = chanceOf(seed)
      const { ours, requests } = roundBy(chance, requestsPerRound)
      const seen = new Set<Evaluation>()
      for (const [index, request] of requests.entries()) {
        const first = ours.evaluate(request)
        if (isOurs(first)) continue
        const where = `seed ${seed}, request ${index}`
        const expected = bare(request)
        expect({ where, ...anyOrder(first) }).toEqual({ where, ...expected })
        // once more: now from memory, unless it erred
        const again = ours.evaluate(request)
        expect({ where, ...anyOrder(again) }).toEqual({ where, ...expected })
        counts.asked += 1
        counts.hits += seen.has(first) ? 1 : 0 // the very object that another request was answered with
        seen.add(first)
        counts.allowed += expected.effect === 'allow' ? 1 : 0
        counts.named += expected.policies.length > 0 ? 1 : 0
        counts.erring += expected.errors.length > 0 ? 1 : 0
      }
    }
    // a comparison that meets no hits, no permits or no errors compares nothing
    expect(counts.hits).toBeGreaterThan(counts.asked / 50)
    expect(counts.allowed).toBeGreaterThan(counts.asked / 20)
    expect(counts.named).toBeGreaterThan(counts.asked / 10)
    expect(counts.erring).toBeGreaterThan(counts.asked / 20)
  })

  const plainRequests = volume({ full: 1_200, sample: 60 })

  test(`are those of plain isAuthorized (${plainRequests} requests)`, () => {
    for (let asked = 0, round = 0; asked < plainRequests; round += 1) {
      const chance = chanceOf(testSeed() * 7_919 + round)
      const { set, ours, requests } = roundBy(chance, 20)
      for (const request of requests) {
        const first = ours.evaluate(request)
        if (isOurs(first)) continue
        expect(anyOrder(first)).toEqual(plain(set, request))
        asked += 1
      }
    }
  })
})

// INVARIANT: a look-up never answers what the engine would have refused.
test('what is surely valid is taken by the engine, and most of what it takes is surely valid', () => {
  const model = modelOf(schemaJson)
  if (model === null) throw new TypeError('the schema is understood')
  const isSure = (request: DecisionRequest): boolean =>
    areSurelyValid(model, request.entities, entitiesByUid(request.entities)) && isSurelyValid(model, request)
  const chance = chanceOf(testSeed())
  const { ours } = roundBy(chance, 0)
  preparsePolicySet(peer, { staticPolicies: { one: 'permit (principal, action, resource);' } })
  // no policy errs here: an error is the engine's refusal
  const isTaken = (request: DecisionRequest): boolean => bare(request).errors.length === 0
  const counts = { fitting: 0, odd: 0 }
  for (let turn = 0; turn < volume({ full: 20_000, sample: 300 }); turn += 1) {
    const request = requestBy(chance)
    expect(isTaken(request)).toBe(true)
    expect(isSure(request)).toBe(true)
    const odd = oddOf(chance, request)
    // what is refused before the engine must not reach it here either
    if (isOurs(ours.evaluate(odd))) expect(isSure(odd)).toBe(false)
    else if (isSure(odd)) expect({ turn, odd, isTaken: isTaken(odd) }).toMatchObject({ isTaken: true })
    else counts.odd += 1
    counts.fitting += 1
  }
  expect(counts.odd).toBeGreaterThan(counts.fitting / 2)
})
