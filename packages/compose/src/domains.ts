import { auditDomain } from '@gatehouse/audit'
import type { Schema, Store } from '@gatehouse/database'
import type { Domain, Schedule, Slices, TableCares } from '@gatehouse/enforcement'
import { identityDomain } from '@gatehouse/identity'
import { keysDomain } from '@gatehouse/keys'
import { policyDomain } from '@gatehouse/policy'
import { secretsDomain } from '@gatehouse/secrets'
import { sshDomain } from '@gatehouse/ssh'
import { systemDomain } from './system/system-domain.ts'

/** All domains, by the package that they are of. A new one is a line here, and one in each of the two folds below. */
export const domains = {
  audit: auditDomain,
  compose: systemDomain,
  identity: identityDomain,
  keys: keysDomain,
  policy: policyDomain,
  secrets: secretsDomain,
  ssh: sshDomain,
} as const satisfies Record<string, Domain<Store, Schema>>

/** How each type of resource is loaded for a decision. Total: a type without a loader does not compile. */
export const slices: Slices<Store> = {
  ...domains.audit.slices,
  ...domains.compose.slices,
  ...domains.identity.slices,
  ...domains.secrets.slices,
  ...domains.ssh.slices,
}

/** What is answered for each table. Total: a table that no domain answers for does not compile. */
export const tables: TableCares<Schema, keyof Schema> = {
  ...domains.audit.tables,
  ...domains.compose.tables,
  ...domains.identity.tables,
  ...domains.keys.tables,
  ...domains.policy.tables,
  ...domains.secrets.tables,
  ...domains.ssh.tables,
}

/** Everything that runs by the clock: the one table of Temporal's schedules and of the worker's own look. */
export const schedules: readonly Schedule[] = Object.values(domains).flatMap((domain) => [...domain.schedules])
