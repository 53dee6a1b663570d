import { assurances, isOperationName, type OperationName } from '@gatehouse/contract'
import type { Decider } from '@gatehouse/enforcement'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { outcomeOf } from './outcome.ts'
import { holdsPlatformCases } from './platform-cases.ts'
import type { SourceFile } from './policy-source.ts'
import { callers, ownerships, type Situation } from './situation.ts'

const Case = z.strictObject({
  call: z.custom<OperationName>((name) => typeof name === 'string' && isOperationName(name), 'a declared operation'),
  whose: z.enum(ownerships).default('own'),
  tier: z.enum(['development', 'staging', 'production']).default('development'),
  /** How strongly the caller is proved; `su` is a second factor proved in the last minutes. */
  as: z.enum(assurances).default('mfa'),
  ownOnly: z.boolean().default(false),
  /** A backup code opened the session minutes ago. */
  recovery: z.boolean().default(false),
  /** An API token proved the caller; a person's counts as `pw`. */
  apiToken: z.boolean().default(false),
  /** An emergency session proved the caller. */
  emergency: z.boolean().default(false),
  /** The caller approved the emergency session. */
  approvedByCaller: z.boolean().default(false),
  /** The host takes bare account names. */
  unboundHost: z.boolean().default(false),
  /** The approval is of something on the platform, and of this risk. */
  approvalRisk: z.enum(['low', 'medium', 'high']).optional(),
  /** The approval is about the caller's own account. */
  aboutSelf: z.boolean().default(false),
  /** Facts of the input that differ from the sample; of a service account's token, which account. */
  input: z.record(z.string(), z.union([z.string(), z.int(), z.boolean(), z.array(z.string())])).default({}),
  enrolled: z.boolean().default(true),
  /** What the calendar and the environment of the workspace say, where it matters. */
  place: z
    .strictObject({
      timeZone: z.string(),
      businessHours: z.array(z.string()),
      holidays: z.array(z.string()),
      onCall: z.boolean(),
      outsideNetwork: z.boolean(),
      requiresMfa: z.boolean(),
      requiresApproval: z.boolean(),
    })
    .partial()
    .default({}),
  /** A Wednesday at noon, unless the hour matters. */
  at: z.iso.datetime().default('2026-11-25T12:00:00Z'),
  expect: z.enum(['allow', 'prove', 'deny']),
  /** The determining policies; left out: any. */
  policies: z.array(z.string()).optional(),
})

const CaseFile = z.strictObject({ caller: z.enum(callers), cases: z.array(Case).min(1) })

/** One line of `tests/*.yaml`: a call and the decision that it must meet. */
export interface PolicyCase {
  readonly file: string
  /** Says the case as a sentence. */
  readonly name: string
  readonly situation: Situation
  readonly expect: 'allow' | 'prove' | 'deny'
  readonly policies: readonly string[] | null
}

/** Reads `tests/*.yaml` of a policy directory. Throws what is wrong with a file. */
export async function readPolicyCases(path: string): Promise<PolicyCase[]> {
  const files = (await readdir(join(path, 'tests')))
    .filter((name) => name.endsWith('.yaml') && !holdsPlatformCases(name))
    .sort()
  const read = await Promise.all(
    files.map(async (file) => policyCasesIn({ file, text: await readFile(join(path, 'tests', file), 'utf8') })),
  )
  return read.flat()
}

/** The cases of one file. Throws what is wrong with it. */
export function policyCasesIn({ file, text }: SourceFile): PolicyCase[] {
  // a suite names nothing twice, and a few lines of aliases would be gigabytes
  const { caller, cases } = CaseFile.parse(parse(text, { maxAliasCount: 0 }))
  return cases.map((one) => ({
    file,
    name: nameOf(caller, one),
    situation: { ...situationFields(one), caller, assurance: one.as, at: new Date(one.at) },
    expect: one.expect,
    policies: one.policies === undefined ? null : [...one.policies].sort(),
  }))
}

type OneCase = z.output<typeof Case>

const situationFields = ({
  call,
  whose,
  tier,
  ownOnly,
  recovery,
  apiToken,
  emergency,
  approvedByCaller,
  unboundHost,
  approvalRisk,
  aboutSelf,
  input,
  enrolled,
  place,
}: OneCase) => ({
  call,
  whose,
  tier,
  ownOnly,
  recovery,
  apiToken,
  emergency,
  approvedByCaller,
  unboundHost,
  approvalRisk,
  aboutSelf,
  input,
  enrolled,
  place: given(place),
})

/** Only what the case says: what is left out is as the migration makes it. */
const given = (place: OneCase['place']): NonNullable<Situation['place']> =>
  // the same fields; only those that are `undefined` are gone
  Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined)) as NonNullable<
    Situation['place']
  >

const nameOf = (caller: string, one: OneCase): string =>
  [
    caller,
    one.expect,
    one.call,
    'on',
    one.whose,
    one.tier,
    'as',
    one.as,
    ...(one.ownOnly ? ['ownOnly'] : []),
    ...(one.recovery ? ['by backup code'] : []),
    ...(one.apiToken ? ['by API token'] : []),
    ...(one.emergency ? ['in an emergency'] : []),
    ...(one.approvedByCaller ? ['approved by the caller'] : []),
    ...(one.unboundHost ? ['of an unbound host'] : []),
    ...(one.approvalRisk === undefined ? [] : ['of risk', one.approvalRisk]),
    ...(one.aboutSelf ? ['about oneself'] : []),
    ...Object.entries(one.place).map(([field, value]) => `where ${field} ${String(value)}`),
    ...Object.entries(one.input).map(([field, value]) => `with ${field} ${String(value)}`),
    ...(one.enrolled ? [] : ['not enrolled']),
    one.at,
  ].join(' ')

/** What differs between a case and the decision it met; null: nothing. */
export function difference(decider: Decider, { situation, expect, policies }: PolicyCase): string | null {
  const { outcome, decision } = outcomeOf(decider, situation)
  if (outcome !== expect) return `expected ${expect}, met ${outcome} by [${decision.policies.join(', ')}]`
  if (policies !== null && policies.join() !== decision.policies.join())
    return `expected policies [${policies.join(', ')}], met [${decision.policies.join(', ')}]`
  return null
}
