import type { Store } from '@gatehouse/database'
import { createRowFeed, type Clock, type RowFeed } from '@gatehouse/enforcement'
import { readMoving, type LeaseRow } from './lease.queries.ts'

/** More leases alive than this are not for a live list. */
const movingMax = 5000

/** Ends of a lease are looked for a little further back than the last poll: transactions commit late. */
const lookBackMilliseconds = 10_000

/** Leases as they change: first the ones alive now. */
export const createLeaseFeed = ({
  db,
  clock,
  onError,
}: {
  readonly db: Store
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}): RowFeed<LeaseRow> =>
  createRowFeed({
    read: () => {
      const endedSince = new Date(clock.now().getTime() - lookBackMilliseconds)
      return readMoving(db, { endedSince, limit: movingMax })
    },
    rowsMax: movingMax,
    isFirst: ({ ended_at: endedAt }) => endedAt === null,
    fingerprintOf,
    onError,
  })

/** What people see of a row; its next deadline is not among it. */
const fingerprintOf = (row: LeaseRow): string =>
  [
    row.state,
    row.revoke_requested_at?.getTime(),
    row.ended_at?.getTime(),
    row.expires_at.getTime(),
    row.wrapped_until?.getTime(),
    row.attempts,
    row.last_error,
    row.reason,
  ].join('|')
