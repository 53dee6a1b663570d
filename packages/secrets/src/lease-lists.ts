import { decodeUuidCursor, pageOf, type Output } from '@gatehouse/contract'
import type { AnyPermit, HandlersOf } from '@gatehouse/enforcement'
import { countLiving, countSince, listExpiring, type LeaseCounts, type Reach } from './lease-bulk.queries.ts'
import type { LeaseHandlersDeps } from './lease-handlers-deps.ts'
import { revocationTerms, secondsAfter } from './lease-terms.ts'
import { listLeases, type LeaseRow } from './lease.queries.ts'
import { filtersOf } from './revoke-many.ts'

const daySeconds = 86_400
/** What ends within it ends soon. */
const soonSeconds = 3600

const nothing = { items: [], nextCursor: null }

const reachOf = ({ scope, principal }: AnyPermit): Reach => ({ scope, callerId: principal.id })

type Lists = Pick<HandlersOf<'lease'>, 'lease.irrevocable' | 'lease.expiring' | 'lease.stats'>

/** Leases that somebody has to look at, and how many there are. */
export const leaseLists = (deps: LeaseHandlersDeps, shown: (row: LeaseRow) => Output<'lease.get'>): Lists => ({
  'lease.irrevocable': async (permit) => {
    const { first, after, workspace } = permit.input
    const filters = await filtersOf(deps, { workspace })
    if (filters === null) return nothing
    const rows = await listLeases(deps.db, {
      ...reachOf(permit),
      filters: { workspace: filters.workspace, state: 'irrevocable' },
      first,
      after: after === undefined ? null : positionOf(after),
      sort: 'newest',
      search: undefined,
    })
    return pageOf(rows.map(shown), first, (lease) => [lease.issuedAt, lease.id])
  },
  'lease.expiring': async (permit) => {
    const { first, after, withinSeconds, ...named } = permit.input
    const filters = await filtersOf(deps, named)
    if (filters === null) return nothing
    const now = deps.clock.now()
    const rows = await listExpiring(deps.db, {
      reach: reachOf(permit),
      filters,
      now,
      before: secondsAfter(now, withinSeconds),
      after: after === undefined ? null : decodeUuidCursor(after),
      first,
    })
    return pageOf(rows.map(shown), first, (lease) => [lease.expiresAt, lease.id])
  },
  'lease.stats': async (permit) => {
    const filters = await filtersOf(deps, permit.input)
    if (filters === null) return summed(deps, [], { issued: 0, revoked: 0, expired: 0 })
    const [reach, now] = [reachOf(permit), deps.clock.now()]
    const living = await countLiving(deps.db, { reach, filters, now, soon: secondsAfter(now, soonSeconds) })
    return summed(deps, living, await countSince(deps.db, { reach, filters, since: secondsAfter(now, -daySeconds) }))
  },
})

const positionOf = (after: string) => {
  const { at, id } = decodeUuidCursor(after)
  return { sort: 'newest', key: at.toISOString(), id }
}

function summed(
  { backends }: LeaseHandlersDeps,
  living: readonly LeaseCounts[],
  lately: Awaited<ReturnType<typeof countSince>>,
): Output<'lease.stats'> {
  const sum = (field: Exclude<keyof LeaseCounts, 'backend'>): number =>
    living.reduce((total, counts) => total + counts[field], 0)
  return {
    active: sum('active'),
    expiring: sum('expiring'),
    pending: sum('pending'),
    ending: sum('ending'),
    overdue: sum('overdue'),
    irrevocable: sum('irrevocable'),
    ...lately,
    backends: living.map(({ backend, active }) => ({
      backend,
      active,
      ...revocationTerms(backends[backend].limits, backends[backend].limits.ttlSecondsMax),
    })),
  }
}
