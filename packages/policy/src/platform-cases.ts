import { assurances, platformActions, platformTypes, roles } from '@gatehouse/contract'
import {
  commonHoursText,
  readHours,
  ref,
  uid,
  type CedarEntity,
  type Decider,
  type Slice,
} from '@gatehouse/enforcement'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { SourceFile } from './policy-source.ts'
import {
  approvalOf,
  decidePlatform,
  type GivenApproval,
  type PlatformOutcome,
  type PlatformQuestion,
} from './platform.ts'

const Property = z.union([z.string(), z.int(), z.boolean()])

const Approved = z.strictObject({
  /** The role of who gave it. */
  by: z.enum(roles).default('Operator'),
  risk: z.enum(['low', 'medium', 'high']).default('medium'),
  ticket: z.boolean().default(true),
  /** It was given to another person's call. */
  foreign: z.boolean().default(false),
})

/** What the platform asks, and what is known of where it stands. */
const Case = z.strictObject({
  do: z.enum(platformActions),
  on: z.enum(platformTypes).default('Server'),
  /** Whether one of the caller's teams sees the workspace. */
  whose: z.enum(['team', 'foreign']).default('team'),
  tier: z.enum(['development', 'staging', 'production']).default('production'),
  as: z.enum(assurances).default('su'),
  apiToken: z.boolean().default(false),
  approved: Approved.optional(),
  force: z.boolean().default(false),
  why: z.string().default(''),
  properties: z.record(z.string(), Property).default({}),
  requiresMfa: z.boolean().optional(),
  requiresApproval: z.boolean().optional(),
  timeZone: z.string().default('UTC'),
  holidays: z.array(z.string()).default([]),
  onCall: z.boolean().default(false),
  outsideNetwork: z.boolean().default(false),
  /** A Wednesday at noon, unless the hour matters. */
  at: z.iso.datetime().default('2026-11-25T12:00:00Z'),
  /** `mfa`, `approval`, `mfa+approval`: denied, and allowed once that is done. */
  expect: z.enum(['allow', 'deny', 'mfa', 'approval', 'mfa+approval']),
  /** The determining policies; left out: any. */
  policies: z.array(z.string()).optional(),
})

/** Who calls on the platform: people by their role, and programs. */
export const platformCallers = [...roles, 'service'] as const
export type PlatformCaller = (typeof platformCallers)[number]

const CaseFile = z.strictObject({ caller: z.enum(platformCallers), platform: z.array(Case).min(1) })

type OneCase = z.output<typeof Case>

/** One line of `tests/platform-*.yaml`: a call of the platform and the decision that it must meet. */
export interface PlatformCase {
  readonly file: string
  /** Says the case as a sentence. */
  readonly name: string
  readonly question: PlatformQuestion
  readonly expect: OneCase['expect']
  readonly policies: readonly string[] | null
}

/** True for a file of these cases, by its name. */
export const holdsPlatformCases = (file: string): boolean => /^platform-.*\.yaml$/.test(file)

/** Reads `tests/platform-*.yaml` of a policy directory. Throws what is wrong with a file. */
export async function readPlatformCases(path: string): Promise<PlatformCase[]> {
  const files = (await readdir(join(path, 'tests'))).filter(holdsPlatformCases).sort()
  const read = await Promise.all(
    files.map(async (file) => platformCasesIn({ file, text: await readFile(join(path, 'tests', file), 'utf8') })),
  )
  return read.flat()
}

/** The cases of one file. Throws what is wrong with it. */
export function platformCasesIn({ file, text }: SourceFile): PlatformCase[] {
  // as in `policyCasesIn`
  const { caller, platform } = CaseFile.parse(parse(text, { maxAliasCount: 0 }))
  return platform.map((one) => ({
    file,
    name: nameOf(caller, one),
    question: questionOf(caller, one),
    expect: one.expect,
    policies: one.policies === undefined ? null : [...one.policies].sort(),
  }))
}

/** A call of the platform by somebody whose team sees the workspace, where nothing else is said. */
export const platformQuestion = (
  caller: PlatformCaller,
  one: Pick<z.input<typeof Case>, 'do' | 'on' | 'tier' | 'as' | 'properties'>,
): PlatformQuestion => questionOf(caller, Case.parse({ ...one, expect: 'allow' }))

const nameOf = (caller: string, { do: action, on, expect, policies: _policies, ...rest }: OneCase): string => {
  const plain = Case.parse({ do: action, expect })
  const told = Object.entries(rest).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(plain[field as keyof OneCase]), // the same fields
  )
  const facts = told.map(([field, value]) => `${field} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
  return [caller, expect, action, 'on', on, ...facts].join(' ')
}

const me = 'the-caller'
const myTeam = uid('Team', 'team-of-the-caller')
const otherTeam = uid('Team', 'team-of-others')
const workspaceId = 'workspace'

function questionOf(caller: PlatformCaller, one: OneCase): PlatformQuestion {
  const workspace = workspaceOf(caller, one)
  return {
    action: one.do,
    resource: { type: one.on, id: 'the-thing', properties: one.properties },
    subject: subjectOf(caller, one),
    assurance: one.as,
    apiToken: one.apiToken,
    workspace,
    approval: one.approved === undefined ? null : givenBy(one.approved, { workspace, action: one.do }),
    claims: { force: one.force, justification: one.why },
    now: new Date(one.at),
    address: '192.0.2.7',
  }
}

function subjectOf(caller: PlatformCaller, { as }: OneCase): PlatformQuestion['subject'] {
  if (caller === 'service') {
    const own = uid('Service', me)
    return {
      uid: own,
      entities: [
        { uid: own, attrs: { bound: as !== 'pw' }, parents: [myTeam] },
        { uid: myTeam, attrs: {}, parents: [] },
      ],
    }
  }
  return { uid: uid('User', me), entities: personOf(me, caller) }
}

const personOf = (id: string, role: string): CedarEntity[] => {
  const parents = [uid('Role', role), myTeam]
  return [
    { uid: uid('User', id), attrs: { hasAuthenticator: true }, parents },
    ...parents.map((parent): CedarEntity => ({ uid: parent, attrs: {}, parents: [] })),
  ]
}

function workspaceOf(caller: string, one: OneCase): Slice {
  const { tier, at } = one
  const attrs = {
    tier,
    requiresMfa: one.requiresMfa ?? tier === 'production',
    requiresApproval: one.requiresApproval ?? tier === 'production',
    teams: [one.whose === 'team' ? myTeam : otherTeam].map(({ type, id }) => ref(type, id)),
  }
  const resource = { type: 'Workspace', id: workspaceId } as const
  const now = new Date(at)
  return {
    resource,
    workspace: workspaceId,
    place: {
      timeZone: one.timeZone,
      businessHours: readHours(commonHoursText),
      holidays: one.holidays,
      onCall: one.onCall && caller !== 'service' ? [{ userId: me, from: now, to: new Date(now.getTime() + 1) }] : [],
      networks: one.outsideNetwork ? ['198.51.100.0/24'] : [],
    },
    entities: [{ uid: resource, attrs, parents: [uid('Environment', tier)] }],
    versions: [],
  }
}

function givenBy(
  { by, risk, ticket, foreign }: z.output<typeof Approved>,
  { workspace, action }: { workspace: Slice; action: string },
): GivenApproval {
  const approver = 'a-second-person'
  const requester = foreign ? 'a-third-person' : me
  const { attrs, ...approval } = approvalOf({ id: 'the-approval', action, requester, approver, workspace, risk })
  const { ticket: written, ...rest } = attrs
  return {
    id: 'the-approval',
    entities: [
      { ...approval, attrs: ticket && written !== undefined ? { ...rest, ticket: written } : rest },
      ...personOf(approver, by),
    ],
  }
}

/** An outcome in one word: `allow`, `deny`, or what is to be done first. */
export const wordOf = ({ decision, obligations }: PlatformOutcome): string => {
  if (decision.effect === 'allow') return 'allow'
  return obligations.length === 0 ? 'deny' : obligations.map(({ kind }) => kind).join('+')
}

/** What differs between a case and the decision it met; null: nothing. */
export function platformDifference(decider: Decider, { question, expect, policies }: PlatformCase): string | null {
  const outcome = decidePlatform(decider, question)
  const [word, met] = [wordOf(outcome), outcome.decision.policies]
  if (word !== expect) return `expected ${expect}, met ${word} by [${met.join(', ')}]`
  if (policies !== null && policies.join() !== [...met].sort().join())
    return `expected policies [${policies.join(', ')}], met [${met.join(', ')}]`
  return null
}
