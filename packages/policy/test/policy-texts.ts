import { cp, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ref, uid, type ActivePerson, type Alerts, type Clock, type Slice } from '@gatehouse/enforcement'
import type { EmergencySources } from '../src/emergency-guard.ts'
import { compilePolicySet, type PolicySet } from '../src/policy-set.ts'
import { readPolicySource } from '../src/policy-source.ts'
import { createSlots, preparePolicySet, type PreparedSet } from '../src/prepared-set.ts'
import type { Situation } from '../src/situation.ts'

/** The policies that are shipped. */
export const shippedPolicies = fileURLToPath(new URL('../../../policies', import.meta.url))

/** Policies of a test, with the shipped schema. */
export async function compiled(text: string): Promise<PolicySet> {
  const { schemas } = await readPolicySource(shippedPolicies)
  const policies = [{ file: 'test.cedar', text }]
  return compilePolicySet({ schemas, policies, manifest: null, version: 'test', schemaVersion: 'test' })
}

/** The same, ready to decide. */
export const prepared = async (text: string): Promise<PreparedSet> =>
  preparePolicySet({ set: await compiled(text), slots: createSlots() })

/** Policies with ids and all, from what a test wants to say. */
export const policy = (id: string, text: string): string =>
  `@id("${id}")\n@doc("what a test says")\n@severity("low")\n${text}\n`

/** A copy of the shipped policies that a test may edit. */
export async function copyOfPolicies(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-policies-')))
  await cp(shippedPolicies, path, { recursive: true })
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** An operator who signs a certificate in his team's workspace on a Wednesday at noon. */
export const operatorSigns: Situation = {
  caller: 'Operator',
  call: 'sshCertificate.sign',
  whose: 'team',
  tier: 'development',
  assurance: 'mfa',
  ownOnly: false,
  enrolled: true,
  at: new Date('2026-11-25T12:00:00Z'),
}

export interface Told {
  readonly kind: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Alerts that a test can read. */
export function heardAlerts(): Alerts & { readonly told: Told[] } {
  const told: Told[] = []
  return { told, raise: (kind, detail) => void told.push({ kind, detail }) }
}

/** A clock in a test's hand. */
export function handClock(): Clock & { forwardSeconds(seconds: number): void } {
  let now = Date.parse('2026-11-25T12:00:00Z')
  return {
    now: () => new Date(now),
    forwardSeconds: (seconds) => {
      now += seconds * 1000
    },
  }
}

/** Emergency access that nobody needs. */
export const nobodysEmergency: EmergencySources = emergencyOf([])

/** Emergency access that two people of two teams approve, none of them who asks. */
export function emergencyOf(people: readonly ActivePerson[]): EmergencySources {
  return {
    needs: {
      readCount: () =>
        Promise.resolve(({ voters }) =>
          new Set(voters.flatMap(({ teams }) => teams)).size >= 2 ? null : `only ${voters.length} could approve`,
        ),
    },
    workspaces: () => Promise.resolve([workspaceOf('production'), workspaceOf('development')]),
    directory: { activePeople: () => Promise.resolve(people) },
  }
}

/** Three people, each of a team of their own. */
export const threePeople: readonly ActivePerson[] = ['ann', 'ben', 'cas'].map((username) => ({
  id: username,
  username,
  roles: ['Operator'],
  teams: [`team-of-${username}`],
  hasAuthenticator: true,
  logsInBy: ['password'],
}))

function workspaceOf(tier: 'production' | 'development'): Slice {
  const resource = { type: 'Workspace', id: `shop-${tier}` } as const
  const teams = threePeople.flatMap((one) => one.teams.map((team) => ref('Team', team)))
  const attrs = { tier, requiresMfa: true, requiresApproval: true, teams }
  return {
    resource,
    workspace: resource.id,
    entities: [{ uid: resource, attrs, parents: [uid('Environment', tier)] }],
    versions: [],
  }
}
