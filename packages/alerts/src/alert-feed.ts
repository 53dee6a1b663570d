import type { Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { createRowFeed, type Clock, type Permit, type RowFeed } from '@gatehouse/enforcement'
import { readMovingAlerts } from './alert-reads.queries.ts'
import type { AlertRow } from './alert.queries.ts'
import { presentAlerts } from './present-alert.ts'
import { isAtLeast } from './transitions.ts'

/** More open alerts than this are not for a live list. */
const openMax = 500

/** Looked for a little further back than the last poll: transactions commit late. */
const lookBackMilliseconds = 10_000

interface FeedDeps {
  readonly db: Store
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

/** Alerts as they change, for all watchers of a process; first the open ones. */
export const createAlertFeed = ({ db, clock, onError }: FeedDeps): RowFeed<AlertRow> =>
  createRowFeed({
    read: () =>
      readMovingAlerts(db, { movedSince: new Date(clock.now().getTime() - lookBackMilliseconds), limit: openMax }),
    rowsMax: openMax,
    isFirst: ({ state }) => state === 'open',
    fingerprintOf: (row) =>
      [row.state, row.severity, row.count, row.last_at.getTime(), row.undelivered_at?.getTime()].join('|'),
    onError,
  })

/** Each of them as people see it. */
export function watchAlerts(
  db: Store,
  feed: RowFeed<AlertRow>,
  { input }: Permit<'alert.stream'>,
): AsyncIterable<Output<'alert.stream'>> {
  const sees = ({ severity }: AlertRow): boolean => input.severity === undefined || isAtLeast(severity, input.severity)
  return {
    [Symbol.asyncIterator]: () => {
      const inner = feed.watch(sees)[Symbol.asyncIterator]()
      return {
        next: async () => {
          const step = await inner.next()
          if (step.done === true) return { done: true, value: undefined }
          const [alert] = await presentAlerts(db, [step.value])
          return alert === undefined ? { done: true, value: undefined } : { done: false, value: alert }
        },
        return: async () => {
          await inner.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
