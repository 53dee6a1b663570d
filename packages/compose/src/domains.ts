import { alertsDomain } from '@gatehouse/alerts'
import { auditDomain } from '@gatehouse/audit'
import { breakGlassDomain } from '@gatehouse/breakglass'
import type { ResourceType } from '@gatehouse/contract'
import type { Schema, Store } from '@gatehouse/database'
import {
  merged,
  withWorkspaces,
  type Domain,
  type Schedule,
  type Slices,
  type TableCares,
} from '@gatehouse/enforcement'
import { identityDomain, loadWorkspaceOf } from '@gatehouse/identity'
import { incidentsDomain } from '@gatehouse/incidents'
import { keysDomain } from '@gatehouse/keys'
import { policyDomain } from '@gatehouse/policy'
import { secretsDomain, type RevocableBackend } from '@gatehouse/secrets'
import { sshDomain } from '@gatehouse/ssh'
import type { Kernel, Ports } from './kernel.ts'
import { systemDomain } from './system/system-domain.ts'

/** All domains, by the package that they are of. A new one is a line here; the status shows them in this order. */
export const domains = {
  compose: systemDomain,
  audit: auditDomain,
  identity: identityDomain,
  keys: keysDomain,
  secrets: secretsDomain,
  ssh: sshDomain,
  policy: policyDomain,
  alerts: alertsDomain,
  incidents: incidentsDomain,
  breakglass: breakGlassDomain,
} as const satisfies Record<string, Domain<Store, Schema, Kernel, Ports, RevocableBackend>>

type AnyDomain = (typeof domains)[keyof typeof domains]

/** What runs by the clock. */
export type Scheduled = AnyDomain['schedules'][number]['operation']

const all: readonly AnyDomain[] = Object.values(domains)

/** How each type of resource is loaded for a decision. Total: a type without a loader does not compile. */
export const slices: Slices<Store> = withWorkspaces(merged(all.map((domain) => domain.slices)), loadWorkspaceOf)

/** The types of resources that others are made under. */
export const parents: ReadonlySet<ResourceType> = new Set(
  all.flatMap((domain): readonly ResourceType[] => domain.parents),
)

/** What is answered for each table. Total: a table that no domain answers for does not compile. */
export const tables: TableCares<Schema, keyof Schema, Scheduled> = merged(all.map((domain) => domain.tables))

/** Everything that runs by the clock: the one table of Temporal's schedules and of the worker's own look. */
export const schedules: readonly Schedule[] = all.flatMap((domain): readonly Schedule[] => domain.schedules)
