import type { Wire } from '@gatehouse/contract'

/** A lease as it leaves the server. */
export type Lease = Wire<'lease.get'>

/** What a list of leases is narrowed to. */
export interface LeaseFilter {
  readonly state?: string | undefined
  readonly backend?: string | undefined
  readonly principal?: string | undefined
  readonly workspace?: string | undefined
}

const agrees = (wanted: string | undefined, ...found: readonly string[]): boolean =>
  wanted === undefined || found.includes(wanted)

/** True for a lease that a filter lets through. */
export const matches = (lease: Lease, filter: LeaseFilter): boolean =>
  agrees(filter.state, lease.state) &&
  agrees(filter.backend, lease.backend) &&
  agrees(filter.principal, lease.principal, lease.principalName) &&
  agrees(filter.workspace, lease.workspace)

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

/**
 * A loaded page brought up to date: known leases in their newest state, new ones in front where they belong.
 * Newer ones come in only on the first page; leases that no longer match leave.
 */
export function mergeLive(
  page: readonly Lease[],
  live: ReadonlyMap<string, Lease>,
  filter: LeaseFilter,
  options: { firstPage: boolean },
): Lease[] {
  const known = new Set(page.map(({ id }) => id))
  const newest = page.map((lease) => live.get(lease.id) ?? lease)
  const oldest = page.at(-1)?.issuedAt ?? ''
  const fresh = options.firstPage
    ? [...live.values()].filter((lease) => !known.has(lease.id) && lease.issuedAt >= oldest)
    : []
  return [...newest, ...fresh]
    .filter((lease) => matches(lease, filter))
    .toSorted((a, b) => b.issuedAt.localeCompare(a.issuedAt))
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
