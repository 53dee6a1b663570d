import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { operationNames, operations, roles } from '@gatehouse/contract'
import { describe, expect, test } from 'vitest'
import { actionsSchema } from './actions-schema.ts'
import { loadPolicies, validatePolicies } from './offline.ts'
import { outcomeOf } from './outcome.ts'
import { decidePlatform } from './platform.ts'
import { platformCallers, platformDifference, platformQuestion, readPlatformCases } from './platform-cases.ts'
import { difference, readPolicyCases } from './policy-cases.ts'
import { callers, ownerships, type Situation } from './situation.ts'

const path = fileURLToPath(new URL('../../../policies', import.meta.url))
const { set, decider } = await loadPolicies(path)
const cases = await readPolicyCases(path)
const platformCases = await readPlatformCases(path)
const noon = new Date('2026-11-25T12:00:00Z')

test('the policies validate strictly, without a warning', async () => {
  expect(await validatePolicies(path)).toEqual({ errors: [], warnings: [] })
})

test('every policy has an id, a doc line and a severity', () => {
  const poor = set.policies.filter(
    ({ doc, severity }) => doc.length < 20 || !['info', 'low', 'medium', 'high', 'critical'].includes(severity),
  )
  expect(poor.map(({ id }) => id)).toEqual([])
})

test('the schema of actions is what the contract declares', async () => {
  expect(await readFile(`${path}/schema/actions.cedarschema`, 'utf8')).toBe(actionsSchema())
})

test('every caller has a file of cases', () => {
  expect([...new Set(cases.map(({ situation }) => situation.caller))].sort()).toEqual([...callers].sort())
})

describe.each(Object.entries(Object.groupBy(cases, ({ file }) => file)))('%s', (_file, own) => {
  test.each(own ?? [])('$name', (one) => {
    expect(difference(decider, one)).toBeNull()
  })
})

// INVARIANT of the whole table, whatever the cases say of single calls.
const situations = (call: Situation['call'], caller: Situation['caller']): Situation[] =>
  ownerships.flatMap((whose) =>
    (['development', 'staging', 'production'] as const).flatMap((tier) =>
      (['pw', 'mfa', 'su'] as const).map((assurance): Situation => ({
        caller,
        call,
        whose,
        tier,
        assurance,
        ownOnly: false,
        enrolled: true,
        at: noon,
      })),
    ),
  )

test('a role that is read-only writes nothing but its own account, in no situation', () => {
  const writes = operationNames.filter(
    (name) =>
      operations[name].internal !== true &&
      operations[name].groups.includes('writeActions') &&
      !operations[name].groups.includes('selfActions'),
  )
  const done = writes
    .flatMap((call) => (['Viewer', 'Auditor'] as const).flatMap((role) => situations(call, role)))
    .filter((situation) => outcomeOf(decider, situation).outcome !== 'deny')
  expect(done).toEqual([])
})

test('nobody but Admin and Auditor reaches into a workspace that his teams do not see', () => {
  const placed = operationNames
    .filter((name) =>
      ['Workspace', 'Lease', 'SshHost', 'SshKey', 'SshCertificate', 'KmsKey', 'SecretRole', 'AuditEntry'].includes(
        operations[name].authorize.resource,
      ),
    )
    .filter((name) => name !== 'lease.unwrap') // whoever was handed the token is meant, wherever the lease is
  const others = roles.filter((role) => role !== 'Admin' && role !== 'Auditor')
  const reached = placed
    .flatMap((call) => others.flatMap((role) => situations(call, role)))
    .filter(({ whose }) => whose === 'foreign')
    .filter((situation) => outcomeOf(decider, situation).outcome !== 'deny')
  expect(reached).toEqual([])
})

test('strangers may do the operations that are open, and those are all that the contract opens', () => {
  const open = operationNames.filter((name) => operations[name].authorize.principals.includes('Anonymous'))
  expect(open).toMatchInlineSnapshot(`
    [
      "auth.login",
      "auth.completeMfa",
      "auth.mfaOptions",
      "auth.passkeyBegin",
      "auth.passkeyComplete",
      "auth.refresh",
      "auth.verify",
      "auth.deviceStart",
      "auth.devicePoll",
      "auth.acceptInvite",
      "lease.unwrap",
      "sshHost.report",
      "sshHostCertificate.renew",
      "sshCa.get",
      "sshKrl.get",
      "sshOtp.verify",
      "system.version",
    ]
  `)
  for (const call of open) {
    expect(
      outcomeOf(decider, {
        caller: 'Anonymous',
        call,
        whose: 'own',
        tier: 'development',
        assurance: 'none',
        ownOnly: false,
        enrolled: true,
        at: noon,
      }).outcome,
    ).toBe('allow')
  }
})

// A policy that no case shows at work is one of which nobody has said what it is for.
test('every policy is decisive in at least one case', () => {
  const named = new Set([
    ...cases.flatMap(({ situation }) => outcomeOf(decider, situation).decision.policies),
    ...platformCases.flatMap(({ question }) => decidePlatform(decider, question).decision.policies),
  ])
  expect(set.policies.map(({ id }) => id).filter((id) => !named.has(id))).toEqual([])
})

test('every caller on the platform has a file of cases', () => {
  expect(new Set(platformCases.map(({ file }) => file))).toEqual(
    new Set(platformCallers.map((caller) => `platform-${caller.toLowerCase()}.yaml`)),
  )
})

describe.each(Object.entries(Object.groupBy(platformCases, ({ file }) => file)))('%s', (_file, own) => {
  test.each(own ?? [])('$name', (one) => {
    expect(platformDifference(decider, one)).toBeNull()
  })
})

test('an allow that hangs on an approval says which one is to be used up, and one that does not says nothing', () => {
  const [with_, without] = [{ tier: 'production' }, { tier: 'staging' }] as const
  const question = (over: { readonly tier: 'production' | 'staging' }) =>
    platformQuestion('Operator', { do: 'deploy', as: 'mfa', ...over })
  const approval = platformCases.find(({ question: one }) => one.approval !== null && one.action === 'deploy')?.question
    .approval
  if (approval === undefined || approval === null) throw new TypeError('no case has an approval')
  const obligationsOf = (over: typeof with_ | typeof without) =>
    decidePlatform(decider, { ...question(over), approval }).obligations
  expect(obligationsOf(with_)).toEqual([{ kind: 'use-approval', approval: approval.id }])
  expect(obligationsOf(without)).toEqual([])
})
