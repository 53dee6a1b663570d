import type { Wire } from '@gatehouse/contract'
import { partsOfRole } from '../hosts/host-words.ts'

/** A lease as it leaves the server. */
export type Lease = Wire<'lease.get'>

/** What a list of leases is narrowed to. */
export interface LeaseFilter {
  readonly state?: string | undefined
  readonly backend?: string | undefined
  readonly principal?: string | undefined
  readonly workspace?: string | undefined
  /** By its id, or by the name that it had when the lease was issued. */
  readonly host?: string | undefined
  /** Part of what it opens, of its owner's name or of its purpose, without case. */
  readonly search?: string | undefined
}

const agrees = (wanted: string | undefined, ...found: readonly string[]): boolean =>
  wanted === undefined || found.includes(wanted)

const holds = (wanted: string | undefined, ...found: readonly string[]): boolean =>
  wanted === undefined || found.some((text) => text.toLowerCase().includes(wanted.toLowerCase()))

/** True for a lease that a filter lets through. */
export const matches = (lease: Lease, filter: LeaseFilter): boolean =>
  agrees(filter.state, lease.state) &&
  agrees(filter.backend, lease.backend) &&
  agrees(filter.principal, lease.principal, lease.principalName) &&
  agrees(filter.workspace, lease.workspace) &&
  agrees(filter.host, lease.hostId ?? '', partsOfRole(lease.role).host) &&
  holds(filter.search, lease.principalName, lease.purpose, lease.role)

/** True for a lease whose credential may still work. */
export const isAlive = (lease: Lease): boolean =>
  lease.state === 'active' || lease.state === 'pending' || lease.state === 'irrevocable'

/** How long past its end a lease may stand before a person should look. */
const overdueMs = 30_000

/** True for a lease whose end has passed without its credential being taken away. */
export const isOverdue = (lease: Lease, now: number): boolean =>
  (lease.state === 'active' || lease.state === 'pending') && Date.parse(lease.expiresAt) + overdueMs < now

/** True for a lease that is to end but whose credential could not be taken away yet. */
export const isRevoking = (lease: Lease): boolean =>
  (lease.state === 'active' || lease.state === 'pending') && lease.attempts > 0

/** How a lease stands, in one word: its state, or what matters more. */
export function standingWord(lease: Lease, now: number): string {
  if (isOverdue(lease, now)) return 'overdue'
  return isRevoking(lease) ? 'revoking' : lease.state
}

type Compare = (a: Lease, b: Lease) => number

/** How the server orders its list, so that what comes in by itself stands where it would be. */
const orders = {
  newest: (a, b) => b.issuedAt.localeCompare(a.issuedAt),
  oldest: (a, b) => a.issuedAt.localeCompare(b.issuedAt),
  expiry: (a, b) => a.expiresAt.localeCompare(b.expiresAt),
  name: (a, b) => a.principalName.toLowerCase().localeCompare(b.principalName.toLowerCase()),
} satisfies Readonly<Record<string, Compare>>

const isOrder = (name: string | undefined): name is keyof typeof orders =>
  name !== undefined && Object.hasOwn(orders, name)

/** A page of a list of leases as it was loaded, and what the list was asked for. */
export interface LeasePage {
  readonly items: readonly Lease[]
  readonly nextCursor: string | null
  readonly filter: LeaseFilter
  readonly sort?: string | undefined
  readonly firstPage: boolean
}

/**
 * A loaded page brought up to date: known leases in their newest state, new ones where they belong. Those come in only
 * on the first page, and only before what the next page has; leases that no longer match leave.
 */
export function mergeLive(page: LeasePage, live: ReadonlyMap<string, Lease>): Lease[] {
  const compare = orders[isOrder(page.sort) ? page.sort : 'newest']
  const known = new Set(page.items.map(({ id }) => id))
  const newest = page.items.map((lease) => live.get(lease.id) ?? lease)
  const last = page.items.at(-1)
  const belongs = (lease: Lease): boolean =>
    !known.has(lease.id) && (page.nextCursor === null || last === undefined || compare(lease, last) <= 0)
  const fresh = page.firstPage ? [...live.values()].filter(belongs) : []
  // the server knows a host by its name of today, which may stand in no lease
  const { host: _, ...unchanging } = page.filter
  return [
    ...newest.filter((lease) => matches(lease, unchanging)),
    ...fresh.filter((lease) => matches(lease, page.filter)),
  ].toSorted(compare)
}

/**
 * What is watched, once it is known which of it a new watch no longer names: those have ended while nobody watched. A
 * list of the newest leases tells how; older ones are let go, and the lists that show them ask for themselves.
 */
export function settleUnseen(
  live: ReadonlyMap<string, Lease>,
  seen: ReadonlySet<string>,
  newest: readonly Lease[],
): ReadonlyMap<string, Lease> {
  const told = new Map(newest.map((lease) => [lease.id, lease]))
  const settled = [...live.values()].flatMap((lease) => {
    if (seen.has(lease.id) || !isAlive(lease)) return [lease]
    const newer = told.get(lease.id)
    return newer === undefined ? [] : [newer]
  })
  return new Map(settled.map((lease) => [lease.id, lease]))
}
