import type { Store } from '@gatehouse/database'
import { createRowFeed } from '@gatehouse/enforcement'
import type { BreakGlassDeps } from './deps.ts'
import { selectRequestsById } from './request.queries.ts'
import { showRequests, type RequestView } from './view.ts'

type FeedDeps = Pick<BreakGlassDeps, 'db' | 'clock' | 'steady' | 'temporalWeb' | 'onError'>

/** One request as it changes, for all who watch it. */
export interface RequestFeed {
  /** As it stands first, then each time that a vote, a clock or a person has changed it. */
  watch(id: string): AsyncIterable<RequestView>
}

/** Requests that are watched at once are bounded by the places for streams; this bounds what waits for a reader. */
const watchedMax = 1000

/**
 * Only what somebody watches is read, once a second for all of them: also a request that is over stands in front of who
 * opens it, and votes are counted again from rows, so that an approver who was disabled shows at once.
 */
export function createRequestFeed(deps: FeedDeps): RequestFeed {
  const watched = new Map<string, number>()
  const feed = createRowFeed<RequestView>({
    read: () => readWatched(deps.db, deps, [...watched.keys()]),
    rowsMax: watchedMax,
    isFirst: () => true,
    // the time that is left passes for everybody
    fingerprintOf: (view) => JSON.stringify({ ...view, secondsLeft: null }),
    onError: (error) => deps.onError('break-glass watch', error),
  })
  const leave = (id: string): void => {
    const left = (watched.get(id) ?? 1) - 1
    if (left > 0) watched.set(id, left)
    else watched.delete(id)
  }
  return {
    watch: (id) => ({
      [Symbol.asyncIterator]: () => {
        watched.set(id, (watched.get(id) ?? 0) + 1)
        const inner = feed.watch((view) => view.id === id)[Symbol.asyncIterator]()
        let over = false
        return {
          next: () => inner.next(),
          return: async () => {
            if (!over) leave(id)
            over = true
            await inner.return?.()
            return { done: true, value: undefined }
          },
        }
      },
    }),
  }
}

const readWatched = async (db: Store, deps: FeedDeps, ids: readonly string[]): Promise<readonly RequestView[]> =>
  showRequests(db, await selectRequestsById(db, ids), deps)
