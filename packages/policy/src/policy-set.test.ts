import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compiled, policy, shippedPolicies } from '../test/policy-texts.ts'
import { difference, readPolicyCases } from './policy-cases.ts'
import { loadPolicies } from './offline.ts'
import { nestingMax } from './policy-nesting.ts'
import type { OwnAction } from './own-actions.ts'
import { createPolicyChecker } from './policy-checker.ts'
import { PolicyError, problemText } from './policy-problem.ts'
import { compilePolicySet } from './policy-set.ts'
import { readPolicySource, sourceOf } from './policy-source.ts'

const good = policy('good', 'permit (principal in Role::"Admin", action, resource);')

/** What a set is refused for. */
async function problemsOf(text: string): Promise<string> {
  try {
    await compiled(text)
    return 'nothing'
  } catch (error) {
    if (error instanceof PolicyError) return error.message
    throw error
  }
}

describe('a set is refused, with file, line and reason, for', () => {
  test.each([
    [
      'a syntax error',
      `${good}\n// ä\npermit (principal, action resource);`,
      'test.cedar:7: unexpected token `resource`',
    ],
    [
      'an attribute that does not exist',
      good + policy('typo', 'permit (principal is User, action, resource)\nwhen { principal.hasAuthentificator };'),
      'test.cedar:9: for policy `typo`, attribute `hasAuthentificator` on entity type `User` not found',
    ],
    [
      'a role that does not exist',
      good + policy('typo', 'permit (principal in Role::"Amin", action, resource);'),
      'test.cedar:8: for policy `typo`',
    ],
    [
      'an action that does not exist',
      good + policy('typo', 'permit (principal, action == Action::"lease.isue", resource);'),
      'test.cedar:8: for policy `typo`, unrecognized action',
    ],
    [
      'a policy without an id',
      `${good}permit (principal, action, resource);`,
      'test.cedar:5: every policy needs `@id("…")`',
    ],
    [
      'an id that is taken',
      good + good.replace('Admin', 'Auditor'),
      'test.cedar:5: the id `good` is taken by test.cedar:1',
    ],
    [
      'a template',
      `${good}@id("template")\npermit (principal == ?principal, action, resource);`,
      'test.cedar: templates are not supported',
    ],
  ])('%s', async (_name, text, message) => {
    expect(await problemsOf(text)).toContain(message)
  })

  test.each([
    [
      'a policy that can never apply',
      'forbid (principal, action == Action::"policy.reload", resource is Lease);',
      'test.cedar:5: for policy `odd`',
    ],
    [
      'text in several scripts',
      'permit (principal, action, resource is SshHost)\nwhen { context has login && context.login == "東京 prod" };',
      'test.cedar:9: for policy `odd`, string `"東京 prod"` contains mixed scripts',
    ],
    [
      'text that reorders a line, quoted without what does',
      'permit (principal, action, resource is SshHost)\nwhen { context has login && context.login == "a\u202eb" };',
      'test.cedar:9: for policy `odd`, string `"a\ufffdb"` contains BIDI control characters',
    ],
  ])('a warning refuses nothing and is shown with its place: %s', async (_name, text, warning) => {
    const { warnings } = await compiled(good + policy('odd', text))
    expect(warnings.map(problemText).join('\n')).toContain(warning)
  })

  // Threat C6: what forbids by what nobody can say forbids nothing
  test('a warning says which attributes of a schema no question can say', async () => {
    const source = await readPolicySource(shippedPolicies)
    const text =
      'entity Bill { "amount-eur"?: Long, amount?: Long };\naction pay ' +
      'appliesTo { principal: [User], resource: [Bill], context: { "x.y"?: Bool, mfa: Bool } };'
    const { warnings } = compilePolicySet({ ...source, schemas: [...source.schemas, { file: 'schema/x', text }] })
    expect(warnings.map(problemText)).toEqual([
      expect.stringContaining('no question can say `amount-eur` of a Bill: names of facts are'),
      expect.stringContaining('no question can say `x.y` of the call of `pay`'),
    ])
  })

  test('an error in a schema, in the file and line where it stands', async () => {
    const source = await readPolicySource(shippedPolicies)
    const schemas = source.schemas.map(({ file, text }) => ({
      file,
      text: file.endsWith('platform.cedarschema') ? `${text}\n// ä\nentity Odd { x: Nowhere };\n` : text,
    }))
    const lines = (await readFile(join(shippedPolicies, 'schema/platform.cedarschema'), 'utf8')).split('\n').length
    expect(() => compilePolicySet({ ...source, schemas })).toThrow(
      `schema/platform.cedarschema:${lines + 2}: failed to resolve type: Nowhere`,
    )
  })
})

describe('a policy nested so deep that deciding by it would break the engine', () => {
  const times = (count: number, text: string): string => text.repeat(count)
  // each adds one expression within another, in a way of its own
  const nested: readonly (readonly [string, (depth: number) => string])[] = [
    ['&&', (depth) => `when { ${times(depth - 2, 'context.mfa && ')}context.mfa }`],
    ['||', (depth) => `when { ${times(depth - 2, 'context.mfa || ')}context.mfa }`],
    ['+', (depth) => `when { ${times(depth - 3, '1 + ')}context.localHour == 7 }`],
    ['if', (depth) => `when { ${times(depth - 2, 'if context.mfa then context.mfa else ')}context.mfa }`],
    ['when', (depth) => times(depth - 1, 'when { context.mfa }\n')],
    ['unless', (depth) => times(depth - 2, 'unless { !context.mfa }\n')],
  ]
  const set = (conditions: string) => policy('deep', `permit (principal is User, action, resource)\n${conditions};`)

  test.each(nested)('is refused with its place and no more is: %s', async (_, conditions) => {
    expect(await problemsOf(good + set(conditions(nestingMax + 2)))).toContain('test.cedar:5: policy `deep` nests')
    expect(await problemsOf(good + set(conditions(nestingMax - 1)))).toBe('nothing')
  })
})

test.each([
  ['brackets', (depth: number) => `${'('.repeat(depth)}context.mfa${')'.repeat(depth)}`],
  ['if', (depth: number) => `${'if context.mfa then context.mfa else '.repeat(depth)}context.mfa`],
])('the file on which the engine gives up is named: %s', async (_, nest) => {
  const { schemas, policies } = await readPolicySource(shippedPolicies)
  const text = policy('deep', `permit (principal is User, action, resource) when { ${nest(3000)} };`)
  const source = sourceOf([...schemas, ...policies, { file: 'm/deep.cedar', text }], 'here')
  const checker = createPolicyChecker()
  await expect(checker.check({ source, actions: [] })).rejects.toThrow(/^m\/deep\.cedar: the engine gave up/)
  await checker.close()
})

test('sets that are checked at once each get their own answer, whatever becomes of the others', async () => {
  const schema = { file: 'a.cedarschema', text: 'entity U; action a appliesTo { principal: U, resource: U };' }
  const sourceWith = (text: string) => sourceOf([schema, { file: 'a.cedar', text }], 'here')
  const named = (id: string) => sourceWith(policy(id, 'permit (principal, action, resource);'))
  const checker = createPolicyChecker()
  const asked = [named('one'), sourceWith('permit (principal'), named('two'), named('three')]
  const answers = await Promise.allSettled(asked.map((source) => checker.check({ source, actions: [] })))
  await checker.close()
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value.policies[0]?.id : 'refused'))).toEqual([
    'one',
    'refused',
    'two',
    'three',
  ])
})

test('a schema under which what is asked would be refused is another version’s', async () => {
  const text =
    'entity U, V, W; action a appliesTo { principal: [U, V], resource: U, context: { mfa: Bool, hour?: Long } };'
  const source = sourceOf(
    [
      { file: 'a.cedarschema', text },
      { file: 'a.cedar', text: '' },
    ],
    'here',
  )
  const checker = createPolicyChecker()
  const asked: OwnAction = { name: 'a', principals: ['U'], resource: 'U', context: { mfa: 'Bool' } }
  const check = (action: Partial<OwnAction>) =>
    checker.check({ source, actions: [{ ...asked, ...action }] }).then(
      () => 'good',
      (error: unknown) => (error as Error).message,
    )
  expect(await check({})).toBe('good')
  expect(await check({ context: { mfa: 'Bool', 'hour?': 'Long' } })).toBe('good')
  const otherwise =
    "schema/actions.cedarschema: declares otherwise `a`; it is not this version's: run `npm run generate`"
  const others: Partial<OwnAction>[] = [
    { resource: 'W' },
    { principals: ['U', 'W'] },
    { context: { mfa: 'Bool', holiday: 'Bool' } },
    { context: { mfa: 'String' } },
    // required there, and not always said
    { context: { 'mfa?': 'Bool' } },
    { context: {} },
  ]
  for (const other of others) expect([other, await check(other)]).toEqual([other, otherwise])
  await checker.close()
})

test('what was found good is not checked again; what differs by a letter, or was refused, is', async () => {
  const schema = { file: 'a.cedarschema', text: 'entity U; action a appliesTo { principal: U, resource: U };' }
  const sourceWith = (text: string) => sourceOf([schema, { file: 'a.cedar', text }], 'here')
  const source = sourceWith(policy('remembered', 'permit (principal, action, resource);'))
  const [one, other] = [createPolicyChecker(), createPolicyChecker()]
  const a: OwnAction = { name: 'a', principals: ['U'], resource: 'U', context: {} }
  const b = { ...a, name: 'b' }
  const set = await one.check({ source, actions: [a] })
  expect(await other.check({ source, actions: [a] })).toBe(set)
  const changed = sourceWith(policy('remembered', 'permit (principal, action, resource) ;'))
  expect(await other.check({ source: changed, actions: [a] })).not.toBe(set)
  // a program that knows a further action finds the same texts wanting
  for (const checker of [one, other])
    await expect(checker.check({ source, actions: [a, b] })).rejects.toThrow('does not declare `b`')
  // what a caller says is the version of other texts is not believed
  const disguised = { ...sourceWith('permit (principal'), version: source.version }
  await expect(other.check({ source: disguised, actions: [a] })).rejects.toThrow(PolicyError)
  await Promise.all([one.close(), other.close()])
})

test('the version changes with every file and stays with none', async () => {
  const source = await readPolicySource(shippedPolicies)
  expect((await readPolicySource(shippedPolicies)).version).toBe(source.version)
  expect(source.version).toMatch(/^[0-9a-f]{32}$/)
})

test('a case that expects something else is told', async () => {
  const { decider } = await loadPolicies(shippedPolicies)
  const [first] = await readPolicyCases(shippedPolicies)
  if (first === undefined) throw new TypeError('there are cases')
  expect(difference(decider, first)).toBeNull()
  expect(difference(decider, { ...first, expect: first.expect === 'deny' ? 'allow' : 'deny' })).toContain('expected')
  expect(difference(decider, { ...first, policies: ['another'] })).toContain('expected policies [another]')
})
