import type { PeopleEverywhere } from '@gatehouse/audit'
import {
  merged,
  type Handlers,
  type Overview,
  type ReadGauges,
  type RowClock,
  type Sweep,
  type Workflows,
} from '@gatehouse/enforcement'
import { emergencySteps, findLockable, removeOver, type Reach } from '@gatehouse/breakglass'
import { createSecondPerson, type Lockables, type WorkspaceContents } from '@gatehouse/identity'
import { countKeptKeys } from '@gatehouse/keys'
import { administratorsLeft } from '@gatehouse/policy'
import {
  countLivingLeases,
  countRolesIn,
  createLeases,
  deathGoals,
  readRole,
  selectRoleReach,
  type Backends,
} from '@gatehouse/secrets'
import { countHosts, findAccountRole, findHost, findHostId, selectReach } from '@gatehouse/ssh'
import { domains } from './domains.ts'
import type { Kernel } from './kernel.ts'

type Domains = typeof domains
type Opened = { readonly [D in keyof Domains]: Awaited<ReturnType<Domains[D]['open']>> }

// What each domain answers, as a union: a union that a call infers would drop what `{}` covers.
type AnyOpen = Opened[keyof Opened]
type SomeHandlers = ReturnType<AnyOpen['handlers']>
type SomeStatus = Awaited<ReturnType<AnyOpen['status']>>
type SomeFigures = Awaited<ReturnType<AnyOpen['figures']>>
type SomeEraser = ReturnType<AnyOpen['eraser']>

/** All domains in a running process. */
export interface OpenDomains {
  readonly opened: Opened
  /** Total: an operation that no domain answers does not compile. */
  readonly handlers: Handlers
  readonly sweeps: readonly Sweep[]
  readonly clocks: readonly RowClock[]
  /** What they measure when somebody looks. */
  readonly gauges: readonly ReadGauges[]
  readonly people: PeopleEverywhere
}

/** Opens all domains, and lets each ask the others. */
export async function openDomains(kernel: Kernel, workflows: Workflows): Promise<OpenDomains> {
  const opened = await openEach(kernel)
  const parts = Object.values(opened)
  // total: a backend without an adapter does not compile
  const backends: Backends = merged(parts.map((part) => part.backends))
  const { db, change, clock, directory, alerts, emergencies } = kernel
  const leases = createLeases({ db, change, clock, directory, alerts, emergencies, backends, workflows })
  const { subjects, approvals, voteKeys, signingKeys, transitTokens } = opened.identity
  const withoutPeople = {
    backends,
    leases,
    contents,
    lockables,
    administrators: { left: administratorsLeft({ engine: kernel.policy, clock, directory }) },
    reach,
    openIncident: opened.incidents.openIncident,
    emergencies: emergencySteps,
    emergencyRemoval: { removeOver },
    hosts: { findHostId },
    subjects,
    approvals,
    voteKeys,
    signingKeys,
    transitTokens,
    workflows,
    secondPerson: createSecondPerson(kernel),
    overview: overviewOf(parts),
  }
  const people = peopleOf(parts.map((part): SomeEraser => part.eraser(withoutPeople)))
  const ports = { ...withoutPeople, people }
  return {
    opened,
    people,
    handlers: merged(parts.map((part): SomeHandlers => part.handlers(ports))),
    sweeps: parts.flatMap((part): readonly Sweep[] => part.sweeps(ports)),
    clocks: parts.flatMap((part): readonly RowClock[] => ('clocks' in part ? part.clocks() : [])),
    gauges: [
      ...parts.flatMap((part): readonly ReadGauges[] => ('gauges' in part ? [part.gauges] : [])),
      () => Promise.resolve([deathGoals(backends)]),
    ],
  }
}

/** What stands in a workspace, by those who keep it. */
const contents: WorkspaceContents = {
  of: async (tx, workspaceId) => ({
    credentials: await countLivingLeases(tx, workspaceId),
    hosts: await countHosts(tx, workspaceId),
    keys: await countKeptKeys(tx, workspaceId),
    roles: await countRolesIn(tx, workspaceId),
  }),
}

/** What can be locked, by who keeps it. */
const lockables: Lockables = {
  host: findHost,
  role: async (db, reference) => {
    const role = await readRole(db, reference)
    return role === null ? findAccountRole(db, reference) : { role: role.name, hostId: null }
  },
  emergency: findLockable,
}

/** What can be reached in a workspace, by who keeps hosts, and roles of backends. */
const reach: Reach = { hostsIn: selectReach, rolesIn: selectRoleReach }

/** One after the other, so that a failure is the first one's. */
async function openEach(kernel: Kernel): Promise<Opened> {
  const opened = new Map<string, unknown>()
  for (const [name, domain] of Object.entries(domains)) opened.set(name, await domain.open(kernel))
  return Object.fromEntries(opened) as Opened // fromEntries forgets the names, which are those of `domains`
}

/** Everybody's rows, in one transaction. */
const peopleOf = (erasers: readonly SomeEraser[]): PeopleEverywhere => ({
  eraseEverywhere: async (tx, person) => {
    const names: string[] = []
    for (const eraser of erasers) names.push(...(await eraser.erase(tx, person)))
    return names
  },
  forgetNames: async (tx, names) => {
    for (const eraser of erasers) if ('forgetNames' in eraser) await eraser.forgetNames?.(tx, names)
  },
})

/** What all say of themselves. Total: a fact or a figure that no domain answers does not compile. */
const overviewOf = (parts: readonly AnyOpen[]): Overview => ({
  status: async (now) => {
    const told = await Promise.all(parts.map((part): Promise<SomeStatus> => part.status(now)))
    return { parts: told.flatMap((one) => [...one.parts]), facts: merged(told.map((one) => one.facts)) }
  },
  figures: async (now) => merged(await Promise.all(parts.map((part): Promise<SomeFigures> => part.figures(now)))),
})
