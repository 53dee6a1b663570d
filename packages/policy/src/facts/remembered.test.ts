import { statefulIsAuthorized, preparsePolicySet, preparseSchema } from '@cedar-policy/cedar-wasm/nodejs'
import { ref, type DecisionRequest } from '@gatehouse/enforcement'
import { testSeed, volume } from '@gatehouse/testkit'
import { describe, expect, test } from 'vitest'
import { compiled, operatorSigns, policy, prepared, shippedPolicies } from '../../test/policy-texts.ts'
import { chanceOf } from '../../test/generated/chance.ts'
import { loadPolicies } from '../offline.ts'
import { readPolicyCases } from '../policy-cases.ts'
import { createSlots, preparePolicySet, type Evaluation, type PreparedSet } from '../prepared-set.ts'
import { ownerships, requestIn, type Situation } from '../situation.ts'
import { createMemory } from './decision-memory.ts'

const request = requestIn(operatorSigns)
const inContext = (more: DecisionRequest['context']): DecisionRequest => ({
  ...request,
  context: { ...request.context, ...more },
})
const sign = 'principal, action == Action::"sshCertificate.sign", resource'

/** Whether the second answer is the very one that the first request was given. */
const isRemembered = (set: PreparedSet, first: DecisionRequest, second: DecisionRequest): boolean => {
  const answer = set.evaluate(first)
  return set.evaluate(second) === answer
}

const later = requestIn({ ...operatorSigns, at: new Date(operatorSigns.at.getTime() + 3 * 3_600_000) })
const renamed = (id: string): DecisionRequest => ({
  ...request,
  principal: { type: 'User', id },
  entities: request.entities.map((one) => (one.uid.type === 'User' ? { ...one, uid: { type: 'User', id } } : one)),
})

describe('a decision is remembered by the facts that the policies of its action can read, and by those alone', () => {
  test.each([
    ['time, which no policy reads', 'permit', '', later],
    [
      'another address',
      'permit',
      'when { context.mfa }',
      inContext({ ip: { __extn: { fn: 'ip', arg: '198.51.100.7' } } }),
    ],
    ['another person in the same role', 'permit', 'when { principal in Role::"Operator" }', renamed('another')],
    ['a policy of another action that reads time', 'permit', '', later],
  ])('%s does not count', async (_name, effect, condition, second) => {
    const other = policy(
      'other',
      'forbid (principal, action == Action::"user.get", resource) when { context.hour > 3 };',
    )
    expect(
      isRemembered(await prepared(policy('one', `${effect} (${sign}) ${condition};`) + other), request, second),
    ).toBe(true)
  })

  test.each([
    ['the hour', 'context.hour < 14', later],
    ['the instant', 'context.now < datetime("2026-11-25T13:00:00Z")', later],
    ['who it is', 'principal == User::"another"', renamed('another')],
    ['a team of theirs', 'principal in Team::"more"', withParent('Team', 'more')],
    ['a role of theirs', 'principal in Role::"Admin"', withParent('Role', 'Admin')],
    [
      'what an attribute leads to',
      'resource.workspace.tier == "production"',
      requestIn({ ...operatorSigns, tier: 'production' }),
    ],
    ['an attribute of the input', 'context.login == "root"', inContext({ login: 'root' })],
    ['the whole context', '[context].contains(context) && context.hour == 12', later],
  ])('%s counts where a policy reads it, and changes the decision', async (_name, condition, second) => {
    const set = await prepared(policy('one', `permit (${sign}) when { ${condition} };`))
    const [first, then] = [set.evaluate(request), set.evaluate(second)]
    expect(then).not.toBe(first)
    expect(then.effect).not.toBe(first.effect)
  })

  test('an attribute that is missing is another fact than any value of it', async () => {
    const key = requestIn({ ...operatorSigns, call: 'sshKey.get', whose: 'own' })
    const without: DecisionRequest = {
      ...key,
      entities: key.entities.map((one) =>
        one.uid.type === 'SshKey' ? { ...one, attrs: { workspace: ref('Workspace', 'workspace') } } : one,
      ),
    }
    const set = await prepared(
      policy('one', 'permit (principal, action == Action::"sshKey.get", resource) when { resource has owner };'),
    )
    expect(set.evaluate(key).effect).toBe('allow')
    expect(set.evaluate(without).effect).toBe('deny')
    expect(set.evaluate(key).effect).toBe('allow')
  })
})

function withParent(type: string, id: string): DecisionRequest {
  return {
    ...request,
    entities: request.entities.map((one) =>
      one.uid.type === 'User' ? { ...one, parents: [...one.parents, { type, id }] } : one,
    ),
  }
}

// Threat C6: a forbid that errs is skipped by Cedar. What is asked once more must err once more.
test('an error is never kept', async () => {
  const set = await prepared(
    policy('all', 'permit (principal, action, resource);') +
      policy('no', `forbid (${sign}) when { resource.workspace.tier == "production" };`),
  )
  const torn: DecisionRequest = { ...request, entities: request.entities.filter(({ uid }) => uid.type !== 'Workspace') }
  for (let turn = 0; turn < 3; turn += 1) expect(set.evaluate(torn).errors).toEqual([expect.stringContaining('no: ')])
  expect(set.evaluate(request)).toMatchObject({ effect: 'allow', errors: [] })
  expect(set.evaluate(torn).errors).toHaveLength(1)
})

// Threat C7: the look-up comes after the checks.
test('a request that does not fit the schema is refused also where its facts were seen before', async () => {
  const set = await prepared(policy('one', `permit (${sign}) when { context.mfa };`))
  expect(set.evaluate(request).effect).toBe('allow')
  for (const odd of [
    inContext({ ttlSeconds: 2 ** 53 }),
    inContext({ unheard: true }),
    inContext({ login: 7 }),
    inContext({ login: '\ud800' }),
    { ...request, entities: [...request.entities, { uid: { type: 'Role', id: 'Root' }, attrs: {}, parents: [] }] },
    { ...request, entities: [...request.entities, ...withParent('Role', 'Admin').entities] },
  ]) {
    expect(set.evaluate(odd).errors).toHaveLength(1)
    expect(set.evaluate(odd).effect).toBe('deny')
  }
})

test('a set whose place another one was laid into decides nothing any more', async () => {
  const slots = createSlots()
  const set = await compiled(policy('one', 'permit (principal, action, resource);'))
  const [first, second] = [preparePolicySet({ set, slots }), preparePolicySet({ set, slots })]
  expect(first.evaluate(request).effect).toBe('allow')
  preparePolicySet({ set, slots })
  expect(second.evaluate(request).effect).toBe('allow')
  expect(() => first.evaluate(request)).toThrow('another policy set')
})

test('the memory is bounded, and keeps what is asked for again and again through a flood', () => {
  const memory = createMemory<number>()
  const key = (at: number): string => `${at}`.padEnd(900, '.')
  memory.keep('kept', 1)
  for (let at = 0; at < 20_000; at += 1) {
    memory.keep(key(at), at)
    expect(memory.recall('kept')).toBe(1)
  }
  const stillThere = Array.from({ length: 20_000 }, (_, at) => at).filter((at) => memory.recall(key(at)) === at)
  expect(stillThere.length).toBeLessThan(10_000)
  memory.keep('x'.repeat(5_000), 1)
  expect(memory.recall('x'.repeat(5_000))).toBeUndefined()
})

// Acceptance: the decisions of our own policies, as our own enforcement asks for them.
test('all that our own cases and matrix ask is decided as by the whole set, twice over', async () => {
  const { set, prepared: ours } = await loadPolicies(shippedPolicies)
  preparseSchema('whole', set.schema)
  preparsePolicySet('whole', { staticPolicies: Object.fromEntries(set.policies.map(({ id, text }) => [id, text])) })
  const cases = (await readPolicyCases(shippedPolicies)).map(({ situation }) => situation)
  const chance = chanceOf(testSeed())
  const varied = cases.flatMap((one): Situation[] => [
    one,
    { ...one, whose: chance.pick(ownerships), tier: chance.pick(['development', 'staging', 'production']) },
    { ...one, assurance: chance.pick(['pw', 'mfa', 'su']), at: new Date(one.at.getTime() + chance.below(9e7)) },
  ])
  const asked = volume({ full: varied, sample: varied.filter(() => chance.once(45)) }).map(requestIn)
  for (const one of [...asked, ...asked]) expect(ours.evaluate(one)).toEqual(bare(one))
})

function bare({ action, ...others }: DecisionRequest): Evaluation {
  const answer = statefulIsAuthorized({
    ...structuredClone(others),
    action: { type: 'Action', id: action },
    preparsedSchemaName: 'whole',
    preparsedPolicySetId: 'whole',
    validateRequest: true,
  } as unknown as Parameters<typeof statefulIsAuthorized>[0]) // the same JSON; only `readonly` differs
  if (answer.type === 'failure') throw new TypeError(answer.errors.map(({ message }) => message).join('\n'))
  const { decision, diagnostics } = answer.response
  return { effect: decision, policies: [...diagnostics.reason].sort(), errors: [] }
}
