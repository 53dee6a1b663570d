import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import { readMoving, type LeaseRow } from './lease.queries.ts'

/** Leases as they change, for all watchers of a process. */
export interface LeaseFeed {
  /** First the ones alive now, then each that changes, as far as `sees` lets through. */
  watch(sees: (row: LeaseRow) => boolean): AsyncIterable<LeaseRow>
}

const pollMilliseconds = 1000

/** More leases alive than this are not for a live list. */
const movingMax = 5000

/** Ends of a lease are looked for a little further back than the last poll: transactions commit late. */
const lookBackMilliseconds = 10_000

/** A watcher that does not read is let go before it fills the memory. */
const queueMax = movingMax + 1000

/** One poll of the database per process and second serves all watchers; with nobody watching there is none. */
export function createLeaseFeed({
  db,
  clock,
  onError,
}: {
  readonly db: Store
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}): LeaseFeed {
  const watchers = new Set<Watcher>()
  /** What the last poll saw, once for all watchers. */
  let known = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  let polling = false

  const poll = async (): Promise<void> => {
    if (polling) return // a slow database is not asked twice
    polling = true
    try {
      const rows = await readMoving(db, {
        endedSince: new Date(clock.now().getTime() - lookBackMilliseconds),
        limit: movingMax,
      })
      const seen = new Map(rows.map((row) => [row.id, fingerprintOf(row)]))
      const changed = rows.filter((row) => known.get(row.id) !== seen.get(row.id))
      known = seen
      for (const watcher of Array.from(watchers)) watcher.offer({ rows, changed })
    } catch (error) {
      onError(error) // the next second tries again; the streams stay open
    } finally {
      polling = false
    }
  }

  const join = (watcher: Watcher): void => {
    watchers.add(watcher)
    timer ??= setInterval(() => void poll(), pollMilliseconds)
    void poll()
  }

  const leave = (watcher: Watcher): void => {
    watchers.delete(watcher)
    if (watchers.size > 0) return
    clearInterval(timer)
    timer = undefined
    known = new Map()
  }

  return {
    watch: (sees) => ({
      [Symbol.asyncIterator]: () => {
        const watcher = createWatcher(sees, () => leave(watcher))
        join(watcher)
        return watcher.iterator
      },
    }),
  }
}

interface Poll {
  readonly rows: readonly LeaseRow[]
  /** Those of them that are not as they were at the poll before. */
  readonly changed: readonly LeaseRow[]
}

interface Watcher {
  readonly iterator: AsyncIterator<LeaseRow>
  offer(poll: Poll): void
}

/**
 * Written by hand and not as a generator: a generator's `return` waits for its pending `next`, which may never come.
 */
function createWatcher(sees: (row: LeaseRow) => boolean, onEnd: () => void): Watcher {
  const queue: LeaseRow[] = []
  const waiting: { resolve: (step: IteratorResult<LeaseRow>) => void; reject: (error: unknown) => void }[] = []
  let over: { readonly error: unknown } | null = null
  let first = true

  const end = (error: unknown): void => {
    if (over !== null) return
    over = { error }
    onEnd()
    for (const { resolve, reject } of waiting.splice(0)) {
      if (error === null) resolve({ done: true, value: undefined })
      else reject(error)
    }
  }

  const push = (row: LeaseRow): void => {
    const reader = waiting.shift()
    if (reader !== undefined) reader.resolve({ done: false, value: row })
    else if (queue.length < queueMax) queue.push(row)
    else end(new Refusal('unavailable', { hint: 'the stream was not read fast enough; open it again' }))
  }

  const next = (): Promise<IteratorResult<LeaseRow>> => {
    const row = queue.shift()
    if (row !== undefined) return Promise.resolve({ done: false, value: row })
    if (over !== null)
      return over.error === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(over.error)
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }

  return {
    offer: ({ rows, changed }) => {
      const news = first ? rows.filter(({ ended_at }) => ended_at === null) : changed
      first = false
      for (const row of news) if (sees(row)) push(row)
    },
    iterator: {
      next,
      return: () => {
        end(null)
        queue.length = 0
        return Promise.resolve({ done: true, value: undefined })
      },
    },
  }
}

/** What people see of a row; its next deadline is not among it. */
const fingerprintOf = (row: LeaseRow): string =>
  [
    row.state,
    row.revoke_requested_at?.getTime(),
    row.ended_at?.getTime(),
    row.expires_at.getTime(),
    row.attempts,
    row.last_error,
    row.reason,
  ].join('|')
