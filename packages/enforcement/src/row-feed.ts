import { Refusal } from '@gatehouse/contract'

/** Rows as they change, for all watchers of a process. */
export interface RowFeed<Row> {
  /** First the ones that matter now, then each that changes, as far as `sees` lets through. */
  watch(sees: (row: Row) => boolean): AsyncIterable<Row>
}

/** What a feed is made of. */
export interface RowFeedOptions<Row> {
  /** The rows that matter now, and those that changed lately: transactions commit late. */
  readonly read: () => Promise<readonly Row[]>
  /** More are not for a live list; `read` keeps to it. */
  readonly rowsMax: number
  /** Whether somebody who begins to watch is told of it. */
  readonly isFirst: (row: Row) => boolean
  /** What people see of a row, as one text. */
  readonly fingerprintOf: (row: Row) => string
  readonly onError: (error: unknown) => void
}

const pollMilliseconds = 1000

/** A watcher that does not read is let go before it fills the memory: after this many more than all rows. */
const queueSpare = 1000

/** One poll of the database per process and second serves all watchers; with nobody watching there is none. */
export function createRowFeed<Row extends { readonly id: string }>(options: RowFeedOptions<Row>): RowFeed<Row> {
  const { read, fingerprintOf, onError } = options
  const watchers = new Set<Watcher<Row>>()
  /** What the last poll saw, once for all watchers. */
  let known = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  let polling = false

  const poll = async (): Promise<void> => {
    if (polling) return // a slow database is not asked twice
    polling = true
    try {
      const rows = await read()
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

  const join = (watcher: Watcher<Row>): void => {
    watchers.add(watcher)
    timer ??= setInterval(() => void poll(), pollMilliseconds)
    void poll()
  }

  const leave = (watcher: Watcher<Row>): void => {
    watchers.delete(watcher)
    if (watchers.size > 0) return
    clearInterval(timer)
    timer = undefined
    known = new Map()
  }

  return {
    watch: (sees) => ({
      [Symbol.asyncIterator]: () => {
        const watcher = createWatcher(options, sees, () => leave(watcher))
        join(watcher)
        return watcher.iterator
      },
    }),
  }
}

interface Poll<Row> {
  readonly rows: readonly Row[]
  /** Those of them that are not as they were at the poll before. */
  readonly changed: readonly Row[]
}

interface Watcher<Row> {
  readonly iterator: AsyncIterator<Row>
  offer(poll: Poll<Row>): void
}

/**
 * Written by hand and not as a generator: a generator's `return` waits for its pending `next`, which may never come.
 */
function createWatcher<Row>(
  { isFirst, rowsMax }: RowFeedOptions<Row>,
  sees: (row: Row) => boolean,
  onEnd: () => void,
): Watcher<Row> {
  const queueMax = rowsMax + queueSpare
  const queue: Row[] = []
  const waiting: { resolve: (step: IteratorResult<Row>) => void; reject: (error: unknown) => void }[] = []
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

  const push = (row: Row): void => {
    const reader = waiting.shift()
    if (reader !== undefined) reader.resolve({ done: false, value: row })
    else if (queue.length < queueMax) queue.push(row)
    else end(new Refusal('unavailable', { hint: 'the stream was not read fast enough; open it again' }))
  }

  const next = (): Promise<IteratorResult<Row>> => {
    const row = queue.shift()
    if (row !== undefined) return Promise.resolve({ done: false, value: row })
    if (over !== null)
      return over.error === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(over.error)
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }

  return {
    offer: ({ rows, changed }) => {
      const news = first ? rows.filter(isFirst) : changed
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
